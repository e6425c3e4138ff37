"""Time of a whole default consultation on the built-in models: what a person waits for.

`python -m benchmarks consultation [--repeats 3] [--cases film text recurrence]`

Seconds from the question to the prediction, to the first explanation, to the whole report and to
what the model was asked after it ("asked"), by everything the page does before it draws; the model
is loaded before, which is timed apart. "first" is the first consultation of a process (packages
are imported, buffers made), "again" the median of the following ones. Records are asked about the
model as a whole too ("overview"). Each case runs in a process of its own.

"rows": forward rows that the methods took together, what the model was asked after them (curves,
consensus, referee), and both over the rows of the dearest method. Film and text are samples with
something to explain; report-80 and report-180 are the beginning of one that has nothing, of which
the model is asked no more.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.subjects import builtin, case_for, first_words
from explainers.consult import Event, Progress, consult
from explainers.explanation import Explanation
from explainers.memory import Memory
from explainers.overview import overview
from explainers.report import default_request
from explainers.weighing import weigh
from models.adapter import ModelAdapter
from models.case import Case
from models.prediction import Prediction
from models.samples import catalog as samples
from models.samples import reports

STEPS: Final = ("prediction", "explanation", "report", "asked")
ROWS: Final = ("methods", "asked", "dearest")
# name -> (model, how to make its case)
CASES: Final[dict[str, tuple[str, Callable[[ModelAdapter], Case]]]] = {
    "film": ("xray", lambda _: samples.load("phantom-right-lower")),
    "text": ("report", lambda _: reports.load("effusion-cardiomegaly")),
    "recurrence": ("recurrence", case_for),
    "recurrence-trees": ("recurrence-trees", case_for),
    "wisconsin": ("wisconsin", case_for),
    "report-80": ("report", lambda _: first_words(80)),
    "report-180": ("report", lambda _: first_words(180)),
}


def waits(case: Case, model: ModelAdapter) -> tuple[dict[str, float], dict[str, int]]:
    """Wall seconds to each step of one consultation and CPU seconds of all of it; its rows."""
    wall, cpu = time.perf_counter(), time.process_time()
    found: dict[str, float] = {}
    rows, memory = dict.fromkeys(ROWS, 0), Memory()

    def on_event(event: Event) -> None:
        step = {Prediction: "prediction", Explanation: "explanation"}.get(type(event))
        if step is not None:
            found.setdefault(step, time.perf_counter() - wall)
        if isinstance(event, Progress):
            rows["methods"] = event.rows

    request = default_request(model.card)
    report = consult(case, model, request, on_event=on_event, memory=memory)
    found["report"] = time.perf_counter() - wall
    rows["dearest"] = max(explanation.rows for explanation in report.explanations)
    weigh(case, model, report, memory=memory, on_rows=lambda spent: rows.update(asked=spent))
    found["asked"] = time.perf_counter() - wall
    return {**found, "cpu": time.process_time() - cpu}, rows


def ratio(rows: dict[str, int]) -> float:
    """Rows of a whole consultation over those of its dearest method."""
    return (rows["methods"] + rows["asked"]) / rows["dearest"]


def measure(name: str, repeats: int) -> dict[str, Any]:
    """All waits of one case in this process."""
    model_id, make = CASES[name]
    started = time.perf_counter()
    model = builtin(model_id)
    loading = time.perf_counter() - started
    case = make(model)
    (first, rows), *more = [waits(case, model) for _ in range(repeats + 1)]
    others = [seconds for seconds, _ in more]
    result: dict[str, Any] = {"case": name, "loading": loading, "first": first, "rows": rows}
    result["again"] = {key: statistics.median(w[key] for w in others) for key in first}
    if model.card.modality == "tabular":
        wall, cpu = time.perf_counter(), time.process_time()
        overview(model)
        result["overview"] = time.perf_counter() - wall
        result["overview_cpu"] = time.process_time() - cpu
    return result


def main(arguments: list[str]) -> int:
    """Parse options, run every case in its own process, print and save the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks consultation", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cases", nargs="+", choices=sorted(CASES), default=list(CASES))
    parser.add_argument("--one", choices=sorted(CASES))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/consultation.json"))
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(measure(options.one, options.repeats)))
        return 0
    print(f"{'':16} {'':5} {'loading':>8} " + " ".join(f"{s:>11}" for s in STEPS) + f" {'CPU':>8}")
    results = [_apart(name, options.repeats) for name in options.cases]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1))
    return 0


def _apart(name: str, repeats: int) -> dict[str, Any]:
    """Measure in a fresh process and print its lines."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "consultation"]
    command += ["--repeats", str(repeats), "--one", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    for when in ("first", "again"):
        loading = f"{result['loading']:.2f}" if when == "first" else ""
        steps = " ".join(f"{result[when][step]:11.2f}" for step in STEPS)
        print(f"{name:16} {when:5} {loading:>8} {steps} {result[when]['cpu']:8.2f}", flush=True)
    rows = result["rows"]
    told = ", ".join(f"{part} {rows[part]:,}" for part in ROWS)
    print(f"{name:16} rows  {told}; all over dearest {ratio(rows):.2f}", flush=True)
    if "overview" in result:
        overall = f"{result['overview']:11.2f} {result['overview_cpu']:8.2f}"
        print(f"{name:16} overview {'':29} {overall}", flush=True)
    return result

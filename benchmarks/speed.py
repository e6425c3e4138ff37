"""Time of each method over the time of the same number of bare model passes, in the same run.

`python -m benchmarks speed [--masks 1000] [--steps 64] [--records 5000] [--repeats 5] [--write]
[--subjects xray recurrence report]`

Every contender runs in a process of its own, so that its peak memory is its own; inside it the
bare passes and the work alternate, and the ratio is the median over repeats. Peak memory is the
growth of the process above the loaded, warmed-up model. To see whether it grows with the number of
masks, run twice: `--repeats 1 --masks 500` and `--repeats 1 --masks 4000`. The subjects "free" and
"free-wide" are models that cost nothing: there is no limit to divide by, and the time is the
explainer's own. Results are added to benchmarks/out/speed.json; `--write` puts the tables of all
that it holds into docs/performance.md.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks import written
from benchmarks.contenders import CONTENDERS
from benchmarks.subjects import FREE, SUBJECTS, TITLES, question_about
from explainers.question import Question
from models.case import Modality
from models.errors import UnsupportedMethodError

BATCHES: Final[dict[Modality, tuple[int, ...]]] = {
    "image": (8, 16, 32),
    "tabular": (1024, 4096, 8192, 32_768),
    "text": (8, 16, 32),
}
TRIAL_ROWS: Final[dict[Modality, int]] = {"image": 32, "tabular": 32_768, "text": 64}
# Masks: imports and compilations are not what is measured. Enough for one order of 80 players.
WARM_UP: Final[dict[Modality, int]] = {"image": 128, "tabular": 300, "text": 200}
HEAD: Final = ("model", "work", "rows", "wall/limit", "CPU/limit", "ms", "ms of CPU", "peak MB")
LEAST_SECONDS = 0.1  # what is faster is repeated within one measurement


def bare(question: Question, rows: int, batch: int, *, gradient: bool) -> None:
    """The limit: the model on the same number of rows and nothing else."""
    one = question.point if gradient else question.inputs
    inputs = one.repeat(min(batch, rows), *[1] * (one.ndim - 1))
    for start in range(0, rows, batch):
        part = inputs[: min(batch, rows - start)]
        if gradient:
            leaf = part.detach().requires_grad_()
            torch.autograd.grad(question.explained(question.logits_at(leaf)).sum(), leaf)
        else:
            with torch.inference_mode():
                question.model.logits(part)


def clock(work: Callable[[], object], times: int = 1) -> tuple[float, float]:
    """Wall and CPU seconds of one call, the mean of so many."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        work()
    return (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times


def peak_mb() -> float:
    """Largest resident size of this process so far, MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def best_batch(question: Question, *, gradient: bool) -> int:
    """The batch size whose bare passes take least CPU time."""
    modality = question.case.modality
    rows = TRIAL_ROWS[modality]

    def cpu(batch: int) -> float:
        return clock(lambda: bare(question, rows, batch, gradient=gradient))[1]

    cpu(BATCHES[modality][0])
    return min(BATCHES[modality], key=lambda batch: min(cpu(batch) for _ in range(3)))


def measure(
    subject: str, name: str, count: int, repeats: int, batch: int | None = None
) -> dict[str, Any] | None:
    """Run one contender in this process; None where the model does not offer what it needs.

    Args:
        subject: Model and case.
        name: Contender.
        count: Of what the contender counts.
        repeats: Pairs of limit and work.
        batch: Rows of a bare pass; None measures the best.
    """
    modality, load = SUBJECTS[subject]
    contender = CONTENDERS[modality][name]
    question = question_about(load())
    gradient = contender.gradient
    if gradient and "gradient" not in question.model.card.capabilities:
        return None
    best = batch or best_batch(question, gradient=gradient)
    try:
        contender.work(question, min(count, WARM_UP[modality]), best)
    except UnsupportedMethodError:
        return None
    before, started = peak_mb(), time.perf_counter()
    rows = contender.work(question, count, best)
    once, growth = time.perf_counter() - started, peak_mb() - before
    times = max(1, round(LEAST_SECONDS / once))
    found = []
    for _ in range(repeats):
        limit = clock(lambda: bare(question, rows, best, gradient=gradient), times)
        ours = clock(lambda: contender.work(question, count, best), times)
        found.append((ours[0] / limit[0], ours[1] / limit[1], *ours))
    walls, cpus, seconds, cpu_seconds = zip(*found, strict=True)
    free = subject in FREE or rows < BATCHES[modality][0]  # nothing to compare with
    return {
        "subject": subject,
        "contender": name,
        "count": count,
        "rows": rows,
        "wall_ratio": None if free else statistics.median(walls),
        "cpu_ratio": None if free else statistics.median(cpus),
        "cpu_ratios": [] if free else cpus,
        "seconds": statistics.median(seconds),
        "cpu_seconds": statistics.median(cpu_seconds),
        "repeats": repeats,
        "batch": best,
        "growth_mb": growth,
        **written.machine(),
    }


def main(arguments: list[str]) -> int:
    """Parse options, run every contender in its own process, print and save the table."""
    options = _options(arguments)
    if options.one:
        subject, contender, count, batch = options.one
        found = measure(subject, contender, int(count), options.repeats, int(batch) or None)
        sys.stdout.write(json.dumps(found) + "\n")
        return 0
    sys.stdout.write(f"{written.machine()}\n{_line(HEAD)}")
    for subject in options.subjects:
        best: dict[bool, int] = {}  # of forward passes, and of those with gradients
        for name, contender in CONTENDERS[SUBJECTS[subject][0]].items():
            if options.only not in name:
                continue
            work = (subject, name, str(getattr(options, contender.unit)))
            found = _apart(*work, str(best.get(contender.gradient, 0)), options.repeats)
            if found is not None:
                best[contender.gradient] = found["batch"]
                # One by one: a run of an hour that is stopped has not been in vain.
                written.merged(options.out, [found], lambda r: (r["subject"], r["contender"]))
                sys.stdout.write(_line([subject, *_cells(found)]))
                sys.stdout.flush()
    if options.write:
        everything = written.merged(options.out, [], lambda r: (r["subject"], r["contender"]))
        written.write_part("speed", page(everything))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=64, help="of methods that take gradients")
    parser.add_argument("--records", type=int, default=5000, help="of LIME for tables")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--subjects", nargs="+", choices=sorted(SUBJECTS), default=list(SUBJECTS))
    parser.add_argument("--only", default="", help="contenders whose name contains this")
    parser.add_argument("--write", action="store_true", help="the tables into docs/performance.md")
    parser.add_argument("--one", nargs=4, metavar=("SUBJECT", "CONTENDER", "COUNT", "BATCH"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/speed.json"))
    return parser.parse_args(arguments)


def page(results: list[dict[str, Any]]) -> str:
    """The tables of all results in Markdown, one a subject."""
    parts = []
    for subject in SUBJECTS:
        own = [result for result in results if result["subject"] == subject]
        if not own:
            continue
        loads = [result["load"] for result in own]
        parts.append(
            f"### {TITLES[subject]}\n\n`{subject}`, {own[0]['date']}, {own[0]['threads']} threads, "
            f"torch {own[0]['torch']}, medians of {own[0]['repeats']}, load average of the machine "
            f"{min(loads)} to {max(loads)}.\n\n"
            + written.table(HEAD[1:], [_cells(result) for result in own])
        )
    return "\n".join(parts)


def _cells(result: dict[str, Any]) -> list[str]:
    """One line of a table, without its subject."""
    wall, cpu = ("" if result[k] is None else f"{result[k]:.2f}"
                 for k in ("wall_ratio", "cpu_ratio"))  # fmt: skip
    times = (f"{1000 * result[k]:,.1f}" for k in ("seconds", "cpu_seconds"))
    return [result["contender"], f"{result['rows']:,}", wall, cpu, *times,
            f"{result['growth_mb']:.0f}"]  # fmt: skip


def _line(cells: Sequence[str]) -> str:
    """One line for the terminal."""
    first, second, *others = cells
    return f"{first:16} {second:18}" + "".join(f" {cell:>11}" for cell in others) + "\n"


def _apart(
    subject: str, contender: str, count: str, batch: str, repeats: int
) -> dict[str, Any] | None:
    """Measure in a fresh process."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "speed"]
    command += ["--repeats", str(repeats), "--one", subject, contender, count, batch]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, Any] | None = json.loads(done.stdout.strip().splitlines()[-1])
    return result

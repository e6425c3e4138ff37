"""Time of each method over the time of the same number of bare model passes, in the same run.

`python -m benchmarks speed [--masks 1000] [--steps 64] [--records 5000] [--repeats 5]
[--subjects xray recurrence report]`

Every contender runs in a process of its own, so that its peak memory is its own; inside it the
bare passes and the work alternate, and the ratio is the median over repeats. Peak memory is the
growth of the process above the loaded, warmed-up model. To see whether it grows with the number of
masks, run twice: `--repeats 1 --masks 500` and `--repeats 1 --masks 4000`. The subject "free" is a
model that costs nothing: there is no limit to divide by, and the seconds are the explainer's own.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks.contenders import CONTENDERS
from benchmarks.subjects import SUBJECTS, question_about
from explainers.question import Question
from models.case import Modality
from models.errors import UnsupportedMethodError

BATCHES: Final[dict[Modality, tuple[int, ...]]] = {
    "image": (8, 16, 32),
    "tabular": (1024, 4096, 8192, 32_768),
    "text": (8, 16, 32),
}
TRIAL_ROWS: Final[dict[Modality, int]] = {"image": 32, "tabular": 32_768, "text": 64}
WARM_UP = 300  # masks: imports and compilations are not what is measured
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


def measure(subject: str, name: str, count: int, repeats: int) -> dict[str, Any] | None:
    """Run one contender in this process; None where the model does not offer what it needs."""
    modality, load = SUBJECTS[subject]
    contender = CONTENDERS[modality][name]
    question = question_about(load())
    gradient = contender.gradient
    if gradient and "gradient" not in question.model.card.capabilities:
        return None
    best = best_batch(question, gradient=gradient)
    try:
        contender.work(question, min(count, WARM_UP), best)
    except UnsupportedMethodError:
        return None
    before = peak_mb()
    rows = contender.work(question, count, best)
    growth = peak_mb() - before
    once = clock(lambda: contender.work(question, count, best))[0]
    times = max(1, round(LEAST_SECONDS / once))
    found = []
    for _ in range(repeats):
        limit = clock(lambda: bare(question, rows, best, gradient=gradient), times)
        ours = clock(lambda: contender.work(question, count, best), times)
        found.append((ours[0] / limit[0], ours[1] / limit[1], *ours))
    wall, cpu, seconds, cpu_seconds = (statistics.median(c) for c in zip(*found, strict=True))
    free = subject == "free" or rows < BATCHES[modality][0]  # nothing to compare with
    return {
        "subject": subject,
        "contender": name,
        "rows": rows,
        "wall_ratio": None if free else wall,
        "cpu_ratio": None if free else cpu,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "batch": best,
        "growth_mb": growth,
    }


def main(arguments: list[str]) -> int:
    """Parse options, run every contender in its own process, print and save the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--records", type=int, default=5000, help="of LIME for tables")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--subjects", nargs="+", choices=sorted(SUBJECTS), default=list(SUBJECTS))
    parser.add_argument("--only", default="", help="contenders whose name contains this")
    parser.add_argument("--one", nargs=3, metavar=("SUBJECT", "CONTENDER", "COUNT"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/speed.json"))
    options = parser.parse_args(arguments)
    if options.one:
        subject, contender, count = options.one
        print(json.dumps(measure(subject, contender, int(count), options.repeats)))
        return 0
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'model':16} {'work':18} {'rows':>7} {'wall/limit':>10} {'CPU/limit':>10} "
          f"{'seconds':>8} {'peak MB':>8}")  # fmt: skip
    results = []
    for subject in options.subjects:
        for name, contender in CONTENDERS[SUBJECTS[subject][0]].items():
            if options.only not in name:
                continue
            count = getattr(options, contender.unit)
            results.append(_apart(subject, name, count, options.repeats))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps([r for r in results if r is not None], indent=1))
    return 0


def _apart(subject: str, contender: str, count: int, repeats: int) -> dict[str, Any] | None:
    """Measure in a fresh process and print its line, if there is anything to say."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "speed"]
    command += ["--repeats", str(repeats), "--one", subject, contender, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, Any] | None = json.loads(done.stdout.strip().splitlines()[-1])
    if result is not None:
        wall, cpu = ("-" if result[k] is None else f"{result[k]:.2f}"
                     for k in ("wall_ratio", "cpu_ratio"))  # fmt: skip
        print(f"{subject:16} {contender:18} {result['rows']:7d} {wall:>10} {cpu:>10} "
              f"{result['seconds']:8.3f} {result['growth_mb']:8.0f}", flush=True)  # fmt: skip
    return result

"""Time of each method over the time of the same number of bare model passes, in the same run.

`python -m benchmarks speed [--masks 1000] [--steps 64] [--repeats 5] [--subjects xray densenet]`

Every contender runs in a process of its own, so that its peak memory is its own; inside it the
bare passes and the work alternate, and the ratio is the median over repeats. Peak memory is the
growth of the process above the loaded, warmed-up model. To see whether it grows with the number of
masks, run twice: `--repeats 1 --masks 500` and `--repeats 1 --masks 4000`.
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
from typing import Any

import torch

from benchmarks.contenders import CONTENDERS
from benchmarks.subjects import SUBJECTS, question_about, smooth_case
from explainers.question import Question

BATCHES = (8, 16, 32)


def bare(question: Question, rows: int, batch: int, *, gradient: bool) -> None:
    """The limit: the model on the same number of rows and nothing else."""
    inputs = question.inputs.repeat(batch, 1, 1, 1)
    for start in range(0, rows, batch):
        part = inputs[: min(batch, rows - start)]
        if gradient:
            leaf = part.detach().requires_grad_()
            value = question.explained(question.model.logits(leaf)).sum()
            torch.autograd.grad(value, leaf)
        else:
            with torch.inference_mode():
                question.model.logits(part)


def clock(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def peak_mb() -> float:
    """Largest resident size of this process so far, MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def measure(subject: str, contender: str, count: int, repeats: int) -> dict[str, Any]:
    """Run one contender in this process."""
    work, gradient = CONTENDERS[contender]
    question = question_about(SUBJECTS[subject](), smooth_case())
    best = min(
        BATCHES, key=lambda b: min(clock(lambda: bare(question, 32, b, gradient=gradient))[1]
                                   for _ in range(3))
    )  # fmt: skip
    work(question, min(count, 300), best)  # imports and compilations are not what is measured
    before = peak_mb()
    rows = work(question, count, best)
    growth = peak_mb() - before
    ratios = []
    for _ in range(repeats):
        limit = clock(lambda: bare(question, rows, best, gradient=gradient))
        ours = clock(lambda: work(question, count, best))
        ratios.append((ours[0] / limit[0], ours[1] / limit[1], ours[0]))
    wall, cpu, seconds = (statistics.median(column) for column in zip(*ratios, strict=True))
    return {
        "subject": subject,
        "contender": contender,
        "rows": rows,
        "wall_ratio": wall,
        "cpu_ratio": cpu,
        "seconds": seconds,
        "batch": best,
        "growth_mb": growth,
    }


def main(arguments: list[str]) -> int:
    """Parse options, run every contender in its own process, print and save the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("--masks", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=64)
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
    print(f"{'model':9} {'work':18} {'rows':>5} {'wall/limit':>10} {'CPU/limit':>10} "
          f"{'seconds':>8} {'peak MB':>8}")  # fmt: skip
    results = []
    for subject in options.subjects:
        for contender in CONTENDERS:
            if options.only not in contender:
                continue
            count = options.steps if CONTENDERS[contender][1] else options.masks
            results.append(_apart(subject, contender, count, options.repeats))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1))
    return 0


def _apart(subject: str, contender: str, count: int, repeats: int) -> dict[str, Any]:
    """Measure in a fresh process and print its line."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "speed"]
    command += ["--repeats", str(repeats), "--one", subject, contender, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{subject:9} {contender:18} {result['rows']:5d} {result['wall_ratio']:10.2f} "
          f"{result['cpu_ratio']:10.2f} {result['seconds']:8.2f} {result['growth_mb']:8.0f}",
          flush=True)  # fmt: skip
    return result

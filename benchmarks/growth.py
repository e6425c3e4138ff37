"""How cost grows: with masks, players, classes, image size, background records and cases.

`python -m benchmarks growth [--repeats 3] [--only masks] [--write]`

CPU time of whole explanations of a small network, at sizes that double, every size once a repeat.
The exponent is the slope of log(time) on log(size) over all repeats, with its standard error: 1 is
linear, below it a fixed cost shows. Results go to benchmarks/out/growth.json; `--write` puts the
table of all that it holds into docs/performance.md.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from benchmarks import written
from benchmarks.small import film_question, table_question
from explainers.engine import MaskedPredictor
from explainers.methods.base import Method
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.lime_tabular import LimeTabular
from explainers.methods.partition_shap import PartitionShap
from explainers.methods.permutation_shap import PermutationShap
from explainers.methods.rise import Rise
from explainers.question import Question
from models.case import FloatArray

MASKS: Final = 1000
STEPS: Final = "Integrated Gradients (steps)"
BUDGET: Final = 10**7  # rows: no method is held back
Work = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Cost of a method against rising sizes of something; what `make` prepares is not timed."""

    against: str
    method: str
    sizes: tuple[int, ...]
    make: Callable[[int], Work]


def explain(question: Question, method: Method, *, times: int = 1) -> Work:
    """Explaining one question so many times over, each with a game of its own."""

    def work() -> None:
        for seed in range(times):
            generator = torch.Generator().manual_seed(seed)
            method.explain(MaskedPredictor(question), budget=BUDGET, generator=generator)

    return work


def curves() -> list[Curve]:
    """Everything that is measured."""
    sampled: dict[str, Callable[[int], Method]] = {
        "LIME": lambda n: Lime(masks=n),
        "KernelSHAP": lambda n: KernelShap(masks=n),
        "KernelSHAP, regression": lambda n: KernelShap(masks=n, estimator="regression"),
        "permutation SHAP, 4 times as many": lambda n: PermutationShap(masks=4 * n),
        "RISE": lambda n: Rise(masks=n),
        STEPS: lambda n: IntegratedGradients(steps=n),
    }
    masks, many, players = (500, 1000, 2000, 4000, 8000), (1, 2, 4, 8, 16), (12, 24, 48, 96)
    found = [
        Curve(against="masks", method=name, sizes=masks, make=partial(_by_masks, make))
        for name, make in sampled.items()
    ]
    whole_tree = PartitionShap(masks=10**6)
    found.append(
        Curve(against="players", method="Partition SHAP, all its coalitions", sizes=players,
              make=partial(_by_players, whole_tree))
    )  # fmt: skip
    for name in ("LIME", "KernelSHAP", "KernelSHAP, regression"):
        method = sampled[name](MASKS)
        found += [
            Curve(against="players", method=name, sizes=players, make=partial(_by_players, method)),
            Curve(against="classes", method=name, sizes=many, make=partial(_by_classes, method)),
        ]
    for name, size in {"LIME": 256, "KernelSHAP": 256, "RISE": 256, STEPS: 64}.items():
        method, sizes = sampled[name](size), (32**2, 64**2, 128**2, 256**2)
        found.append(
            Curve(against="pixels", method=name, sizes=sizes, make=partial(_by_pixels, method))
        )
    return [*found, *_table_curves()]


def _table_curves() -> list[Curve]:
    """What is measured of records; a single explanation takes a few milliseconds."""
    cases = (4, 8, 16, 32)
    return [
        Curve(against="background records", method="KernelSHAP", sizes=(25, 50, 100, 200),
              make=lambda n: explain(table_question(background=n), KernelShap(), times=8)),
        Curve(against="records drawn", method="LIME for tables", sizes=(1250, 2500, 5000, 10_000),
              make=lambda n: explain(table_question(), LimeTabular(samples=n), times=8)),
        Curve(against="cases", method="KernelSHAP", sizes=cases,
              make=lambda n: explain(table_question(), KernelShap(), times=n)),
        Curve(against="cases", method="LIME for tables", sizes=cases,
              make=lambda n: explain(table_question(), LimeTabular(), times=n)),
    ]  # fmt: skip


def _by_masks(make: Callable[[int], Method], masks: int) -> Work:
    return explain(film_question(), make(masks))


def _by_players(method: Method, players: int) -> Work:
    return explain(film_question(players=players), method)


def _by_classes(method: Method, classes: int) -> Work:
    return explain(film_question(classes=classes), method)


def _by_pixels(method: Method, pixels: int) -> Work:
    return explain(film_question(side=round(pixels**0.5)), method)


def measure(curve: Curve, repeats: int) -> dict[str, Any]:
    """CPU seconds of each size, and the exponent."""
    works = [curve.make(size) for size in curve.sizes]
    works[0]()  # imports and first calls
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, found in zip(works, seconds, strict=True):
            started = time.process_time()
            work()
            found.append(time.process_time() - started)
    sizes = np.repeat(np.array(curve.sizes, dtype=np.float64), repeats)
    slope, error = exponent(sizes, np.concatenate(seconds))
    return {
        "against": curve.against,
        "method": curve.method,
        "sizes": curve.sizes,
        "cpu_seconds": [statistics.median(found) for found in seconds],
        "exponent": slope,
        "std_error": error,
        "repeats": repeats,
        **written.machine(),
    }


def exponent(sizes: FloatArray, seconds: FloatArray) -> tuple[float, float]:
    """Slope of log(seconds) on log(sizes), and its standard error by ordinary least squares."""
    x, y = np.log(sizes), np.log(seconds)
    across = x - x.mean()
    slope = float(across @ y / (across @ across))
    left = y - y.mean() - slope * across
    return slope, float(np.sqrt(left @ left / (len(x) - 2) / (across @ across)))


def page(results: Sequence[dict[str, Any]]) -> str:
    """The table of all results in Markdown."""
    loads = [result["load"] for result in results]
    head = ("cost against", "of", "sizes", "ms of CPU", "exponent")
    lines = [[r["against"], r["method"], f"{r['sizes'][0]:,} to {r['sizes'][-1]:,}",
              f"{1000 * r['cpu_seconds'][0]:,.0f} to {1000 * r['cpu_seconds'][-1]:,.0f}",
              f"{r['exponent']:.2f} ± {r['std_error']:.2f}"] for r in results]  # fmt: skip
    first = results[0]
    return (
        f"{first['date']}, {first['threads']} threads, torch {first['torch']}, medians of "
        f"{first['repeats']}, load average of the machine {min(loads)} to {max(loads)}.\n\n"
        + written.table(head, lines)
    )


def main(arguments: list[str]) -> int:
    """Measure every curve, print and save the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks growth", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="curves against what contains this")
    parser.add_argument("--write", action="store_true", help="the table into docs/performance.md")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/growth.json"))
    options = parser.parse_args(arguments)
    found = []
    for curve in curves():
        if options.only in curve.against:
            found.append(measure(curve, options.repeats))
            sys.stdout.write(page(found[-1:]).splitlines()[-1] + "\n")
            sys.stdout.flush()
    results = written.merged(options.out, found, lambda r: (r["against"], r["method"]))
    if options.write:
        written.write_part("growth", page(results))
    return 0

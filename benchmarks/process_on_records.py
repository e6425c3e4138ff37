"""What the Gaussian process and the joint design are worth on records of 30 features.

`python -m benchmarks process_on_records [--cases 30]` prints, for KernelSHAP and LIME by each
estimator (the joint design is KernelSHAP's alone), the squared error relative to the sum of squared
true values, how often the nominal 95 % intervals hold the truth (both means over cases, runs of
each and features), and the CPU time of a whole explanation, medians. Truths are long runs: of
KernelSHAP those of the accuracy benchmark, of LIME its own regression over 100,000 masks.
"""

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from typing import Final

import numpy as np
import torch

from benchmarks import written
from benchmarks.accuracy import relative
from benchmarks.accuracy_games import Kind, Solved, solved
from explainers.coalitions import antithetic_pairs
from explainers.methods.base import Method
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime, kernel
from models.case import FloatArray

KINDS: Final[tuple[Kind, ...]] = ("record", "record-probability")
COALITIONS: Final = (150, 300, 600, 1000, 2000, 5000)
LONG: Final = 50_000  # pairs of LIME's truth
ESTIMATORS: Final = ("gaussian process", "regression", "joint design")
HEAD: Final = ("scale", "method", "estimator", "coalitions", "squared error", "coverage", "CPU ms")
Truth = Callable[[int], FloatArray]  # by number of coalitions


def lime_truth(case: Solved) -> Truth:
    """LIME's estimand (P,) at so many masks, by one long run."""
    game, lime = case.game(), Lime()
    coins = antithetic_pairs(game.n_players, LONG, torch.Generator().manual_seed(10**6))
    masks = torch.stack([coins, 1 - coins], dim=1).flatten(0, 1)
    rows = torch.cat([masks, masks.new_ones(len(masks), 1)], dim=1)
    near = kernel(masks, lime.kernel_width) / len(masks)
    ridge = torch.tensor([lime.penalty] * game.n_players + [0.0], dtype=torch.float64).diag()
    gram, right = rows.T @ (rows * near[:, None]), rows.T @ (near[:, None] * game(masks))

    def truth(count: int) -> FloatArray:
        # The case itself is a row of ones, once, however many masks there are.
        found = torch.linalg.solve(count * gram + 1.0 + ridge, count * right + game.value_full)
        coefficients: FloatArray = found[:-1, 0].numpy()
        return coefficients

    return truth


def known(values: FloatArray) -> Truth:
    """The same whatever the number of coalitions."""
    return lambda _: values


def run(case: Solved, method: Method, count: int, seed: int, truth: Truth) -> list[float]:
    """Relative squared error, share of intervals that hold, ms of CPU."""
    game, expected = case.game(), truth(count)
    started = time.process_time()
    found = method.explain(game, budget=10**9, generator=torch.Generator().manual_seed(seed))[0]
    spent = 1000 * (time.process_time() - started)
    errors = np.zeros_like(found.values) if found.std_error is None else found.std_error
    held = np.abs(found.values - expected) <= 1.96 * errors
    return [relative(found.values, expected), float(held.mean()), spent]


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks process_on_records")
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--runs", type=int, default=1, help="of every estimator on every case")
    parser.add_argument("--estimators", nargs="+", choices=ESTIMATORS, default=ESTIMATORS)
    parser.add_argument("--coalitions", nargs="+", type=int, default=COALITIONS)
    options = parser.parse_args(arguments)
    found: dict[tuple[str, str, str, int], list[list[float]]] = {}
    for kind in KINDS:
        for seed, case in enumerate(solved(kind, options.cases)):
            truths: tuple[tuple[Callable[..., Method], Truth], ...] = (
                (KernelShap, known(case.shapley)),
                (Lime, lime_truth(case)),
            )[: 1 if options.estimators == ["joint design"] else 2]
            for make, truth in truths:
                for estimator, count in itertools.product(options.estimators, options.coalitions):
                    if make is Lime and estimator == "joint design":
                        continue
                    method = make(masks=count, estimator=estimator)
                    key = (str(kind), str(method.card.title), estimator, count)
                    for each in range(seed, seed + options.runs * options.cases, options.cases):
                        found.setdefault(key, []).append(run(case, method, count, each, truth))
            sys.stderr.write(f"{kind} {seed + 1}\n")
    lines = []
    for key, results in found.items():
        error, held, spent = zip(*results, strict=True)
        cells = (f"{statistics.mean(error):.2g}", f"{100 * statistics.mean(held):.1f} %")
        lines.append([*map(str, key), *cells, f"{statistics.median(spent):.0f}"])
    sys.stdout.write(f"{written.machine()}\n\n{written.table(HEAD, lines)}\n")
    return 0

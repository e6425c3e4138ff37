"""Do estimators' error bars hold? `python -m benchmarks coverage_gp [--runs 500]`.

KernelSHAP and LIME, by the Gaussian process, by regression and on records by the joint design, on
the exactly solvable games of `coverage` (12 cells of a film, 12 numbers of a record, on both
scales, 12 words of a text), at 60, 300 and 600 of the 4,094 coalitions. The table prints how often
nominal 95 % intervals hold the true value over runs x players, their width over the error's size
(1.96 when both are normal and honest), and the squared error over that of regression. By the
process both methods rest on one bank of coalitions: the table also tells how their errors correlate
over runs (median over players).
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import torch

from benchmarks.accuracy_games import Remembered, lime_estimand
from benchmarks.toy_games import GAMES, N_PLAYERS
from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor
from explainers.joint_design import count_paths
from explainers.methods.base import Method
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.question import Question
from models.case import FloatArray

MASKS: Final = (60, 300, 600)
ENOUGH: Final = 10**9
SEED: Final = 3  # of the networks


QUESTIONS: Final[Mapping[str, Callable[[], Question]]] = {
    **{kind: partial(make, SEED) for kind, make in GAMES.items()},
    "record-probability": lambda: replace(GAMES["record"](SEED), scale="probability"),
}


class Held(NamedTuple):
    """One row of the table."""

    coverage: float
    width: float
    error: float
    errors: FloatArray


def held(game: Remembered, method: Method, truth: FloatArray, runs: int) -> Held:
    """Coverage, width over error and mean squared error of a method over seeds."""
    found = [
        method.explain(game, budget=ENOUGH, generator=torch.Generator().manual_seed(seed))[0]
        for seed in range(runs)
    ]
    errors = np.stack([one.values for one in found]) - truth
    bars = 1.96 * np.stack([one.std_error for one in found if one.std_error is not None])
    size = np.sqrt((errors**2).mean(axis=0))
    return Held(
        coverage=float((np.abs(errors) <= bars).mean()),
        width=float(np.median(bars.mean(axis=0) / size)),
        error=float((errors**2).sum(axis=1).mean()),
        errors=errors,
    )


def lines(kind: str, runs: int) -> Iterator[str]:
    """The rows of one kind of input."""
    question = QUESTIONS[kind]()
    game = Remembered(question, MaskedPredictor(question)(all_coalitions(N_PLAYERS)))
    exact = ExactShapley().explain(game, budget=ENOUGH, generator=torch.Generator())[0].values
    for masks in MASKS:
        of_bank = []
        others = ["Gaussian process", *(["joint design"] if count_paths(question) else [])]
        for title, make, truth in (
            ("KernelSHAP", KernelShap, exact),
            ("LIME", Lime, lime_estimand(game, masks)),
        ):
            plain = held(game, make(masks=masks, estimator="regression"), truth, runs)
            rows = [("regression", plain)]
            for name in others if make is KernelShap else others[:1]:
                method = make(masks=masks, estimator=name.lower())
                rows.append((name, held(game, method, truth, runs)))
            of_bank.append(rows[1][1].errors)
            for name, row in rows:
                yield (
                    f"| {kind} | {title} | {name} | {masks} | {100 * row.coverage:.1f} % "
                    f"| {row.width:.2f} | {row.error / plain.error:.2g} |"
                )
        one, other = of_bank
        alike = [np.corrcoef(one[:, p], other[:, p])[0, 1] for p in range(N_PLAYERS)]
        yield f"| {kind} | both | errors correlate: {np.median(alike):.2f} | {masks} | | | |"


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks coverage_gp", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--inputs", default=",".join(QUESTIONS), help="some of these")
    options = parser.parse_args(arguments)
    print(f"{options.runs} runs x {N_PLAYERS} players, nominal 95 % intervals\n")
    print("| input | method | estimator | masks | coverage | width / error | squared error |")
    print("|---|---|---|---|---|---|---|")
    for kind in options.inputs.split(","):
        for line in lines(kind, options.runs):
            print(line, flush=True)
    return 0

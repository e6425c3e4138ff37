"""How many background records the joint design needs: `python -m benchmarks.joint_records`.

Its mean squared error over that of the Gaussian process at equal rows, by the number of records, on
the records of the accuracy benchmark (30 features) and on random networks of 12 and 30 numbers,
which bend more. As many times as many pairs as there are records is what it has for asking each
with one of them. Truths: every coalition of 12 players, a long run of regression over 30.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import torch

from benchmarks import written
from benchmarks.accuracy import relative
from benchmarks.accuracy_games import solved
from benchmarks.accuracy_peers import JOINT, SHAPLEY
from benchmarks.toy_games import table_question
from explainers.engine import MaskedPredictor, Runtime
from explainers.maskers.background import BackgroundMasker
from explainers.methods.kernel_shap import KernelShap
from explainers.question import Question
from models.case import FloatArray

RECORDS: Final = (10, 25, 50, 100)
BUDGETS: Final = (5, 10, 20)  # coalitions a player
LONG: Final = 30_000  # coalitions of a truth
(OURS,) = JOINT.values()
PROCESS: Final = SHAPLEY["ours: KernelSHAP (Gaussian process)"]


def of_network(seed: int, n_records: int, *, n_players: int) -> Question:
    """A random network, a random record and random others."""
    return table_question(seed, n_players=n_players, n_records=n_records)


def of_wisconsin(seed: int, n_records: int) -> Question:
    """A record of the accuracy benchmark against the first of its others."""
    *_, case = solved("record", seed + 1)
    question = case.game().question
    others = BackgroundMasker(
        question.inputs,
        question.masker.empty()[:n_records],
        baseline=question.masker.baseline,
        players=question.players,
    )
    return replace(question, masker=others)


KINDS: Final[Mapping[str, Callable[[int, int], Question]]] = {
    "wisconsin, 30": of_wisconsin,
    "random, 12": partial(of_network, n_players=12),
    "random, 30": partial(of_network, n_players=30),
}


def errors(question: Question, runs: int) -> FloatArray:
    """(budgets, 2, runs) relative squared errors of the joint design and of the process."""
    game = MaskedPredictor(question, Runtime(max_rows=65_536))
    long_run = KernelShap(masks=LONG, estimator="regression")
    chance = torch.Generator().manual_seed(10**6)
    truth = long_run.explain(game, budget=LONG * game.row_cost, generator=chance)[0].values
    return np.array(
        [
            [
                [relative(estimate(game, n * game.n_players, s), truth) for s in range(runs)]
                for estimate in (OURS, PROCESS)
            ]
            for n in BUDGETS
        ]
    )


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joint_records", description=__doc__)
    parser.add_argument("--cases", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    rows = []
    for kind, make in KINDS.items():
        for scale in ("logit", "probability"):
            for n_records in RECORDS:
                asked = (
                    replace(make(seed, n_records), scale=scale) for seed in range(options.cases)
                )
                found = np.mean([errors(question, options.runs) for question in asked], axis=(0, 3))
                ratios = [f"{ours / process:.2f}" for ours, process in found]
                rows.append([kind, scale, str(n_records), *ratios])
                sys.stderr.write(f"{rows[-1]}\n")
    head = ["network, features", "scale", "records", *(f"{n}P" for n in BUDGETS)]
    sys.stdout.write(f"{written.machine()}\n\n{written.table(head, rows)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

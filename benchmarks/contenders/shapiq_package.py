"""Two approximators of shapiq over a table of one column a player.

shapiq is no requirement of ours: it takes part where it is installed.
"""

import importlib
import importlib.util
from typing import Any

import numpy as np

from benchmarks.contenders.shap_package import ToTable
from benchmarks.contenders.work import Array, Contender, Work
from explainers.question import Question


def contenders(to_table: ToTable) -> dict[str, Contender]:
    """By name; none where shapiq is not installed."""
    if importlib.util.find_spec("shapiq") is None:
        return {}
    return {
        "KernelSHAP shapiq": Contender(work=_work(to_table, "KernelSHAP", pairing_trick=True)),
        "Permutation shapiq": Contender(work=_work(to_table, "PermutationSamplingSV")),
    }


def _work(to_table: ToTable, name: str, **options: Any) -> Work:  # noqa: ANN401
    """An approximator; a coalition's value is the mean over the background, as in ours and shap."""

    def work(question: Question, count: int, batch: int) -> int:
        approximators = importlib.import_module("shapiq.approximator")
        answers, case, background, spent = to_table(question, batch)

        def game(coalitions: Array) -> Array:
            present = np.atleast_2d(coalitions)[:, None]  # (n, 1, P)
            rows = np.where(present, case, background)  # (n, R, P)
            values = answers(rows.reshape(-1, rows.shape[2]))
            averages: Array = np.asarray(values).reshape(rows.shape[:2]).mean(axis=1)
            return averages

        make = getattr(approximators, name)
        approximator = make(n=question.players.count, random_state=0, **options)
        approximator.approximate(budget=count + 2, game=game)  # the empty and the full one, too
        return spent()

    return work

"""Every method in rounds: each is what a smaller budget gives, the last is what `explain` gives."""

import itertools

import numpy as np
import pytest

from explainers.explanation import Explanation
from explainers.methods import METHODS
from explainers.methods.base import Method
from explainers.methods.budgets import doubling
from tests.contracts.subjects import Subject, each_of
from tests.toys import generator

each = each_of(METHODS)


def same(one: Explanation, other: Explanation) -> None:
    """Everything but the time it took."""
    for name in ("values", "std_error", "element_map"):
        left, right = getattr(one, name), getattr(other, name)
        assert (left is None) == (right is None), name
        if left is not None:
            np.testing.assert_array_equal(left, right, err_msg=name)
    assert one.rows == other.rows
    assert dict(one.diagnostics) == dict(other.diagnostics)
    assert one.remarks == other.remarks


def told(explanation: Explanation) -> dict[str, object]:
    return dict(explanation.settings)


@each
def test_the_last_round_is_what_explain_returns(method: Method, subject: Subject) -> None:
    *_, last = method.rounds(subject.smooth(), budget=subject.budget, generator=generator())
    (whole,) = [method.explain(subject.smooth(), budget=subject.budget, generator=generator())]
    assert last.is_last
    for one, other in zip(last.explanations, whole, strict=True):
        same(one, other)
        assert told(one) == told(other)


@each
def test_a_round_is_what_so_small_a_budget_gives(method: Method, subject: Subject) -> None:
    question = subject.smooth().question
    rounds = list(method.rounds(subject.smooth(), budget=subject.budget, generator=generator()))
    for found in rounds[:-1]:
        assert not found.is_last
        rows = found.explanations[0].rows
        assert rows >= method.least_budget(question)
        alone = method.explain(subject.smooth(), budget=rows, generator=generator())
        for one, other in zip(found.explanations, alone, strict=True):
            same(one, other)


@each
def test_stages_are_what_rounds_spend(method: Method, subject: Subject) -> None:
    game = subject.smooth()
    stages = method.stages(game.question, subject.budget)
    assert stages[-1] == method.rows_needed(game.question, subject.budget)
    assert all(a < b for a, b in itertools.pairwise(stages))
    spent = [
        found.explanations[0].rows
        for found in method.rounds(game, budget=subject.budget, generator=generator())
    ]
    # Coalitions that repeat are asked once.
    assert all(a <= b for a, b in zip(reversed(spent), reversed(stages), strict=False))


@pytest.mark.parametrize(
    ("first", "last"), [(1, 1), (5, 0), (40, 500), (40, 59), (40, 60), (16, 64)]
)
def test_rounds_double_and_end_whole(first: int, last: int) -> None:
    stops = doubling(first, last)
    assert stops[-1] == last
    assert list(stops) == sorted(set(stops))
    assert all(b == 2 * a for a, b in itertools.pairwise(stops[:-1]))
    if len(stops) > 1:
        assert stops[0] == first
        assert 1.5 * stops[-2] <= last < 3.0 * stops[-2]


def test_sampling_methods_of_films_and_texts_come_in_rounds() -> None:
    several = {m.card.id for m in METHODS if type(m)._rounds is not Method._rounds}
    assert {"kernel_shap", "lime", "rise", "smooth_grad", "gradient_shap"} <= several

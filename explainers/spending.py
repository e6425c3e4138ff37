"""Methods that spend more than they usually would, and less than each would alone."""

import itertools
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Final

from explainers.methods.base import Method
from explainers.question import Question
from explainers.report import ConsultRequest

COUNTS: Final = ("masks", "samples")  # settings that say how much a method asks at most


def cheapest_first(
    methods: Iterable[Method], question: Question, request: ConsultRequest
) -> list[Method]:
    """The methods in the order they run; those with a budget of their own can spend it."""
    own = dict(request.budgets)
    ready = [enlarged(m, question, own[m.card.id]) if m.card.id in own else m for m in methods]
    return sorted(ready, key=lambda m: m.rows_needed(question, request.budget_of(m.card.id)))


def enlarged(method: Method, question: Question, rows: int) -> Method:
    """The same method, allowed to spend `rows` model runs; never fewer than it usually does.

    A setting "masks" counts coalitions, of which each costs the question's draws; "samples" counts
    rows. A method with neither has nothing to spend more on.

    Args:
        method: As registered.
        question: Says what a coalition costs.
        rows: Forward rows.
    """
    costs = {"masks": question.masker.n_draws, "samples": 1}
    raised: dict[str, int] = {}
    for name in COUNTS:
        if name in {f.name for f in fields(method)}:
            raised[name] = max(int(getattr(method, name)), rows // costs[name])
    return replace(method, **raised)


def rows_saved(asked: Iterable[tuple[Method, int]], question: Question) -> int:
    """Rows that methods with their budgets do not spend together: a round is asked once."""
    seen: set[tuple[int, int]] = set()
    saved = 0
    for method, budget in asked:
        if not method.shares_rounds(question, budget):
            continue
        stages = method.stages(question, budget)
        rounds = set(itertools.pairwise((0, *stages)))
        saved += sum(stop - start for start, stop in rounds & seen)
        seen |= rounds
    return saved

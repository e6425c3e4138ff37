"""Methods that spend more than they usually would, and less than each would alone."""

import itertools
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Final

from explainers.methods.base import Method
from explainers.methods.budgets import Banked
from explainers.methods.many_words import as_asked
from explainers.question import Question
from explainers.report import BUDGET_OF, ConsultRequest

COUNTS: Final = ("masks", "samples")  # settings that say how much a method asks at most


def cheapest_first(
    methods: Iterable[Method], question: Question, request: ConsultRequest
) -> list[Method]:
    """The methods in the order they run; those with a budget of their own can spend it."""
    ready = [allowed(method, question, request) for method in methods]
    return sorted(ready, key=lambda m: m.rows_needed(question, request.budget_of(m.card.id)))


def allowed(method: Method, question: Question, request: ConsultRequest) -> Method:
    """The method as it can spend what it is allowed to.

    A budget of its own it may spend whole, estimating as with the budget of all: whoever goes on
    with one method would else change to another estimator, whose bars begin anew. Where the budget
    of all is larger than usual, every method that samples asks so many times as much as usual.
    """
    own, usual = dict(request.budgets), BUDGET_OF[question.case.modality]
    if method.card.id in own:
        return enlarged(_as_begun(method, question, request.budget), question, own[method.card.id])
    if request.budget <= usual:
        return method
    usually = as_asked(method, question) if isinstance(method, Banked) else method
    counts = {name: getattr(usually, name) for name in _counts(usually)}
    return replace(usually, **{n: count * request.budget // usual for n, count in counts.items()})


def _as_begun(method: Method, question: Question, budget: int) -> Method:
    """The method, kept at an estimator that only small budgets choose by themselves."""
    if isinstance(method, Banked) and method.choice(question, budget).name == "joint design":
        return replace(method, estimator="joint design")
    return method


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
    for name in _counts(method):
        raised[name] = max(int(getattr(method, name)), rows // costs[name])
    return replace(method, **raised)


def _counts(method: Method) -> list[str]:
    """The settings of a method that say how much it asks."""
    return [field.name for field in fields(method) if field.name in COUNTS]


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

"""Methods that spend more than they usually would."""

from dataclasses import fields, replace
from typing import Final

from explainers.methods.base import Method
from explainers.question import Question

COUNTS: Final = ("masks", "samples")  # settings that say how much a method asks at most


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

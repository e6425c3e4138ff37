"""A remark where methods rest on the same coalitions. numpy only."""

from collections.abc import Mapping, Sequence

from explainers.explanation import Explanation, MethodId
from explainers.naming import listed

BANK = "gaussian process"  # the estimator whose coalitions are the same for all that use it


def shared_bank(explanations: Sequence[Explanation], titles: Mapping[MethodId, str]) -> str:
    """Say which methods share their coalitions, and what follows; "" where none do.

    Statements that need several methods (docs/agreement.md) take the largest of their p-values and
    so hold for errors that hang together; agreement by the numbers may still be shared chance.
    """
    found = [
        titles.get(e.method, e.method)
        for e in explanations
        if e.settings.get("estimator") == BANK and e.std_error is not None
    ]
    if len(found) < 2:
        return ""
    return (
        f"{listed(found)} rest on the same draws, so their errors hang together: part of what "
        "they share may be shared chance."
    )

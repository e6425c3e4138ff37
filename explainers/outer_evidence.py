"""A remark when much of the evidence lies where a frontal chest film shows no lung. numpy only.

Rule: a region is outer when more than half of its area lies within the outermost tenth of the
model's input along any side. The remark comes when a method gives outer regions 40 % of its
evidence or more: with 36 regions they hold 40 to 50 % of the area, so evidence that knows nothing
of the lungs would reach that. It does not say that the evidence is wrong: edges hold markers,
borders and shoulders, but also costophrenic angles.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from explainers.explanation import Explanation, MethodId
from explainers.players import Players

MARGIN: Final = 0.1
MUCH: Final = 0.4


def outer_players(players: Players, *, margin: float = MARGIN) -> npt.NDArray[np.bool_]:
    """(P,) whether more than half of a region lies within `margin` (fraction) of an edge."""
    height, width = players.element_shape
    rows, columns = ((np.arange(n) + 0.5) / n for n in (height, width))
    near = [np.minimum(at, 1 - at) < margin for at in (rows, columns)]
    band = (near[0][:, None] | near[1][None, :]).astype(np.float64)
    return np.asarray(players.pool(band, how="mean") > 0.5)


def outer_remark(explanations: Sequence[Explanation], titles: Mapping[MethodId, str]) -> str:
    """Say which methods find much of the evidence at the edge; "" when none does.

    Args:
        explanations: Answers about one film, on the same regions.
        titles: Method id -> display name.
    """
    if not explanations:
        return ""
    outer = outer_players(explanations[0].players)
    shares = [(e.method, float(np.abs(e.shares)[outer].sum())) for e in explanations]
    found = [f"{titles.get(m, m)} {100 * share:.0f} %" for m, share in shares if share >= MUCH]
    if not found:
        return ""
    return (
        f"Much of the evidence ({', '.join(found)}) lies at the outer edge of the film, outside "
        "the usual place of the lungs: look there for markers, borders and shoulders."
    )

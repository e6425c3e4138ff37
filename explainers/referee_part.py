"""A part of a case that the referee hides: whole players, or a shape on a film. numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explainers.metrics import BoolArray
from explainers.players import Players
from models.errors import ExplainError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What is hidden together.

    Attributes:
        players: Players hidden, or of a shape those it touches; ascending.
        coverage: Share of each that is hidden, in (0, 1]; 1 for whole players.
        elements: (E,) pixels of a shape, None for whole players.
    """

    players: tuple[int, ...]
    coverage: tuple[float, ...]
    elements: BoolArray | None = None

    def hides(self, players: Players) -> BoolArray:
        """(E,) elements that are hidden."""
        if self.elements is not None:
            return self.elements
        return np.isin(players.membership, self.players)


def whole(players: Players, wanted: Sequence[int]) -> Part:
    """Players hidden as a whole.

    Raises:
        ExplainError: none, one twice, or one that does not exist.
    """
    named = set(wanted)
    if not wanted or len(named) < len(wanted) or not named <= set(range(players.count)):
        raise ExplainError(
            f"There is no part {tuple(wanted)}: it must name some of the "
            f"{players.count} players, each once."
        )
    ascending = tuple(sorted(named))
    return Part(players=ascending, coverage=(1.0,) * len(ascending))


def shape_on(players: Players, elements: BoolArray) -> Part:
    """Pixels hidden, whatever players they belong to; those that belong to nobody stay.

    Args:
        players: The regions of the film.
        elements: (E,) or `element_shape`, True where hidden.

    Raises:
        ExplainError: the shape holds no pixel that can be hidden.
    """
    inside = np.asarray(elements, dtype=np.bool_).reshape(-1) & (players.membership >= 0)
    if not inside.any():
        raise ExplainError(
            "The shape holds nothing that the model sees.", "Draw it on the film, and larger."
        )
    counts = np.bincount(players.membership[inside], minlength=players.count)
    touched = np.flatnonzero(counts)
    return Part(
        players=tuple(int(player) for player in touched),
        coverage=tuple(float(share) for share in (counts / players.sizes)[touched]),
        elements=inside,
    )

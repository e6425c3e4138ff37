"""What the referee hid, by name. Pure."""

from collections.abc import Sequence
from typing import Final

from explainers.naming import listed
from explainers.referee_report import RefereeReport

DRAWN: Final = "the area drawn on the film"


def hidden_name(found: RefereeReport, names: Sequence[str], *, most: int | None = None) -> str:
    """The parts hidden together; of a drawn shape, that it is one and which it lies in.

    Args:
        found: The measurement.
        names: (P,) names of the players.
        most: Names written out, the others are counted; None for all.
    """
    within = listed([names[player] for player in found.part], most=most)
    is_drawn = found.is_shape or found.elements is not None
    return f"{DRAWN} (in {within})" if is_drawn else within

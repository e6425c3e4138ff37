"""What bounds the reading of the referee's comparison, in plain words. Pure."""

from collections.abc import Mapping
from typing import Final

from explainers.placebo import Alike
from explainers.referee_measure import signed, unit_of
from explainers.referee_report import RefereeReport

LIKE: Final = "like its own in distance from the centre, in brightness and in how much that varies"
PLACES: Final[Mapping[Alike, str]] = {
    "position and texture": (
        f"The others are this shape moved to the quarter of all places that is most {LIKE}."
    ),
    "position and texture, loosely": (
        f"The others are this shape moved to the half of all places that is most {LIKE}; "
        "the quarter that is most so has too little room."
    ),
    "position": "The others are this shape moved to places about as far from the centre.",
    "nothing": "The others are this shape moved to other places.",
}


def limits(found: RefereeReport) -> str:
    """What bounds the reading of the comparison; "" without one."""
    if len(found.placebos) == 0:
        return ""
    return f"{_others(found)} {_one_way(found)}".strip()


def _one_way(found: RefereeReport) -> str:
    """That others were hidden in one way, and what this one does in it; "" if in every way."""
    if found.placebo_baseline is None:
        return ""
    return (
        f"They were hidden with “{found.placebo_baseline}” alone, as the methods were asked. With "
        f"it, hiding this one moves the answer by {signed(-found.compared)} {unit_of(found)}, "
        "which is what p compares. Parts that you ask about are compared in every way of hiding."
    )


def _others(found: RefereeReport) -> str:
    """What the others are."""
    count = len(found.placebos)
    if found.placebo_kind == "moved shapes":
        return f"{PLACES[found.alike]} They lie on each other by {_percent(found.overlap)} at most."
    if found.placebo_kind == "same area":
        return (
            "This shape fits into too few other places: the others are other regions of the film, "
            "drawn at random up to the same area, wherever they are. They lie on each other by "
            f"{_percent(found.overlap)} at most."
        )
    whole = "all there are" if count == found.n_possible else f"drawn from {found.n_possible:,}"
    least = (
        f"The others hold nothing of what was hidden; they are {whole}, and with {count} no "
        f"p-value is below {1 / (1 + count):.2g}."
    )
    return f"{least} {_random_values(found)}".strip()


def _random_values(found: RefereeReport) -> str:
    """What other features' random values do; "" where it was not asked."""
    if not found.n_random:
        return ""
    return (
        f"Put in one at a time instead, the values of {len(found.own_draws)} random training "
        f"records in the same others change the answer {found.n_random} times, "
        f"{found.n_random_as_large} of them as much as this one or more. Draws of one feature hang "
        "together, so that p counts features and not draws."
    )


def _percent(share: float) -> str:
    """A share of an area."""
    return f"{100 * share:.0f} % of their area"

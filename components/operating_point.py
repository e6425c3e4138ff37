"""What the operating point costs, in plain words, from the figures on the model's card."""

from collections.abc import Mapping
from typing import Any

from components.terms import TERMS
from models.card import ModelCard


def operating_point(card: ModelCard, target: str) -> float | None:
    """Probability of a class from which the model calls it present; None where the card has none.

    Models of several findings list them as `operating_points`.
    """
    if target == card.default_target:
        return card.operating_point
    found = (card.document.get("operating_points") or {}).get(target)
    return None if found is None else float(found)


def rate_sentence(card: ModelCard, target: str, *, above: bool) -> str:
    """How often the model is on the wrong side of its operating point.

    Args:
        card: Its `metrics` hold `operating_point_rates` (group -> `sensitivity` and `specificity`)
            or, failing that, the same two in `groups`, of which the first that has them is quoted:
            cards name the group they are mainly for first. Models of several findings have them in
            `findings`.
        target: The class that is above or below.
        above: Which side this case is on: above it, false alarms matter; below it, missed ones.

    Returns:
        "" where the card holds no such figures.
    """
    metrics = card.document.get("metrics") or {}
    name = "specificity" if above else "sensitivity"
    rate = _rate((metrics.get("findings") or {}).get(target), name)
    if rate is not None:
        return _sentence(card, "", 1 - rate, above=above)
    for source in ("operating_point_rates", "groups"):
        for group, figures in (metrics.get(source) or {}).items():
            rate = _rate(figures, name)
            if rate is not None:
                named = group.removesuffix(", test")  # the sentence says so already
                return _sentence(card, f" ({named})", 1 - rate, above=above)
    return ""


def in_ten(rate: float) -> str:
    """A rate in [0, 1] as a count of ten, or of a hundred where it is small: "4 in 10"."""
    if 0.05 <= rate < 0.95:
        return f"{max(1, min(9, round(10 * rate)))} in 10"
    return f"{round(100 * rate)} in 100"


def _sentence(card: ModelCard, group: str, rate: float, *, above: bool) -> str:
    """One sentence about one group of the test data."""
    cases = f"{TERMS[card.modality].case}s"
    with_it = "without" if above else "with"
    side = "above" if above else "below"
    return (
        f"In the model's test data{group}, about {in_ten(rate)} {cases} {with_it} the finding "
        f"are {side} this point, too."
    )


def _rate(figures: object, name: str) -> float | None:
    """One rate of a group, written as a number or with its interval; None where it is absent."""
    if not isinstance(figures, Mapping):
        return None
    entry: Any = figures.get(name)
    value = entry.get("value") if isinstance(entry, Mapping) else entry
    return float(value) if isinstance(value, int | float) else None

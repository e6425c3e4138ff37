"""How measured values are shown: as probabilities where that is what they are. Pure."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from explainers.explanation import Scale, Target
from explainers.numerals import numeral
from explainers.referee_report import NEGLIGIBLE


class Measured(Protocol):
    """A measurement on the explained scale."""

    @property
    def target(self) -> Target:
        """The class explained."""
        ...

    @property
    def scale(self) -> Scale:
        """Unit of values."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How the explained value is shown.

    Attributes:
        name: "P(pneumonia)", or the log-odds or difference that has a contrast.
        shown: Explained value -> number shown: log-odds of one class as its probability.
    """

    name: str
    shown: Callable[[float], float]


def measure_of(found: Measured, contrast: str | None = None) -> Measure:
    """How the values of a measurement are shown.

    Args:
        found: The measurement.
        contrast: Name of the class compared with, where there is one.
    """
    target = found.target.name
    if found.target.contrast is not None:
        against = contrast or "the other class"
        if found.scale == "logit":
            return Measure(name=f"the log-odds of {target} against {against}", shown=float)
        return Measure(name=f"P({target}) − P({against})", shown=float)
    shown = float if found.scale == "probability" else logistic
    return Measure(name=f"P({target})", shown=shown)


def logistic(log_odds: float) -> float:
    """Probability of log-odds, without overflow."""
    return 0.5 * (1 + math.tanh(0.5 * log_odds))


def unit_of(found: Measured) -> str:
    """Unit of changes."""
    return "in log-odds" if found.scale == "logit" else "in probability"


def digits_of(one: float, two: float) -> int:
    """Fewest decimals, 2 to 4, that tell two numbers apart."""
    return next((d for d in (2, 3) if f"{one:.{d}f}" != f"{two:.{d}f}"), 4)


def number(value: float, digits: int) -> str:
    """With a real minus sign, and no minus zero."""
    return numeral(value, f".{digits}f")


def signed(value: float) -> str:
    """With its sign."""
    return numeral(value, "+.2f")


def at_most(value: float) -> str:
    """Behind "hiding others": a bound, rounded up so that it holds."""
    if value <= NEGLIGIBLE:
        return "does not change it"
    if value < 0.01:
        return "changes it by less than 0.01"
    return f"changes it by {math.ceil(100 * value - 1e-9) / 100:.2f} at most"

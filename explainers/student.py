"""Error bars of a mean over few independent units. No torch."""

from typing import Final

from scipy.special import stdtrit

NORMAL: Final = 1.959964  # 97.5 % quantile of the normal distribution
LEVEL: Final = 0.975


def widening(n_units: int) -> float:
    """By what a standard error over so many units is multiplied: value ± 1.96 of them is 95 %.

    Student's t over the normal distribution; `n_units` >= 2.
    """
    return float(stdtrit(n_units - 1, LEVEL)) / NORMAL

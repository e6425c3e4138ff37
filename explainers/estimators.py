"""Which estimator KernelSHAP and LIME use, and why: decided by counts alone, never by a clock.

The choice changes the values, so it must be the same on every machine.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from models.case import Modality

Estimator: TypeAlias = Literal["enumeration", "gaussian process", "regression"]
ESTIMATORS: Final = ("auto", "gaussian process", "regression")  # that may be asked for
# Modalities whose rows are dear: one takes longer than a fit to many pairs adds to it.
DEAR: Final[frozenset[Modality]] = frozenset({"image", "text"})
# Pairs that a Gaussian process is fitted to: so many equations, which take seconds and hundreds of
# megabytes at the larger number. Where rows are cheap, more of them tell more for the same time.
MOST_PAIRS: Final = 2500
MOST_CHEAP_PAIRS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An estimator and the reason for it, in a sentence for the user."""

    name: Estimator
    reason: str
    most: int | None = None  # pairs that a Gaussian process is fitted to

    @property
    def draws_own(self) -> bool:
        """Whether a method asks pairs of its own, not those of the bank."""
        return self.name == "regression"


def choose(*, n_players: int, n_pairs: int, modality: Modality, wanted: str = "auto") -> Choice:
    """Choose an estimator.

    Args:
        n_players: P.
        n_pairs: Pairs of coalitions that settings and budget allow.
        modality: Of the case; it says what a row of the model costs.
        wanted: One of ESTIMATORS; "auto" leaves the choice to this function.

    Raises:
        ValueError: an unknown name.
    """
    if wanted not in ESTIMATORS:
        raise ValueError(f"unknown estimator {wanted!r}: one of {', '.join(ESTIMATORS)}")
    if wanted == "regression":
        return Choice(name="regression", reason="It was asked for.")
    if n_players == 1:
        return Choice(name="regression", reason="There is a single player.")
    if n_pairs >= 2 ** (n_players - 1) - 1:
        return Choice(name="enumeration", reason="All coalitions are few enough to be asked.")
    most = MOST_PAIRS if modality in DEAR else MOST_CHEAP_PAIRS
    if n_pairs > most:
        reason = f"To {2 * most:,} coalitions; the regression of what it leaves of all is added."
    elif wanted == "gaussian process":
        reason = "It was asked for."
    elif modality in DEAR:
        reason = "The model's answers are dear, and a Gaussian process needs fewer of them."
    else:
        reason = "A Gaussian process takes less time than the answers that a regression lacks."
    return Choice(name="gaussian process", reason=reason, most=most)

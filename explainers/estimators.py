"""Which estimator KernelSHAP and LIME use, and why: decided by counts alone, never by a clock.

The choice changes the values, so it must be the same on every machine.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from explainers.orders import FREE
from models.case import Modality
from models.errors import UnsupportedMethodError

Estimator: TypeAlias = Literal["enumeration", "gaussian process", "regression", "joint design"]
# That may be asked for.
ESTIMATORS: Final = ("auto", "gaussian process", "regression", "joint design")
# Modalities whose rows are dear: one takes longer than a fit to many pairs adds to it.
DEAR: Final[frozenset[Modality]] = frozenset({"image", "text"})
# Pairs that a Gaussian process is fitted to: so many equations, which take seconds and hundreds of
# megabytes at the larger number. Where rows are cheap, more of them tell more for the same time.
MOST_PAIRS: Final = 2500
MOST_CHEAP_PAIRS: Final = 500
# Records of the background from which on the joint design is taken unasked: it asks so many times
# as many pairs. With half as many the process is nearer on rough networks (docs/accuracy.md).
LEAST_PATHS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An estimator and the reason for it, in a sentence for the user."""

    name: Estimator
    reason: str
    most: int | None = None  # pairs that a Gaussian process is fitted to

    @property
    def draws_own(self) -> bool:
        """Whether a method asks pairs of its own, not those of the bank."""
        return self.name in {"regression", "joint design"}


def choose(
    *,
    n_players: int,
    n_pairs: int,
    modality: Modality,
    wanted: str = "auto",
    n_paths: int = 0,
    most: int = MOST_PAIRS,
) -> Choice:
    """Choose an estimator.

    Args:
        n_players: P.
        n_pairs: Pairs of coalitions that settings and budget allow.
        modality: Of the case; it says whether a row of the model is dear.
        wanted: One of ESTIMATORS; "auto" leaves the choice to this function.
        n_paths: Records of the background from which gradients lead to the case, where the method
            can use them; else 0.
        most: Pairs that a Gaussian process may be fitted to.

    Raises:
        ValueError: an unknown name.
        UnsupportedMethodError: the joint design was asked for, and nothing leads to the case.
    """
    _check(wanted, n_paths)
    if wanted == "regression":
        return Choice(name="regression", reason="It was asked for.")
    if n_players == 1:
        return Choice(name="regression", reason="There is a single player.")
    if n_pairs >= 2 ** (n_players - 1) - 1:
        return Choice(name="enumeration", reason="All coalitions are few enough to be asked.")
    if wanted == "joint design":
        return Choice(name="joint design", reason="It was asked for.")
    many_paths = n_paths >= LEAST_PATHS
    # Of a bank so small nothing lies on random orders: nobody else has any use of it.
    if wanted == "auto" and many_paths and n_pairs <= FREE * n_players:
        reason = "So few coalitions tell more with one record each, beside the model's gradients."
        return Choice(name="joint design", reason=reason)
    if n_pairs > most:
        reason = f"To {2 * most:,} coalitions; the regression of what it leaves of all is added."
    elif wanted == "gaussian process":
        reason = "It was asked for."
    else:
        reason = _why_process(modality, many_paths=many_paths)
    return Choice(name="gaussian process", reason=reason, most=most)


def _check(wanted: str, n_paths: int) -> None:
    """Refuse what does not exist, or not here."""
    if wanted not in ESTIMATORS:
        raise ValueError(f"unknown estimator {wanted!r}: one of {', '.join(ESTIMATORS)}")
    if wanted == "joint design" and not n_paths:
        raise UnsupportedMethodError(
            "The joint design is for Shapley values of records, by a model with gradients, against "
            "other records.",
            "Leave the estimator at `auto`.",
        )


def _why_process(modality: Modality, *, many_paths: bool) -> str:
    """Why a Gaussian process is the best choice."""
    if modality in DEAR:
        return "The model's answers are dear, and a Gaussian process needs fewer of them."
    if many_paths:
        return (
            "Its coalitions serve the faithfulness curves, too, which would cost more answers of "
            "their own than the joint design saves."
        )
    return "A Gaussian process takes less time than the answers that a regression lacks."

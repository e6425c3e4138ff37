"""A Gaussian process over coalitions, fitted to pairs of a coalition and its complement.

The value of a coalition is a linear part plus a process whose covariance falls by r_j for every
player j on which two coalitions differ: k(S, T) = prod_j r_j^[S_j != T_j]. Where a row of the model
is dear, it takes several times fewer rows than regression to the same error, for it learns from
all coalitions at once how far to trust each (docs/accuracy.md).

k does not change when both coalitions are replaced by their complements. So the odd half of a game,
(v(S) - v(complement)) / 2, and the even half, (v(S) + v(complement)) / 2, are independent, and a
sample of n pairs takes two systems of n equations instead of one of 2n. All in float64 on the CPU.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import torch
from torch import Tensor

Parity: TypeAlias = Literal[-1, 1]  # odd, even
ODD: Final[Parity] = -1
EVEN: Final[Parity] = 1

# Sums of the rates that are tried: about twice the number of players that interact at once.
ROUGHNESS: Final = (0.1, 0.5, 1.5, 3.0, 5.0, 8.0, 13.0)
# How much more freely players vary that matter more: rate ~ |value|^power.
POWERS: Final = (0.0, 0.7, 1.4)
LEAST_RELEVANCE: Final = 1e-3  # of the largest: nobody is taken to be without any effect
MOST_SEARCHED: Final = 512  # pairs that choose the rates; the fit takes all of them
# Added to the diagonal, relative to it: the least with which the system can be solved.
JITTERS: Final = (1e-12, 1e-10, 1e-8)
ROUNDING: Final = 1e-28  # variance, relative to the square of the values
SMALLEST: Final = 1e-300  # variance where every value is zero


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Process:
    """One half of a game as far as the pairs tell it.

    Its mean at a coalition S of signs z is basis(z) @ slopes + K(z, signs) @ weights, with
    basis(z) = z for the odd half and 1 for the even one.

    Attributes:
        parity: Which half.
        signs: (n, P) float64, +1 present and -1 absent; one coalition of each pair.
        rates: (P,) -log r_j >= 0.
        slopes: (P,) or (1,).
        weights: (n,).
        left_out: (n,) value minus what the other pairs foretell of it.
        evidence: Log marginal likelihood, up to a constant.
    """

    parity: Parity
    signs: Tensor
    rates: Tensor
    slopes: Tensor
    weights: Tensor
    left_out: Tensor
    evidence: float

    def __call__(self, masks: Tensor) -> Tensor:
        """Mean (m,) at coalitions (m, P) of 0 and 1."""
        signs = 2 * masks - 1
        mean: Tensor = _basis(signs, self.parity) @ self.slopes
        return mean + covariance(signs, self.signs, self.rates, self.parity) @ self.weights


def covariance(left: Tensor, right: Tensor, rates: Tensor, parity: Parity) -> Tensor:
    """(n, m) prior covariance of one half of the game between signs (n, P) and (m, P)."""
    same = (left * rates) @ right.T / 2
    centre = rates.sum() / 2
    covered: Tensor = ((same - centre).exp() + parity * (-same - centre).exp()) / 2
    return covered


def fit(signs: Tensor, goals: Tensor, rates: Tensor, parity: Parity) -> Process | None:
    """Condition the process on what was seen.

    Args:
        signs: (n, P), different pairs.
        goals: (n,) values of this half of the game.
        rates: (P,).
        parity: Which half.

    Returns:
        None where the system cannot be solved: too few different pairs.

    Reference:
        Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006, sections 2.7 (linear
        part with a flat prior) and 5.4.2; Dubrule, Math. Geol. 15, 1983 (leaving one out).
    """
    basis = _basis(signs, parity)
    level = goals.mean() if parity == EVEN else goals.new_zeros(())  # less to cancel below
    goals = goals - level
    free = len(signs) - basis.shape[1]
    lower = _factor(covariance(signs, signs, rates, parity)) if free > 0 else None
    if lower is None:
        return None
    inverse = torch.cholesky_inverse(lower)
    seen = inverse @ basis
    inner, failed = torch.linalg.cholesky_ex(basis.T @ seen)
    if int(failed):
        return None
    # inverse - seen (basis' seen)^-1 seen': blind to whatever the linear part can explain
    blind = inverse - seen @ torch.cholesky_solve(seen.T, inner)
    weights = blind @ goals
    # What the linear part leaves, and rounding where it leaves nothing.
    scale = (goals @ weights / free).clamp_min(ROUNDING * goals.square().mean() + SMALLEST)
    if not bool(torch.isfinite(scale)):
        return None
    logs = lower.diagonal().log().sum() + inner.diagonal().log().sum()
    return Process(
        parity=parity,
        signs=signs,
        rates=rates,
        slopes=level + torch.cholesky_solve((seen.T @ goals)[:, None], inner)[:, 0],
        weights=weights,
        left_out=weights / blind.diagonal(),
        evidence=float(-free / 2 * scale.log() - logs),
    )


def fit_best(signs: Tensor, goals: Tensor, values: Tensor, parity: Parity) -> Process | None:
    """The process whose rates, among a fixed few, make what was seen most probable.

    Args:
        signs: (n, P), the full coalition last.
        goals: (n,).
        values: (P,) what each player is about worth.
        parity: Which half.

    Returns:
        None where no rates give a system that can be solved.
    """
    step = -(-len(signs) // MOST_SEARCHED)
    few, some = signs.flip(0)[::step], goals.flip(0)[::step]  # the full coalition is among them
    found = [fit(few, some, rates, parity) for rates in _candidates(values)]
    usable = [process for process in found if process is not None]
    if not usable:
        return None
    best = max(usable, key=lambda process: process.evidence)
    return fit(signs, goals, best.rates, parity)


def _candidates(values: Tensor) -> Iterator[Tensor]:
    """Rates (P,) to try."""
    largest = values.abs().max()
    share = values.abs() / largest if float(largest) > 0 else torch.ones_like(values)
    for power in POWERS:
        weights = share.clamp_min(LEAST_RELEVANCE) ** power
        for roughness in ROUGHNESS:
            yield roughness * weights / weights.sum()


def _basis(signs: Tensor, parity: Parity) -> Tensor:
    """What the process need not explain: (n, P) or (n, 1)."""
    return signs if parity == ODD else torch.ones_like(signs[:, :1])


def _factor(matrix: Tensor) -> Tensor | None:
    """Lower Cholesky factor of a covariance matrix with the least jitter that gives one."""
    diagonal = matrix.diagonal().mean()
    for jitter in JITTERS:
        eye = torch.eye(len(matrix), dtype=matrix.dtype)
        lower, failed = torch.linalg.cholesky_ex(matrix + jitter * diagonal * eye)
        if not int(failed):
            factor: Tensor = lower
            return factor
    return None

"""A Gaussian process over coalitions, fitted to pairs of a coalition and its complement.

The value of a coalition is a linear part plus a process whose covariance falls by r_j for every
player j on which two coalitions differ: k(S, T) = prod_j r_j^[S_j != T_j]. Where a row of the model
is dear, it takes several times fewer rows than regression to the same error, for it learns from
all coalitions at once how far to trust each (docs/accuracy.md).

Players that are known to act together (`interactions`) may have a covariance of their own beside k.

k does not change when both coalitions are replaced by their complements. So the odd half of a game,
(v(S) - v(complement)) / 2, and the even half, (v(S) + v(complement)) / 2, are independent, and a
sample of n pairs takes two systems of n equations instead of one of 2n. All in float64 on the CPU.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import torch
from torch import Tensor

from explainers.interactions import Joint, interactions

Parity: TypeAlias = Literal[-1, 1]  # odd, even
ODD: Final[Parity] = -1
EVEN: Final[Parity] = 1

# Added to the diagonal, relative to it: the least with which the system can be solved.
JITTERS: Final = (1e-12, 1e-10, 1e-8)
ROUNDING: Final = 1e-28  # variance, relative to the square of the values
SMALLEST: Final = 1e-300  # variance where every value is zero


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Process:
    """One half of a game as far as the pairs tell it.

    Its mean at a coalition S of signs z is basis(z) @ slopes + K(z, signs) @ weights +
    interactions(z, sets) @ effects, with basis(z) = z for the odd half and 1 for the even one.

    Attributes:
        parity: Which half.
        signs: (n, P) float64, +1 present and -1 absent; one coalition of each pair.
        rates: (P,) -log r_j >= 0.
        slopes: (P,) or (1,).
        weights: (n,).
        sets: (m, k) players that act together; m may be 0.
        effects: (m,).
        left_out: (n,) value minus what the other pairs foretell of it.
        evidence: Log marginal likelihood, up to a constant.
    """

    parity: Parity
    signs: Tensor
    rates: Tensor
    slopes: Tensor
    weights: Tensor
    sets: Tensor
    effects: Tensor
    left_out: Tensor
    evidence: float

    def __call__(self, masks: Tensor) -> Tensor:
        """Mean (m,) at coalitions (m, P) of 0 and 1."""
        signs = 2 * masks - 1
        mean: Tensor = _basis(signs, self.parity) @ self.slopes
        mean = mean + interactions(signs, self.sets) @ self.effects
        return mean + covariance(signs, self.signs, self.rates, self.parity) @ self.weights


def covariance(left: Tensor, right: Tensor, rates: Tensor, parity: Parity) -> Tensor:
    """(n, m) prior covariance of one half of the game between signs (n, P) and (m, P).

    Of a coalition and of the complement of another it is exp((a - R) / 2) and exp((-a - R) / 2), R
    being the sum of rates and a that of the players on which the two coalitions agree less that of
    the others. Half their difference is the odd half's, half their sum the even one's.
    """
    near = ((left * (rates / 2)) @ right.T).exp_()
    far = near.reciprocal()  # faster than sinh and cosh
    both = near.sub_(far) if parity == ODD else near.add_(far)
    return both.mul_(math.exp(-float(rates.sum()) / 2) / 2)


def fit(
    signs: Tensor, goals: Tensor, rates: Tensor, parity: Parity, joint: Joint | None = None
) -> Process | None:
    """Condition the process on what was seen.

    Args:
        signs: (n, P), different pairs.
        goals: (n,) values of this half of the game.
        rates: (P,).
        parity: Which half.
        joint: Players that act together, as these pairs show them.

    Returns:
        None where the system cannot be solved: too few different pairs.
    """
    found = condition(signs, goals, rates, parity, joint)
    return None if found is None else found.process()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditioned:
    """A process as far as its evidence takes; the rest is computed for the one that is chosen.

    Attributes:
        parity, signs, rates, slopes, evidence: See `Process`.
        joint: Players that act together, if any.
        lower: (n, n) Cholesky factor L of the covariance.
        basis: (n, B) inverse of L times the basis.
        inner: (B, B) Cholesky factor of its Gram matrix.
        left: (n,) inverse of L times what the linear part leaves.
    """

    parity: Parity
    signs: Tensor
    rates: Tensor
    slopes: Tensor
    evidence: float
    joint: Joint | None
    lower: Tensor
    basis: Tensor
    inner: Tensor
    left: Tensor

    def process(self) -> Process:
        """With its weights, and what is left out (Dubrule, Math. Geol. 15, 1983)."""
        weights, seen = (
            torch.linalg.solve_triangular(self.lower.T, right, upper=True)
            for right in (self.left[:, None], self.basis)
        )
        # The diagonal of inverse - seen (basis' seen)^-1 seen': blind to the linear part.
        alone = torch.linalg.solve_triangular(self.inner, seen.T, upper=False)
        blind = torch.cholesky_inverse(self.lower).diagonal() - alone.square().sum(dim=0)
        joint = self.joint
        return Process(
            parity=self.parity,
            signs=self.signs,
            rates=self.rates,
            slopes=self.slopes,
            weights=weights[:, 0],
            sets=torch.empty(0, 1, dtype=torch.int64) if joint is None else joint.sets,
            effects=weights.new_empty(0) if joint is None else joint.effects(weights[:, 0]),
            left_out=weights[:, 0] / blind,
            evidence=self.evidence,
        )


def condition(
    signs: Tensor, goals: Tensor, rates: Tensor, parity: Parity, joint: Joint | None = None
) -> Conditioned | None:
    """Evidence and slopes, from what `fit` takes; None where the system cannot be solved.

    Reference:
        Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006, section 2.7 (linear
        part with a flat prior).
    """
    basis = _basis(signs, parity)
    level = goals.mean() if parity == EVEN else goals.new_zeros(())  # less to cancel below
    free = len(signs) - basis.shape[1]
    prior = covariance(signs, signs, rates, parity)
    if joint is not None:
        prior.add_(joint.gram, alpha=joint.variance)
    lower = _factor(prior) if free > 0 else None
    if lower is None:
        return None
    right = torch.cat([basis, (goals - level)[:, None]], dim=1)
    half = torch.linalg.solve_triangular(lower, right, upper=False)
    basis, seen = half[:, :-1], half[:, -1]
    inner, failed = torch.linalg.cholesky_ex(basis.T @ basis)
    if int(failed):
        return None
    slopes = torch.cholesky_solve((basis.T @ seen)[:, None], inner)[:, 0]
    left = seen - basis @ slopes
    # What the linear part leaves, and rounding where it leaves nothing.
    least = ROUNDING * (goals - level).square().mean() + SMALLEST
    scale = (left @ left / free).clamp_min(least)
    if not bool(torch.isfinite(scale)):
        return None
    logs = lower.diagonal().log().sum() + inner.diagonal().log().sum()
    return Conditioned(
        parity=parity,
        signs=signs,
        rates=rates,
        slopes=level + slopes,
        evidence=float(-free / 2 * scale.log() - logs),
        joint=joint,
        lower=lower,
        basis=basis,
        inner=inner,
        left=left,
    )


def _basis(signs: Tensor, parity: Parity) -> Tensor:
    """What the process need not explain: (n, P) or (n, 1)."""
    return signs if parity == ODD else torch.ones_like(signs[:, :1])


def _factor(matrix: Tensor) -> Tensor | None:
    """Lower Cholesky factor of a covariance matrix, which takes the least jitter that gives one."""
    diagonal, added = float(matrix.diagonal().mean()), 0.0
    for jitter in JITTERS:
        matrix.diagonal().add_(diagonal * (jitter - added))
        lower, failed = torch.linalg.cholesky_ex(matrix)
        if not int(failed):
            factor: Tensor = lower
            return factor
        added = jitter
    return None

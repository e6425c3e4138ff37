"""LIME's regression over a bank of coalitions, as if fair coins had drawn them."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from explainers.closed_forms import size_moments
from explainers.coalitions import PairSample, coin_mass
from explainers.local_surrogate import Surrogate, weighted_r2
from explainers.regression import factor, leverage_residuals, solve, stratified_errors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FairCoins:
    """LIME's regression over a bank whose pairs are weighed as fair coins would draw them.

    Attributes:
        rows: (2 n + 2, P + 1) masks and 1; each mask beside its complement, then both ends.
        weights: (2 n + 2,) how often fair coins would fall on what a row stands for, times its
            proximity; the case itself once more.
        lower: Cholesky factor of their penalised Gram matrix.
        expected: The same of all masks, each as often as fair coins fall on it.
    """

    rows: Tensor
    weights: Tensor
    lower: Tensor
    expected: Tensor

    @classmethod
    def of(cls, sample: PairSample, proximity: Tensor, penalty: float) -> Self:
        """The regression over a bank."""
        masks = sample.masks
        count, n_players = 2 * len(masks), masks.shape[1]
        ends = torch.stack([torch.ones_like(masks[0]), torch.zeros_like(masks[0])])
        both = torch.cat([torch.stack([masks, 1 - masks], dim=1).flatten(0, 1), ends])
        rows = torch.cat([both, torch.ones_like(both[:, :1])], dim=1)
        coins = torch.tensor(coin_mass(n_players), dtype=masks.dtype) / sample.drawn.clamp_min(1)
        share = torch.cat(
            [coins[sample.stratum].repeat_interleave(2) / 2, masks.new_full((2,), 0.5**n_players)]
        )
        weights = count * share * proximity[both.sum(dim=1).long()]
        weights[-2] += 1.0
        ridge = torch.full((n_players + 1,), penalty, dtype=masks.dtype)
        ridge[-1] = 0.0
        gram = count * size_moments(proximity) + 1.0  # the case: a row of ones
        return cls(
            rows=rows,
            weights=weights,
            lower=factor(rows.T @ (rows * weights[:, None]) + ridge.diag()),
            expected=factor(gram + ridge.diag()),
        )

    def regress(self, goals: Tensor) -> Tensor:
        """Coefficients (P + 1, T) of goals (2 n + 2, T)."""
        return solve(self.lower, self.rows.T @ (self.weights[:, None] * goals))

    def solve_expected(self, moments: Tensor) -> Tensor:
        """Coefficients (P + 1,) from moments (P + 1,) over all masks."""
        return solve(self.expected, moments[:, None])[:, 0]

    def errors(self, sample: PairSample, left: Tensor, foretold: Tensor) -> Tensor:
        """Standard errors (T, P) out of what is left (2 n + 2, T) of the goals.

        Where that is foretold (T,), it is what the other pairs leave; else what is left to regress.
        """
        rows = self.rows[:-2].view(-1, 2, self.rows.shape[1])
        weights, unknown = self.weights[:-2].view(-1, 2), left[:-2].view(-1, 2, left.shape[1])
        if not bool(foretold.all()):
            residuals = (left - self.rows @ self.regress(left))[:-2].view_as(unknown)
            hc3 = leverage_residuals(rows, weights, residuals, self.lower)
            unknown = torch.where(foretold, unknown, hc3)
        score = torch.einsum("gmd,gm,gmt->gtd", rows, weights, unknown)
        moved = solve(self.lower, score.flatten(0, 1).T).T.view_as(score)
        return torch.stack(
            [stratified_errors(sample, column[:, :-1]) for column in moved.unbind(dim=1)]
        )

    def surrogate(self, goals: Tensor, beta: Tensor, errors: Tensor) -> Surrogate[Tensor]:
        """Label the coefficients (P + 1, T)."""
        return Surrogate(
            values=beta[:-1].T,
            std_error=errors,
            intercept=beta[-1],
            r2=weighted_r2(goals, self.rows @ beta, self.weights),
        )

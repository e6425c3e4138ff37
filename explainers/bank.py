"""SHAP values and LIME coefficients out of one bank of coalitions.

Values come from a Gaussian process over the bank, in closed form. Their error bars come from what
the process cannot foretell: each pair is foretold by the others, and what is left of it counts by
how much the pair weighs in the plain regression, as in that regression's sandwich (HC3). So the
bars need no trust in the process (coverage: `python -m benchmarks coverage_gp`).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.closed_forms import shapley, size_moments, value_moments
from explainers.coalitions import PairSample, coin_mass
from explainers.gaussian_process import EVEN, ODD, Process
from explainers.local_surrogate import Surrogate, weighted_r2
from explainers.pair_regression import errors_of_foretold, regress
from explainers.process_choice import fit_best
from explainers.regression import factor, leverage_residuals, solve, stratified_errors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bank:
    """Pairs of coalitions with the model's answers.

    Attributes:
        sample: n pairs.
        values: (n, 2, T) values of each coalition and of its complement.
        full: (T,) value of the case.
        empty: (T,) value with every player absent.
    """

    sample: PairSample
    values: Tensor
    full: Tensor
    empty: Tensor

    @property
    def complete(self) -> bool:
        """Whether every pair that exists was asked."""
        return bool((self.sample.drawn == self.sample.existing).all())

    def half(self, parity: int) -> Tensor:
        """(n, T) odd or even half of the game."""
        return (self.values[:, 0] + parity * self.values[:, 1]) / 2

    def process(self, parity: int, target: int, worth: Tensor) -> Process | None:
        """The process of one half and one target; the case and its absence are a pair of it."""
        ends = (self.full[target] + parity * self.empty[target]) / 2
        masks = self.sample.masks
        signs = torch.cat([2 * masks - 1, masks.new_ones(1, masks.shape[1])])
        goals = torch.cat([self.half(parity)[:, target], ends[None]])
        return fit_best(signs, goals, worth, ODD if parity == ODD else EVEN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """Values and standard errors (T, P), and whether the process could be fitted."""

    values: Tensor
    std_error: Tensor
    fitted: bool


def shapley_values(bank: Bank, *, processes: bool) -> Estimate:
    """Shapley values; they sum to full - empty exactly.

    Args:
        bank: Pairs and answers.
        processes: Whether to use a Gaussian process; else, and for targets that no process fits,
            plain regression.

    Raises:
        BudgetError: the pairs do not determine the values.
    """
    effect = bank.full - bank.empty
    values, errors = regress(bank.sample, bank.half(ODD), effect)
    if not processes or bank.complete:
        return Estimate(values=values, std_error=errors, fitted=False)
    found = {
        target: process
        for target in range(len(values))
        if (process := bank.process(ODD, target, values[target])) is not None
    }
    if found:
        fitted = list(found)
        raw = torch.stack([shapley(process) for process in found.values()])
        # Rounding: the process meets both ends up to its jitter.
        short = effect[fitted] - raw.sum(dim=1)
        values[fitted] = raw + short[:, None] / raw.shape[1]
        left = torch.stack([process.left_out[:-1] for process in found.values()], dim=1)
        errors[fitted] = errors_of_foretold(bank.sample, left)
    return Estimate(values=values, std_error=errors, fitted=len(found) == len(values))


def lime_coefficients(
    bank: Bank, proximity: Tensor, *, penalty: float, corrected: bool = False
) -> tuple[Surrogate, bool]:
    """What LIME's ridge regression tends to when its masks are drawn without end.

    Its estimand: fair coins, as many as the bank has masks, each weighed by its proximity, the case
    itself once, a ridge penalty on all but the intercept.

    Args:
        bank: Pairs and answers.
        proximity: (P + 1,) weight of a mask by its number of players.
        penalty: Ridge penalty.
        corrected: Whether the regression of what the process leaves is added to what it says. Where
            the process describes the model well that is noise; where it does not, it is what keeps
            coefficients as near as regression alone (docs/accuracy.md).

    Returns:
        The fit, and whether a process was fitted for every target; where none was, or every pair
        was asked, it is the plain ridge regression over the bank.

    Raises:
        BudgetError: the masks do not determine the coefficients.
    """
    design = _Design.of(bank, proximity, penalty)
    goals = torch.cat([bank.values.flatten(0, 1), bank.full[None], bank.empty[None]])
    beta, left, fitted = design.regress(goals), goals.clone(), not bank.complete
    foretold = torch.zeros(goals.shape[1], dtype=torch.bool)
    if fitted:
        worth = regress(bank.sample, bank.half(ODD), bank.full - bank.empty)[0]
        for target in range(goals.shape[1]):
            odd, even = (bank.process(parity, target, worth[target]) for parity in (ODD, EVEN))
            if odd is None or even is None:
                fitted = False
                continue
            moments = len(goals[:-2]) * value_moments((odd, even), proximity)
            beta[:, target] = design.solve_expected(moments + bank.full[target])
            one, other = even.left_out + odd.left_out, even.left_out - odd.left_out
            left[:-2, target] = torch.stack([one[:-1], other[:-1]], dim=1).flatten()
            left[-2:, target] = 0.0  # both ends are known, not foretold
            foretold[target] = not corrected
            if corrected:
                beta[:, target] += design.regress(left[:, target, None])[:, 0]
    errors = design.errors(bank.sample, left, foretold)
    return design.surrogate(goals, beta, errors), fitted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Design:
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
    def of(cls, bank: Bank, proximity: Tensor, penalty: float) -> "_Design":
        """The regression over a bank."""
        sample, masks = bank.sample, bank.sample.masks
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

    def surrogate(self, goals: Tensor, beta: Tensor, errors: Tensor) -> Surrogate:
        """Label the coefficients (P + 1, T)."""
        return Surrogate(
            values=beta[:-1].T,
            std_error=errors,
            intercept=beta[-1],
            r2=weighted_r2(goals, self.rows @ beta, self.weights),
        )

"""SHAP values and LIME coefficients out of one bank of coalitions.

Values come from a Gaussian process over the bank, in closed form. Their error bars come from what
the process cannot foretell: each pair is foretold by the others, and what is left of it counts by
how much the pair weighs in the plain regression, as in that regression's sandwich (HC3). So the
bars need no trust in the process (coverage: `python -m benchmarks coverage_gp`).

A process is fitted to so many pairs at most. Where there are more, the regression over all pairs of
what it leaves is added to what it says: a control variate, right however wrong the process is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from explainers.closed_forms import shapley, value_moments
from explainers.coalitions import PairSample
from explainers.fair_coins import FairCoins
from explainers.gaussian_process import EVEN, ODD, Parity, Process
from explainers.interactions import Joint
from explainers.local_surrogate import Surrogate
from explainers.neighbours import Neighbours
from explainers.pair_regression import errors_of_foretold, regress
from explainers.process_choice import fit_best

FORETOLD: Final = 2000  # coalitions at a time: memory does not grow with their number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bank:
    """Pairs of coalitions with the model's answers.

    Attributes:
        sample: n pairs.
        values: (n, 2, T) values of each coalition and of its complement.
        full: (T,) value of the case.
        empty: (T,) value with every player absent.
        beside: Which players touch, where that is known.
        pause: Called wherever fitting has gone on for some time: others take their turn there, and
            it may raise to end the work.
    """

    sample: PairSample
    values: Tensor
    full: Tensor
    empty: Tensor
    beside: Neighbours | None = None
    pause: Callable[[], None] = lambda: None

    @property
    def complete(self) -> bool:
        """Whether every pair that exists was asked."""
        return bool((self.sample.drawn == self.sample.existing).all())

    def half(self, parity: int) -> Tensor:
        """(n, T) odd or even half of the game."""
        return (self.values[:, 0] + parity * self.values[:, 1]) / 2

    def signs(self, most: int | None) -> Tensor:
        """(n + 1, P) of one coalition of each of the first `most` pairs, and of the case."""
        masks = self.sample.masks[:most]
        return torch.cat([2 * masks - 1, masks.new_ones(1, masks.shape[1])])

    def joint(self, parity: Parity, most: int | None) -> Joint | None:
        """Players that touch, as the first `most` pairs show them: the same for all targets."""
        if self.beside is None:
            return None
        sets = self.beside.triples if parity == ODD else self.beside.pairs
        return Joint.of(self.signs(most), sets)

    def process(
        self,
        parity: Parity,
        target: int,
        worth: Tensor,
        most: int | None = None,
        joint: Joint | None = None,
    ) -> Process | None:
        """The process of one half and one target, fitted to the first `most` pairs.

        The case and its absence are a pair of it.
        """
        ends = (self.full[target] + parity * self.empty[target]) / 2
        goals = torch.cat([self.half(parity)[:most, target], ends[None]])
        return fit_best(self.signs(most), goals, worth, parity, joint, self.pause)

    def unasked(self, most: int | None) -> Tensor:
        """(n,) for how many a pair stands that were not asked: of the first `most`, a share of one.

        A process leaves nothing of the pairs it was fitted to. What is left of them without
        themselves tells of pairs like them, and of these those that were asked tell themselves.
        """
        sample, share = self.sample, torch.ones(len(self.values), dtype=torch.float64)
        share[:most] -= (sample.drawn / sample.existing)[sample.stratum[:most]]
        return share

    def left_by(self, process: Process, target: int) -> Tensor:
        """(n,) what it leaves of each pair; of those it was fitted to, what the others do."""
        known = process.left_out[:-1]
        others = torch.split(self.sample.masks[len(known) :], FORETOLD)
        foretold = torch.cat([known.new_zeros(0), *(process(masks) for masks in others)])
        return torch.cat([known, self.half(process.parity)[len(known) :, target] - foretold])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """Values and standard errors (T, P), and whether the process could be fitted."""

    values: Tensor
    std_error: Tensor
    fitted: bool


def shapley_values(bank: Bank, *, processes: bool, most: int | None = None) -> Estimate:
    """Shapley values; they sum to full - empty exactly.

    Args:
        bank: Pairs and answers.
        processes: Whether to use a Gaussian process; else, and for targets that no process fits,
            plain regression.
        most: Pairs that a process is fitted to; None = all.

    Raises:
        BudgetError: the pairs do not determine the values.
    """
    effect = bank.full - bank.empty
    values, errors = regress(bank.sample, bank.half(ODD), effect)
    if not processes or bank.complete:
        return Estimate(values=values, std_error=errors, fitted=False)
    joint = bank.joint(ODD, most)
    found = {
        target: process
        for target in range(len(values))
        if (process := bank.process(ODD, target, values[target], most, joint)) is not None
    }
    if found:
        fitted = list(found)
        raw = torch.stack([shapley(process) for process in found.values()])
        # Rounding: the process meets both ends up to its jitter.
        short = effect[fitted] - raw.sum(dim=1)
        values[fitted] = raw + short[:, None] / raw.shape[1]
        left = torch.stack([bank.left_by(p, target) for target, p in found.items()], dim=1)
        if most is not None and len(left) > most:
            unknown = left * bank.unasked(most)[:, None]
            # One by one: in the last digit, too, a class does not depend on its company.
            for target, column in zip(fitted, torch.split(unknown, 1, dim=1), strict=True):
                values[target] += regress(bank.sample, column, short.new_zeros(1))[0][0]
        errors[fitted] = errors_of_foretold(bank.sample, left)
    return Estimate(values=values, std_error=errors, fitted=len(found) == len(values))


def lime_coefficients(
    bank: Bank,
    proximity: Tensor,
    *,
    penalty: float,
    corrected: bool = False,
    most: int | None = None,
) -> tuple[Surrogate[Tensor], bool]:
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
        most: Pairs that a process is fitted to; None = all. Of more, `corrected` holds.

    Returns:
        The fit, and whether a process was fitted for every target; where none was, or every pair
        was asked, it is the plain ridge regression over the bank.

    Raises:
        BudgetError: the masks do not determine the coefficients.
    """
    design = FairCoins.of(bank.sample, proximity, penalty)
    goals = torch.cat([bank.values.flatten(0, 1), bank.full[None], bank.empty[None]])
    beta, left, fitted = design.regress(goals), goals.clone(), not bank.complete
    corrected = corrected or (most is not None and len(bank.values) > most)
    foretold = torch.zeros(goals.shape[1], dtype=torch.bool)
    if fitted:
        worth = regress(bank.sample, bank.half(ODD), bank.full - bank.empty)[0]
        joints = [(half, bank.joint(half, most)) for half in (ODD, EVEN)]
        for target in range(goals.shape[1]):
            odd, even = (
                bank.process(half, target, worth[target], most, joint) for half, joint in joints
            )
            if odd is None or even is None:
                fitted = False
                continue
            moments = len(goals[:-2]) * value_moments((odd, even), proximity)
            beta[:, target] = design.solve_expected(moments + bank.full[target])
            odds, evens = bank.left_by(odd, target), bank.left_by(even, target)
            left[:-2, target] = torch.stack([evens + odds, evens - odds], dim=1).flatten()
            left[-2:, target] = 0.0  # both ends are known, not foretold
            foretold[target] = not corrected
            if corrected:
                unknown = left[:-2, target].view(-1, 2) * bank.unasked(most)[:, None]
                ends = left.new_zeros(2)
                beta[:, target] += design.regress(torch.cat([unknown.flatten(), ends])[:, None])[
                    :, 0
                ]
    errors = design.errors(bank.sample, left, foretold)
    return design.surrogate(goals, beta, errors), fitted

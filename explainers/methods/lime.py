"""LIME: the weighted ridge regression that imitates the model around this case."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

import torch
from torch import Tensor

from explainers.bank import Bank, lime_coefficients
from explainers.coalitions import antithetic_pairs
from explainers.engine import MaskedPredictor
from explainers.estimators import Choice
from explainers.explanation import MethodCard, Setting
from explainers.local_surrogate import Surrogate, fit_ridge
from explainers.methods.base import Attribution
from explainers.methods.budgets import ESTIMATOR_MEANS, Banked
from explainers.methods.many_words import as_asked, has_many, shared_banks
from explainers.methods.pair_rounds import answers
from explainers.question import Question

MOST_FEATURES: Final = 20  # for which LIME rests on the Gaussian process by default


@dataclass(frozen=True, kw_only=True)
class Lime(Banked):
    """Fit a local linear surrogate over coalitions of players.

    Reference:
        Ribeiro, Singh & Guestrin, KDD 2016, arXiv:1602.04938, Algorithm 1 with the exponential
        kernel on cosine distance and the ridge penalty of the authors' package. Differs: masks
        come in complementary pairs; all players stay in the fit (no feature selection); the scale
        explained is the Question's, log-odds by default, not the probability; but over many
        features the coefficients are those of a Gaussian process over a bank of coalitions that
        KernelSHAP shares, under masks drawn without end; over many words with a regression of what
        the process leaves (explainers/bank.py).
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="lime",
        title="LIME",
        family="lime",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=False,
        stochastic=True,
        kind="additive",
        uses_baseline=True,
        assumption="Near this case the model is close to linear in the presence of its parts.",
        reference="Ribeiro, Singh & Guestrin, KDD 2016, arXiv:1602.04938",
        settings={
            "masks": "Coalitions asked, at most; the budget may allow fewer. Nominal 95 % "
            "intervals are on the wide side: over 12 parts they held 96 to 100 % of true values "
            "with a Gaussian process, 97 % by regression over 100 coalitions.",
            "kernel_width": "Width of the exponential kernel on cosine distance.",
            "estimator": ESTIMATOR_MEANS,
            "penalty": "Ridge penalty on the coefficients (not on the intercept).",
        },
    )
    kernel_width: float = 0.25
    penalty: float = 1.0

    def choice(self, question: Question, budget: int) -> Choice:
        """As for all that can share the bank, but not over many features (docs/accuracy.md)."""
        found = super().choice(question, budget)
        many = question.case.modality == "tabular" and question.players.count > MOST_FEATURES
        if self.estimator != "auto" or found.name != "gaussian process" or not many:
            return found
        reason = "Over many features, pairs of its own serve LIME better."
        return Choice(name="regression", reason=reason)

    def n_pairs(self, question: Question, budget: int) -> int:
        """More over many words, for a bank that serves both."""
        return super(Lime, as_asked(self, question)).n_pairs(question, budget)

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        question = game.question
        choice = self.choice(question, budget)
        if choice.draws_own:
            coins = antithetic_pairs(game.n_players, self.n_pairs(question, budget), generator)
            pairs = torch.stack([coins, 1 - coins], dim=1)  # (G, 2, P)
            for values in answers(pairs, self.stops(question, budget), game):
                yield partial(self._regressed, game, pairs, values, choice)
            return
        corrected = has_many(question)
        for bank in shared_banks(self, game, budget, generator):
            choice = self.chosen_for(question, len(bank.values))
            yield partial(self._estimated, bank, choice, corrected=corrected)

    def _regressed(
        self, game: MaskedPredictor, pairs: Tensor, values: Tensor, choice: Choice
    ) -> Attribution:
        """The package's regression, over those pairs of fair coins that were asked so far."""
        fit = fit_surrogate(
            pairs[: len(values)],
            values,
            game.value_full,
            kernel_width=self.kernel_width,
            penalty=self.penalty,
        )
        return self._told(fit, len(values), self.told(choice, fitted=False))

    def _estimated(self, bank: Bank, choice: Choice, *, corrected: bool) -> Attribution:
        """Coefficients out of what was asked of the shared bank so far."""
        sizes = torch.linspace(0, 1, bank.sample.masks.shape[1] + 1, dtype=torch.float64)
        near = proximity(sizes, self.kernel_width)
        fit, fitted = lime_coefficients(
            bank, near, penalty=self.penalty, corrected=corrected, most=choice.most
        )
        return self._told(fit, len(bank.values), self.told(choice, fitted=fitted))

    def _told(self, fit: Surrogate[Tensor], n_pairs: int, told: dict[str, Setting]) -> Attribution:
        """A fit as an answer."""
        return Attribution(
            values=fit.values.numpy(),
            std_error=fit.std_error.numpy(),
            diagnostics=tuple({"surrogate_r2": float(r2)} for r2 in fit.r2),
            settings={"masks": 2 * n_pairs, **told},
        )


def kernel(masks: Tensor, width: float) -> Tensor:
    """Proximity (n,) of masks (n, P) to the full coalition.

    sqrt(exp(-d^2 / width^2)) with d = 1 - cosine(mask, ones) = 1 - sqrt(|mask| / P), as in the
    authors' image explainer, and as in their text explainer, where both distance and width are 100
    times as large; the empty mask has distance 1.
    """
    return proximity(masks.mean(dim=1), width)


def proximity(share: Tensor, width: float) -> Tensor:
    """`kernel` of masks that show so large a share of the players."""
    return torch.exp(-0.5 * ((1 - share.sqrt()) / width) ** 2)


def fit_surrogate(
    clusters: Tensor, values: Tensor, value_full: Tensor, *, kernel_width: float, penalty: float
) -> Surrogate[Tensor]:
    """Weighted ridge with an unpenalised intercept over the case itself and clusters of masks.

    Args:
        clusters: (G, m, P) masks; rows of one cluster are dependent, clusters are not.
        values: (G, m, T) the model's values.
        value_full: (T,) value of the case, the first row of the regression.
        kernel_width: See `kernel`.
        penalty: Ridge penalty.

    Raises:
        BudgetError: the masks do not determine the coefficients.
    """
    masks = torch.cat([clusters.new_ones(1, clusters.shape[-1]), clusters.flatten(0, 1)])
    goals = torch.cat([value_full[None], values.flatten(0, 1)])
    weights = kernel(masks, kernel_width)
    return fit_ridge(masks, goals, weights, penalty=penalty, cluster=clusters.shape[1])

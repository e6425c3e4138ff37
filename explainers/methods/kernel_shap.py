"""KernelSHAP: Shapley values by regression over coalitions, exact constraint, honest error bars."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

import numpy as np
import torch

from explainers import joint_design
from explainers.bank import Bank, shapley_values
from explainers.coalitions import count_pairs, draw_pairs
from explainers.engine import MaskedPredictor
from explainers.estimators import Choice
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import ESTIMATOR_MEANS, MASKS_A_PLAYER, Banked
from explainers.methods.many_words import as_asked, shared_banks
from explainers.methods.pair_rounds import banks
from explainers.question import Question

# Pairs a player of the joint design: with a tenth of them values were noise, as its bars said.
LEAST_JOINT: Final = 20


@dataclass(frozen=True, kw_only=True)
class KernelShap(Banked):
    """Estimate Shapley values from paired coalitions.

    A pair {S, complement} enters through half its difference u = (v(S) - v(complement)) / 2, which
    Shapley values predict as sum_j (z_j - 1/2) phi_j: even parts of the game cancel exactly. What
    this sum leaves is described by a Gaussian process (explainers/bank.py); weighted regression,
    which may be asked for instead, comes as near with several times as many answers. On records of
    a model with gradients few rows go furthest where every pair is asked with one record of the
    background (explainers/joint_design.py).

    Reference:
        Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874, Theorem 2; Covert & Lee, AISTATS 2021,
        arXiv:2012.01536 (pairs). Differs: sum phi = v(full) - v(empty) is eliminated, not weighted;
        sizes are allocated, not drawn; coalitions are never repeated; no l1 selection; the
        Gaussian process, on a bank of coalitions that LIME shares; the joint design.
    """

    finite: ClassVar[bool] = True
    card: ClassVar[MethodCard] = MethodCard(
        id="kernel_shap",
        title="KernelSHAP",
        family="shap",
        modalities=frozenset({"image", "tabular", "text"}),
        signed=True,
        complete=True,
        stochastic=True,
        kind="additive",
        uses_baseline=True,
        assumption="The model's answers to cases with parts replaced by the baseline are "
        "meaningful, and each part is paid its average contribution over all orders.",
        reference="Lundberg & Lee, NeurIPS 2017, arXiv:1705.07874; "
        "Covert & Lee, AISTATS 2021, arXiv:2012.01536",
        settings={
            "masks": "Coalitions asked, at most; the budget may allow fewer. The joint design "
            "spends as many rows on many more coalitions, each with one record. Nominal 95 % "
            "intervals with a Gaussian process are on the wide side: they held 96 to 98 % of true "
            "values over 12 parts (93 to 99 % over 30 features).",
            "estimator": f"{ESTIMATOR_MEANS} On records of a model with gradients also `joint "
            "design`: each coalition is asked with one record of the background.",
        },
    )

    def n_pairs(self, question: Question, budget: int) -> int:
        """More over many words, for a bank that serves both."""
        return super(KernelShap, as_asked(self, question)).n_pairs(question, budget)

    def n_paths(self, question: Question) -> int:
        """All there are."""
        return joint_design.count_paths(question)

    def least_budget(self, question: Question) -> int:
        """With the joint design, points on the paths and pairs with one record each."""
        least = super().least_budget(question)
        n_players, n_records = question.players.count, question.masker.n_draws
        pairs = min(LEAST_JOINT * (n_players + 1), count_pairs(n_players) * n_records)
        joint = joint_design.rows_of(pairs, n_records)
        few = self.choice(question, min(joint, least)).name == "joint design"
        return joint if few else least

    def rows_needed(self, question: Question, budget: int) -> int:
        """Masks times draws, or what the joint design makes of them."""
        if self.choice(question, budget).name != "joint design":
            return super().rows_needed(question, budget)
        return joint_design.rows_of(self._joint_pairs(question, budget), question.masker.n_draws)

    def stages(self, question: Question, budget: int) -> tuple[int, ...]:
        """The joint design has one: the rows of a record are there at once."""
        if self.choice(question, budget).name != "joint design":
            return super().stages(question, budget)
        return (self.rows_needed(question, budget),)

    def _joint_pairs(self, question: Question, budget: int) -> int:
        """Pairs with one record each that setting and budget pay."""
        n_players, n_records = question.players.count, question.masker.n_draws
        wanted = max(self.masks, MASKS_A_PLAYER * (n_players + 1)) * n_records
        return joint_design.pairs_paid(n_players, n_records, min(wanted, budget))

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        question = game.question
        if game.n_players == 1:
            alone = (game.value_full - game.value_empty)[:, None].numpy()
            yield lambda: Attribution(values=alone, std_error=np.zeros_like(alone))
            return
        choice = self.choice(question, budget)
        if choice.name == "joint design":
            asked = joint_design.ask(game, self._joint_pairs(question, budget), generator)
            yield partial(self._of_joint, asked, choice)
            return
        if choice.draws_own:
            sample = draw_pairs(game.n_players, self.n_pairs(question, budget), generator)
            found = banks(game, sample, self.stops(question, budget), game)
        else:
            found = shared_banks(self, game, budget, generator)
        for bank in found:
            yield partial(self._estimated, bank, self.chosen_for(question, len(bank.values)))

    @torch.inference_mode()
    def _of_joint(self, asked: joint_design.Asked, choice: Choice) -> Attribution:
        """Values and their errors by the joint design."""
        values, errors = joint_design.shapley_values(asked)
        return Attribution(
            values=values.numpy(),
            std_error=errors.numpy(),
            settings={
                "masks": 2 * len(asked.records),
                "enumerated": False,
                **self.told(choice, fitted=False),
            },
        )

    @torch.inference_mode()  # nothing is differentiated: less time
    def _estimated(self, bank: Bank, choice: Choice) -> Attribution:
        """Values and their errors out of what was asked so far."""
        processes = choice.name == "gaussian process"
        found = shapley_values(bank, processes=processes, most=choice.most)
        return Attribution(
            values=found.values.numpy(),
            std_error=found.std_error.numpy(),
            settings={
                "masks": 2 * len(bank.sample.masks),
                "enumerated": bank.complete,
                **self.told(choice, fitted=found.fitted),
            },
        )

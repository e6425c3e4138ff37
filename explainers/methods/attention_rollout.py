"""Attention rollout: from which words information could flow to where a text model classifies."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.methods.base import Attribution
from explainers.methods.budgets import OnePass
from models.adapter import HasAttention
from models.errors import NonFiniteError, UnsupportedMethodError

CLASSIFIED_AT = 0  # the token that BERT and its kin classify from stands first


@dataclass(frozen=True, kw_only=True)
class AttentionRollout(OnePass):
    """Attention averaged over heads, mixed with the residual path, multiplied through the layers.

    The first token's row of the product says which part of what arrives there comes from which
    token, if attention were all that moves information. A word gets the sum over its tokens; what
    special tokens and punctuation hold belongs to nobody and is told as a diagnostic: values are
    not rescaled, shares are.

    Reference:
        Abnar & Zuidema, ACL 2020, arXiv:2005.00928, section 3: A = 0.5 W + 0.5 I (equation 1), and
        equation 2.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="attention_rollout",
        title="Attention rollout",
        family="saliency",
        modalities=frozenset({"text"}),
        needs=frozenset({"attention"}),
        signed=False,
        complete=False,
        stochastic=False,
        kind="additive",
        uses_baseline=False,
        assumption="Attention moves information from word to word, and the model classifies from "
        "its first token; the values do not depend on the class.",
        reference="Abnar & Zuidema, ACL 2020, arXiv:2005.00928",
    )

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        question = game.question
        (attention,) = game.runtime.passes(1, lambda _: _attention(game))
        row = rollout(attention)[CLASSIFIED_AT].numpy()
        flat = np.repeat(row[None], len(question.targets), axis=0)
        values = question.players.pool(flat, how="sum")
        elsewhere = float(1 - values[0].sum())
        return Attribution(
            values=values,
            element_map=flat,
            diagnostics=({"outside_players": elsewhere},) * len(question.targets),
            remarks=("Attention rollout is the same for every class.",),
        )


def _attention(game: MaskedPredictor) -> Tensor:
    """(layers, heads, L, L) float64 on the CPU of the case.

    Raises:
        UnsupportedMethodError: the model does not show its attention, or begins with a word.
        NonFiniteError: attention is not finite.
    """
    model, owners = game.question.model, game.question.players.membership
    if not isinstance(model, HasAttention):
        raise UnsupportedMethodError(f"{model.card.title} does not show its attention.")
    if owners[CLASSIFIED_AT] >= 0:
        raise UnsupportedMethodError(
            f"Attention rollout follows the special token that stands first and is classified "
            f"from; {model.card.title} has none."
        )
    with torch.inference_mode():
        found = model.attentions(game.question.inputs)[0].cpu().double()
    if not bool(torch.isfinite(found).all()):
        raise NonFiniteError("The model's attention is not a finite number.")
    return found


def rollout(attention: Tensor) -> Tensor:
    """Layers of attention (layers, heads, L, L) -> (L, L), each row summing to 1."""
    mixed = 0.5 * attention.mean(dim=1) + 0.5 * torch.eye(attention.shape[-1]).to(attention)
    joint = mixed[0]
    for layer in mixed[1:]:
        joint = layer @ joint  # equation 2: what a token mixes was mixed by the layer below
    return joint

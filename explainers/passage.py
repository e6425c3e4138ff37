"""From masks to logits: the way that every model offers, and a shorter one for some of records."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import torch
from torch import Tensor

from explainers.maskers.background import BackgroundMasker
from explainers.maskers.base import Masker, PlayerMasks
from models.adapter import HasFirstLayer, ModelAdapter
from models.passes import forward

MOST_NUMBERS: Final = 2**22  # elements x draws x hidden units that may be prepared
# Fewer rows save less than the preparation takes: it is as long as 3,000 rows of the network of 30
# columns take, or 8,000 of that of 8.
LEAST_ROWS: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passage:
    """How masks become logits.

    Attributes:
        rows: Masks (n, P) -> (n R, ...), what the model reads of every mask and draw.
        logits: Of such rows: (m, ...) -> (m, K).
    """

    rows: Callable[[PlayerMasks], Tensor]
    logits: Callable[[Tensor], Tensor]


class Passages:
    """The ways of one model; what is prepared is kept while the masker stays the same.

    Where the model's first layer is linear and what stands in does not depend on what stays, the
    layer's output is a sum over players. It takes one matrix product of masks, fewer numbers than
    the layer itself would read, and no composite is made. It is taken by sizes alone, never by a
    clock: both ways differ in the last digits.

    Args:
        model: Whose.
    """

    def __init__(self, model: ModelAdapter) -> None:
        self._model = model
        self._prepared: tuple[Masker, Passage | None] | None = None

    def __call__(self, masker: Masker, n_masks: int) -> Passage:
        """The way for a set of so many masks."""
        if n_masks * masker.n_draws >= LEAST_ROWS:
            if self._prepared is None or self._prepared[0] is not masker:
                self._prepared = masker, _shorter(self._model, masker)
            if self._prepared[1] is not None:
                return self._prepared[1]
        return Passage(
            rows=lambda masks: masker.apply(masks).flatten(0, 1),
            logits=partial(forward, self._model),
        )


def _shorter(model: ModelAdapter, masker: Masker) -> Passage | None:
    """The shorter way where model and masker offer it."""
    if not (isinstance(masker, BackgroundMasker) and isinstance(model, HasFirstLayer)):
        return None
    weights, bias = model.first_layer()
    if weights.numel() * masker.n_draws > MOST_NUMBERS:
        return None
    return Passage(rows=_ahead(masker, weights, bias), logits=model.logits_from_first_layer)


def _ahead(
    masker: BackgroundMasker, weights: Tensor, bias: Tensor
) -> Callable[[PlayerMasks], Tensor]:
    """Masks (n, P) -> (n R, H), what a linear layer (H, E) makes of them.

    W x + b of a mask's x is the sum of what it is without any player and, for each player present,
    of W_j (case_j - other_j) over the player's elements j. Summed in float64, read in float32.
    """
    n_players, matrix = masker.players.count, weights.detach().cpu().double()
    case, others = masker.ends()
    moved = (case - others).T[:, :, None] * matrix.T[:, None]  # (E, R, H)
    owners = torch.from_numpy(masker.players.membership + 1).long()
    each = moved.new_zeros(n_players + 1, *moved.shape[1:]).index_add_(0, owners, moved)
    nobody = others @ matrix.T + bias.detach().cpu().double() + each[0]
    start = nobody.flatten().to(weights)
    added = each[1:].flatten(1).to(weights)  # (P, R H)

    def rows(masks: PlayerMasks) -> Tensor:
        return torch.addmm(start, masks.to(added), added).view(-1, len(weights))

    return rows

"""Masker for texts: absent words are replaced token by token, or taken out."""

import torch
from torch import Tensor

from explainers.explanation import Baseline
from explainers.maskers.background import columns_of, kept_elements
from explainers.maskers.base import PlayerMasks
from explainers.maskers.names import BASELINES_OF, TextBaseline
from explainers.players import Players
from models.errors import MaskError


class TokenMasker:
    """Replaces the tokens of absent words; special tokens and padding belong to nobody.

    Args:
        inputs: (1, L) int64 token ids.
        mask_id: Stands in for a token under "mask".
        pad_id: Stands in under "padding"; fills up the end under "deletion".
        kind: "mask", "padding" or "deletion".
        players: Partition of the L token positions.
    """

    soft = False
    n_draws = 1

    def __init__(
        self, inputs: Tensor, *, mask_id: int, pad_id: int, kind: TextBaseline, players: Players
    ) -> None:
        if inputs.shape[1:] != players.element_shape:
            raise MaskError(
                f"Players cover {players.element_shape} tokens, the text has "
                f"{tuple(inputs.shape[1:])}."
            )
        self.players = players
        self.baseline = Baseline(name=kind, description=BASELINES_OF["text"][kind])
        self._inputs, self._mask_id, self._pad_id, self._kind = inputs, mask_id, pad_id, kind
        self._columns = columns_of(players, inputs.device)

    @property
    def has_path(self) -> bool:
        """Only a token in the word's place: attention to padding is either there or not."""
        return self._kind == "mask"

    def apply(self, masks: PlayerMasks) -> Tensor:
        """Masks (n, P) of 0 and 1 -> (n, 1, L) token ids."""
        kept = kept_elements(masks, self._columns)
        stand_in = self._mask_id if self._kind == "mask" else self._pad_id
        shown = torch.where(kept, self._inputs, stand_in)
        if self._kind == "deletion":  # a stable sort moves what is left to the front, in its order
            order = kept.logical_not().to(torch.uint8).argsort(dim=1, stable=True)
            shown = shown.gather(1, order)
        return shown[:, None]

    def lengths(self, masks: PlayerMasks) -> Tensor:
        """(n,) tokens that the model reads of masks (n, P): a stand-in is read, padding is not."""
        if self._kind == "mask":
            return masks.new_full((len(masks),), self._inputs.shape[1])
        sizes = torch.from_numpy(self.players.sizes).to(masks)
        nobodys = self._inputs.shape[1] - sizes.sum()
        return masks @ sizes + nobodys

    def empty(self) -> Tensor:
        """(1, L): special tokens alone keep their content."""
        return self.apply(torch.zeros(1, self.players.count))[0]

    def with_players(self, players: Players) -> "TokenMasker":
        """The same text and stand-in under another partition."""
        return TokenMasker(
            self._inputs,
            mask_id=self._mask_id,
            pad_id=self._pad_id,
            kind=self._kind,
            players=players,
        )

"""Masker for images: absent regions show the baseline, soft masks blend."""

import torch
from torch import Tensor

from explainers.explanation import Baseline
from explainers.maskers.base import PlayerMasks
from explainers.players import Players
from models.errors import MaskError


class RegionMasker:
    """Composite of an image and its baselines, made on the device by one gather and one lerp.

    Args:
        inputs: (1, C, h, w) the image.
        baselines: (R, C, h, w) contents for absent regions.
        baseline: Their name and description.
        players: Partition of the (h, w) pixels.
    """

    soft = True
    has_path = True

    def __init__(
        self, inputs: Tensor, baselines: Tensor, *, baseline: Baseline, players: Players
    ) -> None:
        if tuple(inputs.shape[-2:]) != players.element_shape:
            raise MaskError(
                f"Players cover {players.element_shape} pixels, the image has "
                f"{tuple(inputs.shape[-2:])}."
            )
        self.players = players
        self.baseline = baseline
        self._inputs = inputs
        self._baselines = baselines
        # Column 0 of the gathered mask is constant 1: never-removed pixels (-1) read it.
        self._column = torch.from_numpy(players.membership + 1).long().to(inputs.device)

    @property
    def n_draws(self) -> int:
        """R, the number of baseline contents."""
        return int(self._baselines.shape[0])

    def apply(self, masks: PlayerMasks) -> Tensor:
        """Masks (n, P) in [0, 1] -> (n, R, C, h, w).

        `lerp` is exact at weights 0 and 1, so full coalitions reproduce the image bit for bit.
        """
        masks = masks.to(self._inputs)
        kept = torch.cat([masks.new_ones(len(masks), 1), masks], dim=1)
        weights = kept.index_select(1, self._column).view(
            len(masks), 1, 1, *self._inputs.shape[-2:]
        )
        return torch.lerp(self._baselines[None], self._inputs[None], weights)

    def empty(self) -> Tensor:
        """(R, C, h, w): never-removed pixels keep the image, all others show the baselines."""
        return self.apply(self._inputs.new_zeros(1, self.players.count))[0]

    def with_players(self, players: Players) -> "RegionMasker":
        """The same image and baselines under another partition."""
        return RegionMasker(self._inputs, self._baselines, baseline=self.baseline, players=players)

"""RISE: randomised soft masks, and how the value moves with each pixel's visibility."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.special import stdtrit
from torch import Tensor
from torch.nn import functional

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.maskers.base import PlayerMasks
from explainers.methods.base import Attribution, Method
from explainers.question import Question
from explainers.superpixels import pixel_players
from models.case import FloatArray

GROUPS = 16  # independent groups of masks; their spread gives the standard error
# Readers take 1.96 errors on either side; so few groups need Student's quantile instead.
WIDENING = float(stdtrit(GROUPS - 1, 0.975)) / 1.959964


@dataclass(frozen=True, kw_only=True)
class Rise(Method):
    """Slope of the value on each pixel's visibility over random smooth masks.

    Reference:
        Petsiuk, Das & Saenko, BMVC 2018, arXiv:1806.07421, equations 4 to 6. Differs: instead of
        the mean value weighted by visibility, whose offset depends on the value of an empty image,
        we report cov(value, visibility) / var(visibility): the same map without the offset, signed
        and in the unit of the explained scale. Hidden pixels show the Question's baseline.
    """

    card: ClassVar[MethodCard] = MethodCard(
        id="rise",
        title="RISE",
        family="saliency",
        modalities=frozenset({"image"}),
        signed=True,
        complete=False,
        stochastic=True,
        kind="density",
        uses_baseline=True,
        assumption="A place matters as much as the value rises, on average, when it is visible "
        "among randomly hidden surroundings.",
        reference="Petsiuk, Das & Saenko, BMVC 2018, arXiv:1806.07421",
        settings={
            "masks": "Random masks, at most; the budget may allow fewer.",
            "cells": "Cells of the coarse random grid along each side.",
            "keep": "Probability that a cell is visible.",
        },
    )
    masks: int = 1024
    cells: int = 7
    keep: float = 0.5

    def least_budget(self, question: Question) -> int:
        """Sixteen masks in each of the groups that give the standard error."""
        return 16 * GROUPS * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """Masks times draws."""
        return self._masks_per_group(question, budget) * GROUPS * question.masker.n_draws

    def _masks_per_group(self, question: Question, budget: int) -> int:
        """Masks in each group that setting and budget allow."""
        return min(max(self.masks, 16 * GROUPS), budget // question.masker.n_draws) // GROUPS

    def _attribute(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Attribution:
        question = game.question
        height, width = question.players.element_shape
        pixels = pixel_players((height, width))
        masker = question.masker.with_players(pixels)
        per_group = self._masks_per_group(question, budget)
        batch = max(1, game.runtime.max_rows // masker.n_draws)
        slopes = []
        for _ in range(GROUPS):
            grids, shifts = self._draw(per_group, (height, width), generator)
            batches = self._smooth(grids, shifts, (height, width), batch)
            slopes.append(_slope(game.stream(batches, masker), height * width))
        group_maps = np.stack(slopes)  # (G, T, E)
        pooled = question.players.pool(group_maps, how="mean")
        return Attribution(
            values=pooled.mean(axis=0),
            std_error=WIDENING * pooled.std(axis=0, ddof=1) / math.sqrt(GROUPS),
            element_map=group_maps.mean(axis=0),
            settings={"masks": per_group * GROUPS},
        )

    def _draw(
        self, count: int, shape: tuple[int, int], generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Coarse 0/1 grids (n, cells + 1, cells + 1) and pixel shifts (n, 2).

        All randomness of a group is drawn here, at once: values do not depend on the pass size.
        """
        side = self.cells + 1
        grids = (torch.rand(count, side, side, generator=generator) < self.keep).float()
        cell = [math.ceil(s / self.cells) for s in shape]
        shifts = torch.stack([torch.randint(c, (count,), generator=generator) for c in cell], dim=1)
        return grids, shifts

    def _smooth(
        self, grids: Tensor, shifts: Tensor, shape: tuple[int, int], batch: int
    ) -> Iterator[PlayerMasks]:
        """Upsample grids bilinearly and crop them at random offsets: (m, E) masks in [0, 1]."""
        height, width = shape
        up = [(self.cells + 1) * math.ceil(s / self.cells) for s in shape]
        for start in range(0, len(grids), batch):
            large = functional.interpolate(
                grids[start : start + batch, None], size=up, mode="bilinear", align_corners=False
            )[:, 0]
            crops = [
                image[top : top + height, left : left + width].reshape(-1)
                for image, (top, left) in zip(
                    large, shifts[start : start + batch].tolist(), strict=True
                )
            ]
            yield torch.stack(crops).clamp_(0, 1)  # interpolation rounds beyond 1


def _slope(answers: Iterator[tuple[PlayerMasks, Tensor]], n_elements: int) -> FloatArray:
    """Per-pixel slope (T, E) of values on visibility: cov / var, accumulated over batches."""
    count = 0
    mask_sum = torch.zeros(n_elements, dtype=torch.float64)
    square_sum = torch.zeros(n_elements, dtype=torch.float64)
    product: Tensor | None = None
    value_sum: Tensor | None = None
    origin: Tensor | None = None
    for batch, values in answers:
        masks = batch.double()
        origin = values[0] if origin is None else origin  # centring keeps the sums accurate
        shifted = values - origin
        count += len(masks)
        mask_sum += masks.sum(dim=0)
        square_sum += (masks**2).sum(dim=0)
        product = shifted.T @ masks if product is None else product + shifted.T @ masks
        total = shifted.sum(dim=0)
        value_sum = total if value_sum is None else value_sum + total
    if product is None or value_sum is None:
        raise ValueError("no masks were evaluated")
    covariance = product / count - (value_sum / count)[:, None] * (mask_sum / count)
    variance = square_sum / count - (mask_sum / count) ** 2
    return np.asarray((covariance / variance.clamp_min(1e-12)).numpy())

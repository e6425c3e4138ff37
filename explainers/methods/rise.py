"""RISE: randomised soft masks, and how the value moves with each pixel's visibility."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from typing import ClassVar

import numpy as np
import torch
from scipy.linalg import hadamard
from scipy.special import stdtrit
from torch import Tensor
from torch.nn import functional

from explainers.engine import MaskedPredictor
from explainers.explanation import MethodCard
from explainers.maskers.base import PlayerMasks
from explainers.methods.base import Attribution, Method
from explainers.methods.budgets import doubling
from explainers.players import Players
from explainers.question import Question
from explainers.superpixels import pixel_players
from models.case import FloatArray

LEAST_MASKS = 16  # in each group
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
        and in the unit of the explained scale. Hidden pixels show the Question's baseline. Cells
        are hidden by the rows of a Hadamard matrix (`_grids`), not each by a coin of its own.
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
        return LEAST_MASKS * GROUPS * question.masker.n_draws

    def rows_needed(self, question: Question, budget: int) -> int:
        """Masks times draws."""
        return self._masks_per_group(question, budget) * GROUPS * question.masker.n_draws

    def _masks_per_group(self, question: Question, budget: int) -> int:
        """Masks in each group that setting and budget allow."""
        return (
            min(max(self.masks, LEAST_MASKS * GROUPS), budget // question.masker.n_draws) // GROUPS
        )

    def stages(self, question: Question, budget: int) -> tuple[int, ...]:
        """Twice as many masks each time."""
        return tuple(GROUPS * n * question.masker.n_draws for n in self._stops(question, budget))

    def _stops(self, question: Question, budget: int) -> tuple[int, ...]:
        """Masks of each group by the end of each round."""
        return doubling(LEAST_MASKS, self._masks_per_group(question, budget))

    def _rounds(
        self, game: MaskedPredictor, budget: int, generator: torch.Generator
    ) -> Iterator[Callable[[], Attribution]]:
        question = game.question
        height, width = question.players.element_shape
        masker = question.masker.with_players(pixel_players((height, width)))
        batch = max(1, game.runtime.max_rows // masker.n_draws)
        seeds = torch.randint(2**62, (GROUPS, 2), generator=generator).tolist()
        # Grids and shifts have random numbers of their own: rounds go on where the last has ended.
        sources = [
            (_grids(self.cells + 1, self.keep, grids_from), shifts_from)
            for grids_from, shifts_from in ([_seeded(seed) for seed in pair] for pair in seeds)
        ]
        slopes, start = [_Slope(height * width) for _ in range(GROUPS)], 0
        for stop in self._stops(question, budget):
            drawn = [self._draw(stop - start, (height, width), *pair) for pair in sources]
            grids, shifts = (torch.cat(parts) for parts in zip(*drawn, strict=True))
            # Groups share passes: a pass of a few rows left over costs nearly as much as a whole.
            stream = self._smooth(grids, shifts, (height, width), batch)
            _share_out(game.stream(stream, masker), slopes, stop - start)
            start = stop
            yield partial(_told, question.players, slopes)

    def _draw(
        self,
        count: int,
        shape: tuple[int, int],
        grids: Iterator[Tensor],
        shifts_from: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """Coarse 0/1 grids (n, cells + 1, cells + 1) and pixel shifts (n, 2).

        All randomness of a round is drawn here, at once: values do not depend on the pass size.
        """
        cell = torch.tensor([math.ceil(s / self.cells) for s in shape])
        chance = torch.rand(count, 2, generator=shifts_from, dtype=torch.float64)
        return torch.stack(list(islice(grids, count))), (chance * cell).long()

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
            masks = large.new_empty(len(large), height, width)
            corners = shifts[start : start + batch].tolist()
            for mask, image, (top, left) in zip(masks, large, corners, strict=True):
                mask.copy_(image[top : top + height, left : left + width])
            yield masks.flatten(1).clamp_(0, 1)  # interpolation rounds beyond 1


def _grids(side: int, keep: float, generator: torch.Generator) -> Iterator[Tensor]:
    """Endless grids (side, side) of 0 and 1, in which cells tell little of each other.

    A cell is visible with probability `keep`. By a coin for each, what other cells do moves the
    slope of one as noise, most of it where the model is nearly additive. Columns of a Hadamard
    matrix do not correlate, so over all its rows the others' effects cancel. Rows come in random
    order, cells take random columns, each turned around by a coin of its own.

    Complements instead (antithetic masks) cancel what a grid and its complement have in common,
    and halve the draws: on films errors grow (`python -m benchmarks.grouped`).
    """
    n_cells = side * side
    signs = _signs(math.ceil(math.log2(n_cells)))
    while True:
        rows, columns = (torch.randperm(len(signs), generator=generator) for _ in range(2))
        columns, turned = columns[:n_cells], torch.rand(n_cells, generator=generator) < 0.5
        for row in rows:
            place, coin = torch.rand(2, n_cells, generator=generator)
            # Column 0 never changes: its cell has a coin of its own.
            half = torch.where(columns == 0, coin < 0.5, signs[row, columns] ^ turned)
            # The half of the unit interval that a cell's number falls into, and where in it.
            yield ((half + place) / 2 < keep).float().view(side, side)


@lru_cache(maxsize=2)
def _signs(power: int) -> Tensor:
    """(n, n) whether a Hadamard matrix of order n = 2^power is +1; nobody may change it."""
    return torch.from_numpy(hadamard(2**power, dtype=np.int8) > 0)


def _seeded(seed: int) -> torch.Generator:
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


class _Slope:
    """Per-pixel slope of values on visibility, cov / var, accumulated over batches.

    Args:
        n_elements: E.
    """

    def __init__(self, n_elements: int) -> None:
        self.count = 0
        self._n_elements = n_elements
        self._squares = torch.zeros(n_elements, dtype=torch.float64)
        # (1 + T, E) sums of masks, and of masks times each value.
        self._products: Tensor | None = None
        self._values = torch.zeros(0)
        self._origin = torch.zeros(0)

    def add(self, batch: PlayerMasks, values: Tensor) -> None:
        """Take masks (m, E) and their values (m, T)."""
        masks = batch.to(torch.float64, copy=True)
        if self._products is None:
            self._origin = values[0]  # centring keeps the sums accurate
            self._values = torch.zeros_like(self._origin)
            self._products = masks.new_zeros(1 + len(self._origin), self._n_elements)
        shifted = values - self._origin
        self.count += len(masks)
        self._values += shifted.sum(dim=0)
        # E numbers a mask are looked at four times in all: what RISE takes beside passes is memory.
        self._products.addmm_(torch.cat([masks.new_ones(1, len(masks)), shifted.T]), masks)
        self._squares += masks.square_().sum(dim=0)

    def map(self) -> FloatArray:
        """(T, E)."""
        if self._products is None:
            raise ValueError("no masks were evaluated")
        mean, products = self._products[0] / self.count, self._products[1:] / self.count
        covariance = products - (self._values / self.count)[:, None] * mean
        variance = self._squares / self.count - mean.square()
        return np.asarray((covariance / variance.clamp_min(1e-12)).numpy())


def _share_out(
    stream: Iterable[tuple[PlayerMasks, Tensor]], slopes: Sequence[_Slope], count: int
) -> None:
    """Give each slope the next `count` masks and values of a stream, batches of any size."""
    first = 0
    for masks, values in stream:
        at, end = first, first + len(masks)
        while at < end:
            stop = min(end, (at // count + 1) * count)
            own = slice(at - first, stop - first)
            slopes[at // count].add(masks[own], values[own])
            at = stop
        first = end


def _told(players: Players, slopes: Sequence[_Slope]) -> Attribution:
    """What the groups say so far, and their spread."""
    group_maps = np.stack([slope.map() for slope in slopes])  # (G, T, E)
    pooled = players.pool(group_maps, how="mean")
    return Attribution(
        values=pooled.mean(axis=0),
        std_error=WIDENING * pooled.std(axis=0, ddof=1) / math.sqrt(GROUPS),
        element_map=group_maps.mean(axis=0),
        settings={"masks": sum(slope.count for slope in slopes)},
    )

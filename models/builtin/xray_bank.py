"""Augmented films as the frozen part of the network sees them: what the heads are fitted on.

Everything before the last maps stays as it is, so each augmented film passes through it once as it
is, and once with each of four different parts taken away.
"""

import logging
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.builtin.xray_absence import remove_parts
from models.builtin.xray_data import Films, Mix, augment, drawing_weights
from models.networks import EvidenceNet
from models.preprocess import Preprocessing

MIX: Final = Mix(positive=0.4, pasted=0.45)
SIZE: Final = 16  # films a batch
CELLS: Final = 8  # kept of each film where opacities have known places, and of its rest
STATISTICS: Final = 32  # batches for centre and spread of the descriptions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bank:
    """N augmented films and M of their cells.

    Attributes:
        rows: Of the films that it was made of, which `film` and `cell_film` index.
        means: (N, C) means of the last maps over the cells.
        removed: (4, N, C) the same with parts taken away, in the order of `Removals`.
        film: (N,) index of the film.
        labels: (N,) float, 1 = pneumonia or pasted opacity.
        pasted: (N,) bool.
        cells: (M, C) float16 last maps of cells of normal films, with and without pasted opacities,
            and with these and other regions taken away.
        covered: (M,) share of the cell that a pasted opacity covers.
        cell_film: (M,) index of the film.
    """

    rows: tuple[dict[str, str], ...]
    means: Tensor
    removed: Tensor
    film: Tensor
    labels: Tensor
    pasted: Tensor
    cells: Tensor
    covered: Tensor
    cell_film: Tensor


def fill_bank(
    network: EvidenceNet, films: Films, *, count: int, generator: torch.Generator
) -> Bank:
    """Draw `count` batches, set the network's centre and spread by the first, keep what heads need.

    Args:
        network: In eval mode; its centre and spread are set in place.
        films: The training split, and phantoms where wanted.
        count: Batches of 16 films.
        generator: Of all draws.
    """
    weights = drawing_weights(films, MIX.positive)
    parts: list[tuple[Tensor, ...]] = []
    _standardise(network, films, weights, generator)
    for number in range(1, count + 1):
        parts.append(_batch(network, films, weights, generator))
        if number % 100 == 0:
            logger.info("%d of %d batches banked", number, count)
    columns = [torch.cat(column) for column in zip(*parts, strict=True)]
    means, scattered, empty, inner, outer, film, labels, pasted, cells, covered, cell_film = columns
    return Bank(
        rows=films.rows,
        means=means,
        removed=torch.stack([scattered, empty, inner, outer]),
        film=film,
        labels=labels,
        pasted=pasted,
        cells=cells,
        covered=covered,
        cell_film=cell_film,
    )


def _draw(
    films: Films, weights: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Chosen films, which were pasted, inputs, labels, masks of one batch."""
    chosen = torch.multinomial(weights, SIZE, replacement=True, generator=generator)
    labels = films.labels[chosen]
    pasted = (torch.rand(SIZE, generator=generator) < MIX.pasted) & (labels == 0)
    batch = augment(films.pixels[chosen], labels, pasted, Preprocessing(), generator)
    return chosen, pasted, batch.inputs, batch.labels, batch.masks


@torch.inference_mode()
def _standardise(
    network: EvidenceNet, films: Films, weights: Tensor, generator: torch.Generator
) -> None:
    """Set centre and spread of the network's descriptions, in place."""
    drawn = []
    for _ in range(STATISTICS):
        inputs = _draw(films, weights, generator)[2]
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            drawn.append(network.describe(inputs).float())
    described = torch.cat(drawn)
    network.centre.copy_(described.mean((0, 2, 3)))
    network.spread.copy_(described.std((0, 2, 3)))


@torch.inference_mode()
def _batch(
    network: EvidenceNet, films: Films, weights: Tensor, generator: torch.Generator
) -> tuple[Tensor, ...]:
    """The fields of Bank for one batch but `rows`, `removed` as four."""
    chosen, pasted, inputs, labels, masks = _draw(films, weights, generator)
    removals = remove_parts(inputs, masks, generator)
    whole, scattered, *others = (_maps(network, part) for part in (inputs, *removals.films()))
    known = (films.labels[chosen] == 0).nonzero()[:, 0]
    places = torch.rand(len(known), whole.shape[2], generator=generator).argsort(1)[:, :CELLS]
    covered = masks.flatten(1)[known].gather(1, places).flatten()
    return (
        *(maps.mean(2) for maps in (whole, scattered, *others)),
        chosen,
        labels,
        pasted,
        torch.cat([_cells(whole[known], places), _cells(scattered[known], places)]),
        torch.cat([covered, torch.zeros_like(covered)]),  # pasted opacities were taken away
        chosen[known].repeat_interleave(CELLS).repeat(2),
    )


def _maps(network: EvidenceNet, inputs: Tensor) -> Tensor:
    """(n, 1, S, S) -> (n, C, cells) float32 last maps."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps = network.feature_maps(inputs.contiguous(memory_format=torch.channels_last))
    return maps.float().flatten(2)


def _cells(maps: Tensor, places: Tensor) -> Tensor:
    """(k, C, cells), (k, p) -> (k * p, C) float16."""
    picked = maps.gather(2, places[:, None].expand(-1, maps.shape[1], -1))
    return picked.transpose(1, 2).flatten(0, 1).half()

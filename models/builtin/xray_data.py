"""Films for training the built-in X-ray model: reading, balanced drawing, augmentation.

Reads the folder described in the data set's README (`train/labels.csv` and JPEGs). All draws come
from generators.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from models.builtin.opacities import paste_opacities
from models.preprocess import Preprocessing, equalise

STORED: Final = Preprocessing(size=256, margin=0.0)
# How often films of each source and view are drawn, of the groups that there are; the shares of the
# two labels are the same within each.
GROUP_SHARES: Final = {
    ("kermany", "AP"): 0.40,
    ("nih", "PA"): 0.33,
    ("nih", "AP"): 0.27,
    ("phantom", "PA"): 0.08,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What a batch is made of.

    Attributes:
        positive: Share of pneumonia films among those drawn, in each group.
        pasted: Share of the normal films that get synthetic opacities.
    """

    positive: float
    pasted: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Films:
    """Films of one split.

    Attributes:
        pixels: (N, 256, 256) uint8 central squares.
        labels: (N,) int64, 1 = pneumonia.
        rows: Their rows of labels.csv.
    """

    pixels: Tensor
    labels: Tensor
    rows: tuple[dict[str, str], ...]


def read_rows(folder: Path, split: str) -> tuple[dict[str, str], ...]:
    """Rows of one split of `train/labels.csv` that have core = 1: no label conflict, NIH adults."""
    with (folder / "train" / "labels.csv").open(newline="") as file:
        return tuple(r for r in csv.DictReader(file) if r["split"] == split and r["core"] == "1")


def read_film(path: Path) -> Tensor:
    """(H, W) float32 grey values in [0, 1] of an 8-bit file."""
    with Image.open(path) as image:
        return torch.from_numpy(np.asarray(image.convert("L"), dtype=np.float32) / 255)


def read_films(folder: Path, split: str, *, source: str | None = None) -> Films:
    """Read the films of a split, of one source or of all, into memory."""
    rows = tuple(row for row in read_rows(folder, split) if source in {None, row["source"]})
    pixels = torch.empty(len(rows), STORED.size, STORED.size, dtype=torch.uint8)
    for index, row in enumerate(rows):
        square = STORED.cut(read_film(folder / "train" / row["file"]))
        pixels[index] = (square[0, 0] * 255).round().to(torch.uint8)
    labels = torch.tensor([int(row["finding"] == "pneumonia") for row in rows])
    return Films(pixels=pixels, labels=labels, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """One training batch.

    Attributes:
        inputs: (n, 1, S, S) equalised and augmented.
        labels: (n,) float, 1 = pneumonia or pasted opacity.
        masks: (n, S / 16, S / 16) share of each cell covered by a pasted opacity.
        known: (n,) bool, whether `masks` tells where the opacities are: normal films, pasted or
            not.
    """

    inputs: Tensor
    labels: Tensor
    masks: Tensor
    known: Tensor


def batches(
    films: Films,
    settings: Preprocessing,
    mix: Mix,
    *,
    size: int,
    count: int,
    generator: torch.Generator,
) -> Iterator[Batch]:
    """Draw `count` balanced, augmented batches of `size` films."""
    weights = drawing_weights(films, mix.positive)
    for _ in range(count):
        chosen = torch.multinomial(weights, size, replacement=True, generator=generator)
        pixels, labels = films.pixels[chosen], films.labels[chosen]
        pasted = torch.rand(size, generator=generator) < mix.pasted
        yield augment(pixels, labels, pasted & (labels == 0), settings, generator)


def drawing_weights(films: Films, positive: float) -> Tensor:
    """(N,) weight of each film: groups as GROUP_SHARES, `positive` of each have pneumonia."""
    weights = torch.zeros(len(films.rows), dtype=torch.float64)
    groups = [(row["source"], row["view"]) for row in films.rows]
    for group, share in GROUP_SHARES.items():
        member = torch.tensor([g == group for g in groups])
        for label, part in ((1, positive), (0, 1 - positive)):
            cell = member & (films.labels == label)
            weights[cell] = share * part / max(int(cell.sum()), 1)
    return weights


def augment(
    pixels: Tensor,
    labels: Tensor,
    pasted: Tensor,
    settings: Preprocessing,
    generator: torch.Generator,
) -> Batch:
    """Move, paste, expose, equalise, degrade and erase, each film with its own draws.

    Args:
        pixels: (n, 256, 256) uint8.
        labels: (n,) int64.
        pasted: (n,) bool, which normal films get opacities.
        settings: Size and margin of the inputs.
        generator: Source of all draws.
    """
    images = _move(pixels[:, None].float() / 255, settings, generator)
    masks = torch.zeros_like(images)
    if pasted.any():
        images[pasted], masks[pasted] = paste_opacities(images[pasted], generator)
    images = equalise(_uneven_exposure(images, generator))
    images = _erase(_degrade(images, generator), generator)
    return Batch(
        inputs=images,
        labels=(labels.bool() | pasted).float(),
        masks=functional.avg_pool2d(masks, 16)[:, 0],
        known=labels == 0,
    )


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """(count,) uniform draws."""
    return low + (high - low) * torch.rand(count, generator=generator)


def _move(images: Tensor, settings: Preprocessing, generator: torch.Generator) -> Tensor:
    """Rotate by up to 8 degrees, zoom and squash, shift by up to 6 %, mirror half of them."""
    count = len(images)
    angle = _uniform(count, -math.radians(8), math.radians(8), generator)
    zoom = _uniform(count, 0.86, 1.08, generator) * (1 - 2 * settings.margin)
    squash = _uniform(count, 0.92, 1.09, generator)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, 1.0, -1.0)
    shift = _uniform(2 * count, -0.06, 0.06, generator).view(2, count)
    first = torch.stack(
        [mirror * zoom * squash * angle.cos(), -zoom * squash * angle.sin(), shift[0]], 1
    )
    second = torch.stack(
        [mirror * zoom / squash * angle.sin(), zoom / squash * angle.cos(), shift[1]], 1
    )
    grid = functional.affine_grid(
        torch.stack([first, second], 1),
        [count, 1, settings.size, settings.size],
        align_corners=False,
    )
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def _uneven_exposure(images: Tensor, generator: torch.Generator) -> Tensor:
    """Multiply by a smooth field within about 15 %, which equalisation cannot undo."""
    coarse = torch.rand(len(images), 1, 3, 3, generator=generator)
    strength = _uniform(len(images), 0.0, 0.3, generator).view(-1, 1, 1, 1)
    field = functional.interpolate(coarse, images.shape[-2:], mode="bicubic", align_corners=False)
    return images * (1 + strength * (field - 0.5))


def _degrade(images: Tensor, generator: torch.Generator) -> Tensor:
    """Blur or sharpen, change the contrast curve, add grain: how a film was taken must not matter.

    Every amount is scaled by one draw for the film, so that half of them stay close to what they
    were.
    """
    count = len(images)
    level = _uniform(count, 0.0, 1.0, generator)
    sigma = _uniform(count, 0.4, 1.8, generator)
    taps = torch.arange(-4, 5, dtype=images.dtype)
    kernel = torch.exp(-(taps**2) / (2 * sigma[:, None] ** 2))
    kernel = kernel / kernel.sum(1, keepdim=True)
    across = functional.conv2d(
        images.transpose(0, 1), kernel[:, None, None, :], padding=(0, 4), groups=count
    )
    smooth = functional.conv2d(
        across, kernel[:, None, :, None], padding=(4, 0), groups=count
    ).transpose(0, 1)
    # -0.8 sharpens, 1 replaces the film by its blurred self.
    amount = (level * _uniform(count, -0.8, 1.0, generator)).view(-1, 1, 1, 1)
    images = (images + amount * (smooth - images)).clamp(0, 1)
    gamma = torch.exp(level * _uniform(count, -0.35, 0.35, generator)).view(-1, 1, 1, 1)
    contrast = (1 + level * _uniform(count, -0.25, 0.25, generator)).view(-1, 1, 1, 1)
    grain = (level * _uniform(count, 0.0, 0.05, generator)).view(-1, 1, 1, 1)
    images = (images**gamma - 0.5) * contrast + 0.5
    return images + grain * torch.randn(images.shape, generator=generator)


def _erase(images: Tensor, generator: torch.Generator) -> Tensor:
    """Fill one rectangle of a third of the films with one grey value."""
    count, size = len(images), images.shape[-1]
    sides = _uniform(2 * count, 0.08, 0.3, generator).view(2, count, 1, 1) * size
    centre = _uniform(2 * count, 0.0, 1.0, generator).view(2, count, 1, 1) * size
    axis = torch.arange(size, dtype=images.dtype)
    rows = (axis.view(1, -1, 1) - centre[0]).abs() < sides[0] / 2
    columns = (axis.view(1, 1, -1) - centre[1]).abs() < sides[1] / 2
    chosen = torch.rand(count, 1, 1, generator=generator) < 0.33
    grey = _uniform(count, 0.1, 0.9, generator).view(-1, 1, 1, 1)
    return torch.where((rows & columns & chosen)[:, None], grey, images)

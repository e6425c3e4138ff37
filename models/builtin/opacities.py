"""Synthetic opacities of known place, pasted on normal films during training.

A pasted opacity teaches the network to look at a spot in the lung instead of at how a film was
taken, and its mask teaches where. Shapes are soft blobs with ragged edges and a cloudy texture,
one to four a film, of 4-25 % of the film's side in radius; they sit where the film is dark inside
a rough outline of the lungs. All draws come from the generator that is passed in.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

MOST: Final = 4  # opacities a film
FULLY_VISIBLE: Final = 0.1  # of the grey range: from here on a place counts as covered


def paste_opacities(films: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Paste opacities on every film.

    Args:
        films: (n, 1, S, S) grey values in [0, 1], normal films, upright.
        generator: Source of all draws.

    Returns:
        The films with opacities, and where they are: (n, 1, S, S) in [0, 1], 1 = fully opaque.
    """
    count = len(films)
    half = functional.avg_pool2d(films, 2)  # opacities are smooth: shapes are drawn at half size
    lungs = lung_likelihood(half)
    cover = torch.zeros_like(half)
    amount = torch.randint(1, MOST + 1, (count, 1, 1, 1), generator=generator)
    for number in range(MOST):
        cover = torch.maximum(cover, _blobs(lungs, generator) * (amount > number))
    cover = cover * (0.15 + 0.85 * lungs)  # they stop, softly, where the lungs do
    texture = _clouds(count, half.shape[-1], 12, generator) - 0.5
    strength = 0.45 + 0.5 * torch.rand(count, 1, 1, 1, generator=generator)
    opacity = (strength * cover * (1 + 0.7 * texture)).clamp(0, 1)
    tissue = torch.quantile(half[..., ::2, ::2].flatten(1), 0.78, dim=1).view(-1, 1, 1, 1)
    opacity, target = _enlarge(opacity), _enlarge(tissue + 0.12 * texture)
    added = (opacity * (target - films)).clamp_min(0)
    # Behind the heart or a rib nothing changes, and nothing is claimed.
    visible = (_blur(added, 2) / FULLY_VISIBLE).clamp(0, 1)
    return films + added, torch.minimum(_enlarge(cover), visible)


def lung_likelihood(films: Tensor) -> Tensor:
    """(n, 1, S, S) in [0, 1]: high where a film is dark inside two rough lung-shaped ellipses."""
    films = functional.avg_pool2d(films, 4)  # the outline is coarse
    size = films.shape[-1]
    axis = torch.linspace(-1, 1, size)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    inside = torch.zeros(size, size)
    for middle in (-0.42, 0.42):
        distance = ((columns - middle) / 0.36) ** 2 + ((rows + 0.05) / 0.68) ** 2
        inside = torch.maximum(inside, torch.sigmoid((1 - distance) * 6))
    smooth = _blur(films, max(size // 16, 1))
    middle_grey = (smooth * inside).sum((1, 2, 3)) / inside.sum()
    darkness = torch.sigmoid((middle_grey.view(-1, 1, 1, 1) + 0.03 - smooth) * 20)
    return _enlarge(_enlarge(inside * darkness))


def _blobs(lungs: Tensor, generator: torch.Generator) -> Tensor:
    """One ragged ellipse for each film, centred where `lungs` says; (n, 1, S, S) in [0, 1]."""
    count, size = len(lungs), lungs.shape[-1]
    place = torch.multinomial(lungs.flatten(1) ** 2 + 1e-6, 1, generator=generator)
    draw = torch.rand(count, 4, 1, 1, generator=generator)
    radius = size * (0.04 + 0.21 * draw[:, :1] ** 1.5)
    stretch = 0.6 + 1.1 * draw[:, 1:2]
    angle = draw[:, 2:3] * torch.pi
    axis = torch.arange(size, dtype=lungs.dtype)
    rows = axis.view(1, 1, -1, 1) - (place // size).view(-1, 1, 1, 1)
    columns = axis.view(1, 1, 1, -1) - (place % size).view(-1, 1, 1, 1)
    along = (columns * angle.cos() + rows * angle.sin()) / (radius * stretch)
    across = (rows * angle.cos() - columns * angle.sin()) / (radius / stretch)
    distance = (along**2 + across**2 + 1e-9).sqrt()
    ragged = 0.9 * (_clouds(count, size, 7, generator) - 0.5)
    sharpness = 2.5 + 7 * draw[:, 3:4]
    return torch.sigmoid((1 + ragged - distance) * sharpness)


def _clouds(count: int, size: int, cells: int, generator: torch.Generator) -> Tensor:
    """(count, 1, size, size) smooth noise in about [0, 1]: two octaves."""
    total = torch.zeros(count, 1, size, size)
    for octave, weight in ((cells, 0.65), (cells * 3, 0.35)):
        coarse = torch.rand(count, 1, octave, octave, generator=generator)
        total += weight * functional.interpolate(
            coarse, (size, size), mode="bicubic", align_corners=False
        )
    return total


def _blur(images: Tensor, radius: int) -> Tensor:
    """Box mean of side 2 * radius + 1, the edge repeated; twice, for a soft kernel."""
    for _ in range(2):
        padded = functional.pad(images, (radius,) * 4, mode="replicate")
        images = functional.avg_pool2d(padded, 2 * radius + 1, 1)
    return images


def _enlarge(images: Tensor) -> Tensor:
    """Twice the side, bilinear."""
    return functional.interpolate(images, scale_factor=2, mode="bilinear", align_corners=False)

"""Training films with parts taken away, as explanations by removal will take them away.

A model that was never shown a film with something missing answers to the hole (Jain et al.,
"Missingness bias in model debugging", ICLR 2022). So the heads are shown films whose regions are
replaced by the contents that explanations replace them by, mostly by the film's own blur.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

BLUR_FRACTION: Final = 1 / 12  # Gaussian sigma over the side, as in explainers/maskers/baselines.py
KINDS: Final = (0.80, 0.07, 0.06, 0.07)  # shares of blur, mean, black, noise
FEWEST, MOST = 25, 74  # regions a film
COARSE: Final = 4  # pixels: region borders run along blocks of this side
TOUCHED: Final = 0.05  # share of a cell: a region that holds this much of an opacity goes with it
IN_LUNG: Final = 0.3  # share of a region
LUNG_HALVES: Final = ((-0.42, -0.05), (0.42, -0.05))  # (x, y) of middles, film from -1 to 1
LUNG_RADII: Final = (0.39, 0.73)  # x, y


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Removals:
    """The same n films (n, 1, S, S), with different parts replaced.

    Attributes:
        scattered: Random regions, and every region that holds some of a pasted opacity.
        empty: Everything.
        inner: Of the regions outside the lungs all or some; the lungs are there.
        outer: The lungs, and of the other regions none or some.
    """

    scattered: Tensor
    empty: Tensor
    inner: Tensor
    outer: Tensor

    def films(self) -> tuple[Tensor, ...]:
        """All of them, in the order of the fields."""
        return self.scattered, self.empty, self.inner, self.outer


def remove_parts(inputs: Tensor, covered: Tensor, generator: torch.Generator) -> Removals:
    """Take parts of each film away.

    Args:
        inputs: (n, 1, S, S) in [0, 1], S a multiple of 16.
        covered: (n, S / 16, S / 16) share of each cell that a pasted opacity covers.
        generator: Source of all draws.
    """
    count, side = len(inputs), inputs.shape[-1] // COARSE
    empty = replacement(inputs, generator)
    regions = random_regions(count, side, generator)
    share = torch.rand(count, 1, generator=generator)
    kept = torch.rand(count, MOST, generator=generator) < share
    all_or_none = torch.rand(count, 1, generator=generator) < 0.5
    fine = functional.interpolate(covered[:, None], (side, side), mode="nearest")
    touched = _of_regions(regions, fine[:, 0], "amax") > TOUCHED
    lung = rough_lungs(side).expand(count, -1, -1)
    inside = _of_regions(regions, lung, "mean") > IN_LUNG

    def compose(keep: Tensor) -> Tensor:
        mask = keep.gather(1, regions.flatten(1)).view(count, 1, side, side).float()
        return torch.lerp(empty, inputs, functional.interpolate(mask, inputs.shape[-2:]))

    return Removals(
        scattered=compose((kept | (all_or_none & touched.any(1, keepdim=True))) & ~touched),
        empty=empty,
        inner=compose((kept & ~all_or_none) | inside),
        outer=compose((kept | all_or_none) & ~inside),
    )


def replacement(inputs: Tensor, generator: torch.Generator) -> Tensor:
    """(n, 1, S, S) contents for what is absent, of a kind drawn for each film by KINDS."""
    drawn = torch.multinomial(
        torch.tensor(KINDS), len(inputs), replacement=True, generator=generator
    ).view(-1, 1, 1, 1)
    low, high = inputs.amin((1, 2, 3), keepdim=True), inputs.amax((1, 2, 3), keepdim=True)
    noise = low + torch.rand(inputs.shape, generator=generator) * (high - low)
    mean = inputs.mean((1, 2, 3), keepdim=True)
    contents = torch.where(drawn == 1, mean, blurred(inputs))
    return torch.where(drawn == 3, noise, torch.where(drawn == 2, torch.zeros(()), contents))


def blurred(inputs: Tensor) -> Tensor:
    """(n, 1, S, S) Gaussian blur with reflected edges, as the explainers' baseline of that name."""
    sigma = BLUR_FRACTION * inputs.shape[-1]
    radius = min(int(-(-3 * sigma // 1)), inputs.shape[-1] - 1)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, dtype=inputs.dtype) / sigma) ** 2)
    kernel = (taps / taps.sum()).view(1, 1, 1, -1)
    padded = functional.pad(inputs, (radius,) * 4, mode="reflect")
    return functional.conv2d(functional.conv2d(padded, kernel), kernel.transpose(2, 3))


def random_regions(count: int, side: int, generator: torch.Generator) -> Tensor:
    """(count, side, side) int64: which of FEWEST to MOST random points is the nearest."""
    axis = (torch.arange(side) + 0.5) / side
    places = torch.cartesian_prod(axis, axis)
    regions = []
    for _ in range(count):
        points = int(torch.randint(FEWEST, MOST + 1, (), generator=generator))
        middles = torch.rand(points, 2, generator=generator)
        regions.append(torch.cdist(places, middles).argmin(1).view(side, side))
    return torch.stack(regions)


def rough_lungs(side: int) -> Tensor:
    """(side, side), 1 inside two ellipses about where a frontal film shows the lungs, else 0."""
    axis = torch.linspace(-1, 1, side)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    inside = torch.zeros(side, side, dtype=torch.bool)
    for x, y in LUNG_HALVES:
        inside |= ((columns - x) / LUNG_RADII[0]) ** 2 + ((rows - y) / LUNG_RADII[1]) ** 2 < 1
    return inside.float()


def _of_regions(regions: Tensor, values: Tensor, how: str) -> Tensor:
    """(n, h, w) values -> (n, MOST) their mean or largest in each region, 0 where there is none."""
    return torch.zeros(len(regions), MOST).scatter_reduce(
        1, regions.flatten(1), values.flatten(1), how, include_self=False
    )

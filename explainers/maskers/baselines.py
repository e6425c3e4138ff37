"""Baselines for images: what an absent region shows. Each named, described and deterministic."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from explainers.explanation import Baseline
from explainers.maskers.names import BASELINES_OF, NOISE_DRAWS, ImageBaseline

BLUR_FRACTION = 1 / 12  # Gaussian sigma over the shorter side: wider than ribs, hides any finding
NOISE_SEED = 20_240_601  # the noise is part of the Question, so it is the same for every request


def _blur(image: Tensor) -> Tensor:
    """Separable Gaussian blur with reflected edges."""
    sigma = BLUR_FRACTION * min(image.shape[-2:])
    radius = min(math.ceil(3 * sigma), min(image.shape[-2:]) - 1)
    offsets = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1)
    padded = functional.pad(image, (radius, radius, radius, radius), mode="reflect")
    rows = functional.conv2d(padded, kernel[..., None, :], groups=image.shape[1])
    return functional.conv2d(rows, kernel[..., :, None], groups=image.shape[1])


def _mean(image: Tensor) -> Tensor:
    """Every pixel at the image's mean."""
    return image.mean(dim=(-2, -1), keepdim=True).expand_as(image).contiguous()


def _black(image: Tensor) -> Tensor:
    """Every pixel at 0."""
    return torch.zeros_like(image)


def _noise(image: Tensor) -> Tensor:
    """Independent uniform pixels over the image's range, `NOISE_DRAWS` contents."""
    generator = torch.Generator().manual_seed(NOISE_SEED)
    noise = torch.rand((NOISE_DRAWS, *image.shape[1:]), generator=generator).to(image)
    low, high = image.min(), image.max()
    return low + noise * (high - low)


_MAKERS: Final[Mapping[ImageBaseline, Callable[[Tensor], Tensor]]] = MappingProxyType(
    {"blur": _blur, "mean": _mean, "black": _black, "noise": _noise}
)


def image_baseline(kind: ImageBaseline, inputs: Tensor) -> tuple[Baseline, Tensor]:
    """Describe and make the baseline contents of (1, C, h, w) -> (R, C, h, w)."""
    return Baseline(name=kind, description=BASELINES_OF["image"][kind]), _MAKERS[kind](inputs)

"""What carries an evidence map: stages of plain convolutions, and stages of EfficientNet-Lite0.

Nothing is done in place while gradients are recorded, so hooks and repeated backward passes are
safe. Without gradients activations overwrite what a convolution has just made: the same values in
less time, and a hook that keeps what a convolution returns must copy it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


def normalised(before: int, after: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    """Convolution without bias and its batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after)
    )


def rectified(fresh: Tensor) -> Tensor:
    """max(0, x), of maps that nobody else holds."""
    return functional.relu(fresh, inplace=not torch.is_grad_enabled())


def clipped(fresh: Tensor) -> Tensor:
    """min(6, max(0, x)), of maps that nobody else holds."""
    return functional.relu6(fresh, inplace=not torch.is_grad_enabled())


class Rectifier(nn.Module):
    """`rectified`, among layers."""

    def forward(self, fresh: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        return rectified(fresh)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around an identity path (He et al., CVPR 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = normalised(width, width, 3)
        self.second = normalised(width, width, 3)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, width, h, w) -> the same shape."""
        return rectified(maps + self.second(rectified(self.first(maps))))


def residual_stages(widths: Sequence[int], blocks: Sequence[int]) -> list[nn.Module]:
    """A stem at stride 2, then a stage at each further halving.

    Args:
        widths: Channels of the stem and of each stage.
        blocks: Residual blocks in each stage.

    Returns:
        Layers from grey images (n, 1, S, S) to (n, widths[-1], S / s, S / s).
    """
    layers: list[nn.Module] = [normalised(1, widths[0], 5, stride=2), Rectifier()]
    for before, after, count in zip(widths[:-1], widths[1:], blocks, strict=True):
        # Halving by averages keeps the maps free of aliasing: evidence stays where it is.
        layers += [nn.AvgPool2d(2), normalised(before, after, 3), Rectifier()]
        layers += [ResidualBlock(after) for _ in range(count)]
    return layers


class LiteBlock(NamedTuple):
    """One inverted residual block as a table gives it."""

    before: int
    after: int
    kernel: int
    stride: int
    widening: int


# EfficientNet-Lite0 up to its last block at stride 16 (Tan & Le, ICML 2019, as simplified in
# TensorFlow's tpu/models/official/efficientnet/lite).
LITE_STEM: Final = 32
LITE_BLOCKS: Final = (
    LiteBlock(32, 16, 3, 1, 1),
    LiteBlock(16, 24, 3, 2, 6),
    LiteBlock(24, 24, 3, 1, 6),
    LiteBlock(24, 40, 5, 2, 6),
    LiteBlock(40, 40, 5, 1, 6),
    LiteBlock(40, 80, 3, 2, 6),
    LiteBlock(80, 80, 3, 1, 6),
    LiteBlock(80, 80, 3, 1, 6),
    LiteBlock(80, 112, 5, 1, 6),
    LiteBlock(112, 112, 5, 1, 6),
    LiteBlock(112, 112, 5, 1, 6),
)


class InvertedResidual(nn.Module):
    """Widen, look around in each channel, narrow (Sandler et al., CVPR 2018).

    The convolutions have biases and no batch normalisation: they take pretrained weights into
    which it is folded, and its statistics stay as they were.
    """

    def __init__(self, shape: LiteBlock, *, average: bool) -> None:
        super().__init__()
        inner = shape.before * shape.widening
        halving = average and shape.stride == 2
        stride = 1 if halving else shape.stride
        self.expand = nn.Conv2d(shape.before, inner, 1) if shape.widening > 1 else nn.Identity()
        self.depthwise = nn.Conv2d(
            inner, inner, shape.kernel, stride, shape.kernel // 2, groups=inner
        )
        self.halve = nn.AvgPool2d(2) if halving else nn.Identity()
        self.project = nn.Conv2d(inner, shape.after, 1)
        self.residual = shape.stride == 1 and shape.before == shape.after

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, h, w) -> (n, after, h / stride, w / stride)."""
        wide = maps
        if not isinstance(self.expand, nn.Identity):
            wide = clipped(self.expand(maps))
        out: Tensor = self.project(clipped(self.halve(self.depthwise(wide))))
        return maps + out if self.residual else out


def lite_blocks(first: int, after: int, *, average: bool) -> list[nn.Module]:
    """Blocks `first` to `after` - 1 of LITE_BLOCKS.

    Args:
        first: Index of the first block.
        after: Index after the last.
        average: Whether they halve by averages instead of by leaving out every other place.
    """
    return [InvertedResidual(shape, average=average) for shape in LITE_BLOCKS[first:after]]

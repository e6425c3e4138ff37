"""The network architectures that a card can name.

`EvidenceNet` is a small residual network made to be explained: its last maps are fine (one cell is
16 x 16 input pixels), a linear head gives each cell its own evidence, and a smooth maximum over
the cells gives the log-odds. There are no in-place operations, so hooks and repeated backward
passes are safe.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.errors import WeightsError


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around an identity path (He et al., CVPR 2016)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolution(width, width, 3)
        self.second = _convolution(width, width, 3)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, width, h, w) -> the same shape."""
        out: Tensor = torch.relu(maps + self.second(torch.relu(self.first(maps))))
        return out


class EvidenceNet(nn.Module):
    """Grey image -> a map of local evidence -> log-odds of the second of two classes.

    The last maps are the positive and the negative part of the same responses (CReLU, Shang et al.,
    ICML 2016), so that no place is without response and none is negative. The evidence e of a cell
    is linear in them, without a bias. The film's log-odds is the smooth maximum s = log mean exp(e)
    over the cells plus a constant: a small opacity is not averaged away, and because the gradient
    of s spreads weights that sum to one over the cells, Grad-CAM on the last maps is exactly the
    positive part of the evidence, up to scale. The logits are (-s / 2, s / 2), so a softmax over
    them is the logistic function of s.

    Args:
        widths: Channels of the stem (stride 2) and of the stages at strides 4, 8 and 16.
        blocks: Residual blocks in each of the three stages.
        mean: Mean of the training inputs, removed first.
        deviation: Standard deviation of the training inputs, divided by first.
    """

    def __init__(
        self,
        *,
        widths: Sequence[int] = (16, 32, 64, 128),
        blocks: Sequence[int] = (1, 2, 3),
        mean: float = 0.5,
        deviation: float = 0.2887,
    ) -> None:
        super().__init__()
        self.mean = mean
        self.deviation = deviation
        layers: list[nn.Module] = [_convolution(1, widths[0], 5, stride=2), nn.ReLU()]
        for before, after, count in zip(widths[:-1], widths[1:], blocks, strict=True):
            # Halving by averages keeps the maps free of aliasing: evidence stays where it is.
            layers += [nn.AvgPool2d(2), _convolution(before, after, 3), nn.ReLU()]
            layers += [ResidualBlock(after) for _ in range(count)]
        self.trunk = nn.Sequential(*layers)
        self.responses = _convolution(widths[-1], widths[-1], 1)
        self.head = nn.Conv2d(2 * widths[-1], 1, 1, bias=False)
        self.offset: Tensor
        self.register_buffer("offset", torch.zeros(()))

    def feature_maps(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) in [0, 1] -> (n, C, S / 16, S / 16), none negative."""
        responses = self.responses(self.trunk((inputs - self.mean) / self.deviation))
        return torch.cat([torch.relu(responses), torch.relu(-responses)], dim=1)

    def evidence(self, maps: Tensor) -> Tensor:
        """(n, C, h, w) -> (n, h, w) log-odds that each cell alone speaks for."""
        evidence: Tensor = self.head(maps)[:, 0]
        return evidence

    def logits_from_maps(self, maps: Tensor) -> Tensor:
        """(n, C, h, w) -> (n, 2)."""
        evidence = self.evidence(maps).float().flatten(1)
        odds = torch.logsumexp(evidence, dim=1) - math.log(evidence.shape[1]) + self.offset
        return torch.stack([-odds / 2, odds / 2], dim=1)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) in [0, 1] -> (n, 2) logits."""
        return self.logits_from_maps(self.feature_maps(inputs))


def initialise(network: EvidenceNet, generator: torch.Generator) -> None:
    """He initialisation drawn from `generator`, never from the global random state.

    The head starts at zero evidence, and each residual block as the identity (Goyal et al., arXiv
    1706.02677).
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", generator=generator)
        if isinstance(module, ResidualBlock):
            nn.init.zeros_(module.second.get_parameter("1.weight"))
    nn.init.zeros_(network.head.weight)


def fold(network: EvidenceNet) -> EvidenceNet:
    """Fold every batch normalisation into the convolution before it, in place.

    The same function up to rounding at fewer operations a row; for inference only.
    """
    for module in network.eval().modules():
        if isinstance(module, nn.Sequential) and len(module) == 2:
            convolution, normalisation = module
            if isinstance(convolution, nn.Conv2d) and isinstance(normalisation, nn.BatchNorm2d):
                module[0] = fuse_conv_bn_eval(convolution, normalisation)
                module[1] = nn.Identity()
    return network


def _convolution(before: int, after: int, kernel: int, *, stride: int = 1) -> nn.Sequential:
    """Convolution without bias and its batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after)
    )


ARCHITECTURES: Final[dict[str, Callable[..., EvidenceNet]]] = {"evidence_net": EvidenceNet}


def build_network(name: str, settings: dict[str, Any]) -> EvidenceNet:
    """The untrained network that a card names.

    Raises:
        WeightsError: unknown name, or settings that the architecture does not take.
    """
    if name not in ARCHITECTURES:
        raise WeightsError(
            f"The card names the architecture {name!r}.", f"Known are: {', '.join(ARCHITECTURES)}."
        )
    try:
        return ARCHITECTURES[name](**settings)
    except (TypeError, ValueError) as error:
        raise WeightsError(f"The card's settings for {name!r} do not fit: {error}.") from error

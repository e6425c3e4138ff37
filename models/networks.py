"""The network architecture that a card can name.

An `EvidenceNet` is made to be explained: its last maps are fine (one cell is 16 x 16 input pixels),
a linear head gives each cell its own evidence, and the film's log-odds is the mean evidence.
While gradients are recorded nothing is done in place, so hooks and repeated backward passes are
safe; without gradients a hook that keeps what a convolution returns must copy it (`backbones`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.backbones import LITE_BLOCKS, ResidualBlock, lite_blocks, residual_stages
from models.errors import WeightsError

# The plain stages stand in for so many pretrained blocks; the middle ends before the second number.
IMITATED: Final = 4
MIDDLE: Final = 8
LINEAR_LAYERS: Final = frozenset({"head", "reader"})  # behind the last maps


class EvidenceNet(nn.Module):
    """Grey image -> a map of local evidence -> log-odds of the second of two classes.

    Plain stages lead to stride 8, blocks of EfficientNet-Lite0 to stride 16; what its middle and
    its late blocks give, standardised, is the local description of a cell. The last maps are its
    positive and its negative part (CReLU, Shang et al., ICML 2016), so that none is negative.

    A cell's evidence is linear in them, without a bias, and a film's log-odds s is the mean
    evidence of its cells plus a constant. There are two readings, each with its own weights and
    constant: for films like the first source's and like the second's. The reader, a logistic
    function of the maps' means, says which; it is near 0 or 1 for nearly all films, and then
    Grad-CAM on the last maps is the positive part of the evidence, up to scale. The logits are
    (-s / 2, s / 2), so a softmax over them is the logistic function of s.

    Lite0's own first blocks hold six times as many numbers a film as all the later ones and take
    most of its time on a CPU; that is why plain stages stand in for them.

    Args:
        widths: Channels of the stem (stride 2) and of the plain stages at strides 4 and 8.
        blocks: Residual blocks in each of the plain stages.
        mean: Mean of the training inputs, removed first.
        deviation: Standard deviation of the training inputs, divided by first.
    """

    def __init__(
        self,
        *,
        widths: Sequence[int] = (16, 32, 64),
        blocks: Sequence[int] = (1, 1),
        mean: float = 0.5,
        deviation: float = 0.2887,
    ) -> None:
        super().__init__()
        self.mean = mean
        self.deviation = deviation
        joint = nn.Conv2d(widths[-1], LITE_BLOCKS[IMITATED].before, 1)
        self.front = nn.Sequential(*residual_stages(widths, blocks), joint)
        self.middle = nn.Sequential(*lite_blocks(IMITATED, MIDDLE, average=True))
        self.late = nn.Sequential(*lite_blocks(MIDDLE, len(LITE_BLOCKS), average=True))
        described = LITE_BLOCKS[MIDDLE].before + LITE_BLOCKS[-1].after
        self.reader = nn.Linear(2 * described, 1)
        self.head = nn.Linear(2 * described, 2)
        self.centre: Tensor
        self.spread: Tensor
        self.register_buffer("centre", torch.zeros(described))
        self.register_buffer("spread", torch.ones(described))

    def describe(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) in [0, 1] -> (n, C / 2, S / 16, S / 16), not standardised."""
        middle = self.middle(self.front((inputs - self.mean) / self.deviation))
        return torch.cat([self.late(middle), middle], dim=1)

    def feature_maps(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) in [0, 1] -> (n, C, S / 16, S / 16), none negative."""
        spread = self.spread.view(1, -1, 1, 1)
        standard = (self.describe(inputs) - self.centre.view(1, -1, 1, 1)) / spread
        return torch.cat([torch.relu(standard), torch.relu(-standard)], dim=1)

    def evidence(self, maps: Tensor) -> Tensor:
        """(n, C, h, w) -> (n, h, w) log-odds that each cell speaks for, constants left out."""
        weights = self._readings(maps.mean((2, 3))) @ self.head.weight
        evidence: Tensor = torch.einsum("nchw,nc->nhw", maps, weights)
        return evidence

    def log_odds(self, means: Tensor) -> Tensor:
        """(n, C) means of the maps over the cells -> (n,)."""
        odds: Tensor = (self.head(means) * self._readings(means)).sum(1).float()
        return odds

    def logits_from_maps(self, maps: Tensor) -> Tensor:
        """(n, C, h, w) -> (n, 2)."""
        odds = self.log_odds(maps.mean((2, 3)))
        return torch.stack([-odds / 2, odds / 2], dim=1)

    def _readings(self, means: Tensor) -> Tensor:
        """(n, C) means of the maps -> (n, 2) share of each reading, sum 1."""
        first = torch.sigmoid(self.reader(means))
        return torch.cat([first, 1 - first], dim=1)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) in [0, 1] -> (n, 2) logits."""
        return self.logits_from_maps(self.feature_maps(inputs))


def initialise(network: EvidenceNet, generator: torch.Generator) -> None:
    """He initialisation drawn from `generator`, never from the global random state.

    Reader and head start at zero, and each residual block as the identity (Goyal et al., arXiv
    1706.02677).
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, ResidualBlock):
            nn.init.zeros_(module.second.get_parameter("1.weight"))
    for parameter in (*network.reader.parameters(), *network.head.parameters()):
        nn.init.zeros_(parameter)


def standardise(network: EvidenceNet, inputs: Tensor) -> None:
    """Take centre and spread of the description anew, over the cells of inputs (n, 1, S, S)."""
    with torch.no_grad():
        described = network.describe(inputs)
        network.centre = described.mean((0, 2, 3))
        network.spread = described.std((0, 2, 3)).clamp(min=torch.finfo(described.dtype).tiny)


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


ARCHITECTURES: Final[dict[str, Callable[..., EvidenceNet]]] = {"evidence_lite": EvidenceNet}


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

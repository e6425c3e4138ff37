"""Guided backpropagation through rectifiers, for one thread and one pass at a time.

PyTorch's function mode sees every rectifier that this thread calls while it is active, as a module
or as a function. Nothing is registered on the network, so nothing can be left behind, and other
threads on the same network see nothing of it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

UNBOUNDED: Final = float("inf")
SIX: Final = 6.0  # ReLU6 is flat above
# Every way to call a rectifier; `True` where the input itself is overwritten.
_RELU: Final[Mapping[object, bool]] = {
    torch.relu: False,
    functional.relu: False,
    Tensor.relu: False,
    torch.relu_: True,
    functional.relu_: True,
    Tensor.relu_: True,
}


class GuidedRectifiers(TorchFunctionMode):
    """While active, rectifiers pass back positive gradients only.

    The rule of Springenberg et al., section 3.4: what a rectifier passes back is set to zero where
    its input was outside the open range (as always), and where the gradient from above is negative.
    ReLU6 is treated alike; its upper bound closes it, too.

    Attributes:
        count: Rectifiers met so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Answer a call of a torch function: torch's protocol."""
        named = dict(kwargs or {})
        ceiling = _ceiling(func, args, named)
        if ceiling is None:
            return func(*args, **named)
        self.count += 1
        inputs = args[0] if args else named["input"]
        rectified = cast("Tensor", _Guided.apply(inputs, ceiling))
        in_place = _RELU.get(func, False) or named.get("inplace", False)
        return inputs.copy_(rectified) if in_place else rectified


def _ceiling(
    func: Callable[..., object], args: tuple[Any, ...], named: Mapping[str, Any]
) -> float | None:
    """Where a rectifier is flat again; None when the function is no rectifier."""
    if func in _RELU:
        return UNBOUNDED
    if func is functional.relu6:
        return SIX
    if func is functional.hardtanh:  # what the module ReLU6 calls
        bounds = {"min_val": -1.0, "max_val": 1.0} | dict(named)
        bounds |= dict(zip(("min_val", "max_val"), args[1:3], strict=False))
        return float(bounds["max_val"]) if bounds["min_val"] == 0 else None
    return None


class _Guided(torch.autograd.Function):
    """Rectify; backwards only positive gradients pass."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, ceiling: float) -> Tensor:  # noqa: ANN401 - torch's context
        """Values between 0 and `ceiling`."""
        ctx.save_for_backward((inputs > 0) & (inputs < ceiling))
        return inputs.clamp(0, ceiling)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        """Springenberg et al., figure 1 c."""
        (is_open,) = ctx.saved_tensors
        return gradients[0].clamp(min=0) * is_open, None

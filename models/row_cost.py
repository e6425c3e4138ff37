"""What a row of a model costs, counted, not timed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry, sdpa_flop

from models.adapter import ModelAdapter

# Attention as a CPU computes it, which torch's own table lacks.
MORE: Final[Mapping[Any, Callable[..., int]]] = MappingProxyType(
    {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: sdpa_flop}  # noqa: SLF001
)
_COUNTED: Final[WeakKeyDictionary[ModelAdapter, dict[torch.Size, int]]] = WeakKeyDictionary()


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch says no types here
    """Adds up what goes through it, on this thread alone.

    `FlopCounterMode` also notes which module something belongs to, by hooks on all modules of the
    process: gradients of other threads failed over them.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # likewise
        self.total = 0

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401 - torch's own
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operation and count it."""
        options = kwargs or {}
        count = flop_registry.get(func.overloadpacket) or MORE.get(func.overloadpacket)
        if count is None:
            with self:  # what consists of others is counted by them
                parts = func.decompose(*args, **options)
            return func(*args, **options) if parts is NotImplemented else parts
        result = func(*args, **options)
        self.total += int(count(*args, **options, out_val=result))
        return result


def operations(model: ModelAdapter, inputs: Tensor) -> int:
    """Multiplications and additions of a forward pass of one row like `inputs` (1, *input_shape).

    Of matrix products, convolutions and attention, which is where networks spend their time; layers
    that torch fuses whole (its LSTM, its encoder in evaluation) are not seen. 0 for a model of
    nothing else: what it costs is not known. One pass of one row is run for it, once for a model
    and a shape.
    """
    counted = _COUNTED.setdefault(model, {})
    if inputs.shape not in counted:
        # Whoever asks, it is counted alike: inference mode breaks operations up in other ways.
        with torch.inference_mode(mode=False), torch.no_grad(), _Operations() as counter:
            model.logits(inputs)
        counted[inputs.shape] = counter.total
    return counted[inputs.shape]

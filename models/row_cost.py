"""What a row of a model costs, counted, not timed: the same number on every machine."""

from typing import Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from models.adapter import ModelAdapter

_COUNTED: Final[WeakKeyDictionary[ModelAdapter, dict[torch.Size, int]]] = WeakKeyDictionary()


def operations(model: ModelAdapter, inputs: Tensor) -> int:
    """Multiplications and additions of a forward pass of one row like `inputs` (1, *input_shape).

    Of matrix products, convolutions and attention, which is where networks spend their time. 0 for
    a model that computes otherwise: what it costs is not known. One pass of one row is run for it,
    once for a model and a shape.
    """
    counted = _COUNTED.setdefault(model, {})
    if inputs.shape not in counted:
        # Whoever asks, it is counted alike: inference mode breaks operations up in other ways.
        alike = torch.inference_mode(mode=False), torch.no_grad()
        with alike[0], alike[1], FlopCounterMode(display=False) as counter:
            model.logits(inputs)
        counted[inputs.shape] = int(counter.get_total_flops())
    return counted[inputs.shape]

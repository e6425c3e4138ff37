"""Memory that one row of a pass with gradients keeps, without running out of it to find out."""

from itertools import chain
from math import ceil

import torch
from torch import Tensor, UntypedStorage, nn

from models.adapter import HasEmbedding, ModelAdapter


def bytes_per_gradient_row(model: ModelAdapter, example: Tensor) -> int:
    """Bytes that autograd keeps of one row until its gradient is taken; 0 where there is none.

    One forward pass, in which what is kept for the way back is counted and not used. A text counts
    as long as the model can read, by repeating it: attention keeps the square of its length.

    Args:
        model: The model; its own parameters and buffers do not count.
        example: (1, *input_shape) as `encode` gives it.
    """
    if "gradient" not in model.card.capabilities:
        return 0
    kept: dict[int, UntypedStorage] = {}  # by address; held, so that no address is used again

    def keep(tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        _logits_of(model, example)
    own = {tensor.untyped_storage().data_ptr() for tensor in _own(model)}
    return sum(storage.nbytes() for at, storage in kept.items() if at not in own)


def _logits_of(model: ModelAdapter, example: Tensor) -> Tensor:
    """(1, K) of one row, entered where gradients are taken: at the input, or at the embedding."""
    if example.is_floating_point():
        return model.logits(example.clone().requires_grad_())
    if not isinstance(model, HasEmbedding):
        return model.logits(example)  # keeps nothing
    length = model.card.input_shape[0]
    longest = example.repeat(1, ceil(length / example.shape[1]))[:, :length]
    with torch.no_grad():
        point = model.embed(longest)
    return model.logits_from_embedding(point.requires_grad_(), longest)


def _own(model: ModelAdapter) -> list[Tensor]:
    """Parameters and buffers of the networks that the adapter holds."""
    networks = [part for part in vars(model).values() if isinstance(part, nn.Module)]
    return list(chain.from_iterable((*net.parameters(), *net.buffers()) for net in networks))

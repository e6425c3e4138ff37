"""Randomised twins: the same network with random weights of the same sizes, from the head down.

A layer's numbers are shuffled among themselves and given random signs. So every layer keeps the
sizes of its weights exactly, whatever initialiser or normalisation made them, and their mean
becomes zero as every initialiser's is: shuffled alone, a layer with a mean other than zero still
passes on how bright a place is, and twins were flooded by it. Biases, and the factors of
normalisations, are shuffled without signs.
"""

from copy import deepcopy
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from models.card import ModelCard
from models.case import digest_of

NetworkT = TypeVar("NetworkT", bound=nn.Module)


def layers_of(network: nn.Module) -> dict[str, Tensor]:
    """Layer name -> its weights, from the head down: modules with weights, in reverse order."""
    found = {
        name: weight
        for name, module in network.named_modules()
        if isinstance(weight := getattr(module, "weight", None), nn.Parameter)
    }
    return dict(reversed(found.items()))


def randomised(network: NetworkT, depth: int, seed: int) -> NetworkT:
    """A copy whose first `depth` layers of `layers_of` hold random weights; the rest is the same.

    Each layer draws from a stream of its own, so that a deeper twin with the same seed begins with
    the same random layers: the twins of one seed are a cascade.
    """
    twin = deepcopy(network)
    modules = dict(twin.named_modules())
    for place, name in enumerate(list(layers_of(network))[:depth]):
        draw = torch.Generator().manual_seed(seed + place)
        for parameter in modules[name].parameters(recurse=False):
            parameter.data = shuffled(parameter.data, draw)
    return twin


def twin_card(card: ModelCard, depth: int, seed: int) -> ModelCard:
    """The card of a twin: the digest of its weights tells it from the model."""
    told = (card.weights_sha256, str(depth), str(seed))
    return replace(card, weights_sha256=digest_of(*(part.encode() for part in told)))


def shuffled(values: Tensor, draw: torch.Generator) -> Tensor:
    """The same numbers in random places; matrices and kernels with random signs, too."""
    order = torch.randperm(values.numel(), generator=draw).to(values.device)
    found = values.flatten()[order].view_as(values)
    if values.ndim < 2:
        return found
    signs = 2 * torch.randint(0, 2, values.shape, generator=draw) - 1
    return found * signs.to(found)

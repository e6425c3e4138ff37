"""Randomised twins: the same sizes of weights in random places, from the head down."""

import pytest
import torch

from models.adapter import HasTwin
from models.catalog import catalog
from models.tabular_adapters import NetworkTable
from models.tabular_networks import MarginNetwork
from models.twins import layers_of, randomised


@pytest.fixture(scope="module")
def network() -> MarginNetwork:
    made = MarginNetwork(6, (5, 4))
    draw = torch.Generator().manual_seed(0)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, mean=1.0, generator=draw)
    return made.requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def recurrence() -> NetworkTable:
    model = catalog().load("recurrence", torch.device("cpu"))
    assert isinstance(model, NetworkTable)
    return model


def test_layers_run_from_the_head_to_the_input(network: MarginNetwork) -> None:
    assert list(layers_of(network)) == ["layers.4", "layers.2", "layers.0"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_only_the_layers_asked_for_are_random(network: MarginNetwork, depth: int) -> None:
    twin = layers_of(randomised(network, depth, 0))
    changed = [not torch.equal(w, twin[name]) for name, w in layers_of(network).items()]
    assert changed == [True] * depth + [False] * (3 - depth)


def test_sizes_of_weights_stay_exactly_and_their_mean_goes(network: MarginNetwork) -> None:
    ours, theirs = (layers_of(n)["layers.0"] for n in (network, randomised(network, 3, 0)))
    assert torch.equal(ours.abs().flatten().sort().values, theirs.abs().flatten().sort().values)
    assert abs(float(theirs.mean())) < 0.5 < float(ours.mean())
    biases = [n.get_parameter("layers.0.bias").sort().values for n in (network, twin_of(network))]
    assert torch.equal(*biases)


def twin_of(network: MarginNetwork) -> MarginNetwork:
    return randomised(network, 3, 0)


def test_deeper_twins_of_one_seed_begin_with_the_same_layers(network: MarginNetwork) -> None:
    shallow, deep = (layers_of(randomised(network, depth, 7)) for depth in (1, 3))
    assert torch.equal(shallow["layers.4"], deep["layers.4"])
    other = layers_of(randomised(network, 1, 8))
    assert not torch.equal(shallow["layers.4"], other["layers.4"])


def test_a_twin_is_another_model_and_leaves_the_first_alone(recurrence: NetworkTable) -> None:
    before = {name: weights.clone() for name, weights in recurrence.layers.items()}
    inputs = recurrence.encode_values(recurrence.sample[:5])
    twin = recurrence.twin(2, seed=0, reference=inputs)
    assert twin.card.weights_sha256 != recurrence.card.weights_sha256
    assert twin.card.id == recurrence.card.id
    assert not torch.allclose(twin.logits(inputs), recurrence.logits(inputs))
    assert all(torch.equal(w, before[name]) for name, w in recurrence.layers.items())


def test_trees_have_no_twin() -> None:
    trees = catalog().load("recurrence-trees", torch.device("cpu"))
    assert not isinstance(trees, HasTwin)

"""Guided Backprop: parity with captum, every way to write a ReLU, nothing left behind."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum import attr
from torch import Tensor, nn
from torch.nn import functional

from explainers.explanation import Explanation
from explainers.methods.gradient import Gradient
from explainers.methods.guided_backprop import GuidedBackprop
from explainers.rectifiers import GuidedRectifiers
from models.errors import UnsupportedMethodError
from tests.toys import ToyImageModel, game_for, generator, question_for, toy_case

CASE = toy_case(6)


def network() -> nn.Sequential:
    """A seeded two-layer CNN with module ReLUs, as captum needs them."""
    layers = nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(6, 5, 2), nn.ReLU()
    )
    draws = generator(11)
    for parameter in layers.parameters():
        nn.init.normal_(parameter, std=0.5, generator=draws)
    return layers.eval()


NETWORK = network()
HEAD = torch.randn(5, generator=generator(12))


def score(inputs: Tensor) -> Tensor:
    return NETWORK(inputs).mean(dim=(-2, -1)) @ HEAD


def asked(method: GuidedBackprop | Gradient, model: ToyImageModel) -> Explanation:
    game = game_for(question_for(model, CASE))
    return method.explain(game, budget=1, generator=generator())[0]


def test_equals_captum() -> None:
    model = ToyImageModel(score)

    class Scored(nn.Module):  # captum hooks the ReLU modules below the module it is given
        def __init__(self) -> None:
            super().__init__()
            self.network = network()

        def forward(self, inputs: Tensor) -> Tensor:
            return self.network(inputs).mean(dim=(-2, -1)) @ HEAD

    with pytest.warns(UserWarning, match="backward hooks on ReLU"):
        theirs = attr.GuidedBackprop(Scored()).attribute(model.encode(CASE).requires_grad_())
    wanted = theirs.abs().double().flatten().numpy()
    found = asked(GuidedBackprop(), model).element_map
    assert found is not None
    np.testing.assert_allclose(found, wanted, atol=1e-5 * wanted.max())
    plain = asked(Gradient(), model).element_map
    assert plain is not None
    assert np.abs(plain - found).max() > 0.1 * wanted.max()  # it is not the gradient


@pytest.mark.parametrize(
    "rectify",
    [
        torch.relu,
        functional.relu,
        nn.ReLU(),
        lambda x: x.relu(),
        lambda x: functional.relu(x.clone(), inplace=True),
        lambda x: torch.relu_(x.clone()),
        nn.ReLU(inplace=True),
    ],
)
def test_every_way_to_write_a_relu_is_guided(rectify: Callable[[Tensor], Tensor]) -> None:
    x = torch.tensor([-1.0, 2.0, 3.0], requires_grad=True)
    with GuidedRectifiers() as rectifiers:
        out = rectify(x * 1.0)
    (found,) = torch.autograd.grad((out * torch.tensor([1.0, -1.0, 1.0])).sum(), x)
    assert rectifiers.count == 1
    torch.testing.assert_close(out.detach(), torch.tensor([0.0, 2.0, 3.0]))
    torch.testing.assert_close(found, torch.tensor([0.0, 0.0, 1.0]))


@pytest.mark.parametrize("rectify", [functional.relu6, nn.ReLU6()])
def test_relu6_is_closed_above_too(rectify: Callable[[Tensor], Tensor]) -> None:
    x = torch.tensor([-1.0, 2.0, 7.0], requires_grad=True)
    with GuidedRectifiers():
        out = rectify(x)
    torch.testing.assert_close(out.detach(), torch.tensor([0.0, 2.0, 6.0]))
    torch.testing.assert_close(torch.autograd.grad(out.sum(), x)[0], torch.tensor([0.0, 1.0, 0.0]))


def test_hardtanh_that_is_no_relu6_is_left_alone() -> None:
    x = torch.tensor([-0.5], requires_grad=True)
    with GuidedRectifiers() as rectifiers:
        out = functional.hardtanh(x)
    assert rectifiers.count == 0
    assert float(torch.autograd.grad(-out.sum(), x)[0]) == -1.0


def test_a_network_without_relu_is_refused_in_one_sentence() -> None:
    model = ToyImageModel(lambda x: torch.tanh(x).sum(dim=(1, 2, 3)))
    with pytest.raises(UnsupportedMethodError, match="has none"):
        asked(GuidedBackprop(), model)


def test_another_thread_on_the_same_network_sees_nothing() -> None:
    x = torch.ones(1, 1, 8, 8, requires_grad=True)
    found: list[Tensor] = []

    def plain() -> None:
        found.append(torch.autograd.grad(score(x).sum(), x)[0])

    plain()
    with GuidedRectifiers() as rectifiers:
        thread = threading.Thread(target=plain)
        thread.start()
        thread.join()
    assert rectifiers.count == 0
    torch.testing.assert_close(*found)

"""Gradient methods and occlusion against the captum package and hand-computed cases."""

import numpy as np
import pytest
import torch
from captum import attr
from torch import Tensor

from explainers.explanation import Explanation
from explainers.maskers.baselines import image_baseline
from explainers.methods.base import Method
from explainers.methods.grad_cam import GradCam
from explainers.methods.grad_cam_plus_plus import GradCamPlusPlus
from explainers.methods.gradient import Gradient
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.gradient_x_input import GradientXInput
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.occlusion import Occlusion
from explainers.methods.rise import Rise
from explainers.methods.smooth_grad import SmoothGrad
from tests.toys import SIDE, ToyImageModel, game_for, generator, question_for, toy_case, two_logits

CASE = toy_case(6)


def small_network() -> torch.nn.Sequential:
    """A seeded two-layer CNN whose last maps are 10 x 10."""
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.Softplus(),
        torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(4, 5, 2),
    )
    draws = generator(11)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5, generator=draws)
    return network.eval()


NETWORK = small_network()
HEAD = torch.randn(5, generator=generator(12))


class NetworkModel(ToyImageModel):
    """The network with a global-average head; maps are its last layer's."""

    def __init__(self) -> None:
        super().__init__(
            lambda x: self.map_score(NETWORK(x).relu()),  # type: ignore[misc]
            map_score=lambda maps: maps.mean(dim=(-2, -1)) @ HEAD,
        )

    def feature_maps(self, inputs: Tensor) -> Tensor:
        return NETWORK(inputs).relu()


MODEL = NetworkModel()


def ours(method: Method, *, kind: str = "blur", budget: int = 4000) -> Explanation:
    _, contents = image_baseline(kind, MODEL.encode(CASE))  # type: ignore[arg-type]
    game = game_for(question_for(MODEL, CASE, baseline=contents))
    return method.explain(game, budget=budget, generator=generator(3))[0]


def forward(inputs: Tensor) -> Tensor:
    """The explained number: log-odds of the present class."""
    return MODEL.logits(inputs) @ torch.tensor([-1.0, 1.0])


def leaf() -> Tensor:
    """The case as captum wants it: already asking for gradients."""
    return MODEL.encode(CASE).requires_grad_()


def blurred() -> Tensor:
    return image_baseline("blur", MODEL.encode(CASE))[1]


def close(found: np.ndarray, expected: Tensor) -> None:
    wanted = expected.detach().double().reshape(-1).numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())  # float32


def test_integrated_gradients_equals_captum_with_the_same_quadrature() -> None:
    theirs = attr.IntegratedGradients(forward).attribute(
        MODEL.encode(CASE), baselines=blurred(), n_steps=32, method="riemann_middle"
    )
    found = ours(IntegratedGradients(steps=32))
    assert found.element_map is not None
    close(found.element_map, theirs)


def test_gradient_equals_captum_saliency() -> None:
    found = ours(Gradient())
    assert found.element_map is not None
    close(found.element_map, attr.Saliency(forward).attribute(leaf()))


def test_gradient_x_input_equals_captum_for_the_black_baseline() -> None:
    found = ours(GradientXInput(), kind="black")
    assert found.element_map is not None
    close(found.element_map, attr.InputXGradient(forward).attribute(leaf()))


def test_occlusion_equals_captum_feature_ablation() -> None:
    found = ours(Occlusion())
    cells = torch.tensor(found.players.membership).long().view(1, 1, SIDE, SIDE)
    theirs = attr.FeatureAblation(forward).attribute(
        MODEL.encode(CASE), baselines=blurred(), feature_mask=cells
    )
    # captum repeats a group's value on each of its pixels
    close(found.values, torch.tensor(found.players.pool(theirs.double().numpy()[0, 0], how="mean")))


def test_gradient_shap_estimates_integrated_gradients_for_one_baseline() -> None:
    exact = ours(IntegratedGradients(steps=256))
    found = ours(GradientShap(samples=4000))
    assert found.std_error is not None
    assert (np.abs(found.values - exact.values) <= 4.5 * found.std_error + 1e-6).all()
    assert found.std_error.max() < 0.05 * np.abs(exact.values).max()


def test_smooth_grad_without_noise_is_gradient_x_input() -> None:
    plain = ours(GradientXInput())
    found = ours(SmoothGrad(samples=8, noise=0.0))
    np.testing.assert_allclose(found.values, plain.values, atol=1e-6 * np.abs(plain.values).max())
    assert found.std_error is not None
    assert found.std_error.max() < 1e-6 * np.abs(plain.values).max()


def test_grad_cam_equals_its_two_equations() -> None:
    maps = MODEL.feature_maps(MODEL.encode(CASE)).double()
    # The head averages over 100 places, so each gradient is HEAD / 100, doubled by log-odds of
    # (-score / 2, score / 2), which is the score itself.
    heat = torch.einsum("c,nchw->nhw", HEAD.double() / maps[0, 0].numel(), maps).relu()
    large = torch.nn.functional.interpolate(heat[:, None], size=(SIDE, SIDE), mode="bilinear")
    found = ours(GradCam())
    assert found.element_map is not None
    close(found.element_map, large)
    logits = two_logits(MODEL.map_score(maps.float()))  # type: ignore[misc]
    torch.testing.assert_close(logits, MODEL.logits(MODEL.encode(CASE)))


def test_grad_cam_plus_plus_by_hand() -> None:
    maps = MODEL.feature_maps(MODEL.encode(CASE)).double()[0]
    gradient = (HEAD.double() / maps[0].numel())[:, None, None].expand_as(maps)
    alpha = gradient**2 / (2 * gradient**2 + maps.sum(dim=(1, 2), keepdim=True) * gradient**3)
    weights = (alpha * gradient.relu()).sum(dim=(1, 2), keepdim=True)
    heat = (weights * maps).sum(dim=0).relu()[None, None]
    large = torch.nn.functional.interpolate(heat, size=(SIDE, SIDE), mode="bilinear")
    found = ours(GradCamPlusPlus())
    assert found.element_map is not None
    close(found.element_map, large)


def test_rise_slope_of_a_linear_model_recovers_its_weights() -> None:
    cells = torch.zeros(1, SIDE, SIDE)
    cells[:, :8, :8], cells[:, 16:, 16:] = 1.0, -0.5
    film = torch.ones(1, 1, SIDE, SIDE)
    model = ToyImageModel(lambda x: (x.double() * cells).sum(dim=(1, 2, 3)))
    model.encode = lambda _: film  # type: ignore[method-assign]
    game = game_for(question_for(model, CASE))
    found = Rise(masks=8192, cells=3).explain(game, budget=8192, generator=generator(5))[0]
    assert found.std_error is not None
    # One mask cell spans a player and more, so a neighbour shares some of a player's slope.
    assert int(np.argmax(found.values)) == 0
    assert int(np.argmin(found.values)) == 8
    assert found.values[0] > 10 * found.std_error[0]
    assert found.values[0] / -found.values[8] == pytest.approx(2.0, rel=0.25)

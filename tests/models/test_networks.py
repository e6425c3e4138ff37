"""EvidenceNet: cut where Grad-CAM needs it, pure, and seeded by a generator only."""

import copy

import pytest
import torch

from models.errors import WeightsError
from models.networks import EvidenceNet, build_network, fold, initialise


@pytest.fixture(scope="module")
def network() -> EvidenceNet:
    made = EvidenceNet(widths=(4, 6, 8, 10), blocks=(1, 1, 1))
    initialise(made, torch.Generator().manual_seed(0))
    with torch.no_grad():
        made.head.weight.normal_(generator=torch.Generator().manual_seed(1))
    return made.eval()


def inputs(count: int = 2, size: int = 64) -> torch.Tensor:
    return torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(2))


def test_one_cell_is_sixteen_pixels(network: EvidenceNet) -> None:
    assert network.feature_maps(inputs(size=64)).shape == (2, 20, 4, 4)
    assert network(inputs(size=96)).shape == (2, 2)


def test_two_logits_are_half_the_log_odds_and_its_opposite(network: EvidenceNet) -> None:
    logits = network(inputs())
    torch.testing.assert_close(logits[:, 0], -logits[:, 1])


def test_the_log_odds_lie_between_mean_and_largest_evidence(network: EvidenceNet) -> None:
    maps = network.feature_maps(inputs())
    evidence, odds = network.evidence(maps).flatten(1), 2 * network.logits_from_maps(maps)[:, 1]
    assert bool((odds >= evidence.mean(1)).all())
    assert bool((odds <= evidence.amax(1)).all())


def test_no_feature_map_is_negative_and_no_place_is_empty(network: EvidenceNet) -> None:
    maps = network.feature_maps(inputs()).detach()
    assert float(maps.min()) >= 0
    assert float(maps.sum(1).min()) > 0


def test_grad_cam_weights_are_the_head_s_weights(network: EvidenceNet) -> None:
    maps = network.feature_maps(inputs(count=1)).detach().requires_grad_()
    odds = 2 * network.logits_from_maps(maps)[0, 1]
    (gradient,) = torch.autograd.grad(odds, maps)
    torch.testing.assert_close(gradient.sum((0, 2, 3)), network.head.weight[0, :, 0, 0])


def test_the_same_generator_gives_the_same_network() -> None:
    made = []
    for _ in range(2):
        torch.rand(3)  # the global random state moves on and must not matter
        network = EvidenceNet(widths=(4, 6, 8, 10), blocks=(1, 1, 1))
        initialise(network, torch.Generator().manual_seed(7))
        made.append(network.state_dict())
    for name, value in made[0].items():
        assert torch.equal(value, made[1][name]), name


def test_unknown_architecture_is_refused_by_name() -> None:
    with pytest.raises(WeightsError, match="evidence_net"):
        build_network("resnet9000", {})


def test_settings_of_another_architecture_are_refused() -> None:
    with pytest.raises(WeightsError, match="do not fit"):
        build_network("evidence_net", {"heads": 3})


def test_folding_keeps_the_function(network: EvidenceNet) -> None:
    trained = copy.deepcopy(network)
    draws = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for values in trained.state_dict().values():  # statistics as training leaves them
            if values.is_floating_point():
                values.add_(0.1 * torch.rand(values.shape, generator=draws))
        folded = fold(copy.deepcopy(trained))
        torch.testing.assert_close(folded(inputs()), trained(inputs()), rtol=1e-4, atol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in trained.modules())

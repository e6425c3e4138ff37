"""EvidenceNet: cut where Grad-CAM needs it, pure, and seeded by a generator only."""

import copy

import pytest
import torch

from models.errors import WeightsError
from models.networks import EvidenceNet, build_network, fold, initialise


@pytest.fixture(scope="module")
def network() -> EvidenceNet:
    made = EvidenceNet(widths=(4, 6, 8), blocks=(1, 1))
    initialise(made, torch.Generator().manual_seed(0))
    draws = torch.Generator().manual_seed(1)
    with torch.no_grad():
        made.head.weight.normal_(generator=draws)
        made.head.bias.normal_(generator=draws)
        made.reader.weight.normal_(std=0.01, generator=draws)
    return made.eval().requires_grad_(requires_grad=False)


def inputs(count: int = 2, size: int = 64) -> torch.Tensor:
    return torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(2))


def test_one_cell_is_sixteen_pixels(network: EvidenceNet) -> None:
    assert network.feature_maps(inputs(size=64)).shape == (2, 384, 4, 4)
    assert network(inputs(size=96)).shape == (2, 2)


def test_two_logits_are_half_the_log_odds_and_its_opposite(network: EvidenceNet) -> None:
    logits = network(inputs())
    torch.testing.assert_close(logits[:, 0], -logits[:, 1])


def test_no_feature_map_is_negative_and_no_place_is_empty(network: EvidenceNet) -> None:
    maps = network.feature_maps(inputs())
    assert float(maps.min()) >= 0
    assert float(maps.sum(1).min()) > 0


def test_the_log_odds_are_the_mean_evidence_plus_a_constant(network: EvidenceNet) -> None:
    sure = copy.deepcopy(network)
    for first, constant in ((50.0, sure.head.bias[0]), (-50.0, sure.head.bias[1])):
        sure.reader.bias.fill_(first)  # every film is read the first, or the second way
        maps = sure.feature_maps(inputs())
        odds = 2 * sure.logits_from_maps(maps)[:, 1]
        torch.testing.assert_close(odds, sure.evidence(maps).mean((1, 2)) + constant)


def test_grad_cam_weights_are_the_head_s_weights(network: EvidenceNet) -> None:
    sure = copy.deepcopy(network)
    sure.reader.bias.fill_(50.0)
    maps = sure.feature_maps(inputs(count=1)).requires_grad_()
    odds = 2 * sure.logits_from_maps(maps)[0, 1]
    (gradient,) = torch.autograd.grad(odds, maps)
    torch.testing.assert_close(gradient.sum((0, 2, 3)), sure.head.weight[0])


def test_an_undecided_reader_mixes_both_readings(network: EvidenceNet) -> None:
    torn = copy.deepcopy(network)
    torn.reader.weight.zero_()
    torn.reader.bias.zero_()
    means = torn.feature_maps(inputs()).mean((2, 3))
    torch.testing.assert_close(torn.log_odds(means), torn.head(means).mean(1))


def test_the_same_generator_gives_the_same_network() -> None:
    made = []
    for _ in range(2):
        torch.rand(3)  # the global random state moves on and must not matter
        network = EvidenceNet(widths=(4, 6, 8), blocks=(1, 1))
        initialise(network, torch.Generator().manual_seed(7))
        made.append(network.state_dict())
    for name, value in made[0].items():
        assert torch.equal(value, made[1][name]), name


def test_unknown_architecture_is_refused_by_name() -> None:
    with pytest.raises(WeightsError, match="evidence_lite"):
        build_network("resnet9000", {})


def test_settings_of_another_architecture_are_refused() -> None:
    with pytest.raises(WeightsError, match="do not fit"):
        build_network("evidence_lite", {"heads": 3})


def test_folding_keeps_the_function(network: EvidenceNet) -> None:
    trained = copy.deepcopy(network)
    draws = torch.Generator().manual_seed(5)
    for values in trained.front.state_dict().values():  # statistics as training leaves them
        if values.is_floating_point():
            values.add_(0.1 * torch.rand(values.shape, generator=draws))
    folded = fold(copy.deepcopy(trained))
    torch.testing.assert_close(folded(inputs()), trained(inputs()), rtol=1e-4, atol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in trained.modules())

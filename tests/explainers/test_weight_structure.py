"""Random weights are recognised; the built-in networks are not taken for random."""

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.guard import WeightStructure, nothing_to_explain
from explainers.weight_structure import structure_of, weight_structure
from models.adapter import HasTwin, ModelAdapter
from models.catalog import catalog
from models.prediction import Prediction
from models.twins import randomised
from tests import reports

NETWORKS = ("recurrence", "wisconsin", "report", "xray")


def load(model_id: str) -> ModelAdapter:
    return catalog().load(model_id, torch.device("cpu"))


@pytest.mark.parametrize("model_id", NETWORKS)
def test_built_in_networks_are_not_random_and_their_twins_are(model_id: str) -> None:
    model = load(model_id)
    assert isinstance(model, HasTwin)
    found = weight_structure(model)
    assert found is not None
    assert found.score > 9
    twin = randomised(model._network, len(model.layers), 0)  # type: ignore[attr-defined]
    layers = {name: twin.get_parameter(f"{name}.weight") for name in model.layers}
    random = structure_of(layers)
    assert random is not None
    assert random.is_random
    assert random.n_layers == found.n_layers


@pytest.mark.parametrize("model_id", ["recurrence-trees", "recurrence-logistic"])
def test_models_without_layers_to_compare_are_left_alone(model_id: str) -> None:
    assert weight_structure(load(model_id)) is None


def drawn(seed: int, *, shape: tuple[int, int] = (12, 40)) -> dict[str, Tensor]:
    """A layer whose rows have different sizes."""
    draw = torch.Generator().manual_seed(seed)
    sizes = torch.empty(shape[0], 1).uniform_(0.2, 3, generator=draw)
    return {"layer": sizes * torch.randn(shape, generator=draw)}


def test_random_weights_score_like_standard_normal_numbers() -> None:
    found = [structure_of(drawn(seed)) for seed in range(200)]
    scores = np.array([structure.score for structure in found if structure is not None])
    assert len(scores) == 200
    assert abs(scores.mean()) < 0.3  # standard error 0.07
    assert 0.8 < scores.std() < 1.25
    assert scores.max() < 5


def test_a_common_direction_is_order() -> None:
    layer = drawn(0)["layer"]
    direction = torch.randn(1, 40, generator=torch.Generator().manual_seed(1))
    found = structure_of({"layer": layer + layer.std() * direction})
    assert found is not None
    assert not found.is_random


def test_weights_changed_in_place_are_seen() -> None:
    model = load("wisconsin")
    assert isinstance(model, HasTwin)
    before = weight_structure(model)
    assert before is not None
    assert not before.is_random
    for weights in model.layers.values():
        weights.normal_(generator=torch.Generator().manual_seed(0))
    after = weight_structure(model)
    assert after is not None
    assert after.is_random


@pytest.mark.parametrize(("score", "expected"), [(0.3, ["random weights"]), (40.0, [])])
def test_random_weights_are_nothing_to_explain(score: float, expected: list[str]) -> None:
    answer = reports.explanation("lime")
    prediction = Prediction(
        classes=("well", "sick"), logits=np.array([-1, 1.0]), probabilities=np.array([0.12, 0.88])
    )
    found = nothing_to_explain(
        [answer],
        prediction=prediction,
        target=answer.target,
        scale="logit",
        parts="regions",
        structure=WeightStructure(score=score, n_layers=3),
    )
    assert [reason.cause for reason in found] == expected

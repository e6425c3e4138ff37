"""Every method keeps the same promises. One id per method and check."""

from collections.abc import Iterable
from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation, Target
from explainers.methods import METHODS, methods_named
from explainers.methods.base import Method
from models.errors import BudgetError, CancelledError, NonFiniteError, UnsupportedMethodError
from tests.toys import (
    SIDE,
    ToyImageModel,
    game_for,
    generator,
    linear_model,
    planted_model,
    question_for,
    toy_case,
)

BUDGET = 600


def each_of(methods: Iterable[Method]) -> pytest.MarkDecorator:
    """One test a method; what a method does not promise is not asked of it."""
    return pytest.mark.parametrize("method", tuple(methods), ids=lambda m: m.card.id)


each = each_of(METHODS)
each_signed = each_of(m for m in METHODS if m.card.signed)
each_complete = each_of(m for m in METHODS if m.card.complete)
each_needy = each_of(m for m in METHODS if m.card.needs)
# Feature-map methods average gradients over places: they do not promise the dummy axiom.
each_with_dummy = each_of(m for m in METHODS if "feature_maps" not in m.card.needs)
REFERENCES = {"reference_shap", "reference_lime"}


def smooth_model() -> ToyImageModel:
    """A curved, differentiable model with maps."""
    weights = torch.randn(1, SIDE, SIDE, generator=generator(3)) / SIDE

    def maps_score(maps: Tensor) -> Tensor:
        coarse = torch.nn.functional.avg_pool2d(weights[None], 4) * 16
        return 2 * torch.tanh((maps * coarse).sum(dim=(1, 2, 3)) + 0.3)

    return ToyImageModel(
        lambda x: 2 * torch.tanh((x * weights).sum(dim=(1, 2, 3)) + 0.3), map_score=maps_score
    )


def run(method: Method, model: ToyImageModel, *, max_rows: int = 16, seed: int = 0) -> Explanation:
    game = game_for(question_for(model, toy_case()), max_rows=max_rows)
    return method.explain(game, budget=BUDGET, generator=generator(seed))[0]


@each
def test_shapes_and_finiteness(method: Method) -> None:
    found = run(method, smooth_model())
    count = found.players.count
    assert found.values.shape == (count,)
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).sum() > 0
    assert (found.std_error is not None) == method.card.stochastic
    if found.std_error is not None:
        assert found.std_error.shape == (count,)
        assert (found.std_error >= 0).all()
    if not method.card.signed:
        assert (found.values >= 0).all()


@each
def test_element_map_pools_to_the_values(method: Method) -> None:
    found = run(method, smooth_model())
    on_players = {"occlusion", "kernel_shap", "lime"} | REFERENCES
    assert (found.element_map is None) == (method.card.id in on_players)
    if found.element_map is None:
        return
    how = "sum" if found.kind == "additive" else "mean"
    pooled = found.players.pool(found.element_map, how=how)
    np.testing.assert_allclose(pooled, found.values, rtol=1e-9, atol=1e-12)


@each
def test_same_seed_gives_the_same_bytes(method: Method) -> None:
    first, second = run(method, smooth_model()), run(method, smooth_model())
    assert first.values.tobytes() == second.values.tobytes()


@each
def test_another_seed_changes_only_stochastic_methods(method: Method) -> None:
    # Nine players are few enough for KernelSHAP to ask every coalition, so use more.
    def with_seed(seed: int) -> Explanation:
        game = game_for(question_for(smooth_model(), toy_case(), n_players=36))
        return method.explain(game, budget=BUDGET, generator=generator(seed))[0]

    same = np.array_equal(with_seed(0).values, with_seed(1).values)
    assert same != (method.card.stochastic or method.card.id in REFERENCES)


@each
@pytest.mark.parametrize("max_rows", [1, 7, 64])
def test_values_do_not_depend_on_the_pass_size(method: Method, max_rows: int) -> None:
    found = run(method, smooth_model(), max_rows=max_rows)
    expected = run(method, smooth_model())
    largest = np.abs(expected.values).max()
    np.testing.assert_allclose(found.values, expected.values, atol=1e-5 * largest)


@each
def test_budget_is_respected_and_rows_are_counted(method: Method) -> None:
    model = smooth_model()
    game = game_for(question_for(model, toy_case()))
    found = method.explain(game, budget=BUDGET, generator=generator())[0]
    planned = method.rows_needed(game.question, BUDGET)
    assert found.rows == planned
    # References ask the case and the baseline anew: two rows that our methods share.
    assert found.rows <= BUDGET + (2 if method.card.id in REFERENCES else 0)
    maps_pass = 1 if "feature_maps" in method.card.needs else 0
    assert sum(model.passes) + maps_pass == game.rows


@each
def test_too_small_a_budget_is_refused_with_the_least_that_works(method: Method) -> None:
    game = game_for(question_for(smooth_model(), toy_case()))
    least = method.least_budget(game.question)
    method.explain(game, budget=least, generator=generator())
    with pytest.raises(BudgetError, match=str(least)):
        method.explain(game, budget=least - 1, generator=generator())


@each_complete
def test_complete_methods_add_up(method: Method) -> None:
    found = run(method, smooth_model())
    gap = found.completeness_gap
    assert gap is not None
    effect = abs(found.value_full - float(found.value_empty or 0.0))
    noise = 0.0 if found.std_error is None else 4 * float(np.sqrt((found.std_error**2).sum()))
    assert abs(gap) <= max(0.01 * effect, noise, 1e-6)


@each_with_dummy
def test_dummy_player_gets_zero(method: Method) -> None:
    weights = torch.ones(1, SIDE, SIDE) / SIDE
    weights[:, :8, :8] = 0  # the first of nine cells is not read
    game = game_for(question_for(linear_model(weights), toy_case()))
    found = method.explain(game, budget=BUDGET, generator=generator())[0]
    # Smooth masks leak across borders; a penalised fit on sampled masks keeps some noise.
    slack = {"rise": 0.5, "lime": 0.2, "reference_lime": 0.2}
    allowed = slack.get(method.card.id, 1e-6)
    assert abs(found.values[0]) <= allowed * np.abs(found.values).max()


@each
def test_planted_region_ranks_first(method: Method) -> None:
    planted = np.zeros((SIDE, SIDE), dtype=bool)
    planted[8:16, 16:24] = True  # cell 5 of nine
    case = toy_case()
    game = game_for(question_for(planted_model(planted), case))
    found = method.explain(game, budget=BUDGET, generator=generator())[0]
    assert int(np.argmax(found.values)) == 5


@each_signed
def test_evidence_against_is_negative(method: Method) -> None:
    weights = torch.zeros(1, SIDE, SIDE)
    weights[:, :8, :8], weights[:, 16:, 16:] = 0.1, -0.1
    game = game_for(question_for(linear_model(weights), toy_case()))
    found = method.explain(game, budget=BUDGET, generator=generator())[0]
    assert found.values[0] > 0 > found.values[8]
    assert int(np.argmax(np.abs(found.values))) in (0, 8)


@each_signed
def test_opposite_class_gets_opposite_values(method: Method) -> None:
    both = (Target(index=1, name="present"), Target(index=0, name="absent"))
    game = game_for(question_for(smooth_model(), toy_case(), targets=both))
    before = game.rows
    present, absent = method.explain(game, budget=BUDGET, generator=generator())
    np.testing.assert_allclose(present.values, -absent.values, atol=1e-6)
    # Both classes came out of the same forward passes.
    assert game.rows - before <= method.rows_needed(game.question, BUDGET) + 3


@each
def test_model_and_random_state_are_left_as_found(method: Method) -> None:
    model = smooth_model()
    case = toy_case()
    question = question_for(model, case)
    inputs = question.inputs.clone()
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002  # watching the global state is the point
    method.explain(game_for(question), budget=BUDGET, generator=generator())
    assert torch.equal(question.inputs, inputs)
    assert question.inputs.grad is None
    assert not question.inputs.requires_grad
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    assert torch.is_grad_enabled()


@each
def test_a_module_is_left_as_found_even_when_it_fails(method: Method) -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten())
    network.eval()
    fails = [False]

    def score(x: Tensor) -> Tensor:
        out = network(x).sum(dim=1)
        return out * torch.nan if fails[0] else out

    model = ToyImageModel(score, map_score=lambda m: score(m.repeat_interleave(4, 2)))
    for broken in (False, True):
        fails[0] = broken
        game = game_for(question_for(model, toy_case()))
        if broken:
            with pytest.raises(NonFiniteError):
                method.explain(game, budget=BUDGET, generator=generator())
        else:
            method.explain(game, budget=BUDGET, generator=generator())
        for module in network.modules():
            assert not module.training
            assert not module._forward_hooks
            assert not module._backward_hooks
            assert not module._forward_pre_hooks
        assert all(p.grad is None and p.requires_grad for p in network.parameters())


@each
def test_cancel_stops_within_one_pass(method: Method) -> None:
    model = smooth_model()
    question = question_for(model, toy_case())
    runtime = Runtime(max_rows=16, cancelled=lambda: True)
    with pytest.raises(CancelledError):
        method.explain(MaskedPredictor(question, runtime), budget=BUDGET, generator=generator())
    assert len(model.passes) <= 1


@each_needy
def test_missing_capability_is_refused_by_name(method: Method) -> None:
    model = smooth_model()
    object.__setattr__(model.card, "capabilities", frozenset())
    with pytest.raises(UnsupportedMethodError, match="gradient"):
        run(method, model)


@each
def test_every_setting_is_described(method: Method) -> None:
    assert set(method.card.settings) == {field.name for field in fields(method)}


@each
def test_constant_model_gets_zero_and_a_remark(method: Method) -> None:
    model = ToyImageModel(
        lambda x: 0 * x.sum(dim=(1, 2, 3)) + 1.0, map_score=lambda m: 0 * m.sum(dim=(1, 2, 3)) + 1.0
    )
    found = run(method, model)
    np.testing.assert_allclose(found.values, 0, atol=1e-9)
    if not np.any(found.values):
        assert any("nothing that matters" in remark for remark in found.remarks)


def test_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(UnsupportedMethodError, match="kernel_shap"):
        methods_named(["kernelshap"])

"""How methods behave, for every method and modality. One id per method, modality and check."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor, Runtime
from explainers.methods import METHODS, methods_named
from explainers.methods.base import Method
from models.errors import BudgetError, CancelledError, NonFiniteError, UnsupportedMethodError
from tests.contracts.subjects import REFERENCES, Subject, each_of, smooth_answer
from tests.toys import game_for, generator

each = each_of(METHODS)
# They read the model once, before anything that can break is asked again.
READ_ONCE = {"attention", "linear", "trees"}
CUTS_NO_COLUMN = {"lime_tabular"}  # the larger record has a player for every one-hot place


@each
def test_shapes_and_finiteness(method: Method, subject: Subject) -> None:
    found = smooth_answer(method, subject)
    count = found.players.count
    assert found.values.shape == (count,) == (subject.n_players,)
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).sum() > 0
    assert (found.std_error is not None) == method.card.stochastic
    if found.std_error is not None:
        assert found.std_error.shape == (count,)
        assert (found.std_error >= 0).all()


@each
def test_element_map_pools_to_the_values(method: Method, subject: Subject) -> None:
    found = smooth_answer(method, subject)
    if subject.modality == "image":  # what looks at pixels shows them
        looks_at_pixels = bool(method.card.needs) or method.card.id == "rise"
        assert (found.element_map is not None) == looks_at_pixels
    if found.element_map is None:
        return
    how = "sum" if found.kind == "additive" else "mean"
    pooled = found.players.pool(found.element_map, how=how)
    np.testing.assert_allclose(pooled, found.values, rtol=1e-9, atol=1e-12)


@each
def test_same_seed_gives_the_same_bytes(method: Method, subject: Subject) -> None:
    again = subject.explain(method, subject.smooth())
    assert again.values.tobytes() == smooth_answer(method, subject).values.tobytes()


@each
def test_another_seed_changes_only_stochastic_methods(method: Method, subject: Subject) -> None:
    # A few players are few enough to ask every coalition, so there are more where that may be.
    question = subject.larger()
    if method.card.id in CUTS_NO_COLUMN or method.least_budget(question) > subject.budget:
        question = subject.smooth().question
    first, second = (subject.explain(method, game_for(question), seed=seed) for seed in (0, 1))
    same = np.array_equal(first.values, second.values)
    assert same != (method.card.stochastic or method.card.id in REFERENCES)


@each
@pytest.mark.parametrize("max_rows", [1, 7])
def test_values_do_not_depend_on_the_pass_size(
    method: Method, subject: Subject, max_rows: int
) -> None:
    question = subject.smooth().question
    found = subject.explain(method, game_for(question, max_rows=max_rows))
    expected = smooth_answer(method, subject)
    largest = np.abs(expected.values).max()
    np.testing.assert_allclose(found.values, expected.values, atol=1e-5 * largest)


@each
def test_budget_is_respected_and_rows_are_counted(method: Method, subject: Subject) -> None:
    game = subject.smooth()
    found = subject.explain(method, game)
    planned = method.rows_needed(game.question, subject.budget)
    # Random orders meet some coalitions again: how many is not known beforehand.
    assert found.rows <= planned if method.card.id == "permutation_shap" else found.rows == planned
    # References ask the case and the baseline anew: two masks that our methods share.
    spare = 2 * subject.n_draws if method.card.id in REFERENCES else 0
    assert found.rows <= subject.budget + spare
    assert sum(game.question.model.passes) == game.rows  # type: ignore[attr-defined]  # toys count


@each
def test_too_small_a_budget_is_refused_with_the_least_that_works(
    method: Method, subject: Subject
) -> None:
    game = subject.smooth()
    least = method.least_budget(game.question)
    method.explain(game, budget=least, generator=generator())
    with pytest.raises(BudgetError, match=str(least)):
        method.explain(game, budget=least - 1, generator=generator())


@each
def test_model_and_random_state_are_left_as_found(method: Method, subject: Subject) -> None:
    game = subject.smooth()
    inputs = game.question.inputs.clone()
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002  # watching the global state is the point
    subject.explain(method, game)
    assert torch.equal(game.question.inputs, inputs)
    assert game.question.inputs.grad is None
    assert not game.question.inputs.requires_grad
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    assert torch.is_grad_enabled()


@each_of(m for m in METHODS if not m.card.needs & READ_ONCE)
def test_a_module_is_left_as_found_even_when_it_fails(method: Method, subject: Subject) -> None:
    network = torch.nn.Sequential(
        torch.nn.Linear(subject.n_players, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
    )
    network.double().eval()
    fails = [False]

    def score(amounts: Tensor) -> Tensor:
        out = network(amounts)[:, 0]
        return out * torch.nan if fails[0] else out

    game = subject.game(score)
    subject.explain(method, game)
    for broken in (False, True):
        fails[0] = broken  # after the values that methods share were computed
        if broken:
            with pytest.raises(NonFiniteError):
                subject.explain(method, game)
        for module in network.modules():
            assert not module.training
            assert not module._forward_hooks
            assert not module._backward_hooks
            assert not module._forward_pre_hooks
        assert all(p.grad is None and p.requires_grad for p in network.parameters())
        assert torch.is_grad_enabled()


@each
def test_cancel_stops_within_one_pass(method: Method, subject: Subject) -> None:
    question = subject.smooth().question
    runtime = Runtime(max_rows=16, cancelled=lambda: True)
    with pytest.raises(CancelledError):
        subject.explain(method, MaskedPredictor(question, runtime))
    assert len(question.model.passes) <= 1  # type: ignore[attr-defined]  # toys count


@each_of(m for m in METHODS if m.card.needs)
def test_missing_capability_is_refused_by_name(method: Method, subject: Subject) -> None:
    game = subject.smooth()
    object.__setattr__(game.question.model.card, "capabilities", frozenset())
    for need in method.card.needs:
        with pytest.raises(UnsupportedMethodError, match=need):
            subject.explain(method, game)
    assert game.rows == 0


@each_of(METHODS)
def test_other_modalities_are_refused_by_name(method: Method, subject: Subject) -> None:
    game = subject.smooth()
    for name in {"image", "tabular", "text"} - method.card.modalities:
        asked = type("Asked", (), {"modality": name})()
        foreign = MaskedPredictor(game.question, game.runtime)
        object.__setattr__(foreign.question, "case", asked)
        with pytest.raises(UnsupportedMethodError, match=name):
            subject.explain(method, foreign)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.card.id)
def test_every_setting_is_described(method: Method) -> None:
    assert set(method.card.settings) == {field.name for field in fields(method)}


def test_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(UnsupportedMethodError, match="kernel_shap"):
        methods_named(["kernelshap"])

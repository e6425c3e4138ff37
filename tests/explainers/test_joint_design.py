"""The joint design: exact where it asks everything or the model adds up, honest elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.consult import generator_for
from explainers.engine import MaskedPredictor
from explainers.estimators import LEAST_PATHS
from explainers.explanation import Target
from explainers.joint_design import STEPS, ask, count_paths, draw, path_effects, shapley_values
from explainers.maskers.background import BackgroundMasker
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.players import Players
from explainers.question import Question
from models.errors import BudgetError, UnsupportedMethodError
from tests.toys import brute_force_shapley, game_for, generator, linear_model, question_for
from tests.toys import toy_case as film
from tests.toys_table import (
    N_DRAWS,
    ToyTableModel,
    TreesTableModel,
    linear_table_model,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
)

CLASSES = (Target(index=1, name="present"), Target(index=0, name="absent"))
JOINT = KernelShap(estimator="joint design")
FOUR = Players(  # nobody owns the missing flag of the first number
    membership=np.array([0, -1, 1, 1, 2, 2, 3, 3, 3, 3, 0, 0]), element_shape=(12,), kind="feature"
)
TWELVE = Players(membership=np.arange(12), element_shape=(12,), kind="feature")


def question(
    players: Players = TWELVE,
    *,
    n_records: int = N_DRAWS,
    model: ToyTableModel | None = None,
    targets: tuple[Target, ...] = CLASSES[:1],
) -> Question:
    model = model or ToyTableModel(smooth_score)
    background = model.encode_values(toy_sample()[:n_records])
    return table_question_for(
        model, table_case(), players=players, background=background, targets=targets
    )


def curved() -> Question:
    """On the probability scale, where records differ in how much a feature is worth."""
    return replace(question(), scale="probability")


def found(
    asked: Question, n_pairs: int, seed: int = 0, *, max_rows: int = 4096
) -> tuple[Tensor, Tensor]:
    game = game_for(asked, max_rows=max_rows)
    return shapley_values(ask(game, n_pairs, generator(seed)))


@pytest.mark.parametrize("n_records", [1, 3])
def test_asked_about_everything_it_is_exact(n_records: int) -> None:
    asked = replace(question(FOUR, n_records=n_records), scale="probability")
    values, errors = found(asked, 7 * n_records)
    np.testing.assert_allclose(values[0], brute_force_shapley(game_for(asked)), atol=1e-9)
    assert not errors.any()


def test_of_an_additive_model_nothing_is_left_to_chance() -> None:
    model = linear_table_model()
    asked = question(model=model)
    each = model.weights.double() * (asked.inputs - asked.masker.empty()).double()
    torch.testing.assert_close(path_effects(game_for(asked))[0], each, atol=1e-5, rtol=0)
    values, errors = found(asked, 30)
    np.testing.assert_allclose(values[0], each.mean(dim=0), atol=1e-5)
    assert errors.max() < 1e-5


def test_errors_cancel_over_many_draws_and_bars_hold_them() -> None:
    asked = curved()
    truth = brute_force_shapley(game_for(asked, max_rows=4096))
    values, bars = (
        torch.cat(each).numpy()
        for each in zip(*(found(asked, 60, seed) for seed in range(150)), strict=True)
    )
    errors = values - truth
    assert (np.abs(errors.mean(axis=0)) < 4 * values.std(axis=0, ddof=1) / 150**0.5 + 1e-9).all()
    np.testing.assert_allclose(errors.sum(axis=1), 0, atol=1e-9)
    drawn = bars > 1e-9  # players that the model does not read
    assert 0.93 <= (np.abs(errors) <= 1.96 * bars)[drawn].mean() <= 0.99


def test_a_class_does_not_depend_on_its_company() -> None:
    model = ToyTableModel(smooth_score)
    together = found(question(model=model, targets=CLASSES), 40)
    for target, one in enumerate(CLASSES):
        alone = found(question(model=model, targets=(one,)), 40)
        for ours, theirs in zip(together, alone, strict=True):
            assert torch.equal(ours[target], theirs[0])


def test_passes_do_not_change_what_is_found() -> None:
    for few, many in zip(found(curved(), 50, max_rows=7), found(curved(), 50), strict=True):
        torch.testing.assert_close(few, many, atol=1e-9, rtol=0)


def test_a_pair_shows_the_case_and_its_record_by_turns() -> None:
    asked = question(FOUR)
    masker = asked.masker
    assert isinstance(masker, BackgroundMasker)
    masks, records = torch.eye(4).double(), torch.tensor([3, 0, 3, 9])
    shown = masker.pairs_before(masks, records)
    for side, each in zip(shown, (masks, 1 - masks), strict=True):
        expected = masker.apply(each)[torch.arange(4), records]
        assert torch.equal(side, expected)


def test_no_pair_is_asked_twice_and_turns_are_even() -> None:
    sample, records = draw(12, 10, 500, generator())
    rows = torch.cat([sample.masks, records[:, None].double()], dim=1)
    assert len(torch.unique(rows, dim=0)) == 500
    alone = sample.masks.sum(dim=1) == 1
    for turns in (sample.masks[alone].sum(dim=0), torch.bincount(records[alone], minlength=10)):
        assert turns.max() - turns.min() <= 1
    assert float(sample.weights.sum()) == pytest.approx(1)
    assert sample.existing.sum() == 10 * (2**11 - 1)


@pytest.mark.parametrize("budget", [None, 799, 2000, 10**6])
def test_rows_are_what_was_planned_and_no_more_than_allowed(budget: int | None) -> None:
    method = replace(JOINT, masks=300)
    asked = question()
    rows = method.least_budget(asked) if budget is None else budget
    game = game_for(asked, max_rows=64)
    answer = method.explain(game, budget=rows, generator=generator())[0]
    assert answer.rows == method.rows_needed(asked, rows) == method.stages(asked, rows)[-1]
    assert min(rows, 300 * N_DRAWS) - 1 <= answer.rows <= rows
    assert sum(asked.model.passes) == game.rows == answer.rows + 1 + N_DRAWS  # type: ignore[attr-defined]  # toys count
    assert answer.settings["estimator"] == "joint design"
    assert answer.settings["masks"] == answer.rows - STEPS * N_DRAWS
    assert not method.shares_rounds(asked, rows)


@pytest.mark.parametrize("n_records", [1, 3, N_DRAWS])
@pytest.mark.parametrize("players", [FOUR, TWELVE])
def test_the_least_budget_is_the_least(players: Players, n_records: int) -> None:
    asked = question(players, n_records=n_records)
    least = JOINT.least_budget(asked)
    for seed in range(5):
        JOINT.explain(game_for(asked), budget=least, generator=generator(seed))
    with pytest.raises(BudgetError, match=str(least)):
        JOINT.explain(game_for(asked), budget=least - 1, generator=generator())


def test_all_coalitions_are_asked_where_they_are_few_enough() -> None:
    answer = JOINT.explain(game_for(question(FOUR)), budget=140, generator=generator())[0]
    assert answer.settings["estimator"] == "enumeration"
    assert answer.rows == 140


def test_it_is_refused_where_no_gradients_lead_from_records() -> None:
    trees = question(model=TreesTableModel(smooth_score))
    pixels = question_for(linear_model(torch.ones(1, 24, 24)), film())
    for method, asked in (
        (JOINT, trees),
        (JOINT, pixels),
        (Lime(estimator="joint design"), curved()),
    ):
        with pytest.raises(
            UnsupportedMethodError, match="joint design is for Shapley values"
        ) as no:
            method.explain(game_for(asked), budget=10**4, generator=generator())
        assert "auto" in str(no.value.hint)
    assert count_paths(trees) == count_paths(pixels) == 0
    assert count_paths(curved()) == N_DRAWS


def test_few_coalitions_against_many_records_are_asked_so_by_themselves() -> None:
    many = question(n_records=LEAST_PATHS)
    first, second = (
        KernelShap().explain(game_for(many, max_rows=4096), budget=rows, generator=generator())[0]
        for rows in (60 * LEAST_PATHS, 62 * LEAST_PATHS)
    )
    assert first.settings["estimator"] == "joint design"
    assert second.settings["estimator"] == "gaussian process"
    assert "faithfulness curves" in str(second.settings["estimator_reason"])
    few = question(n_records=LEAST_PATHS - 1)
    assert KernelShap().choice(few, 60 * LEAST_PATHS).name == "gaussian process"
    trees = question(model=TreesTableModel(smooth_score), n_records=LEAST_PATHS)
    assert KernelShap().choice(trees, 60 * LEAST_PATHS).name == "gaussian process"
    assert KernelShap().least_budget(many) == STEPS * LEAST_PATHS + 40 * 13
    assert KernelShap().least_budget(trees) == 4 * 13 * LEAST_PATHS


def test_one_seed_is_one_answer_and_leaves_no_trace() -> None:
    asked = curved()

    def answer() -> bytes:
        game = MaskedPredictor(asked)
        drawn = generator_for(0, "coalitions", asked.case)
        return JOINT.explain(game, budget=999, generator=drawn)[0].values.tobytes()

    assert answer() == answer()
    assert asked.inputs.grad is None
    assert not asked.inputs.requires_grad
    assert torch.is_grad_enabled()

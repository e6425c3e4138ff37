"""Neighbours in place of what is absent: against closed forms, ties, missing values."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor
from explainers.feature_players import feature_players
from explainers.maskers.conditional import ConditionalMasker
from explainers.maskers.names import N_NEIGHBOURS
from explainers.maskers.records import record_masker
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.players import Players
from models.case import FloatArray
from models.errors import MaskError, UnsupportedMethodError
from tests.toys import brute_force_shapley, game_for, generator
from tests.toys_table import (
    RECORD,
    LinearTableModel,
    ToyTableModel,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
)

GRADE, MARKER = 3, 4


def masker_of(model: ToyTableModel, values: FloatArray = RECORD) -> ConditionalMasker:
    inputs = model.encode(table_case(values))
    players = feature_players(model, kind="features")
    made = record_masker(model, inputs, kind="conditional", players=players)
    assert isinstance(made, ConditionalMasker)
    return made


def neighbours(masker: ConditionalMasker, *present: int) -> torch.Tensor:
    mask = torch.zeros(1, masker.players.count)
    mask[0, list(present)] = 1
    return masker.apply(mask)[0]


def gaussian_game(correlation: float, values: FloatArray) -> MaskedPredictor:
    """Sum of two standardised Gaussians with this correlation; nothing else is read."""
    sample = toy_sample(1, n_records=1500)
    rng = np.random.default_rng(3)
    both = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], len(sample))
    sample[:, 0], sample[:, 1] = 60 + 10 * both[:, 0], 25 + 8 * both[:, 1]
    sample[:, 2] = rng.permutation(sample[:, 2])
    weights = torch.zeros(12)
    weights[0] = weights[2] = 1
    model = LinearTableModel(weights, sample=sample)
    question = table_question_for(model, table_case(values))
    masker = record_masker(model, question.inputs, kind="conditional", players=question.players)
    return game_for(replace(question, masker=masker), max_rows=8192)


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.9])
def test_shapley_values_of_correlated_gaussians(correlation: float) -> None:
    """E[x2 | x1] = r x1 gives phi_1 = x1 + r (x1 - x2) / 2 for a score of x1 + x2."""
    values = RECORD.copy()
    values[:2] = 75, 25
    game = gaussian_game(correlation, values)
    first, second = game.question.inputs[0, [0, 2]].tolist()
    found = brute_force_shapley(game)
    moved = correlation * (first - second) / 2
    assert abs(found[0] - (first + moved)) < 0.2
    assert abs(found[1] - (second - moved)) < 0.2
    assert np.abs(found[2:]).max() < 0.2
    interventional = table_question_for(game.question.model, table_case(values))
    known = brute_force_shapley(game_for(interventional, max_rows=8192))[0]
    assert (abs(found[0] - known) < 0.3) == (correlation < 0.3)


def test_full_coalition_is_the_case_bit_for_bit() -> None:
    model = ToyTableModel(smooth_score)
    masker = masker_of(model)
    shown = masker.apply(torch.ones(1, 5))
    assert shown.shape == (1, N_NEIGHBOURS, 12)
    assert torch.equal(shown[0], model.encode(table_case()).expand(N_NEIGHBOURS, 12))


def test_what_stays_is_the_case_and_the_rest_are_training_records() -> None:
    model = ToyTableModel(smooth_score)
    shown = neighbours(masker_of(model), 0, GRADE)
    case = model.encode(table_case())[0]
    kept = np.isin(model.element_columns, (0, GRADE))
    assert torch.equal(shown[:, kept], case[kept].expand(N_NEIGHBOURS, -1))
    records = {tuple(row) for row in model.encode_values(model.sample)[:, ~kept].tolist()}
    assert {tuple(row) for row in shown[:, ~kept].tolist()} <= records


def test_neighbours_are_the_nearest_in_what_stays() -> None:
    model = ToyTableModel(smooth_score)
    records = model.encode_values(model.sample)
    apart = (records[:, 0] - model.encode(table_case())[0, 0]).abs()
    nearest = records[apart.argsort(stable=True)[:N_NEIGHBOURS], 2]
    shown = neighbours(masker_of(model), 0)[:, 2]
    assert sorted(shown.tolist()) == sorted(nearest.tolist())


def test_neighbours_are_matched_by_what_they_foretell() -> None:
    """By hand for a present pair: regression of the other elements on it, and a little likeness."""
    values = RECORD.copy()
    values[1:3] = 30, 1  # a large tumour with few nodes is odd
    model = ToyTableModel(smooth_score)
    records = model.encode_values(model.sample).double().numpy()
    varying = np.flatnonzero(records.std(axis=0) > 0)
    shrunk = 0.9 * np.corrcoef(records[:, varying].T) + 0.1 * np.eye(len(varying))
    inside = np.isin(varying, (2, 4))
    slopes = np.linalg.solve(shrunk[np.ix_(inside, inside)], shrunk[np.ix_(inside, ~inside)])
    moved = (records - model.encode(table_case(values)).double().numpy())[:, [2, 4]]
    moved /= records[:, [2, 4]].std(axis=0)
    alike = np.linalg.solve(shrunk[np.ix_(inside, inside)], moved.T).T
    squared = ((moved @ slopes) ** 2).sum(axis=1) + 0.02 * (moved * alike).sum(axis=1)
    expected = records[np.argsort(squared, kind="stable")[:N_NEIGHBOURS], 0]
    shown = neighbours(masker_of(model, values), 1, 2)[:, 0]
    np.testing.assert_allclose(sorted(shown.tolist()), sorted(expected.tolist()), atol=1e-6)


def test_what_foretells_nothing_does_not_keep_neighbours_away() -> None:
    """With four features present the neighbours are as near in the one that matters as alone."""
    game = gaussian_game(0.9, RECORD)
    masker = game.question.masker
    case = float(game.question.inputs[0, 2])
    apart = []
    for present in ((1,), (1, 2, 3, 4)):
        mask = torch.zeros(1, 5)
        mask[0, list(present)] = 1
        apart.append(float(masker.apply(mask)[0, :, 0].mean()) - 0.9 * case)
    assert np.abs(apart).max() < 0.2


def test_a_category_alone_keeps_to_records_of_that_category() -> None:
    model = ToyTableModel(smooth_score)
    records = model.encode_values(model.sample)
    same = {tuple(row) for row in records[model.sample[:, GRADE] == RECORD[GRADE]].tolist()}
    shown = neighbours(masker_of(model), GRADE)
    assert {tuple(row) for row in shown.tolist()} <= same


def test_records_of_the_empty_coalition_resemble_all_of_them() -> None:
    errors, random = [], []
    for seed in range(5):
        model = ToyTableModel(smooth_score, sample=toy_sample(seed))
        scores = model.score(model.encode_values(model.sample))
        spread = float(scores.std())
        shown = model.score(masker_of(model).empty())
        errors.append(float(shown.mean() - scores.mean()) / spread)
        random.append(float(scores[:N_NEIGHBOURS].mean() - scores.mean()) / spread)
    assert np.std(random) > 0.1
    assert np.abs(errors).max() < 0.1


def test_missing_in_the_case_keeps_to_records_that_miss_it_too() -> None:
    values = RECORD.copy()
    values[MARKER] = np.nan
    model = ToyTableModel(smooth_score)
    assert np.isnan(model.sample[:, MARKER]).sum() > N_NEIGHBOURS
    shown = neighbours(masker_of(model, values), MARKER)
    records = model.encode_values(model.sample[np.isnan(model.sample[:, MARKER])])
    missed = {tuple(row) for row in records.tolist()}
    assert {tuple(row) for row in shown.tolist()} <= missed


def test_a_value_that_only_the_case_misses_says_nothing_about_the_rest() -> None:
    values = RECORD.copy()
    values[0] = np.nan
    model = ToyTableModel(smooth_score)
    masker = masker_of(model, values)
    other = np.arange(12) >= 2  # all but the column itself
    assert torch.equal(neighbours(masker, 0)[:, other], masker.empty()[:, other])
    assert torch.equal(neighbours(masker, 0, 1)[:, 4:], neighbours(masker, 1)[:, 4:])


def test_known_values_are_no_neighbours_of_missing_ones() -> None:
    model = ToyTableModel(smooth_score)
    values = RECORD.copy()
    values[MARKER] = np.nanmean(model.sample[:, MARKER])  # encoded as a missing one, but its flag
    sample = model.sample
    near = np.abs(sample[:, MARKER] - values[MARKER])
    assert np.sum(near < 1.0) > N_NEIGHBOURS
    shown = neighbours(masker_of(model, values), MARKER)
    known = {
        tuple(r) for r in model.encode_values(sample[~np.isnan(sample[:, MARKER])])[:, :10].tolist()
    }
    assert {tuple(row) for row in shown[:, :10].tolist()} <= known


def test_coalitions_do_not_depend_on_what_is_asked_with_them() -> None:
    masker = masker_of(ToyTableModel(smooth_score))
    masks = all_coalitions(5)
    together = masker.apply(masks)
    for row, mask in enumerate(masks):
        assert torch.equal(together[row], masker.apply(mask[None])[0])


def test_other_players_of_the_same_record() -> None:
    model = ToyTableModel(smooth_score)
    groups = np.array([0, 1, 1, 2, 3])[model.element_columns]
    coarse = masker_of(model).with_players(
        Players(membership=groups, element_shape=groups.shape, kind="feature group")
    )
    mask = torch.tensor([[0.0, 1, 0, 0]])
    assert torch.equal(coarse.apply(mask)[0], neighbours(masker_of(model), 1, 2))


def test_fewer_records_than_neighbours() -> None:
    model = ToyTableModel(smooth_score, sample=toy_sample(n_records=7))
    masker = masker_of(model)
    assert masker.n_draws == 7
    assert masker.empty().shape == (7, 12)


def test_records_that_are_all_alike() -> None:
    sample = np.repeat(toy_sample(n_records=1), 40, axis=0)
    model = ToyTableModel(smooth_score)
    model.sample = sample
    shown = masker_of(model).empty()
    assert torch.equal(shown, model.encode_values(sample[:1]).expand(N_NEIGHBOURS, 12))


def test_there_is_no_path_for_gradients() -> None:
    model = ToyTableModel(smooth_score)
    question = replace(table_question_for(model, table_case()), masker=masker_of(model))
    with pytest.raises(UnsupportedMethodError, match="conditional"):
        IntegratedGradients().explain(game_for(question), budget=1000, generator=generator())


def test_players_of_another_record_are_refused() -> None:
    three = Players(membership=np.arange(3), element_shape=(3,), kind="feature")
    with pytest.raises(MaskError, match="12"):
        masker_of(ToyTableModel(smooth_score)).with_players(three)

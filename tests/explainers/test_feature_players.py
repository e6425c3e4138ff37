"""Features as players, and which of them go together."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from explainers.engine import MaskedPredictor
from explainers.feature_groups import FeatureGroup, correlations, feature_groups
from explainers.feature_players import column_players, feature_players
from explainers.players import Players
from models.errors import MaskError
from models.schema import Column
from tests.toys import brute_force_shapley, game_for
from tests.toys_table import (
    KINDS,
    ToyTableModel,
    linear_table_model,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
    toy_schema,
)

MODEL = ToyTableModel(smooth_score)
NUMBER = Column(name="x", title="X", kind="number", percentiles=tuple(float(p) for p in range(101)))


def category(*names: str) -> Column:
    return Column(name="c", title="C", kind="category", categories=names)


def test_all_elements_of_a_column_are_one_player() -> None:
    players = feature_players(MODEL, kind="features")
    assert players.names == ("Age", "Size", "Nodes", "Grade", "Marker")
    assert players.sizes.tolist() == [2, 2, 2, 4, 2]
    assert column_players(players, MODEL).tolist() == [0, 1, 2, 3, 4]


def test_correlated_features_are_one_player() -> None:
    players = feature_players(MODEL, kind="groups")
    assert players.kind == "feature group"
    assert players.names == ("Age", "Size + Nodes (|r| = 0.89)", "Grade", "Marker")
    assert column_players(players, MODEL).tolist() == [0, 1, 1, 2, 3]


def test_a_group_of_a_linear_model_gets_the_sum_of_its_features() -> None:
    model = linear_table_model()

    def game(players: Players) -> MaskedPredictor:
        return game_for(table_question_for(model, table_case(), players=players))

    groups = brute_force_shapley(game(feature_players(model, kind="groups")))
    single = brute_force_shapley(game(feature_players(model, kind="features")))
    np.testing.assert_allclose(groups, np.bincount([0, 1, 1, 2, 3], single), atol=1e-6)


def test_numbers_are_compared_by_spearman() -> None:
    sample = toy_sample()
    found = correlations(sample, toy_schema(sample).columns)
    known = ~np.isnan(sample[:, 4])
    for one, two in ((0, 1), (1, 2)):
        expected = abs(spearmanr(sample[:, one], sample[:, two]).statistic)
        assert found[one, two] == pytest.approx(expected)
    expected = abs(spearmanr(sample[known, 0], sample[known, 4]).statistic)
    assert found[0, 4] == found[4, 0] == pytest.approx(expected)
    assert np.diag(found).tolist() == [1.0] * len(KINDS)


def test_two_categories_of_two_values_are_compared_by_phi() -> None:
    sample = np.array([[0, 0]] * 30 + [[0, 1]] * 10 + [[1, 0]] * 5 + [[1, 1]] * 15, dtype=float)
    phi = (30 * 15 - 10 * 5) / np.sqrt(40 * 20 * 35 * 25)
    found = correlations(sample, (category("a", "b"), category("a", "b")))
    assert found[0, 1] == pytest.approx(phi)


def test_a_category_and_a_number_are_compared_by_the_share_of_variance_between() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, 200)
    values = np.array([5.0, 0.0, 9.0])[codes] + rng.normal(0, 2, 200)  # no order of the codes
    ranks = values.argsort().argsort() + 1.0
    means = np.array([ranks[codes == code].mean() for code in range(3)])
    ratio = np.sqrt(
        ((means[codes] - ranks.mean()) ** 2).sum() / ((ranks - ranks.mean()) ** 2).sum()
    )
    sample = np.stack([codes.astype(float), values], axis=1)
    found = correlations(sample, (category("a", "b", "c"), NUMBER))
    assert found[0, 1] == pytest.approx(ratio)
    assert found[0, 1] > 0.8


def test_columns_that_never_vary_or_are_hardly_known_go_with_nothing() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=100)
    rare = np.where(np.arange(100) < 5, one, np.nan)
    sample = np.stack([one, np.full(100, 3.0), rare], axis=1)
    found = correlations(sample, (NUMBER, NUMBER, NUMBER))
    np.testing.assert_array_equal(found, np.eye(3))


def test_average_correlation_decides_whether_a_third_joins() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=4000)
    noise = rng.normal(size=(3, 4000))
    twins = [base + 0.1 * noise[0], base + 0.1 * noise[1]]

    def groups(weight: float) -> list[tuple[int, ...]]:
        third = weight * base + np.sqrt(1 - weight**2) * noise[2]
        model = ToyTableModel(smooth_score)
        sample = toy_sample(n_records=4000)
        sample[:, 0], sample[:, 1], sample[:, 2] = twins[0], twins[1], -third  # the sign is nothing
        model.sample = sample
        return [group.columns for group in feature_groups(model)]

    assert groups(0.45) == [(0, 1), (2,), (3,), (4,)]
    assert groups(0.6) == [(0, 1, 2), (3,), (4,)]


def test_long_groups_have_short_names_that_differ() -> None:
    columns = tuple(
        Column(name=f"c{i}", title=f"Column {i}", kind="number", percentiles=NUMBER.percentiles)
        for i in range(8)
    )
    assert FeatureGroup(columns=(2,), correlation=1.0).name(columns) == "Column 2"
    three = FeatureGroup(columns=(0, 1, 2), correlation=0.871)
    assert three.name(columns) == "Column 0 + Column 1 + Column 2 (|r| ≥ 0.87)"
    many = FeatureGroup(columns=(3, 4, 5, 6, 7), correlation=0.5)
    assert many.name(columns) == "Column 3 + Column 4 + 3 more (|r| ≥ 0.50)"


def test_players_that_cut_a_column_have_no_columns() -> None:
    cut = np.arange(12, dtype=np.int32)
    with pytest.raises(MaskError, match="whole"):
        column_players(Players(membership=cut, element_shape=(12,), kind="feature"), MODEL)

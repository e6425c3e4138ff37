"""Records that LIME for tables draws: levels as often as the sample shows them, none beyond it."""

import numpy as np
import pytest
from scipy.stats import kstest, truncnorm

from explainers.block_regression import fit_blocks
from explainers.levels import fit_levels
from explainers.neighbourhood import draw_neighbourhood, draw_points
from explainers.points import POINTS
from tests.explainers.test_lime_tabular import BOTH, COMPLETE, GRADE, MARKER, N, draw
from tests.toys import generator
from tests.toys_table import RECORD, ToyTableModel, smooth_score, toy_sample


def test_levels_are_drawn_as_often_as_the_sample_shows_them() -> None:
    model = ToyTableModel(smooth_score)
    around = draw(
        RECORD, model.sample, model.schema, count=20_000, discretise=True, generator=generator()
    )
    for f in (GRADE, MARKER):
        missing = np.isnan(model.sample[:, f]).mean()
        assert abs(np.isnan(around.records[:, f]).mean() - missing) < 0.01
    for grade in range(3):
        share = (model.sample[:, GRADE] == grade).mean()
        assert abs((around.records[:, GRADE] == grade).mean() - share) < 0.015
    known = around.records[~np.isnan(around.records).any(axis=1)]
    low, high = np.nanmin(model.sample, axis=0), np.nanmax(model.sample, axis=0)
    assert ((known >= low) & (known <= high)).all()
    for f in (0, 1):
        edges = np.percentile(model.sample[:, f], [25, 50, 75])
        shares = np.bincount(np.searchsorted(edges, around.records[:, f])) / 20_000
        np.testing.assert_allclose(shares, 0.25, atol=0.012)


def test_columns_are_drawn_independently_of_each_other() -> None:
    model = ToyTableModel(smooth_score)
    assert np.corrcoef(model.sample[:, 1], model.sample[:, 2])[0, 1] > 0.8
    for discretise in (True, False):
        around = draw(
            RECORD,
            model.sample,
            model.schema,
            count=20_000,
            discretise=discretise,
            generator=generator(),
        )
        assert abs(np.corrcoef(around.records[:, 1], around.records[:, 2])[0, 1]) < 0.03


@BOTH
def test_numbers_stay_within_what_the_sample_shows(*, discretise: bool) -> None:
    model = ToyTableModel(smooth_score)
    around = draw(
        RECORD,
        model.sample,
        model.schema,
        count=N,
        discretise=discretise,
        generator=generator(),
    )
    assert (around.records >= np.nanmin(model.sample, axis=0))[~np.isnan(around.records)].all()
    assert (around.records <= np.nanmax(model.sample, axis=0))[~np.isnan(around.records)].all()


def test_a_bin_of_one_number_draws_that_number() -> None:
    sample = COMPLETE.copy()
    sample[: len(sample) // 2, 2] = 3.0  # quartiles coincide: the lowest bin is the number 3
    sample[len(sample) // 2 :, 2] = np.linspace(4, 20, len(sample) - len(sample) // 2)
    model = ToyTableModel(smooth_score, sample=sample)
    around = draw(RECORD, sample, model.schema, count=N, discretise=True, generator=generator())
    drawn = around.records[:, 2]
    assert drawn.min() == 3.0
    assert abs((drawn == 3.0).mean() - 0.5) < 0.1


def test_a_column_that_was_never_known_is_drawn_from_the_case() -> None:
    sample = toy_sample()
    sample[:, MARKER] = np.nan
    schema = ToyTableModel(smooth_score).schema
    for discretise, shown in ((True, {11.5}), (False, None)):
        around = draw(RECORD, sample, schema, count=N, discretise=discretise, generator=generator())
        drawn = around.records[:, MARKER]
        known = drawn[~np.isnan(drawn)]
        assert known.size > N / 3
        assert shown is None or set(known) == shown


def test_numbers_of_a_bin_follow_its_normal_distribution_cut_at_its_edges() -> None:
    model = ToyTableModel(smooth_score)
    levels = fit_levels(model.sample, model.schema, discretise=True)
    around = draw_neighbourhood(RECORD, levels, count=50_000, generator=generator())
    for f, level in ((0, 1), (1, 0), (2, 3)):
        drawn = around.records[:, f]
        low, high = levels.low[f, level], levels.high[f, level]
        mean, spread = levels.mean[f, level], levels.spread[f, level]
        cut = truncnorm((low - mean) / spread, (high - mean) / spread, loc=mean, scale=spread)
        own = drawn[(drawn > low) & (drawn <= high)]
        assert len(own) > 5_000
        assert kstest(own, cut.cdf).statistic < 2 / np.sqrt(len(own))


def test_a_level_that_the_sample_never_shows_changes_its_own_column_only() -> None:
    model = ToyTableModel(smooth_score, sample=COMPLETE)
    levels = fit_levels(COMPLETE, model.schema, discretise=True)
    gap = RECORD.copy()
    gap[1] = np.nan
    whole, holed = (
        draw_neighbourhood(case, levels, count=N, generator=generator()) for case in (RECORD, gap)
    )
    others = [f for f in range(len(RECORD)) if f != 1]
    np.testing.assert_array_equal(whole.records[:, others], holed.records[:, others])
    np.testing.assert_array_equal(whole.design[:, others], holed.design[:, others])
    np.testing.assert_array_equal(np.isnan(holed.records[:, 1]), holed.design[:, 1])
    assert abs(holed.design[:, 1].mean() - 0.2) < 0.03  # as often as the four bins on average
    again = draw_neighbourhood(RECORD, levels, count=N, generator=generator())
    np.testing.assert_array_equal(whole.records, again.records)  # nothing stayed of the other case


def test_what_a_surrogate_sees_is_the_level_of_what_was_drawn() -> None:
    model = ToyTableModel(smooth_score)
    levels = fit_levels(model.sample, model.schema, discretise=True)
    for case in (RECORD, model.sample[3], model.sample[17]):  # among them first and last levels
        own = levels.of(case)
        around = draw_neighbourhood(case, levels, count=5_000, generator=generator())
        seen = np.array([levels.of(record) == own for record in around.records])
        np.testing.assert_array_equal(around.design, seen)


def test_what_the_sample_shows_once_in_ten_thousand_can_be_drawn() -> None:
    model = ToyTableModel(smooth_score)
    sample = np.repeat(COMPLETE, -(-10_000 // len(COMPLETE)), axis=0)[:10_000]
    sample[:, GRADE] = 1.0
    sample[0, GRADE] = 0.0
    levels = fit_levels(sample, model.schema, discretise=True)
    rare = RECORD.copy()
    rare[GRADE] = 0.0
    around = draw_neighbourhood(rare, levels, count=50_000, generator=generator())
    assert 0 < around.design[:, GRADE].sum() < 50
    np.testing.assert_array_equal(around.design[:, GRADE], around.records[:, GRADE] == 0.0)
    assert set(np.unique(around.records[:, GRADE])) == {0.0, 1.0}


def test_numbers_that_are_no_measurements_are_drawn_as_they_are() -> None:
    sample = COMPLETE.copy()
    sample[:, 2] = np.arange(len(sample)) % 5 > 1  # three fifths are 1: a bin of their own
    model = ToyTableModel(smooth_score, sample=sample)
    case = RECORD.copy()
    case[2] = 1.0
    around = draw(case, sample, model.schema, count=N, discretise=True, generator=generator())
    assert set(np.unique(around.records[:, 2])) == {0.0, 1.0}
    assert abs(around.records[:, 2].mean() - 0.6) < 0.1


@pytest.mark.parametrize("n_columns", [8, 30])
def test_what_one_net_takes_for_an_effect_is_told_by_the_bars(n_columns: int) -> None:
    """Where two columns act together, some net shows a third acting: in every net another."""
    hits, wide = [], []
    for one, other in ((0, n_columns - 1), (1, 2), (3, 5), (4, 7)):
        for seed in range(5):
            points = draw_points(generator(seed), (n_columns, 5_000))
            upper = points >= POINTS // 2
            goals = np.where(upper[one] == upper[other], 1.0, -1.0)
            columns = np.concatenate([np.ones((n_columns, 1), bool), points < POINTS // 4], axis=1)
            found = fit_blocks(
                columns.T,
                np.append(0.0, goals)[:, None],
                np.ones(5_001),
                penalty=1e-6,
            )
            others = [f for f in range(n_columns) if f not in {one, other}]
            values, bars = (x[0][others] for x in (found.values, found.std_error))
            hits.append(np.abs(values) <= 1.96 * bars)
            wide.append(np.abs(values).max())
    assert np.mean(hits) > 0.9
    assert np.max(wide) < 0.4  # a net of all records has 1.3


def test_a_net_shows_every_point_as_often_as_any_other() -> None:
    points = draw_points(generator(4), (6, 8 * POINTS))
    assert all(set(np.bincount(column)) == {8} for column in points)
    few = draw_points(generator(4), (6, 8 * 4 * 6 - 1))  # random, for there are too few
    assert few.max() < POINTS
    seen = np.array([draw_points(generator(s), (6, 400))[:, 7] for s in range(2000)])
    assert abs(seen.mean() / POINTS - 0.5) < 0.01

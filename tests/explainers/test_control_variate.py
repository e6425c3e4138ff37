"""LIME for tables with the encoded record as a control variate: the same values, less noise."""

from dataclasses import replace

import numpy as np
import pytest

from explainers.control_variate import EACH, FEW, are_few, beside, known_from_some
from explainers.encoded_points import encoded_points
from explainers.levels import fit_levels
from explainers.methods.lime_tabular import LimeTabular, kernel
from explainers.neighbourhood import Neighbourhood, draw_neighbourhood
from explainers.points import POINTS
from models.case import FloatArray
from tests.explainers.test_lime_tabular import GRADE, MARKER, explain
from tests.toys import generator
from tests.toys_table import (
    RECORD,
    LinearTableModel,
    ToyTableModel,
    linear_table_model,
    smooth_score,
)

N_COLUMNS = len(RECORD)
FEW_RECORDS, MANY_RECORDS = 40 * N_COLUMNS, 2 * FEW * N_COLUMNS
COUNTS = pytest.mark.parametrize("count", [FEW_RECORDS, MANY_RECORDS], ids=["few", "many"])


def around(
    case: FloatArray, model: ToyTableModel, count: int, *, bins: bool = True
) -> Neighbourhood:
    levels = fit_levels(model.sample, model.schema, discretise=bins)
    return draw_neighbourhood(case, levels, count=count, generator=generator())


def odd_records() -> list[FloatArray]:
    missing, beyond, other = RECORD.copy(), RECORD.copy(), RECORD.copy()
    missing[MARKER] = np.nan
    beyond[0] = 1e3
    other[GRADE] = 2.0
    return [RECORD, missing, beyond, other]


@pytest.mark.parametrize("bins", [True, False])
@pytest.mark.parametrize("case", odd_records(), ids=["usual", "missing", "beyond", "other"])
def test_looking_up_is_encoding(case: FloatArray, *, bins: bool) -> None:
    for model in (ToyTableModel(smooth_score), linear_table_model()):
        drawn = around(case, model, 900, bins=bins)
        found = encoded_points(model, drawn.points).at(drawn.places)
        np.testing.assert_array_equal(found.T, model.encode_values(drawn.records).numpy())


@pytest.mark.parametrize("case", odd_records(), ids=["usual", "missing", "beyond", "other"])
def test_what_is_beside_says_nothing_about_levels(case: FloatArray) -> None:
    """Over all points of a column: 0 on average at the case's level, and at the others."""
    model = ToyTableModel(smooth_score)
    drawn = around(case, model, 10)
    every = np.tile(np.arange(POINTS, dtype=np.uint16), (N_COLUMNS, 1))
    firsts = drawn.points.firsts[np.arange(N_COLUMNS)[:, None], drawn.own[:, None] + [0, 1]]
    own = (every >= firsts[:, :1]) & (every < firsts[:, 1:])
    whole = replace(drawn, places=every, whole=np.append(drawn.whole[:1], own.T, axis=0))
    encoded = encoded_points(model, drawn.points)
    columns = beside(whole, encoded, encoded.at(every))
    assert not columns[0].any()
    assert (columns.std(axis=0) > 0).sum() >= N_COLUMNS
    for column, values in zip(encoded.columns, columns[1:].T, strict=True):
        for level in (own[column], ~own[column]):
            assert abs(values[level].sum()) < 1e-3 * POINTS


@COUNTS
def test_values_are_the_same_on_average_with_less_noise(count: int) -> None:
    model = ToyTableModel(smooth_score)
    with_it = LimeTabular(samples=count)
    runs = {
        use: np.stack(
            [
                explain(model, replace(with_it, control_variate=use), seed=seed).values
                for seed in range(60)
            ]
        )
        for use in (True, False)
    }
    apart = runs[True].mean(axis=0) - runs[False].mean(axis=0)
    noise = np.sqrt(sum(each.var(axis=0, ddof=1) for each in runs.values()) / 60)
    assert (np.abs(apart) <= 3.5 * noise).all()
    assert runs[True].var(axis=0).sum() < 0.7 * runs[False].var(axis=0).sum()


@COUNTS
def test_bars_are_as_wide_as_they_must_be(count: int) -> None:
    model = ToyTableModel(smooth_score)
    many = [explain(model, LimeTabular(samples=count), seed=seed) for seed in range(60)]
    values = np.stack([found.values for found in many])
    hits = [abs(f.values - values.mean(axis=0)) <= 1.96 * f.std_error for f in many]
    assert 0.92 <= np.mean(hits) <= 0.985


@COUNTS
def test_what_is_linear_in_the_encoding_has_no_noise_but_the_penalty(count: int) -> None:
    model = linear_table_model()
    found = explain(model, LimeTabular(samples=count))
    plain = explain(model, LimeTabular(samples=count, control_variate=False))
    assert found.std_error is not None
    assert plain.std_error is not None
    assert found.std_error.max() < 0.1 * plain.std_error.max()


@COUNTS
def test_fidelity_is_of_the_surrogate_alone(count: int) -> None:
    """It may not rise because noise was taken out: the surrogate sees bins only."""
    model = ToyTableModel(smooth_score)
    with_it = explain(model, LimeTabular(samples=count))
    without = explain(model, LimeTabular(samples=count, control_variate=False))
    told, known = (f.diagnostics["surrogate_r2"] for f in (with_it, without))
    assert known - 0.05 < told <= known + 1e-12


def test_two_classes_are_worked_out_each_on_its_own() -> None:
    model = ToyTableModel(smooth_score)
    drawn = around(RECORD, model, MANY_RECORDS)
    assert not are_few(drawn)
    encoded = encoded_points(model, drawn.points)
    elements = encoded.at(drawn.places)
    goals = np.random.default_rng(0).normal(size=(1 + MANY_RECORDS, 2))
    goals[1:, 0] += elements[0]
    weights = kernel(drawn.whole, 0.75)
    both = known_from_some(drawn, encoded, elements, goals, weights)
    for t in (0, 1):
        alone = known_from_some(drawn, encoded, elements, goals[:, [t]], weights)
        np.testing.assert_allclose(both.taken[:, [t]], alone.taken, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(both.given[:, [t]], alone.given, rtol=1e-9, atol=1e-12)
    assert both.taken[:, 0].std() > 0.5  # it found what is there
    assert EACH * N_COLUMNS < MANY_RECORDS


def test_a_level_that_every_record_shares_has_no_others() -> None:
    sample = ToyTableModel(smooth_score).sample.copy()
    sample[:, GRADE] = RECORD[GRADE]
    model = LinearTableModel(linear_table_model().weights, sample=sample)
    for count in (FEW_RECORDS, MANY_RECORDS):
        found = explain(model, LimeTabular(samples=count))
        assert found.values[GRADE] == pytest.approx(0.0, abs=1e-9)
        assert np.isfinite(found.values).all()


@COUNTS
def test_without_a_penalty_it_is_no_worse(count: int) -> None:
    model = ToyTableModel(smooth_score)
    free = LimeTabular(samples=count, penalty=0.0)
    spread = {
        use: np.std(
            [
                explain(model, replace(free, control_variate=use), seed=seed).values
                for seed in range(20)
            ],
            axis=0,
        )
        for use in (True, False)
    }
    assert spread[True].sum() < spread[False].sum()


def test_a_category_that_no_point_stands_for_gives_no_nonsense() -> None:
    """Of more categories than there are points some cannot be drawn."""
    model = ToyTableModel(smooth_score)
    drawn = around(RECORD, model, MANY_RECORDS)
    encoded = encoded_points(model, drawn.points)
    empty = replace(encoded, counts=np.zeros_like(encoded.counts), sums=0 * encoded.sums)
    assert all(np.isfinite(each).all() for each in empty.means(drawn))

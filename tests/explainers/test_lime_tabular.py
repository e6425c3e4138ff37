"""LIME for tables against closed forms and its own standard errors."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch

from explainers import neighbourhood
from explainers.explanation import Explanation
from explainers.levels import fit_levels
from explainers.methods.lime_tabular import LimeTabular, kernel
from explainers.neighbourhood import Neighbourhood, draw_neighbourhood
from explainers.players import Players
from explainers.points import POINTS
from models.case import FloatArray
from models.errors import MaskError, UnsupportedMethodError
from models.schema import TableSchema
from tests.toys import game_for, generator
from tests.toys_table import (
    KINDS,
    RECORD,
    LinearTableModel,
    ToyTableModel,
    linear_table_model,
    planted_score,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
)

N = 600
COMPLETE = toy_sample()[~np.isnan(toy_sample()).any(axis=1)]  # the package knows no missing values
GRADE, MARKER = list(KINDS).index("grade"), list(KINDS).index("marker")
BOTH = pytest.mark.parametrize("discretise", [True, False], ids=["bins", "values"])


def explain(
    model: ToyTableModel, method: LimeTabular, *, values: FloatArray = RECORD, seed: int = 0
) -> Explanation:
    game = game_for(table_question_for(model, table_case(values)), max_rows=4096)
    return method.explain(game, budget=10_000, generator=generator(seed))[0]


def draw(
    case: FloatArray,
    sample: FloatArray,
    schema: TableSchema,
    *,
    count: int,
    discretise: bool,
    generator: torch.Generator,
) -> Neighbourhood:
    levels = fit_levels(sample, schema, discretise=discretise)
    return draw_neighbourhood(case, levels, count=count, generator=generator)


def test_undiscretised_finds_the_coefficients_of_a_linear_model() -> None:
    weights = linear_table_model().weights.clone()
    weights[6:] = 0  # the category is seen as the case's or not, which is not linear in its places
    model = LinearTableModel(weights)
    found = explain(model, LimeTabular(discretise=False, penalty=1e-6))
    standard = model.encode_values(RECORD[None])[0].double()
    for f in range(3):
        element = int(np.flatnonzero(model.element_columns == f)[0])
        expected = float(model.weights[element] * standard[element])
        assert abs(found.values[f] - expected) < 1e-4
        assert found.std_error is not None
        assert found.std_error[f] < 1e-4


@BOTH
def test_standard_errors_cover_re_runs(*, discretise: bool) -> None:
    model = ToyTableModel(smooth_score)
    method = LimeTabular(samples=400, discretise=discretise)
    truth = explain(model, replace(method, samples=10_000), seed=99)
    many = [explain(model, method, seed=seed) for seed in range(40)]
    off = np.stack([found.values for found in many])
    # The ridge shrinks more with fewer records: cover the mean of the re-runs, not the truth.
    hits = [abs(found.values - off.mean(axis=0)) <= 1.96 * found.std_error for found in many]
    assert 0.91 <= np.mean(hits) <= 0.985
    assert abs(off.mean(axis=0) - truth.values).max() < 0.1 * abs(truth.values).max()


@BOTH
def test_a_net_errs_less_than_records_drawn_at_random(
    monkeypatch: pytest.MonkeyPatch, *, discretise: bool
) -> None:
    model = ToyTableModel(smooth_score)
    method = LimeTabular(samples=1000, discretise=discretise, control_variate=False)

    def spread() -> tuple[float, float]:
        many = [explain(model, method, seed=seed) for seed in range(20)]
        values, bars = (np.stack([getattr(f, n) for f in many]) for n in ("values", "std_error"))
        return float(values.var(axis=0).sum()), float((bars**2).mean(axis=0).sum())

    of_net, bars_of_net = spread()

    def at_random(random: torch.Generator, shape: tuple[int, int]) -> npt.NDArray[np.uint16]:
        return torch.randint(POINTS, shape, generator=random).numpy().astype(np.uint16)

    monkeypatch.setattr(neighbourhood, "draw_points", at_random)
    drawn, bars_of_drawn = spread()
    assert of_net < 0.6 * drawn
    assert bars_of_net < 0.7 * bars_of_drawn


@BOTH
def test_a_planted_column_ranks_first_with_its_sign(*, discretise: bool) -> None:
    for value, sign in ((20.0, 1), (2.0, -1)):
        values = RECORD.copy()
        values[MARKER] = value
        model = ToyTableModel(planted_score("marker"))
        found = explain(model, LimeTabular(discretise=discretise), values=values)
        assert np.argmax(np.abs(found.values)) == MARKER
        assert np.sign(found.values[MARKER]) == sign
        others = np.delete(np.abs(found.values), MARKER)
        assert others.max() < 0.1 * abs(found.values[MARKER])


@BOTH
@pytest.mark.parametrize("sample", [toy_sample(), COMPLETE], ids=["seen", "never seen"])
def test_a_missing_value_is_a_level_of_its_own(*, discretise: bool, sample: FloatArray) -> None:
    values = RECORD.copy()
    values[MARKER] = np.nan
    model = ToyTableModel(lambda x: 2 * x[:, 11].double(), sample=sample)  # reads the missing flag
    found = explain(model, LimeTabular(discretise=discretise), values=values)
    assert abs(found.values[MARKER] - 2) < 0.05
    assert np.abs(np.delete(found.values, MARKER)).max() < 0.05


def test_a_group_gets_the_sum_of_its_features() -> None:
    model = ToyTableModel(smooth_score)
    groups = np.array([0, 1, 1, 2, 3])[model.element_columns]
    players = Players(membership=groups, element_shape=groups.shape, kind="feature group")
    question = table_question_for(model, table_case(), players=players)
    method = LimeTabular(samples=500)
    found = method.explain(game_for(question), budget=500, generator=generator())[0]
    single = explain(model, method)
    np.testing.assert_allclose(found.values[1], single.values[1] + single.values[2], atol=1e-9)
    np.testing.assert_allclose(found.values[[0, 2, 3]], single.values[[0, 3, 4]], atol=1e-9)
    assert found.std_error is not None
    assert single.std_error is not None
    np.testing.assert_allclose(found.std_error[0], single.std_error[0], atol=1e-9)
    apart = np.hypot(*single.std_error[1:3])
    assert 0.5 * apart < found.std_error[1] < 1.5 * apart
    assert abs(found.std_error[1] - apart) > 1e-6  # they were drawn together


def test_players_that_cut_a_column_are_refused() -> None:
    model = ToyTableModel(smooth_score)
    cut = np.arange(len(model.element_columns), dtype=np.int32)
    players = Players(membership=cut, element_shape=cut.shape, kind="feature")
    question = table_question_for(model, table_case(), players=players)
    with pytest.raises(MaskError, match="whole"):
        LimeTabular().explain(game_for(question), budget=N, generator=generator())


def test_a_model_without_columns_is_refused() -> None:
    class Closed:
        def __init__(self, model: ToyTableModel) -> None:
            self.card, self.device, self.logits = model.card, model.device, model.logits

    question = table_question_for(ToyTableModel(smooth_score), table_case())
    with pytest.raises(UnsupportedMethodError, match="columns"):
        LimeTabular().explain(
            game_for(replace(question, model=Closed(question.model))),
            budget=N,
            generator=generator(),
        )


def test_how_many_training_records_speak_is_said() -> None:
    found = explain(ToyTableModel(smooth_score), LimeTabular(samples=300))
    assert found.settings["training_records"] == len(toy_sample())
    assert found.settings["samples"] == 300
    assert found.rows == 300


def test_kernel_by_hand() -> None:
    design = np.array([[1.0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 0]])
    width = 0.75 * 2
    expected = [1.0, np.sqrt(np.exp(-1 / width**2)), np.sqrt(np.exp(-4 / width**2))]
    np.testing.assert_allclose(kernel(design, 0.75), expected)


@BOTH
def test_missing_is_no_level_of_a_known_value(*, discretise: bool) -> None:
    levels = fit_levels(toy_sample(), ToyTableModel(smooth_score).schema, discretise=discretise)
    missing = levels.of(np.full(len(RECORD), np.nan))
    assert (missing == levels.counts.shape[1] - 1).all()
    assert (levels.of(RECORD) < missing).all()
    assert (levels.of(np.full(len(RECORD), np.inf)) < missing).all()


def test_value_that_most_records_have_is_named_in_a_remark() -> None:
    sample = toy_sample()
    sample[:, GRADE] = np.where(np.arange(len(sample)) % 5 == 0, 0.0, RECORD[GRADE])  # four fifths
    model = LinearTableModel(torch.ones(12), sample=sample)
    (said,) = explain(model, LimeTabular(samples=N)).remarks
    assert said.endswith(f"Here: {model.schema.columns[GRADE].title}.")
    assert explain(model, LimeTabular(samples=N, discretise=False)).remarks == ()
    assert explain(linear_table_model(), LimeTabular(samples=N)).remarks == ()

"""LIME for tables says what the lime package says, given the same random numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import ndtri

from explainers.explanation import Scale
from explainers.levels import fit_levels
from explainers.methods.lime_tabular import LimeTabular
from explainers.neighbourhood import draw_points
from explainers.points import POINTS
from models.case import FloatArray
from tests.explainers.test_lime_tabular import BOTH, COMPLETE, GRADE, MARKER, N, draw
from tests.toys import game_for, generator
from tests.toys_table import (
    RECORD,
    ToyTableModel,
    smooth_score,
    table_case,
    table_question_for,
)


@dataclass
class PackageRun:
    """What LimeTabularExplainer makes of our random numbers."""

    records: FloatArray  # (n, F)
    coefficients: FloatArray  # (F,)
    intercept: float
    r2: float
    scaled_case: FloatArray  # (F,)


class _OurNumbers(np.random.RandomState):
    """A random state whose answers are the uniform numbers that our sampler draws.

    What a number exceeds its level's start by is the quantile within the level.
    """

    def __init__(self, uniform: FloatArray, seen: list[int], by_level: list[int]) -> None:
        super().__init__(0)
        self._levels = [(f, uniform[f]) for f in by_level]
        self._places: list[FloatArray] = []
        self._normal = ndtri(uniform).T
        self._seen = seen

    def normal(self, low: float, high: float, size: int) -> FloatArray:
        assert (low, high, size) == (0, 1, self._normal.size + len(RECORD))
        return np.concatenate([np.zeros(len(RECORD)), self._normal.ravel()])

    def choice(self, values: list, *, size: int, replace: bool, p: FloatArray) -> FloatArray:
        assert replace
        f, uniform = self._levels.pop(0)
        upto = np.cumsum(p)
        chosen = np.searchsorted(upto[:-1], uniform, side="right")
        if f in self._seen:
            self._places.append((uniform - (upto - p)[chosen]) / np.asarray(p)[chosen])
        return np.concatenate([[0.0], np.asarray(values)[chosen]])[:size]

    def uniform(self, **asked: tuple[int, ...]) -> FloatArray:
        drawn = self._places.pop(0)
        assert np.prod(asked["size"]) == drawn.size
        return drawn


def _uniform(points: npt.NDArray[np.uint16], share: FloatArray) -> FloatArray:
    """Uniform numbers that our points (n,) stand for, of one column's levels: their middles."""
    upto = share.cumsum()
    ends = np.ceil(POINTS * upto - 0.5)
    level = np.searchsorted(ends, points, side="right")
    firsts, starts = np.append(0, ends)[level], np.append(0, upto)[level]
    return starts + share[level] * (points - firsts + 0.5) / (ends[level] - firsts)


def run_package(model: ToyTableModel, *, discretise: bool, scale: Scale) -> PackageRun:
    from lime.lime_tabular import LimeTabularExplainer

    points = draw_points(generator(), (len(RECORD), N))
    levels = fit_levels(model.sample, model.schema, discretise=discretise)
    uniform = np.array([_uniform(p, share) for p, share in zip(points, levels.share, strict=True)])
    categorical = [GRADE]
    # The package asks for the places of numbers only, and for coins of levels only.
    measured = [f for f in range(len(RECORD)) if f != GRADE]
    state = _OurNumbers(uniform, measured, list(range(len(RECORD))) if discretise else categorical)
    game = game_for(table_question_for(model, table_case(), scale=scale), max_rows=4096)
    seen: list[FloatArray] = []

    def answers(records: FloatArray) -> FloatArray:
        seen.append(records)
        return game.evaluate(model.encode_values(records))[:, 0].numpy()

    explainer = LimeTabularExplainer(
        model.sample,
        mode="regression",
        categorical_features=categorical,
        discretize_continuous=discretise,
        feature_selection="none",
        random_state=state,
    )
    found = explainer.explain_instance(RECORD, answers, num_features=len(RECORD), num_samples=N + 1)
    coefficients = np.zeros(len(RECORD))
    for feature, weight in found.local_exp[1]:
        coefficients[feature] = weight
    scaled = (RECORD - explainer.scaler.mean_) / explainer.scaler.scale_
    scaled[categorical if not discretise else slice(None)] = 1.0
    return PackageRun(seen[0][1:], coefficients, found.intercept[1], found.score, scaled)


@BOTH
@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_equals_the_package_given_the_same_random_numbers(
    *, discretise: bool, scale: Scale
) -> None:
    # Whole numbers are left out: where a bin is a single number the package draws 0 in its place.
    # So are numbers beyond the sample's range, which only the package draws: two records widen it.
    sample = COMPLETE.copy()
    sample[:, 2] += np.linspace(0, 0.4, len(sample))
    numbers = [0, 1, 2, MARKER]
    for row, deviations in ((0, -6), (1, 6)):
        sample[row, numbers] = (sample.mean(axis=0) + deviations * sample.std(axis=0))[numbers]
    model = ToyTableModel(smooth_score, sample=sample)
    theirs = run_package(model, discretise=discretise, scale=scale)
    ours = draw(RECORD, sample, model.schema, count=N, discretise=discretise, generator=generator())
    np.testing.assert_allclose(ours.records, theirs.records, rtol=1e-9, atol=1e-9)
    game = game_for(table_question_for(model, table_case(), scale=scale), max_rows=4096)
    method = LimeTabular(samples=N, discretise=discretise, control_variate=False)
    found = method.explain(game, budget=N, generator=generator())[0]
    expected = theirs.coefficients * theirs.scaled_case
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found.values, expected, atol=1e-9 * largest)
    np.testing.assert_allclose(found.diagnostics["surrogate_r2"], theirs.r2, atol=1e-9)

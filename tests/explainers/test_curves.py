"""Metrics and chance floors at every k at once equal those computed for one k at a time."""

import itertools

import numpy as np
import pytest

from explainers.chance import floors_and_bands
from explainers.curves import curves
from explainers.metrics import METRICS, agree, rank
from models.case import FloatArray

AWKWARD = np.array(
    [
        [3.0, -2.0, 1.0, 0.5, -0.25, 0.1],
        [3.0, -3.0, 3.0, 0.0, 0.0, 0.0],  # ties and zeros
        [0.0, 0.0, -5.0, 0.0, 1.0, 0.0],
        [-1.0, -1.0, 2.0, 2.0, 2.0, -1.0],
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],  # ranks nothing
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)
SIGNED = np.array([True, True, True, True, True, True])


def random_values(seed: int) -> FloatArray:
    """Five methods of nine players with ties and zeros here and there."""
    return np.random.default_rng(seed).integers(-4, 5, size=(5, 9)).astype(float)


@pytest.mark.parametrize("values", [AWKWARD, random_values(0), random_values(1)])
def test_every_k_equals_the_metrics_and_floors_of_that_k_alone(values: FloatArray) -> None:
    signed = SIGNED[: len(values)].copy()
    signed[1] = False
    found = curves(values, signed)
    for k in range(1, values.shape[1] + 1):
        ranking = rank(values, signed, k)
        floors, _ = floors_and_bands(ranking)
        for name in METRICS:
            np.testing.assert_allclose(found.chance_floor[name][k - 1], floors[name], atol=1e-12)
        for i, j in itertools.product(range(len(values)), repeat=2):
            alone = agree(ranking.take(np.array([i])), ranking.take(np.array([j])))
            for name in METRICS:
                np.testing.assert_allclose(
                    found.metrics[name][k - 1, i, j], alone[name][0], atol=1e-12, err_msg=name
                )


def test_floors_equal_the_mean_over_all_permutations_at_every_k() -> None:
    values = AWKWARD[:4, :5]
    found = curves(values, SIGNED[:4])
    orders = np.array(list(itertools.permutations(range(5))))
    for i, j in itertools.combinations(range(4), 2):
        pairs = [curves(np.stack([values[i], values[j][o]]), SIGNED[:2]) for o in orders]
        for name in METRICS:
            mean = np.mean([p.metrics[name][:, 0, 1] for p in pairs], axis=0)
            np.testing.assert_allclose(found.chance_floor[name][:, i, j], mean, atol=1e-12)


def test_without_ties_the_floor_of_the_shared_top_is_k_over_p() -> None:
    values = np.random.default_rng(2).normal(size=(2, 40))
    found = curves(values, np.array([True, True]))
    expected = np.arange(1, 41) / 40
    np.testing.assert_allclose(found.chance_floor["feature_agreement"][:, 0, 1], expected)
    np.testing.assert_allclose(found.metrics["feature_agreement"][-1], 1.0)

"""Growth curves: exponents that are right, and questions of the sizes asked for."""

import numpy as np
import pytest

from benchmarks.growth import Curve, curves, explain, exponent, measure, page
from benchmarks.small import film_question, table_question
from explainers.methods.rise import Rise


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_power_is_found(power: float) -> None:
    sizes = np.array([1.0, 2, 4, 8, 16])
    slope, error = exponent(sizes, 0.3 * sizes**power)
    assert slope == pytest.approx(power)
    assert error == pytest.approx(0, abs=1e-9)


def test_its_error_is_that_of_the_scatter() -> None:
    rng = np.random.default_rng(0)
    sizes = np.repeat([1.0, 2, 4, 8, 16], 4)
    found = [exponent(sizes, sizes * np.exp(rng.normal(0, 0.2, len(sizes)))) for _ in range(400)]
    slopes, errors = np.transpose(found)
    assert slopes.mean() == pytest.approx(1, abs=0.02)
    assert errors.mean() == pytest.approx(slopes.std(), rel=0.15)


def test_questions_have_the_sizes_asked_for() -> None:
    film = film_question(side=64, players=16, classes=3)
    assert film.inputs.shape == (1, 1, 64, 64)
    assert film.players.count == 16
    assert len(film.targets) == 3
    assert table_question(background=250).masker.n_draws == 250


def test_every_curve_is_named_once_and_rises() -> None:
    names = [(curve.against, curve.method) for curve in curves()]
    assert len(set(names)) == len(names)
    assert all(list(curve.sizes) == sorted(set(curve.sizes)) for curve in curves())


def test_a_curve_is_measured_and_told() -> None:
    work = Curve(
        against="numbers",
        method="sum",
        sizes=(1000, 4000),
        make=lambda n: lambda: sum(range(50 * n)),
    )
    found = measure(work, 2)
    assert len(found["cpu_seconds"]) == 2
    assert "| numbers | sum | 1,000 to 4,000 |" in page([found])


def test_soft_masks_of_small_films_are_taken() -> None:
    explain(film_question(), Rise(masks=600))()  # interpolation used to round beyond 1

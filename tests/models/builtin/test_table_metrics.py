"""Calibration figures against records whose true risk is known."""

import numpy as np
import pytest
from scipy.special import expit

from models.builtin.table_metrics import (
    calibration_curve,
    calibration_line,
    fit_temperature,
    measure,
    measure_parts,
)
from models.case import FloatArray


def simulated(n: int = 40_000) -> tuple[FloatArray, FloatArray]:
    """Outcomes drawn from known log-odds."""
    generator = np.random.default_rng(5)
    odds = generator.normal(-0.5, 1.5, n)
    return (generator.random(n) < expit(odds)).astype(float), odds


def test_true_log_odds_have_slope_1_and_intercept_0() -> None:
    slope, intercept = calibration_line(*simulated())
    assert slope == pytest.approx(1, abs=0.03)
    assert intercept == pytest.approx(0, abs=0.03)


def test_overconfident_and_shifted_log_odds_are_told() -> None:
    labels, odds = simulated()
    slope, intercept = calibration_line(labels, 2 * odds + 1)
    assert slope == pytest.approx(0.5, abs=0.02)
    assert intercept == pytest.approx(-0.5, abs=0.03)
    assert fit_temperature(labels, 3 * odds) == pytest.approx(3, abs=0.1)


def test_the_curve_of_true_risks_is_the_diagonal() -> None:
    labels, odds = simulated()
    curve = calibration_curve(labels, expit(odds))
    assert sum(part["records"] for part in curve) == len(labels)
    assert [part["predicted"] for part in curve] == sorted(part["predicted"] for part in curve)
    for part in curve:
        assert part["observed"] == pytest.approx(part["predicted"], abs=0.03)


def test_figures_have_intervals_around_them_and_repeat() -> None:
    labels, odds = simulated(300)
    figures = measure(labels, expit(odds), 0.5)
    assert figures == measure(labels, expit(odds), 0.5)
    assert figures["records"] == 300
    for name in ("auroc", "sensitivity", "specificity", "calibration_slope", "brier"):
        low, high = figures[name]["ci95"]
        assert low < figures[name]["value"] < high
    assert figures["sensitivity"]["value"] == round(float((odds[labels == 1] >= 0).mean()), 3)


def test_records_told_apart_without_error_have_finite_figures() -> None:
    labels = np.repeat([0.0, 1.0], 40)
    figures = measure(labels, np.where(labels == 1, 0.99, 0.02), 0.5)
    assert figures["auroc"]["value"] == 1
    assert np.isfinite(figures["calibration_slope"]["ci95"]).all()


def test_parts_are_measured_by_themselves() -> None:
    labels, odds = simulated(400)
    first = (np.arange(400) < 200).astype(float)
    parts = measure_parts(labels, expit(odds), {"first": first, "all": np.ones(400)})
    assert parts["first"]["records"] == 200
    assert parts["first"]["events"] == labels[:200].sum()
    assert parts["all"]["observed"] == round(float(labels.mean()), 3)

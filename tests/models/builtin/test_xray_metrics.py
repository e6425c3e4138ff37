"""Figures on the card are computed right."""

import numpy as np
import pytest

from models.builtin.xray_metrics import (
    auroc,
    calibration_error,
    fit_calibration,
    fit_operating_point,
    interval,
    operating_point_rates,
)


def test_auroc_counts_won_pairs_and_half_the_ties() -> None:
    labels = np.array([0.0, 0.0, 1.0, 1.0])
    scores = np.array([0.1, 0.5, 0.5, 0.9])
    assert auroc(labels, scores) == pytest.approx((1 + 1 + 1 + 0.5) / 4)


def test_auroc_without_one_class_is_undefined() -> None:
    assert np.isnan(auroc(np.ones(3), np.arange(3.0)))


def test_calibration_error_of_known_bins() -> None:
    probabilities = np.array([0.05, 0.05, 0.95, 0.95])
    labels = np.array([0.0, 1.0, 1.0, 1.0])
    assert calibration_error(labels, probabilities) == pytest.approx(0.5 * 0.45 + 0.5 * 0.05)


def test_temperature_and_offset_are_recovered() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=40_000) * 2
    labels = (rng.random(true.size) < 1 / (1 + np.exp(-true))).astype(float)
    temperature, offset = fit_calibration(labels, 1.7 * true - 0.6, np.ones(true.size))
    assert temperature == pytest.approx(1.7, abs=0.08)
    assert offset == pytest.approx(0.6, abs=0.05)


def test_the_operating_point_separates_what_can_be_separated() -> None:
    labels = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    probabilities = np.array([0.1, 0.2, 0.3, 0.7, 0.9])
    point = fit_operating_point(labels, probabilities, np.full(5, 0.2))
    assert point == pytest.approx(0.5)


def test_intervals_are_seeded_contain_the_value_and_widen_with_dependence() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat(rng.integers(0, 2, 30), 4).astype(float)
    scores = labels + np.repeat(rng.normal(size=30), 4)
    own = [str(k) for k in range(120)]
    shared = [str(k // 4) for k in range(120)]
    low, high = interval(auroc, labels, scores, own)
    assert interval(auroc, labels, scores, own) == (low, high)
    assert low < auroc(labels, scores) < high
    wide = interval(auroc, labels, scores, shared)
    assert wide[1] - wide[0] > high - low


def test_rates_at_the_operating_point_are_taken_from_the_groups() -> None:
    figures = {
        "films": 10,
        "sensitivity": {"value": 0.8, "ci95": [0.6, 0.9]},
        "specificity": {"value": 0.7, "ci95": [0.5, 0.9]},
    }
    rates = operating_point_rates({"NIH adults": figures, "Kermany children": figures})
    assert rates["adults"]["n"] == 10
    assert rates["adults"]["sensitivity"]["value"] == 0.8
    assert rates["children"]["false_alarm_rate"] == {"value": 0.3, "ci95": [0.1, 0.5]}

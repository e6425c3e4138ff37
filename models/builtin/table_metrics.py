"""What the tabular models reach: discrimination, calibration, operating point, intervals.

Intervals are the 2.5 and 97.5 percentiles over 2,000 resamples of records (one record a patient).
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from scipy.special import expit, logit

from models.builtin.xray_metrics import ROUNDS, Statistic, auroc, brier, calibration_error
from models.case import FloatArray

SEED: Final = 2026
CURVE_BINS: Final = 10
RIDGE: Final = 1e-3


def fit_temperature(labels: FloatArray, margins: FloatArray) -> float:
    """T that minimises the cross-entropy of sigmoid(margins / T)."""
    slope, _ = _fit_logistic(labels, margins, with_offset=False)
    return 1 / slope


def calibration_line(labels: FloatArray, odds: FloatArray) -> tuple[float, float]:
    """Slope and intercept of a logistic regression on the predicted log-odds; ideal: 1 and 0.

    Reference:
        Cox, Biometrika 1958, 45:562-565. A slope below 1: predictions too extreme. An intercept
        below 0 (at slope 1): risks predicted too high.
    """
    return _fit_logistic(labels, odds, with_offset=True)


def calibration_curve(labels: FloatArray, probabilities: FloatArray) -> list[dict[str, Any]]:
    """Ten groups of equal size by predicted risk, and the share of events in each."""
    order = np.argsort(probabilities, kind="stable")
    return [
        {"records": len(part), **_means(labels[part], probabilities[part])}
        for part in np.array_split(order, CURVE_BINS)
    ]


def measure(
    labels: FloatArray, probabilities: FloatArray, operating_point: float
) -> dict[str, Any]:
    """All figures of one group of records but the curve, plain data for the card."""
    named: dict[str, Statistic] = {
        "auroc": auroc,
        "sensitivity": lambda truth, risk: _share(risk[truth == 1] >= operating_point),
        "specificity": lambda truth, risk: _share(risk[truth == 0] < operating_point),
        "calibration_slope": lambda truth, risk: calibration_line(truth, logit(risk))[0],
        "calibration_intercept": lambda truth, risk: calibration_line(truth, logit(risk))[1],
        "brier": brier,
    }
    return {
        **_sizes(labels),
        **_means(labels, probabilities),
        **_with_intervals(named, labels, probabilities),
        # Without interval: resamples of it lie higher than the value itself.
        "calibration_error": round(calibration_error(labels, probabilities), 3),
    }


def measure_parts(
    labels: FloatArray, probabilities: FloatArray, parts: Mapping[str, FloatArray]
) -> dict[str, Any]:
    """Size, AUROC, mean risk and share of events in each part (N,) of ones and zeros."""
    figures = {}
    for name, member in parts.items():
        truth, risk = labels[member == 1], probabilities[member == 1]
        figures[name] = {
            **_sizes(truth),
            **_means(truth, risk),
            **_with_intervals({"auroc": auroc}, truth, risk),
        }
    return figures


def _sizes(labels: FloatArray) -> dict[str, Any]:
    return {"records": len(labels), "events": int(labels.sum())}


def _means(labels: FloatArray, probabilities: FloatArray) -> dict[str, Any]:
    """Mean risk beside the share of events."""
    return {
        "predicted": round(float(probabilities.mean()), 3),
        "observed": round(float(labels.mean()), 3),
    }


def _share(chosen: FloatArray) -> float:
    """Mean of booleans; NaN of none."""
    return float(chosen.mean()) if len(chosen) else float("nan")


def _with_intervals(
    named: Mapping[str, Statistic], labels: FloatArray, scores: FloatArray
) -> dict[str, Any]:
    """Each statistic with its interval; all from the same resamples, both outcomes in each."""
    generator = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {name: [] for name in named}
    while len(next(iter(drawn.values()))) < ROUNDS:
        chosen = generator.integers(0, len(labels), len(labels))
        if 0 < labels[chosen].sum() < len(labels):
            for name, statistic in named.items():
                drawn[name].append(statistic(labels[chosen], scores[chosen]))
    figures = {}
    for name, statistic in named.items():
        low, high = np.percentile(drawn[name], [2.5, 97.5])
        value = statistic(labels, scores)
        figures[name] = {
            "value": round(value, 3),
            "ci95": [round(float(low), 3), round(float(high), 3)],
        }
    return figures


def _fit_logistic(
    labels: FloatArray, odds: FloatArray, *, with_offset: bool
) -> tuple[float, float]:
    """Slope and intercept (0 without offset) by Newton's method.

    A trace of a ridge keeps records that are told apart without error from infinity.
    """
    design = np.stack([odds, np.ones_like(odds)] if with_offset else [odds], axis=1)
    found = np.zeros(design.shape[1])
    for _ in range(50):
        risk = expit(design @ found)
        curvature = design.T @ (design * (risk * (1 - risk))[:, None])
        curvature += RIDGE * np.eye(len(found))
        step = np.linalg.solve(curvature, design.T @ (labels - risk) - RIDGE * found)
        found += step
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1]) if with_offset else 0.0

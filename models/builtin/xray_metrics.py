"""What the X-ray model reaches: discrimination, calibration, operating point, intervals.

Intervals are the 2.5 and 97.5 percentiles over 2,000 resamples of patients (a patient's films stay
together).
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.stats import rankdata

Floats: TypeAlias = npt.NDArray[np.float64]
Statistic: TypeAlias = Callable[[Floats, Floats], float]
ROUNDS: Final = 2000
CALIBRATION_BINS: Final = 10


def auroc(labels: Floats, scores: Floats) -> float:
    """Area under the ROC curve (Mann-Whitney, ties count half); NaN when a class is absent."""
    positive = labels == 1
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return float("nan")
    wins = rankdata(scores)[positive].sum() - n_positive * (n_positive + 1) / 2
    return float(wins / (n_positive * n_negative))


def calibration_error(labels: Floats, probabilities: Floats) -> float:
    """Expected calibration error: mean |share of positives - probability| over 10 equal bins."""
    bins = np.minimum((probabilities * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(labels[bins == b].mean() - probabilities[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(np.sum(gaps))


def brier(labels: Floats, probabilities: Floats) -> float:
    """Mean squared error of the probabilities."""
    return float(np.mean((probabilities - labels) ** 2))


def interval(
    statistic: Statistic, labels: Floats, scores: Floats, patients: Sequence[str]
) -> tuple[float, float]:
    """95 % bootstrap interval over patients, seeded; undefined resamples are left out."""
    generator = np.random.default_rng(2026)
    _, member = np.unique(np.asarray(patients), return_inverse=True)
    films = [np.flatnonzero(member == patient) for patient in range(member.max() + 1)]
    values = []
    for _ in range(ROUNDS):
        drawn = generator.integers(0, len(films), len(films))
        chosen = np.concatenate([films[patient] for patient in drawn])
        values.append(statistic(labels[chosen], scores[chosen]))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def fit_calibration(labels: Floats, odds: Floats, weights: Floats) -> tuple[float, float]:
    """T and c that minimise the cross-entropy of sigmoid((odds + c) / T)."""

    def loss(parameters: Floats) -> float:
        calibrated = (odds + parameters[1]) / np.exp(parameters[0])
        signed = np.where(labels == 1, calibrated, -calibrated)
        return float(np.average(np.logaddexp(0.0, -signed), weights=weights))

    best = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    return float(np.exp(best.x[0])), float(best.x[1])


def fit_operating_point(labels: Floats, probabilities: Floats, weights: Floats) -> float:
    """Probability with the largest sensitivity + specificity, halfway to the next film below."""
    order = np.argsort(probabilities)[::-1]
    positive = np.cumsum((weights * labels)[order]) / (weights * labels).sum()
    negative = np.cumsum((weights * (1 - labels))[order]) / (weights * (1 - labels)).sum()
    best = int(np.argmax(positive - negative))
    ordered = probabilities[order]
    return float((ordered[best] + ordered[min(best + 1, len(ordered) - 1)]) / 2)


def measure(
    rows: Sequence[dict[str, str]], probabilities: Floats, operating_point: float
) -> dict[str, Any]:
    """All figures of one group of films, plain data for the card.

    Args:
        rows: Their rows of labels.csv.
        probabilities: (N,) probability of pneumonia.
        operating_point: Called present from this probability on.
    """
    labels = np.array([float(row["finding"] == "pneumonia") for row in rows])
    patients = [row["patient_id"] for row in rows]

    def sensitivity(truth: Floats, scores: Floats) -> float:
        found = scores[truth == 1] >= operating_point
        return float(found.mean()) if len(found) else float("nan")

    def specificity(truth: Floats, scores: Floats) -> float:
        spared = scores[truth == 0] < operating_point
        return float(spared.mean()) if len(spared) else float("nan")

    figures: dict[str, Any] = {
        "films": len(rows),
        "pneumonia": int(labels.sum()),
        "patients": len(set(patients)),
    }
    named: dict[str, Statistic] = {
        "auroc": auroc,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "calibration_error": calibration_error,
        "brier": brier,
    }
    for name, statistic in named.items():
        low, high = interval(statistic, labels, probabilities, patients)
        value = statistic(labels, probabilities)
        figures[name] = {"value": round(value, 3), "ci95": [round(low, 3), round(high, 3)]}
    return figures


GROUPS: Final[dict[str, dict[str, str]]] = {
    "NIH adults": {"source": "nih"},
    "NIH adults, PA": {"source": "nih", "view": "PA"},
    "NIH adults, AP": {"source": "nih", "view": "AP"},
    "NIH adults, women": {"source": "nih", "sex": "F"},
    "NIH adults, men": {"source": "nih", "sex": "M"},
    "Kermany children": {"source": "kermany"},
}


def measure_groups(
    rows: Sequence[dict[str, str]], probabilities: Floats, operating_point: float
) -> dict[str, Any]:
    """`measure` for each of GROUPS."""
    results = {}
    for name, wanted in GROUPS.items():
        member = [all(row[key] == value for key, value in wanted.items()) for row in rows]
        chosen = [row for row, inside in zip(rows, member, strict=True) if inside]
        results[name] = measure(chosen, probabilities[np.array(member)], operating_point)
    return results


def operating_point_rates(groups: dict[str, Any]) -> dict[str, Any]:
    """What the operating point costs adults and children; figures of `measure` by group."""
    rates = {}
    for name, group in (("adults", "NIH adults"), ("children", "Kermany children")):
        figures = copy.deepcopy(groups[group])  # YAML would write shared parts as references
        low, high = figures["specificity"]["ci95"]
        rates[name] = {
            "n": figures["films"],
            "sensitivity": figures["sensitivity"],
            "specificity": figures["specificity"],
            "false_alarm_rate": {
                "value": round(1 - figures["specificity"]["value"], 3),
                "ci95": [round(1 - high, 3), round(1 - low, 3)],
            },
        }
    return rates

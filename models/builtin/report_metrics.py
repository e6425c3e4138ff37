"""What the report model reaches, finding by finding, on reports and on self-written probes.

Intervals are the 2.5 and 97.5 percentiles over 2,000 resamples of reports.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
import yaml

from models.builtin.report_data import Report
from models.builtin.report_labels import TAGS
from models.builtin.xray_metrics import (
    Floats,
    Statistic,
    auroc,
    brier,
    calibration_error,
    fit_calibration,
    fit_operating_point,
    interval,
)
from models.inputs.text import text_case
from models.text_classifier import TextClassifier

EVEN: Final = 0.5
PROBES: Final = Path(__file__).with_name("report_probes.yaml")


class Scored(NamedTuple):
    """Reports of one split with what the model says of them.

    Attributes:
        ids: (N,) of the reports.
        labels: (N, K) 0 or 1.
        logits: (N, K).
    """

    ids: tuple[str, ...]
    labels: Floats
    logits: Floats


def score(model: TextClassifier, reports: Sequence[Report]) -> Scored:
    """The model's logits of the reports, read as the page reads a pasted text."""
    columns = [list(TAGS).index(name) for name in model.card.classes]
    labels = np.stack([report.labels for report in reports])[:, columns]
    logits = logits_of(model, [report.text for report in reports])
    return Scored(tuple(report.id for report in reports), labels, logits)


def logits_of(model: TextClassifier, texts: Sequence[str]) -> Floats:
    """(N, K) logits of texts."""
    with torch.inference_mode():
        rows = [model.logits(model.encode(text_case(text, name="report"))) for text in texts]
    return torch.cat(rows).double().numpy()


def fit_calibrations(val: Scored) -> list[tuple[float, float]]:
    """(temperature, offset) of each finding, fitted by cross-entropy."""
    weights = np.ones(len(val.labels))
    return [
        fit_calibration(val.labels[:, k], val.logits[:, k], weights)
        for k in range(val.labels.shape[1])
    ]


def fit_operating_points(val: Scored) -> list[float]:
    """Probability of each finding with the largest sensitivity + specificity."""
    weights = np.ones(len(val.labels))
    probabilities = sigmoid(val.logits)
    return [
        fit_operating_point(val.labels[:, k], probabilities[:, k], weights)
        for k in range(val.labels.shape[1])
    ]


def measure(test: Scored, classes: Sequence[str], points: Mapping[str, float]) -> dict[str, Any]:
    """Figures of each finding, plain data for the card."""
    probabilities = sigmoid(test.logits)
    figures = {
        name: measure_finding(test.labels[:, k], probabilities[:, k], points[name], test.ids)
        for k, name in enumerate(classes)
    }
    mean = float(np.mean([found["auroc"]["value"] for found in figures.values()]))
    return {"reports": len(test.ids), "mean_auroc": round(mean, 3), "findings": figures}


def measure_finding(
    labels: Floats, probabilities: Floats, point: float, ids: Sequence[str]
) -> dict[str, Any]:
    """Figures of one finding.

    Args:
        labels: (N,) 0 or 1.
        probabilities: (N,).
        point: Called present from this probability on.
        ids: (N,) reports, which the resamples draw from.
    """

    def sensitivity(truth: Floats, scores: Floats) -> float:
        return _mean(scores[truth == 1] >= point)

    def specificity(truth: Floats, scores: Floats) -> float:
        return _mean(scores[truth == 0] < point)

    named: dict[str, Statistic] = {
        "auroc": auroc,
        "calibration_error": calibration_error,
        "brier": brier,
        "sensitivity": sensitivity,
        "specificity": specificity,
    }
    figures: dict[str, Any] = {"positives": int(labels.sum())}
    for name, statistic in named.items():
        low, high = interval(statistic, labels, probabilities, ids)
        value = statistic(labels, probabilities)
        figures[name] = {"value": round(value, 3), "ci95": [round(low, 3), round(high, 3)]}
    return figures


def probe(model: TextClassifier, points: Mapping[str, float]) -> dict[str, Any]:
    """How the model takes the self-written sentences that assert or deny a finding."""
    probes: dict[str, Any] = yaml.safe_load(PROBES.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {}
    sums: dict[str, list[int]] = {}
    for name, sentences in probes["findings"].items():
        k = model.card.classes.index(name)
        present = sigmoid(logits_of(model, sentences["asserted"])[:, k])
        absent = sigmoid(logits_of(model, sentences["denied"])[:, k])
        right = {
            "asserted": present >= points[name],
            "denied": absent < points[name],
            "asserted, above 50 %": present > EVEN,
            "denied, below 50 %": absent < EVEN,
            "ordered": (present[:, None] > absent).ravel(),
        }
        found[name] = {key: _share(values) for key, values in right.items()}
        for key, values in right.items():
            total = sums.setdefault(key, [0, 0])
            total[0] += int(values.sum())
            total[1] += len(values)
    all_of = {key: f"{right} of {of}" for key, (right, of) in sums.items()}
    return {"all": all_of, "findings": found}


def masked_figures(model: TextClassifier, reports: Sequence[Report]) -> dict[str, float]:
    """Mean AUROC over the findings with a share of each report's words replaced by [MASK]."""
    columns = [list(TAGS).index(name) for name in model.card.classes]
    labels = np.stack([report.labels for report in reports])[:, columns]
    figures = {}
    for share in (0.0, 0.25, 0.5, 0.75):
        logits = _masked_logits(model, reports, share)
        mean = np.mean([auroc(labels[:, k], logits[:, k]) for k in range(len(columns))])
        figures[f"{share:.0%} of the words"] = round(float(mean), 3)
    return figures


def sigmoid(logits: Floats) -> Floats:
    """Probabilities of log-odds."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))


def _masked_logits(model: TextClassifier, reports: Sequence[Report], share: float) -> Floats:
    generator, rows = np.random.default_rng(2026), []
    for report in reports:
        case = text_case(report.text, name="report")
        words = torch.from_numpy(model.token_words(case)).long()
        hidden = torch.from_numpy(generator.random(int(words.max()) + 2) < share)[words]
        ids = model.encode(case).masked_fill((hidden & (words >= 0))[None], model.mask_id)
        with torch.inference_mode():
            rows.append(model.logits(ids))
    return torch.cat(rows).double().numpy()


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """Share of true values, NaN of none."""
    return float(values.mean()) if len(values) else float("nan")


def _share(values: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> str:
    """Such as "7 of 8"."""
    return f"{int(values.sum())} of {values.size}"

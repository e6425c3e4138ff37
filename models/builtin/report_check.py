"""Fit the input check of the report model (see `models.text_check`) on training reports."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import yaml

from models.builtin.report_data import Report
from models.builtin.report_metrics import PROBES
from models.inputs.text import text_case
from models.text_check import TESTS, TextCheck, word_surprises
from models.text_classifier import TextClassifier
from models.text_window import TokenWindow

ACCEPTED_QUANTILE: Final = 0.998  # of the reports the limits are fitted on
MIN_WORDS: Final = 3  # there are reports of no more; a lone word or two is none


def fit_check(model: TextClassifier, fitted: Sequence[Report], held: Sequence[Report]) -> TextCheck:
    """Fit frequencies and spreads on `fitted` reports, the limit of surprise on `held` ones."""
    windows = _windows(model, [report.text for report in fitted])
    surprises = _surprises(windows, len(model.tokenizer.get_vocab()))
    of_words = [word_surprises(surprises, window.ids, window.words) for window in windows]
    means = np.array([values.mean() for values in of_words])
    within = float(np.sqrt(np.mean([values.var() for values in of_words])))
    sampling = within**2 * np.mean([1 / len(values) for values in of_words])
    check = TextCheck(
        surprises=surprises,
        mean=float(means.mean()),
        between=float(np.sqrt(max(means.var() - sampling, 0.01 * means.var()))),
        within=within,
        min_words=MIN_WORDS,
        limits=dict.fromkeys(TESTS, 1.0),
    )
    scores = [check.scores(w.ids, w.words)[0] for w in _windows(model, [r.text for r in held])]
    limits = {"surprise": round(float(np.quantile(scores, ACCEPTED_QUANTILE)), 3), "shortness": 1.0}
    return TextCheck(
        surprises=check.surprises,
        mean=check.mean,
        between=check.between,
        within=check.within,
        min_words=check.min_words,
        limits=limits,
    )


def check_rates(model: TextClassifier, test: Sequence[Report]) -> dict[str, Any]:
    """How many test reports, self-written reports and other texts the model's check refuses."""
    probes: Mapping[str, Any] = yaml.safe_load(PROBES.read_text(encoding="utf-8"))
    others: Mapping[str, str] = probes["other_texts"]
    accepted = [name for name, text in others.items() if not _refused(model, text)]
    return {
        "test_reports_refused": _count(model, [report.text for report in test]),
        "self_written_reports_refused": _count(model, probes["reports"]),
        "other_texts_refused": f"{len(others) - len(accepted)} of {len(others)}",
        "wrongly_accepted": accepted,
    }


def _count(model: TextClassifier, texts: Sequence[str]) -> str:
    return f"{sum(_refused(model, text) for text in texts)} of {len(texts)}"


def _refused(model: TextClassifier, text: str) -> bool:
    check = model.predict(text_case(text, name="text")).check
    return check is not None and not check.accepted


def _windows(model: TextClassifier, texts: Sequence[str]) -> list[TokenWindow]:
    return [model.window(text_case(text, name="report")) for text in texts]


def _surprises(windows: Sequence[TokenWindow], vocabulary: int) -> npt.NDArray[np.float32]:
    """(V,) nats of each token among the tokens of words; one count is added to each."""
    counts = np.ones(vocabulary)
    for window in windows:
        np.add.at(counts, window.ids[window.words >= 0], 1)
    return np.asarray(-np.log(counts / counts.sum()), dtype=np.float32)

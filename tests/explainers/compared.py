"""What the tests of comparability share."""

from dataclasses import replace

import numpy as np

from explainers.causes import Cause
from explainers.comparability import repairable
from explainers.explanation import Explanation
from explainers.report import ConsultRequest, EvidenceReport
from models.case import FloatArray
from tests.components.scenes import answer, peaks

FORBIDDEN = ("correct", "trust", "true", "wrong", "right", "prove")
REQUEST = ConsultRequest(
    methods=("grad_cam", "kernel_shap", "lime"),
    budget=200,
    players="grid",
    n_players=9,
    baseline="black",
)


def ids(causes: tuple[Cause, ...]) -> set[str]:
    return {cause.id for cause in repairable(causes)}


def answer_with(
    film: EvidenceReport, place: int, **changed: object
) -> tuple[EvidenceReport, Explanation]:
    answer = replace(film.explanations[place], **changed)  # type: ignore[arg-type]
    answers = list(film.explanations)
    answers[place] = answer
    return replace(film, explanations=tuple(answers)), answer


def starved(film: EvidenceReport, error: float) -> EvidenceReport:
    values = film.explanations[1].values
    report, _ = answer_with(film, 1, std_error=np.full_like(values, error * np.abs(values).sum()))
    return report


def simple(values: FloatArray, errors: FloatArray | None) -> Explanation:
    full = np.zeros_like(peaks())
    full[: len(values)] = values
    bars = None
    if errors is not None:
        bars = np.zeros_like(full)
        bars[: len(errors)] = errors
    return answer("kernel_shap", full, std_error=bars)

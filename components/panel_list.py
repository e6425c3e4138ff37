"""Which panels a consultation has, and what stands in each while it has no answer. No streamlit."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from components.figures.panels import Panel
from components.findings import Findings
from components.offer import Offer
from components.terms import FAMILY_TITLES
from explainers.explanation import Family, MethodId
from explainers.guard import is_ruled_out
from explainers.maskers.names import BaselineId
from explainers.outlook import Interim
from explainers.report import ConsultRequest

SCALE_TITLES: Final = {"logit": "log-odds", "probability": "probability"}
RUNNING: Final = "Not there yet."
# What methods compare with that choose for themselves.
OTHERWISE: Final[Mapping[MethodId, str]] = {"lime_tabular": "the other values of the feature"}
BASELINE_WORDS: Final[Mapping[BaselineId, str]] = {
    "blur": "the film blurred",
    "mean": "even grey",
    "black": "black",
    "noise": "noise",
    "background": "other records",
    "average": "the average record",
    "conditional": "records that fit the rest",
    "mask": "masked words",
    "deletion": "words left out",
    "padding": "words blanked",
}
STOPPED: Final = "Stopped before it had an answer."


def panels_of(
    request: ConsultRequest, findings: Findings, offer: Offer, *, is_running: bool
) -> tuple[Panel, ...]:
    """One panel a method that was asked for, in display order.

    Args:
        request: What was asked.
        findings: What is known so far.
        offer: Names of the methods.
        is_running: Whether missing answers may still come.
    """
    answers = {explanation.method: explanation for explanation in findings.explanations}
    so_far = {i.explanation.method: i for i in findings.interim}
    answers |= {method: interim.explanation for method, interim in so_far.items()}
    reasons: dict[MethodId, str] = {fail.method: fail.reason for fail in findings.failures}
    missing = RUNNING if is_running else STOPPED
    is_dimmed = _is_dimmed(request, findings, offer)
    return tuple(
        Panel(
            title=_family_title(method, offer),
            subtitle=_subtitle(method, request, offer) + _standing(so_far.get(method)),
            explanation=answers.get(method),
            message=None if method in answers else reasons.get(method, missing),
            is_dimmed=is_dimmed,
        )
        for method in request.methods
    )


def _standing(interim: Interim | None) -> str:
    """How far a method is that has not ended yet, and the standard error of half its shares."""
    if interim is None:
        return ""
    said = f"; so far {interim.explanation.rows:,} of {interim.planned:,} model runs"
    error = float(np.median(interim.explanation.share_errors))
    return f"{said}, ± {100 * error:.1f} % each" if error > 0 else said


def _is_dimmed(request: ConsultRequest, findings: Findings, offer: Offer) -> bool:
    """Whether maps explain nothing: known with the report, often as soon as the model has said."""
    if findings.report is not None:
        return bool(findings.report.nothing_to_explain)
    prediction, card = findings.prediction, offer.model
    if prediction is None:
        return False
    target = request.target or card.target_for(prediction)
    return target in card.classes and is_ruled_out(prediction, card.classes.index(target))


def _subtitle(method: MethodId, request: ConsultRequest, offer: Offer) -> str:
    """Method, scale and, where it enters the values, what hidden parts show."""
    words = [offer.title(method), SCALE_TITLES[request.scale]]
    if method in OTHERWISE:
        words.append(f"against {OTHERWISE[method]}")
    elif any(card.uses_baseline for card in offer.methods if card.id == method):
        words.append(f"against {BASELINE_WORDS[request.baseline]}")
    return ", ".join(words)


def _family_title(method: MethodId, offer: Offer) -> str:
    """Name of the family that a method belongs to."""
    family: Sequence[Family] = [card.family for card in offer.methods if card.id == method]
    return FAMILY_TITLES[family[0]] if family else method

"""Which panels a consultation has, and what stands in each while it has no answer. No streamlit."""

from collections.abc import Mapping, Sequence
from typing import Final

from components.figures.panels import Panel
from components.findings import Findings
from components.offer import Offer
from components.terms import FAMILY_TITLES
from explainers.explanation import Family, MethodId
from explainers.report import ConsultRequest

SCALE_TITLES: Final = {"logit": "log-odds", "probability": "probability"}
RUNNING: Final = "Not there yet."
# What methods compare with that choose for themselves.
OTHERWISE: Final[Mapping[MethodId, str]] = {"lime_tabular": "the other values of the feature"}
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
    reasons: dict[MethodId, str] = {fail.method: fail.reason for fail in findings.failures}
    missing = RUNNING if is_running else STOPPED
    is_dimmed = findings.report is not None and bool(findings.report.nothing_to_explain)
    return tuple(
        Panel(
            title=_family_title(method, offer),
            subtitle=_subtitle(method, request, offer),
            explanation=answers.get(method),
            message=None if method in answers else reasons.get(method, missing),
            is_dimmed=is_dimmed,
        )
        for method in request.methods
    )


def _subtitle(method: MethodId, request: ConsultRequest, offer: Offer) -> str:
    """Method, scale and, where it enters the values, what hidden parts show."""
    words = [offer.title(method), SCALE_TITLES[request.scale]]
    if method in OTHERWISE:
        words.append(f"against {OTHERWISE[method]}")
    elif any(card.uses_baseline for card in offer.methods if card.id == method):
        words.append(f"against {request.baseline}")
    return ", ".join(words)


def _family_title(method: MethodId, offer: Offer) -> str:
    """Name of the family that a method belongs to."""
    family: Sequence[Family] = [card.family for card in offer.methods if card.id == method]
    return FAMILY_TITLES[family[0]] if family else method

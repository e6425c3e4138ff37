"""Asked alike, on the page: the check, the harmonised re-run, another report to compare with."""

from dataclasses import replace

import streamlit as st

from components import comparability_panel, notices, waiting
from components.notices import Notice
from components.scene import Scene
from components.state import ConsultState
from explainers.asked import Cards
from explainers.comparability import Standing, in_report, in_reports
from explainers.compare_lines import another_case
from explainers.explanation import MethodId
from explainers.harmonise import explained_reports, harmonised
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_other import OtherReport, read_other
from models.case import digest_of
from models.errors import ConsiliumError
from pages import _wiring


def show(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """Draw the section of a finished report."""
    cards: Cards = {card.id: card for card in _wiring.methods()}
    key = f"{scene.key}.alike.{report.request.key(scene.case, report.model)}"
    if len(report.explanations) > 1:
        _within(state, scene, report, cards, key=key)
    data = comparability_panel.upload(key=f"{scene.key}.alike.file")
    if data is None:
        return
    other = _read(data, key=f"{scene.key}.alike.read")
    if isinstance(other, Notice):
        notices.show(other)
    elif other.report.case_digest != report.case_digest:
        notices.show(Notice(message=another_case(report, other.report), level="info"))
    else:
        _beside(state, scene, report, other, cards, key=f"{key}.{digest_of(data)}")


def _within(
    state: ConsultState, scene: Scene, report: EvidenceReport, cards: Cards, *, key: str
) -> None:
    """Causes within the report."""
    card = _wiring.card(state.model_id)
    standing = Standing(
        case_digest=scene.case.digest,
        model_id=card.id,
        weights_sha256=card.weights_sha256,
        # Sampling until decided asks the same for more: that is no other question.
        request=replace(state.request, budgets=report.request.budgets, look=report.request.look),
    )
    causes = in_report(report, cards, titles=_titles(cards), standing=standing)
    if comparability_panel.show(causes, report.request, key=key):
        alike = harmonised(state.request, report, causes)
        after = _asked(state, scene, alike, key=key)
        if after is not None:
            _change(scene, report, after, None)


def _beside(
    state: ConsultState,
    scene: Scene,
    report: EvidenceReport,
    other: OtherReport,
    cards: Cards,
    *,
    key: str,
) -> None:
    """Causes between this report and another."""
    there = other.report
    causes = in_reports(
        report, there, cards, titles=_titles(cards), schema_version=other.schema_version
    )
    if comparability_panel.show_other(causes, key=key):
        alike = harmonised(report.request, there, causes)
        after = _asked(state, scene, alike, key=key)
        if after is not None:
            _change(scene, report, after, there)


def _asked(
    state: ConsultState, scene: Scene, request: ConsultRequest, *, key: str
) -> EvidenceReport | None:
    """The harmonised report, when it is there."""
    desk = _wiring.desk(state.model_id)
    found = waiting.result_of(
        lambda: desk.start(scene.case, request), words="Asking all of them alike...", key=key
    )
    return found if isinstance(found, EvidenceReport) else None


def _change(
    scene: Scene, report: EvidenceReport, after: EvidenceReport, there: EvidenceReport | None
) -> None:
    """How much of the difference is gone."""
    failed = [scene.titles.get(failure.method, failure.method) for failure in after.failures]
    found = explained_reports(report, after, other=there)
    comparability_panel.show_change(found, scene.titles, failed=failed)


def _titles(cards: Cards) -> dict[MethodId, str]:
    """Method id -> display name."""
    return {name: card.title for name, card in cards.items()}


def _read(data: bytes, *, key: str) -> OtherReport | Notice:
    """What a file holds; read once a file, kept for this session."""
    digest = digest_of(data)
    kept = st.session_state.get(key)
    if kept is None or kept[0] != digest:
        try:
            kept = (digest, read_other(data))
        except ConsiliumError as error:
            kept = (digest, notices.notice_of(error))
        st.session_state[key] = kept
    found: OtherReport | Notice = kept[1]
    return found

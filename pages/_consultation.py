"""The one flow of all modalities: a case, its prediction, the question, panels that fill."""

from typing import Final

import streamlit as st

from components import controls, notices, prediction_card, progress
from components.findings import Findings
from components.jobs import BusyError, Job
from components.state import ConsultState, state_of
from explainers.report import ConsultRequest
from models.case import Case, Modality
from pages import _intake, _results, _wiring

STOPPED: Final = notices.Notice(
    message="Stopped. What was found before is shown.",
    hint="Press Explain to ask again.",
    level="info",
)


def render(modality: Modality) -> None:
    """Draw the page of one modality."""
    with notices.guarded():
        state = state_of(modality)
        if state.case is None:
            _intake.first_view(state, modality)
        else:
            _examine(state, state.case, modality)


def _examine(state: ConsultState, case: Case, modality: Modality) -> None:
    """A case is open: ask about it as soon as it is there, show what is known so far."""
    if state.job is None and state.notice is None:
        _start(state, case, modality)
    for job in (state.job, state.files):
        if job is not None and job.error is not None and state.notice is None:
            state.notice = notices.notice_of(job.error)
    findings = Findings.of_events(tuple(state.job.events) if state.job else ())
    card = _wiring.desk(modality).card
    _intake.case_strip(state, case, lambda: prediction_card.show(findings.prediction, card))
    prediction_card.show_check(findings.prediction)
    offer = _wiring.offer(modality)
    asked = controls.show(offer, state.request, key=modality)
    if asked is not None:
        _ask(state, case, modality, asked)
    if state.job is not None:
        _watch(state.job, findings, offer, modality)
    _results.show(state, case, findings, offer)


def _ask(state: ConsultState, case: Case, modality: Modality, request: ConsultRequest) -> None:
    """The user pressed Explain: other work of this session stops, the same goes on."""
    if state.job is not None and not state.job.is_finished and request == state.request:
        return
    if not request.methods:
        state.notice = notices.Notice(message="No method is chosen.", hint="Choose at least one.")
    else:
        state.request, state.notice = request, None
        _start(state, case, modality)
    st.rerun()


def _start(state: ConsultState, case: Case, modality: Modality) -> None:
    """Queue the present request; a full queue is said and nothing is lost."""
    state.drop_job()
    try:
        state.job = _wiring.desk(modality).start(case, state.request)
    except BusyError as error:
        state.notice = notices.notice_of(error)


def _watch(job: Job, findings: Findings, offer: controls.Offer, modality: Modality) -> None:
    """Poll a job until it ends; the page is drawn anew only when something has arrived."""
    if job.is_finished:
        if job.state == "stopped":
            notices.show(STOPPED)
        return

    def look() -> progress.Standing | None:
        job.look()
        now = Findings.of_events(tuple(job.events))
        if job.is_finished or now.n_outcomes > findings.n_outcomes:
            return None
        method = now.progress.method if now.progress else None
        return progress.Standing(
            n_ahead=_wiring.desk(modality).queue.ahead_of(job),
            is_running=job.state == "running",
            progress=now.progress,
            method=offer.title(method) if method else "",
            seconds=job.seconds,
        )

    progress.watch(look, on_cancel=job.cancel, key=modality)

"""The one flow of all modalities: a case, its prediction, the question, panels that fill."""

from typing import Final

import streamlit as st

from components import controls, media, notices, prediction_card, progress, reading_strip
from components.controls import Choice
from components.findings import Findings, RowCount
from components.jobs import BusyError, Job, JobQueue
from components.offer import Offer
from components.state import ConsultState
from models.case import Case
from pages import _entry, _intake, _results, _wiring
from pages._modality import ModalityView

WEIGHING: Final = "Asking the model itself"
STOPPED: Final = notices.Notice(
    message="Stopped. What was found before is shown.",
    hint="Press Explain to ask again.",
    level="info",
)


def render(view: ModalityView) -> None:
    """Draw the page of one modality."""
    _entry.through_app()
    with notices.guarded():
        media.keep_alive()
        state = _wiring.state(view.modality)
        if state.case is None:
            _intake.first_view(view, state)
        else:
            _examine(view, state, state.case)


def _examine(view: ModalityView, state: ConsultState, case: Case) -> None:
    """A case is open: ask about it as soon as it is there, show what is known so far."""
    if state.job is None and state.notice is None:
        _start(state, case)
    # Asked before the events are read: a job that ends while the page is drawn has more to show.
    was_finished = state.job is not None and state.job.is_finished
    for job in (state.job, state.files):
        if job is not None and job.error is not None and state.notice is None:
            state.notice = notices.notice_of(job.error)
    findings = Findings.of_events(tuple(state.job.events) if state.job else ())
    offer = _wiring.offer(state.model_id)
    _intake.case_strip(
        view,
        state,
        case,
        lambda: prediction_card.show(findings.prediction, offer.model, asked=state.request.target),
    )
    prediction_card.show_check(findings.prediction)
    scene = _results.scene_of(view, state, case, findings, offer)
    reading_strip.show(_results.reading_of(scene, is_running=not was_finished))
    models = {c.id: c.title for c in _wiring.models_of(view.modality) if view.fits(c, case)}
    asked = Choice(model_id=state.model_id, request=state.request)
    wanted = controls.show(models, _wiring.offer, asked, key=view.modality)
    if wanted is not None:
        _ask(state, case, wanted)
    if state.job is not None and state.job.state == "stopped":
        notices.show(STOPPED)
    elif state.job is not None and not was_finished:
        _watch(state.job, findings, offer, _wiring.desk(state.model_id).queue)
    _results.show(view, state, scene)


def _ask(state: ConsultState, case: Case, wanted: Choice) -> None:
    """The user pressed Explain: other work of this session stops, the same goes on."""
    same = wanted == Choice(model_id=state.model_id, request=state.request)
    if state.job is not None and not state.job.is_finished and same:
        return
    if not wanted.request.methods:
        state.notice = notices.Notice(message="No method is chosen.", hint="Choose at least one.")
    else:
        state.model_id, state.request, state.notice = wanted.model_id, wanted.request, None
        _start(state, case)
    st.rerun()


def _start(state: ConsultState, case: Case) -> None:
    """Queue the present request; a full queue is said and nothing is lost."""
    state.drop_job()
    try:
        state.job = _wiring.desk(state.model_id).start(case, state.request)
    except BusyError as error:
        state.notice = notices.notice_of(error)


def _at_work(count: RowCount | None, now: Findings, offer: Offer) -> str:
    """Who is asking the model; after the methods, the model itself is put to the test."""
    if count is not None and count.method:
        return offer.title(count.method)
    return WEIGHING if now.report is not None else ""


def _watch(job: Job, findings: Findings, offer: Offer, queue: JobQueue) -> None:
    """Poll a job until it ends; the page is drawn anew only when something has arrived."""
    pace = progress.Pace()

    def look() -> progress.Standing | None:
        job.look()
        now = Findings.of_events(tuple(job.events))
        if job.is_finished or now.n_outcomes > findings.n_outcomes:
            return None
        count = now.progress
        return progress.Standing(
            n_ahead=queue.ahead_of(job),
            is_running=job.state == "running",
            progress=count,
            method=_at_work(count, now, offer),
            seconds_left=pace.seconds_left(count, job.seconds) if count else None,
        )

    progress.watch(look, on_cancel=job.cancel, key=offer.model.modality)

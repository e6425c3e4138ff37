"""The one flow of all modalities: a case, its prediction, the question, panels that fill."""

import time
from typing import Final

import streamlit as st

from components import controls, media, notices, prediction_card, progress, reading_strip, waiting
from components.controls import Choice
from components.findings import Findings, RowCount
from components.jobs import BusyError, Job
from components.offer import Offer
from components.state import ConsultState
from explainers.deciding import EARLY
from explainers.estimators import DEAR
from models.case import Case
from pages import _entry, _intake, _results, _wiring
from pages._desk import Desk
from pages._modality import ModalityView

WEIGHING: Final = "Asking the model itself"
REDRAW_SECONDS: Final = 1.5  # between two looks at what methods say so far
ENDED_EARLY: Final = (
    "Stopped early: verdicts are judged more strictly than at the planned end, so more {parts} are "
    "undecided. Going on keeps what was asked."
)
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
    scene = _results.scene_of(view, state, case, findings, offer)
    # Places of their own: a part that is drawn alone is known by its place, and must not move when
    # something more is said above it, or a click on its way there would be lost.
    above, asking = st.container(), st.container()
    with above:
        _intake.case_strip(
            view,
            state,
            case,
            lambda: prediction_card.show(
                findings.prediction, offer.model, asked=state.request.target
            ),
        )
        prediction_card.show_check(findings.prediction)
        reading_strip.show(_results.reading_of(scene, is_running=not was_finished))
    with asking:
        _controls(view, state, case)
    if state.job is not None and state.job.state == "stopped":
        notices.show(STOPPED)
    elif state.job is not None and not was_finished:
        _watch(state.job, findings, offer, _wiring.desk(state.model_id), scene.parts)
    elif findings.report is not None and findings.report.request.look == EARLY:
        _offer_to_go_on(state, case, scene.parts)
    _results.show(view, state, scene)


def _controls(view: ModalityView, state: ConsultState, case: Case) -> None:
    """What to ask."""
    controls.show(
        {c.id: c.title for c in _wiring.models_of(view.modality) if view.fits(c, case)},
        _wiring.offer,
        Choice(model_id=state.model_id, request=state.request, stop=state.stop),
        on_explain=lambda wanted: _ask(state, case, wanted),
        cost_of=_wiring.cost_of,
        key=view.modality,
    )


def _ask(state: ConsultState, case: Case, wanted: Choice) -> None:
    """The user pressed Explain: other work of this session stops, the same goes on."""
    same = wanted == Choice(model_id=state.model_id, request=state.request, stop=state.stop)
    if state.job is not None and not state.job.is_finished and same:
        return
    if not wanted.request.methods:
        state.notice = notices.Notice(message="No method is chosen.", hint="Choose at least one.")
    else:
        state.model_id, state.request, state.notice = wanted.model_id, wanted.request, None
        state.stop = wanted.stop
        _start(state, case)
    st.rerun()


def _start(state: ConsultState, case: Case) -> None:
    """Queue the present request; a full queue is said and nothing is lost."""
    state.drop_job()
    try:
        state.job = _wiring.desk(state.model_id).start(case, state.request, state.stop)
    except BusyError as error:
        state.notice = notices.notice_of(error)
    else:
        if case.modality not in DEAR:  # the whole report is on the first page that is drawn
            state.job.wait(waiting.AT_ONCE)


def _at_work(count: RowCount | None, now: Findings, offer: Offer) -> str:
    """Who is asking the model; after the methods, the model itself is put to the test."""
    if count is not None and count.method:
        return offer.title(count.method)
    return WEIGHING if now.report is not None else ""


def _offer_to_go_on(state: ConsultState, case: Case, parts: str) -> None:
    """Say that a report was ended early, and let the reader go on where it ended."""
    said, action = st.columns([6, 1.2], vertical_alignment="center")
    said.info(ENDED_EARLY.format(parts=parts))
    if action.button("Go on", key=f"{case.modality}.go_on", width="stretch"):
        state.stop = "spent"
        _start(state, case)
        st.rerun()


def _watch(job: Job, findings: Findings, offer: Offer, desk: Desk, parts: str) -> None:
    """Poll a job until it ends; the page is drawn anew only when something has arrived."""
    measured, people = desk.throughput, max(1, desk.queue.n_people)
    expected = None if measured is None else measured.rows_per_second / people
    pace = progress.pace_of(job, expected)
    drawn = time.monotonic()

    def look() -> progress.Standing | None:
        job.look()
        now = Findings.of_events(tuple(job.events))
        if job.is_finished or now.n_outcomes > findings.n_outcomes:
            return None
        if now.n_words > findings.n_words and time.monotonic() - drawn > REDRAW_SECONDS:
            return None
        count = now.progress
        return progress.Standing(
            n_ahead=desk.queue.ahead_of(job),
            is_running=job.state == "running",
            progress=count,
            method=_at_work(count, now, offer),
            rows_per_second=pace.rows_per_second(count, job.seconds) if count else None,
        )

    can_end = findings.outlook is not None and findings.report is None and not job.is_enough
    progress.watch(
        look,
        on_cancel=job.cancel,
        on_end=job.end_early if can_end else None,
        outlook=progress.outlook_line(findings.outlook, parts) if can_end else "",
        key=offer.model.modality,
        n_people=desk.queue.n_people,
    )

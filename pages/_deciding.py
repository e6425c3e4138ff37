"""Sampling until decided on the page: one job; its report takes the place of the old one."""

import streamlit as st

from components import deciding_panel, notices, progress
from components.findings import Findings
from components.jobs import BusyError, Job
from components.scene import Scene
from components.state import ConsultState
from explainers.deciding import Plan, plan
from explainers.report import EvidenceReport
from pages import _wiring
from pages._desk import Desk


def show(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """Draw the section; asks the model when its button is pressed.

    Args:
        state: Receives the new report in place of the old one.
        scene: What is shown.
        report: The finished consultation, or what an earlier sampling ended at.
    """
    deciding_panel.show_certified(report, scene)
    key = f"{scene.key}.deciding.{report.request.key(scene.case, report.model)}"
    step = _planned(report, key=f"{key}.plan")
    if step is None:
        return
    job: Job | None = st.session_state.get(key)
    if job is not None and job.error is not None:
        notices.show(notices.notice_of(job.error))
    elif job is not None and job.state == "done":
        _adopt(state, job)
    elif job is not None and not job.is_finished:
        _watch(state, scene, job, key=key)
        return
    desk = _wiring.desk(state.model_id)
    if deciding_panel.show(step, scene, key=key):
        try:
            st.session_state[key] = start(desk, scene, report)
        except BusyError as error:
            notices.show(notices.notice_of(error))
        else:
            st.rerun()


def start(desk: Desk, scene: Scene, report: EvidenceReport) -> Job:
    """Queue the work: the job's last event is the report it ends at.

    Raises:
        BusyError: too many wait.
    """
    case = scene.case

    def work(job: Job) -> None:
        from explainers.sampling_on import sample_on  # imports torch: on the worker only
        from explainers.weighing import weigh

        found = sample_on(
            case,
            desk.model,
            report,
            on_event=job.emit,
            cancelled=job.is_cancelled,
            max_rows=desk.max_rows,
            gradient_rows=desk.gradient_rows,
            memory=desk.memory,
        )
        whole = weigh(
            case,
            desk.model,
            found,
            cancelled=job.is_cancelled,
            max_rows=desk.max_rows,
            memory=desk.memory,
        )
        job.emit(whole)

    return desk.queue.submit(work)


def _planned(report: EvidenceReport, *, key: str) -> Plan | None:
    """What to ask next; found once a report, as it takes a second for hundreds of words."""
    if key not in st.session_state:
        st.session_state[key] = plan(report)
    step: Plan | None = st.session_state[key]
    return step


def _adopt(state: ConsultState, job: Job) -> None:
    """The new report is what the page shows from now on; its files are written anew."""
    found = job.events[-1]
    state.drop_job()
    state.job = Job.finished(found)
    st.rerun()


def _watch(state: ConsultState, scene: Scene, job: Job, *, key: str) -> None:
    """Poll the job; the page is drawn anew when it has ended."""
    queue = _wiring.desk(state.model_id).queue
    pace = progress.pace_of(job, _wiring.speed_of(state.model_id))

    def look() -> progress.Standing | None:
        job.look()
        if job.is_finished:
            return None
        count = Findings.of_events(tuple(job.events)).progress
        return progress.Standing(
            n_ahead=queue.ahead_of(job),
            is_running=job.state == "running",
            progress=count,
            method=scene.titles.get(count.method, "") if count and count.method else "",
            rows_per_second=pace.rows_per_second(count, job.seconds) if count else None,
        )

    progress.watch(look, on_cancel=job.cancel, key=key)

"""Work of a minute or more that a reader starts, watches and may stop; its result is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from components import notices, progress
from components.jobs import BusyError, Job
from explainers.explanation import MethodId

POLL_SECONDS: Final = 0.5
PLANNED_EARLY: Final = 8  # events among which a plan is looked for


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job has found out that it will take; it may emit one.

    Attributes:
        rows: Model rows.
    """

    rows: int


@dataclass(frozen=True, slots=True)
class _Count:
    """How far a job is (`components.findings.RowCount`)."""

    rows: int
    planned: int
    method: MethodId | None = None


def result_of(
    start: Callable[[], Job],
    *,
    button: str,
    words: str,
    planned: int,
    key: str,
    speed: float | None = None,
) -> object | None:
    """Draw a button, then the progress, then nothing: the result is returned.

    Args:
        start: Queues the job. It may emit a `Plan`; it emits counts of model rows (int), and
            its result last.
        button: Label.
        words: Said while it runs.
        planned: Model rows that it will take, about.
        key: Session key under which the job is kept; another one for another question.
        speed: Model rows a second as measured before; None where that is not known.

    Returns:
        None before it was asked for, while it runs, and after a failure, which is shown.
    """
    job: Job | None = st.session_state.get(key)
    if job is not None and job.error is not None:
        notices.show(notices.notice_of(job.error))
    if job is not None and job.state == "stopped":
        notices.show(stopped(button))
    if job is None or job.state in ("stopped", "failed"):
        if st.button(button, key=f"{key}.go", help=progress.runs_line(planned, speed)):
            try:
                st.session_state[key] = start()
            except BusyError as error:
                notices.show(notices.notice_of(error))
                return None
            st.rerun()
        return None
    if job.is_finished:
        return job.events[-1]
    _watch(job, words, planned, key, speed)
    return None


def stopped(button: str) -> notices.Notice:
    """What is said of work that was stopped, or that nobody looked at any more."""
    return notices.Notice(
        message="Stopped before it was done; nothing of it was kept.",
        hint=f"Press “{button}” to begin again.",
        level="info",
    )


def _watch(job: Job, words: str, planned: int, key: str, expected: float | None) -> None:
    """Look again every moment; the page is drawn anew when the result is there."""

    @st.fragment(run_every=POLL_SECONDS)
    def look() -> None:
        job.look()
        if job.is_finished:
            st.rerun()
        rows = next((event for event in reversed(job.events) if isinstance(event, int)), 0)
        plans = [event.rows for event in job.events[:PLANNED_EARLY] if isinstance(event, Plan)]
        wanted = max([*plans[-1:], rows, 1]) if plans else max(planned, rows, 1)
        st.progress(rows / wanted, text=f"{words} {_said(job, _Count(rows, wanted), expected)}")
        if st.button("Stop", key=f"{key}.stop"):
            job.cancel()
            st.rerun()

    look()


def _said(job: Job, count: _Count, expected: float | None) -> str:
    """How far a job is, how fast it goes and how long it still takes, as far as that is known."""
    if not count.rows:
        waiting = "Waiting for the model."
        return f"{waiting} {progress.runs_line(count.planned, expected)}" if expected else waiting
    speed = progress.pace_of(job, expected).rows_per_second(count, job.seconds)
    left = progress.time_left((count.planned - count.rows) / speed if speed else None)
    done = f"{count.rows:,} of about {count.planned:,} model runs"
    return f"{done}{progress.a_second(speed)}{left}."

"""Waiting for answers: of records a moment at once, of what takes longer by looking again."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from components import notices
from components.jobs import BusyError, Job

POLL_SECONDS: Final = 0.4
AT_ONCE: Final = 0.25  # worth staying for: most answers take less, and no page is drawn twice


def result_of(start: Callable[[], Job], *, words: str, key: str) -> object | None:
    """The result of a job, started on first use and kept for this session under `key`.

    Args:
        start: Queues the job; its last event is the result.
        words: Said while it runs.
        key: Session key; another one for another question.

    Returns:
        None while it runs, and after a failure, which is shown.
    """
    job: Job | None = st.session_state.get(key)
    if job is None or job.state == "stopped":
        try:
            job = st.session_state[key] = start()
        except BusyError as error:
            notices.show(notices.notice_of(error))
            return None
        job.wait(AT_ONCE)
    if job.error is not None:
        notices.show(notices.notice_of(job.error))
        return None
    if job.is_finished:
        return job.events[-1]
    _poll(job, words)
    return None


def _poll(job: Job, words: str) -> None:
    """Look again every moment; the page is drawn anew when the result is there."""

    @st.fragment(run_every=POLL_SECONDS)
    def look() -> None:
        job.look()
        if job.is_finished:
            st.rerun()
        st.caption(words)

    look()

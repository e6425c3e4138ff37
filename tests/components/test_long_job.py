"""Work that was stopped says so, and can be begun again."""

from streamlit.testing.v1 import AppTest

from components.jobs import Job


def page() -> None:
    """A button for long work, and what came of it."""
    import streamlit as st

    from components import long_job
    from components.jobs import Job

    found = long_job.result_of(
        lambda: Job.finished("the answer"), button="Begin", words="At it.", planned=9, key="work"
    )
    st.text(f"found: {found}")


def test_stopped_work_is_said_to_be_and_the_button_is_back() -> None:
    at = AppTest.from_function(page)
    at.session_state["work"] = stopped = Job(lambda _: None)
    stopped.cancel()
    at.run()
    assert "Stopped before it was done" in at.info[0].value.replace("\\", "")
    assert "Press “Begin”" in at.info[0].value.replace("\\", "")
    at.button[0].click().run()
    assert not at.info
    assert at.text[0].value == "found: the answer"

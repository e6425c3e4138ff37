"""Work that was stopped says so, and can be begun again."""

import pytest
from streamlit.testing.v1 import AppTest

from components import long_job
from components.jobs import Job


def page() -> None:
    """A button for long work, and what came of it."""
    import streamlit as st

    from components import long_job
    from components.jobs import Job

    found = long_job.result_of(
        lambda: Job.finished("the answer"),
        button="Begin",
        words="At it.",
        planned=1200,
        key="work",
        speed=st.session_state.get("speed"),
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


def under_way(monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, Job, list[float]]:
    """A page, the job it watches, and the job's clock, which stands until it is set."""
    job, clock = Job(lambda _: None), [0.0]
    monkeypatch.setattr(Job, "look", lambda _: True)
    monkeypatch.setattr(Job, "seconds", property(lambda _: clock[0]))
    at = AppTest.from_function(page)
    at.session_state["work"] = job
    return at, job, clock


def test_speed_that_was_watched_says_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks four seconds apart: 400 of 2,000 runs in between, 1,500 are left."""
    at, job, clock = under_way(monkeypatch)
    clock[0] = 1.0
    job.emit(long_job.Plan(2000))
    job.emit(100)
    said = at.run().get("progress")[0].proto.text
    assert "left" not in said
    clock[0] = 5.0
    job.emit(500)
    assert at.run().get("progress")[0].proto.text.endswith("about 15 s left.")


def test_button_says_how_long_at_the_measured_speed() -> None:
    at = AppTest.from_function(page).run()
    assert at.button[0].help == "About 1,200 model runs."
    at.session_state["speed"] = 30.0
    at.run()
    assert at.button[0].help == "About 1,200 model runs, about 40 s at the speed measured here."


def said(at: AppTest) -> str:
    """What stands at the bar."""
    text: str = at.run().get("progress")[0].proto.text
    return text


def test_time_left_is_there_from_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the speed measured before, until two looks of the job itself tell another one."""
    at, job, clock = under_way(monkeypatch)
    assert said(at) == "At it. Waiting for the model."
    at.session_state["speed"] = 30.0
    assert said(at).endswith("About 1,200 model runs, about 40 s at the speed measured here.")
    job.emit(300)
    assert said(at) == "At it. 300 of about 1,200 model runs, 30 a second, about 30 s left."
    clock[0] = 4.0
    job.emit(700)
    assert said(at) == "At it. 700 of about 1,200 model runs, 100 a second, about 5 s left."

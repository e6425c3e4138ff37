"""Undecided parts are said and sampled on; the new report takes the old one's place."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components.jobs import Job
from components.state import ConsultState
from explainers.consult import consult
from explainers.deciding import plan
from explainers.report import EvidenceReport
from models.errors import DeviceMemoryError
from pages import _deciding, _desk, _wiring
from tests.explainers.test_deciding import CASE, MODEL, REQUEST

PATIENCE = 60.0


@pytest.fixture(scope="module")
def report() -> EvidenceReport:
    return consult(CASE, MODEL, REQUEST)


class Catalog(dict[str, object]):
    """One toy."""

    def load(self, _: str) -> object:
        return MODEL


@pytest.fixture(autouse=True)
def _desk_of_toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(_desk, "catalog", lambda: Catalog(toy=MODEL.card))
    desk = _desk.Desk("toy")
    monkeypatch.setattr(_wiring, "desk", lambda _: desk)
    yield
    desk.queue.close()


def page() -> None:
    """The section alone, of the report in the session."""
    import streamlit as st

    from components.findings import Layout
    from components.scene import Scene
    from pages import _deciding
    from tests.explainers.test_deciding import CASE

    state = st.session_state["state"]
    report = state.job.events[-1]
    scene = Scene(
        case=CASE,
        request=state.request,
        layout=Layout(players=report.players),
        prediction=report.prediction,
        panels=(),
        report=report,
        names=tuple(f"cell {i + 1}" for i in range(report.players.count)),
        titles={e.method: e.method for e in report.explanations},
        selected=None,
        pictures={},
        key="view_0",
    )
    _deciding.show(state, scene, report)


def opened(report: EvidenceReport) -> AppTest:
    at = AppTest.from_function(page, default_timeout=PATIENCE)
    state = ConsultState(model_id="toy", request=REQUEST, job=Job.finished(report))
    at.session_state["state"] = state
    return at.run()


def job_of(at: AppTest) -> Job:
    (job,) = jobs_of(at)
    return job


def jobs_of(at: AppTest) -> list[Job]:
    values = [at.session_state[k] for k in list(at.session_state.keys()) if ".deciding." in str(k)]
    return [value for value in values if isinstance(value, Job)]


def words(at: AppTest) -> str:
    return "\n".join(c.value for c in at.caption)


def test_the_button_says_what_it_would_take_and_asks_nothing_before(
    report: EvidenceReport,
) -> None:
    at = opened(report)
    assert not at.exception
    step = plan(report)
    assert step is not None
    assert f"{len(step.decidable)} of {len(step.undecided)} undecided regions" in words(at)
    (button,) = at.button
    assert button.label == "Sample until decided"
    assert f"At most {step.most:,} model runs" in button.help
    assert not jobs_of(at)


def test_the_report_that_sampling_ends_at_takes_the_old_ones_place(
    report: EvidenceReport,
) -> None:
    at = opened(report)
    at.button[0].click().run()
    job = job_of(at)
    deadline = time.monotonic() + PATIENCE
    while not job.is_finished:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    at.run()
    assert not at.exception
    state = at.session_state["state"]
    found = state.job.events[-1]
    assert isinstance(found, EvidenceReport)
    assert found.request.look > 0
    before, after = plan(report), plan(found)
    assert before is not None
    assert after is None or len(after.undecided) < len(before.undecided)
    assert state.request == REQUEST  # the next question is asked as before


def test_a_cancelled_sampling_leaves_the_report_and_can_be_started_again(
    report: EvidenceReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(job: Job) -> None:
        while not job.is_cancelled():
            time.sleep(0.01)

    monkeypatch.setattr(_deciding, "start", lambda d, *_: d.queue.submit(waits))
    at = opened(report)
    at.button[0].click().run()
    (cancel,) = [b for b in at.button if b.label == "Cancel"]
    cancel.click().run()
    assert not at.exception
    assert at.session_state["state"].job.events[-1] is report
    assert "Sample until decided" in [b.label for b in at.button]


def test_a_failure_is_said_and_the_button_stays(
    report: EvidenceReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Job) -> None:
        raise DeviceMemoryError("There is not enough memory.", "Close other programs.")

    monkeypatch.setattr(_deciding, "start", lambda d, *_: d.queue.submit(fails))
    at = opened(report)
    at.button[0].click().run()
    while not job_of(at).is_finished:
        time.sleep(0.01)
    at.run()
    assert not at.exception
    assert "not enough memory" in "\n".join(e.value for e in (*at.error, *at.warning, *at.info))
    assert "Sample until decided" in [b.label for b in at.button]


def test_where_no_look_is_left_the_parts_are_called_too_close(
    report: EvidenceReport,
) -> None:
    at = opened(replace(report, request=replace(REQUEST, look=3)))
    assert "too close to call" in words(at)
    assert not at.button

"""The curves come with a report, or from a job of their own."""

from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.jobs import Job, JobQueue
from explainers.consensus_report import Consensus
from explainers.consult import TITLES, consult
from explainers.faithfulness_report import Faithfulness
from explainers.report import ConsultRequest, EvidenceReport
from models.case import Case
from models.errors import CancelledError
from pages._faithfulness import ask_default
from tests.pages.conftest import _wait_for, words
from tests.toys import ToyImageModel, toy_case

REQUEST = ConsultRequest(methods=("occlusion", "lime"), players="grid", n_players=9, budget=200)


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    made = JobQueue()
    yield made
    made.close()


@pytest.fixture
def case() -> Case:
    return toy_case()


@pytest.fixture
def report(planted: ToyImageModel, case: Case) -> EvidenceReport:
    return consult(case, planted, REQUEST)


def page() -> None:
    """The section alone, as `pages._results` would draw it."""
    import streamlit as st

    from components.scene import Scene
    from components.state import ConsultState
    from pages import _faithfulness, _wiring

    given = st.session_state["given"]
    _wiring.desk = lambda _: given["desk"]  # type: ignore[assignment]
    report = given["report"]
    scene = Scene(
        case=given["case"],
        request=report.request,
        layout=None,
        prediction=report.prediction,
        panels=(),
        report=report,
        names=tuple(report.players.name(p) for p in range(report.players.count)),
        titles=given["titles"],
        selected=None,
        pictures={},
        key="view",
    )
    state = ConsultState(model_id="xray", request=report.request)
    _faithfulness.show(state, scene, report, given["examined"])


class _Desk:
    def __init__(self, model: ToyImageModel, queue: JobQueue) -> None:
        self.model, self.queue = model, queue


@pytest.fixture
def at(
    planted: ToyImageModel,
    queue: JobQueue,
    case: Case,
    report: EvidenceReport,
    monkeypatch: pytest.MonkeyPatch,
) -> AppTest:
    from pages import _wiring

    monkeypatch.setattr(_wiring, "desk", _wiring.desk)  # the page replaces it
    made = AppTest.from_function(page, default_timeout=60)
    made.session_state["given"] = {
        "desk": _Desk(planted, queue),
        "report": report,
        "case": case,
        "titles": TITLES,
        "examined": None,
    }
    return made


def test_a_report_is_examined_and_can_be_stopped(
    planted: ToyImageModel, case: Case, report: EvidenceReport
) -> None:
    found, combined = ask_default(planted, case, report, lambda: False)
    assert isinstance(found, Faithfulness)
    assert isinstance(combined, Consensus)
    assert found.is_complete  # nine regions: all 512 coalitions
    with pytest.raises(CancelledError):
        ask_default(planted, case, report, lambda: True)


def test_the_section_starts_a_job_of_its_own_and_shows_what_it_found(at: AppTest) -> None:
    at.run()
    assert not at.exception
    (key,) = [key for key in at.session_state.keys() if ".faithfulness." in key]  # noqa: SIM118
    job = at.session_state[key]
    assert isinstance(job, Job)
    _wait_for(job)
    at.run()
    assert not at.exception
    assert "in the order Occlusion" in words(at)
    assert "of 400 random orders" in words(at)


def test_what_was_examined_already_is_not_computed_again(
    at: AppTest, planted: ToyImageModel, case: Case, report: EvidenceReport
) -> None:
    at.session_state["given"]["examined"] = ask_default(planted, case, report, lambda: False)
    before = len(planted.passes)
    at.run()
    assert not at.exception
    assert "in the order Occlusion" in words(at)
    assert len(planted.passes) == before
    assert np.isfinite(at.session_state["given"]["examined"][0].deletion.auc)

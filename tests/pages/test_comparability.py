"""Asked alike, on a page: the check, the re-run through the desk, another report beside it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.scene import Scene
from components.state import ConsultState
from explainers.consult import TITLES, consult
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import to_json
from tests.pages.conftest import PATIENCE, _wait_for
from tests.toys import SIDE, ToyImageModel, planted_model, toy_case

Serve = Callable[[ToyImageModel], None]
REQUEST = ConsultRequest(
    methods=("kernel_shap", "lime"), budget=200, n_players=9, players="grid", baseline="black"
)


def section() -> None:
    """The section alone; what it is drawn from comes from the session."""
    import streamlit as st

    from pages import _comparability

    state, scene, report = st.session_state["given"]
    _comparability.show(state, scene, report)


@pytest.fixture
def model() -> ToyImageModel:
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    return planted_model(mask)


@pytest.fixture
def report(model: ToyImageModel) -> EvidenceReport:
    return consult(toy_case(), model, REQUEST)


def drawn(report: EvidenceReport) -> AppTest:
    scene = Scene(
        case=toy_case(),
        request=REQUEST,
        layout=None,
        prediction=report.prediction,
        panels=(),
        report=report,
        names=(),
        titles=TITLES,  # type: ignore[arg-type]
        selected=None,
        pictures={},
        key="view_1",
    )
    at = AppTest.from_function(section, default_timeout=PATIENCE)
    at.session_state["given"] = (ConsultState(model_id="xray", request=REQUEST), scene, report)
    return drawn_again(at)


def given(at: AppTest, file: bytes) -> AppTest:
    """Upload another report."""
    at.file_uploader[0].set_value(("report.json", file, "application/json"))
    return drawn_again(at)


def drawn_again(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    """Press a button, wait for its job, draw again."""
    (button,) = [b for b in at.button if b.label == label]
    before = keys(at)
    button.click().run()
    (key,) = [k for k in keys(at) - before if hasattr(at.session_state[k], "is_finished")]
    _wait_for(at.session_state[key])
    return drawn_again(at)


def keys(at: AppTest) -> set[str]:
    return set(map(str, at.session_state.keys()))


def said(at: AppTest) -> str:
    return " ".join(t.value for t in (*at.text, *at.caption)).replace("\\", "")


def test_nothing_is_offered_where_all_were_asked_alike(
    serve: Serve, model: ToyImageModel, report: EvidenceReport
) -> None:
    serve(model)
    at = drawn(report)
    assert "Asked alike: same regions, same baseline, same scale, same class." in said(at)
    assert not at.button


def test_a_foreign_answer_is_named_and_asking_alike_says_what_it_explained(
    serve: Serve, model: ToyImageModel, report: EvidenceReport
) -> None:
    serve(model)
    other = consult(toy_case(), model, replace(REQUEST, baseline="mean"))
    mixed = replace(report, explanations=(report.explanations[0], other.explanations[1]))
    at = drawn(mixed)
    assert "LIME by the film's mean grey level everywhere" in said(at)
    at = press(at, "Ask all of them alike")
    sentence = next(t.value for t in at.text if "Evidence" in t.value or "evidence" in t.value)
    assert "now" in sentence
    assert "Methods" in at.table[0].value.columns


def test_another_report_is_compared_and_both_are_asked_alike(
    serve: Serve, model: ToyImageModel, report: EvidenceReport
) -> None:
    serve(model)
    theirs = replace(REQUEST, methods=("lime", "occlusion"), n_players=36, players="superpixels")
    at = given(drawn(report), to_json(consult(toy_case(), model, theirs)).encode())
    assert "Cannot be compared" in said(at)
    at = press(at, "Ask both alike")
    table = at.table[0].value
    assert list(table["Methods"]) == [
        "LIME, in this report and in the other"
    ]  # other pairs differ by the methods, too


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"{", "not JSON, or was cut off"), (b"[1]", "no report of Consilium")],
)
def test_a_file_that_is_no_report_gets_one_sentence_and_loses_nothing(
    serve: Serve,
    model: ToyImageModel,
    report: EvidenceReport,
    content: bytes,
    words: str,
) -> None:
    serve(model)
    at = given(drawn(report), content)
    (error,) = at.error
    assert words in error.value.replace("\\", "")
    assert "Asked alike" in said(at)


def test_a_report_of_another_case_is_said_to_be_that(
    serve: Serve, model: ToyImageModel, report: EvidenceReport
) -> None:
    serve(model)
    at = given(drawn(report), to_json(consult(toy_case(5), model, REQUEST)).encode())
    (info,) = at.info
    assert "another case" in info.value
    assert not at.button

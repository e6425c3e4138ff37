"""Trials and ranking on the page: a button each, a job each, and words when it is done."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from components import progress
from components.jobs import Job
from components.scene import Scene
from components.state import ConsultState
from explainers import ranking, sanity_report, stability
from explainers.consult import consult
from explainers.explanation import MethodId
from explainers.report import default_request
from models.catalog import catalog
from models.samples import records
from models.table_card import schema_of
from pages import _ranking, _trials, _wiring
from tests.pages.conftest import PATIENCE, _wait_for, measured, words

MODEL = "wisconsin"


@pytest.fixture(autouse=True)
def _new_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No cache of another test; little to compute."""
    monkeypatch.setitem(sanity_report.N_CASES, "tabular", 2)
    monkeypatch.setitem(sanity_report.N_TWINS, "tabular", 1)
    for module in (ranking, _ranking):
        monkeypatch.setattr(module, "N_CASES", 4)
    for cached in (_wiring.desk, _wiring.methods, _trials._known, _ranking._known):
        cached.clear()
    yield
    _wiring.desk(MODEL).queue.close()
    for cached in (_wiring.desk, _wiring.methods, _trials._known, _ranking._known):
        cached.clear()


def trials() -> None:
    """A page that shows the trials of one report."""
    import streamlit as st

    from pages import _trials

    _trials.show(st.session_state.state, st.session_state.scene, st.session_state.scene.report)


@pytest.fixture
def page() -> AppTest:
    schema = schema_of(catalog()[MODEL].document)
    case = records.load(records.samples(schema)[0].id, schema)
    model = catalog().load(MODEL, torch.device("cpu"))
    request = replace(default_request(model.card), methods=("integrated_gradients",))
    report = consult(case, model, request)
    at = AppTest.from_function(trials, default_timeout=PATIENCE)
    at.session_state["state"] = ConsultState(model_id=MODEL, request=request, case=case)
    at.session_state["scene"] = Scene(
        case=case,
        request=request,
        layout=None,
        prediction=report.prediction,
        panels=(),
        report=report,
        names=(),
        titles={"integrated_gradients": "Integrated Gradients"},
        selected=None,
        pictures={},
        key="view",
    )
    return at.run()


def pressed(at: AppTest, label: str) -> AppTest:
    """Press a button, wait for its job, draw again."""
    (button,) = [b for b in at.button if b.label == label]
    key = button.key.removesuffix(".go")
    button.click().run()
    _wait_for(at.session_state[key])
    at.run()
    assert not at.exception
    return at


def test_twins_are_asked_on_request_and_once_for_everybody(page: AppTest) -> None:
    assert not page.exception
    pressed(page, "Ask randomised copies of the model")
    said = [t.value for t in page.text if t.value.startswith("Integrated Gradients")]
    assert len(said) == 1
    assert "cs-light-" in words(page)
    assert len(_trials._known()) == 1
    assert not [b for b in page.button if b.label == "Ask randomised copies of the model"]
    pressed(page, "The same for this case")
    assert "This case" in words(page)


def test_who_asks_the_same_of_a_model_meanwhile_joins_in(page: AppTest) -> None:
    desk, report = _wiring.desk(MODEL), page.session_state["scene"].report
    gate = threading.Event()

    def hold(_: Job) -> None:
        gate.wait(PATIENCE)

    desk.queue.submit(hold)  # nothing else begins meanwhile
    methods: tuple[MethodId, ...] = ("integrated_gradients",)
    asked = (MODEL, methods, False)
    first, second = (_trials._sanity(desk, report, methods) for _ in range(2))
    one, other = (_ranking._start(report.model, asked) for _ in range(2))
    third = _trials._sanity(desk, report, ("gradient_x_input",))
    gate.set()
    assert first is not second
    assert first.origin is second.origin is not third.origin
    assert one.origin is other.origin
    for job in (first, second, third, one, other):
        job.cancel()


def test_trees_are_not_offered_a_trial_that_they_cannot_have(page: AppTest) -> None:
    scene = page.session_state["scene"]
    card = replace(scene.report.model, capabilities=frozenset({"trees"}))
    page.session_state["scene"] = replace(scene, report=replace(scene.report, model=card))
    page.run()
    assert "their splits" in words(page)
    assert [b.label for b in page.button] == ["Ask each method again"]


def test_stability_is_shown_with_its_direction(page: AppTest) -> None:
    pressed(page, "Ask each method again")
    (table,) = [t.value for t in page.table]
    assert list(table["Another seed: order"]) == ["draws nothing"]
    assert float(table["Little noise: order"].iloc[0]) > 0.9
    assert "more stable" in words(page)
    assert _trials.N_NOISY["tabular"] == stability.N_NOISY


def test_buttons_say_how_long_at_the_measured_speed(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was measured; of records it never is."""
    at = AppTest.from_function(ranked, default_timeout=PATIENCE).run()
    at.selectbox[0].set_value(catalog()[MODEL]).run()
    before = [b.help for shown in (page, at) for b in shown.button]
    assert not [said for said in before if "speed" in said]
    monkeypatch.setitem(_wiring.MEASURED, MODEL, measured(100.0))
    after = [b.help for shown in (page.run(), at.run()) for b in shown.button]
    runs = [int("".join(filter(str.isdigit, said))) for said in before]
    assert after == [progress.runs_line(n, 100.0) for n in runs]
    assert len(after) == 3


def ranked() -> None:
    """A page that shows the ranking."""
    from pages import _ranking

    _ranking.show()


def test_methods_are_ranked_on_a_model() -> None:
    at = AppTest.from_function(ranked, default_timeout=PATIENCE)
    at.run()
    at.selectbox[0].set_value(catalog()[MODEL]).run()
    by_id = {card.id: card for card in _wiring.methods()}
    chosen = [by_id["integrated_gradients"], by_id["gradient_x_input"]]
    at.multiselect[0].set_value(chosen).run()
    pressed(at, "Rank these methods")
    (table,) = [t.value for t in at.table]
    assert set(table["Method"]) == {"Integrated Gradients", "Gradient x input"}
    assert [t.value for t in at.text if "cases" in t.value]
    assert "4 of 4 cases" in words(at).replace("\\", "")


def test_one_method_is_no_ranking() -> None:
    at = AppTest.from_function(ranked, default_timeout=PATIENCE)
    at.run()
    at.multiselect[0].set_value([]).run()
    assert "two methods or more" in words(at)
    assert not at.exception
    assert Path(_ranking.__file__).name == "_ranking.py"

"""The X-ray page: asking, asking otherwise, cancelling."""

import threading
from collections.abc import Callable

import pytest
import torch
from streamlit.testing.v1 import AppTest

from components import controls
from pages import _wiring
from tests.pages.conftest import QUICK, held, measured, press, settle, state_of, words
from tests.toys import ToyImageModel

Serve = Callable[[ToyImageModel], None]


def test_cancel_stops_at_once_and_keeps_the_film(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()
    score = planted.score
    calls: list[int] = []

    def slow(inputs: torch.Tensor) -> torch.Tensor:
        calls.append(len(inputs))
        if len(calls) > 3:
            release.wait(30)
        return score(inputs)

    serve(ToyImageModel(slow))
    press(app.run(), "Open")
    assert not state_of(app).job.is_finished
    press(app, "Cancel")
    assert state_of(app).job.state == "stopped"
    app.run()
    assert "Stopped" in app.info[0].value.replace("\\", "")
    assert not app.exception
    assert [b.label for b in app.button if b.label == "Cancel"] == []
    release.set()
    settle(press(app, "Explain"))
    assert state_of(app).job.state == "done"


def test_how_long_it_takes_is_said_before_anything_was_explained(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the speed measured when the model was loaded; then at that of the explanation."""
    monkeypatch.delitem(_wiring.LAST, "xray", raising=False)
    monkeypatch.setitem(_wiring.MEASURED, "xray", measured(10.0))
    release = threading.Event()
    serve(held(planted, release))
    press(app.run(), "Open")
    assert "Estimated from the speed measured when the model was loaded" in words(app)
    release.set()
    settle(app)
    assert "At the speed of the last explanation" in words(app)
    assert "Estimated from" not in words(app)


def test_new_case_stops_the_former_cases_work(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()
    serve(held(planted, release))
    press(app.run(), "Open")
    former = state_of(app).job
    press(app, "Back to the films to try")
    release.set()
    assert former.state == "stopped"
    assert state_of(app).case is None
    assert app.title[0].value == "One film, three explanations"


def test_changed_request_stops_the_former_and_the_same_goes_on(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()
    serve(held(planted, release))
    press(app.run(), "Open")
    former = state_of(app).job
    press(app, "Explain")
    assert state_of(app).job is former
    app.number_input[0].set_value(5)
    press(app, "Explain")
    assert former.state == "stopped"
    assert state_of(app).job is not former
    release.set()
    settle(app)
    assert state_of(app).job.state == "done"


def test_settings_compute_nothing_until_explain_is_pressed(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    job = state_of(app).job
    app.number_input[0].set_value(5)
    app.run()
    assert state_of(app).job is job
    app.number_input[0].set_value(5)
    settle(press(app, "Explain"))
    assert state_of(app).job is not job
    assert state_of(app).request.seed == 5


def test_same_request_again_is_answered_from_the_store(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    passes = len(planted.passes)
    press(app, "Explain")
    assert state_of(app).job.state == "done"
    assert len(planted.passes) == passes


def test_changed_settings_are_told_until_they_are_asked_or_taken_back(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    assert controls.CHANGED not in words(app)
    app.number_input[0].set_value(5)
    app.run()
    assert controls.CHANGED in words(app)
    app.number_input[0].set_value(QUICK.seed)
    app.run()
    assert controls.CHANGED not in words(app)
    app.selectbox[2].set_value("none")
    app.run()
    assert controls.CHANGED in words(app)
    settle(press(app, "Explain"))
    assert controls.CHANGED not in words(app)
    assert state_of(app).request.methods == QUICK.methods[:2]


def test_no_method_at_all_is_refused(app: AppTest, serve: Serve, planted: ToyImageModel) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    for picker in app.selectbox[:3]:
        picker.set_value("none")
    press(app, "Explain")
    assert "No method is chosen" in app.error[0].value.replace("\\", "")
    assert state_of(app).request.methods == QUICK.methods


def test_full_queue_is_said_and_the_film_stays(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(planted)
    monkeypatch.setattr(_wiring.desk("xray").queue, "_slots", 0)
    monkeypatch.setattr(_wiring.desk("xray").queue, "_capacity", 0)
    press(app.run(), "Open")
    assert not app.exception
    assert "waiting already" in app.error[0].value
    assert state_of(app).case is not None
    monkeypatch.undo()

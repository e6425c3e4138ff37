"""Methods arrive in rounds; the reader stops when it will do, and goes on without asking twice."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from components.state import ConsultState
from explainers.deciding import EARLY
from explainers.report import EvidenceReport
from models import throughput
from tests.pages.conftest import PATIENCE, QUICK, press, settle, state_of, words
from tests.toys import SIDE, ToyImageModel

SLOW = replace(QUICK, n_players=36, budget=1000)


class Gate:
    """Lets a model answer so many rows, then holds it until it is opened."""

    def __init__(self, rows: int) -> None:
        self.rows, self.asked = rows, 0
        self.open = threading.Event()

    def __call__(self, n: int) -> None:
        self.asked += n
        if self.asked > self.rows:
            assert self.open.wait(PATIENCE)


def gated(gate: Gate) -> ToyImageModel:
    weights = torch.linspace(-1, 1, SIDE * SIDE).reshape(SIDE, SIDE)

    def score(x: torch.Tensor) -> torch.Tensor:
        gate(len(x))
        return 4 + 3 * torch.tanh((x.double() * weights).sum(dim=(1, 2, 3)) / 20)

    return ToyImageModel(score, map_score=lambda m: m.double().mean(dim=(1, 2, 3)))


def until(at: AppTest, seen: Callable[[AppTest], bool]) -> AppTest:
    deadline = time.monotonic() + PATIENCE
    while not seen(at.run()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return at


def has(label: str) -> Callable[[AppTest], bool]:
    return lambda at: any(b.label == label for b in at.button)


def report_of(at: AppTest) -> EvidenceReport:
    job = state_of(at).job
    assert job is not None
    assert job.error is None
    (found,) = [e for e in job.events if isinstance(e, EvidenceReport)][-1:]
    return found


def test_what_is_known_so_far_is_shown_and_will_do(
    app: AppTest, serve: Callable[[ToyImageModel], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throughput, "example_for", lambda _: None)  # its rows are not counted
    gate = Gate(250)
    serve(gated(gate))
    app.session_state["consult.image"] = ConsultState(model_id="xray", request=SLOW)
    press(app.run(), "Open")
    until(app, has("Stop here"))
    assert "so far" in words(app)
    assert "undecided" in words(app)
    press(app, "Stop here")
    gate.open.set()
    settle(app)
    stopped = report_of(app)
    assert stopped.request.look == EARLY
    assert max(e.rows for e in stopped.explanations) < 1000
    assert "Stopped early" in words(app)
    asked = gate.asked
    press(app, "Go on")
    settle(app)
    whole = report_of(app)
    assert whole.request == SLOW
    assert "Stopped early" not in words(app)
    kernel = whole.explanations[1]
    assert kernel.rows == 1000
    assert gate.asked - asked < sum(e.rows for e in whole.explanations) + 1500


def test_a_rule_for_stopping_is_chosen_behind_advanced(
    app: AppTest, serve: Callable[[ToyImageModel], None]
) -> None:
    gate = Gate(10**9)
    serve(gated(gate))
    state = ConsultState(model_id="xray", request=SLOW, stop="decided")
    app.session_state["consult.image"] = state
    press(app.run(), "Open")
    settle(app)
    assert np.isfinite(report_of(app).explanations[1].values).all()
    (chosen,) = [s for s in app.selectbox if s.label == "Stop"]
    assert chosen.value == "decided"
    chosen.set_value("spent").run()
    assert "Settings changed" in words(app)


def test_who_changes_his_mind_while_the_model_is_asked_keeps_what_methods_said(
    app: AppTest, serve: Callable[[ToyImageModel], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throughput, "example_for", lambda _: None)
    gate = Gate(1003)  # all that the methods ask
    serve(gated(gate))
    app.session_state["consult.image"] = ConsultState(model_id="xray", request=SLOW)
    press(app.run(), "Open")
    until(app, lambda at: "that matter" in words(at))
    press(app, "Cancel")
    gate.open.set()
    asked = gate.asked
    press(app, "Explain")
    settle(app)
    assert report_of(app).faithfulness is not None
    assert gate.asked - asked < 1000

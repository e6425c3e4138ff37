"""What a reader asks on the page is in the files that the page hands out."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components import viewer
from components.downloads import Download
from explainers import weighing
from explainers.referee_report import RefereeReport
from explainers.report import EvidenceReport
from explainers.report_json import from_json
from tests.pages.conftest import _wait_for, state_of, words
from tests.pages.test_referee import BUTTON, SEEN, asked, opened, pressed
from tests.toys import ToyImageModel

Serve = Callable[[ToyImageModel], None]
SQUARE = ((4.0, 4.0), (12.0, 4.0), (12.0, 12.0), (4.0, 12.0))


@pytest.fixture(autouse=True)
def _nothing_asked_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every part has its button."""
    monkeypatch.setattr(weighing, "asked_parts", lambda _: ())


def files(at: AppTest) -> dict[str, str]:
    """What the page offers, by suffix, once it is written."""
    job = state_of(at).files
    assert job is not None
    _wait_for(job)
    at.run()
    assert state_of(at).files is job  # drawing the page again writes nothing again
    written = [event for event in job.events if isinstance(event, Download)]
    return {f.suffix: f.data.decode() for f in written if f.suffix in (".json", ".html")}


def report_of(at: AppTest) -> EvidenceReport:
    return from_json(files(at)[".json"])


def test_answers_are_in_the_files_in_the_order_asked(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(planted)
    opened(app)
    assert report_of(app).referee == ()
    asked(app, 8)
    asked(app, SEEN)
    monkeypatch.setattr(viewer, "drawn", lambda _: SQUARE)
    app.run()
    (button,) = [b for b in app.button if BUTTON.match(b.label)]
    drawn = pressed(app, button)
    assert isinstance(drawn, RefereeReport)
    found = report_of(app).referee
    assert [f.part for f in found if isinstance(f, RefereeReport)] == [(8,), (SEEN,), drawn.part]
    assert [f.coverage for f in found if isinstance(f, RefereeReport)][-1] == drawn.coverage
    page = files(app)[".html"]
    assert page.count("Hidden: ") == 3
    assert "Hidden: the area drawn on the film (in " in page
    assert len(json.loads(files(app)[".json"])["referee"][-1]["foretold"]) == 3


def test_what_was_asked_before_stays_on_the_page_and_is_not_asked_again(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    asked(app, SEEN)
    state_of(app).selected = 8
    app.run()
    assert [e.label for e in app.expander if e.label.startswith("Asked before")] == [
        "Asked before (1)"
    ]
    state_of(app).selected = SEEN
    app.run()
    assert not [b for b in app.button if BUTTON.match(b.label)]
    assert not [e.label for e in app.expander if e.label.startswith("Asked before")]


def test_answers_go_with_their_case(app: AppTest, serve: Serve, planted: ToyImageModel) -> None:
    serve(planted)
    opened(app)
    asked(app, SEEN)
    assert len(state_of(app).answers) == 1
    state_of(app).close()
    assert state_of(app).answers == ()
    opened(app)
    assert report_of(app).referee == ()
    assert "Asked before" not in words(app)


def test_the_answers_of_another_model_are_not_those_of_this_one(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    asked(app, SEEN)
    state_of(app).model_id = "other"
    assert state_of(app).answers == ()


def test_a_trial_is_in_the_report_on_paper_once_it_was_asked_for(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    assert "How stable is each explanation?" not in files(app)[".html"]
    (button,) = [b for b in app.button if b.label == "Ask each method again"]
    pressed(app, button)
    assert "How stable is each explanation?" in files(app)[".html"]

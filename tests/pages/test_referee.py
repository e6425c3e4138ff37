"""A marked part is hidden on request; what the model does stands on the page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Button

from components import referee_sides_panel, viewer
from components.jobs import Job
from components.state import ConsultState
from explainers import weighing
from explainers.explanation import Explanation
from explainers.referee_part import whole
from explainers.referee_report import RefereeReport
from explainers.referee_request import ask_about
from explainers.referee_sides import Sides, TwoSided
from explainers.report import ConsultRequest
from models.catalog import catalog
from models.samples import records, reports
from models.table_card import schema_of
from pages import _referee, _wiring
from tests.pages.conftest import PATIENCE, QUICK, _wait_for, settle, state_of, words
from tests.toys import SIDE, ToyImageModel, toy_case

Serve = Callable[[ToyImageModel], None]
BUTTON = re.compile(r"Hide (this|these \d+) (regions?|features?|words?|area) and ask again")
SEEN = 4  # the grid cell in the middle of the planted square


@pytest.fixture(autouse=True)
def _nothing_asked_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every part has its button."""
    monkeypatch.setattr(weighing, "asked_parts", lambda _: ())


def opened(at: AppTest) -> AppTest:
    """The toy film, explained."""
    at.run()
    (button,) = [b for b in at.button if b.key and b.key.startswith("image.sample")]
    return settle(button.click().run())


def asked(at: AppTest, part: int | None, *, modality: str = "image") -> RefereeReport:
    """Mark a part, press the button, wait."""
    at.session_state[f"consult.{modality}"].selected = part
    at.run()
    (button,) = [b for b in at.button if BUTTON.match(b.label)]
    found = pressed(at, button)
    assert isinstance(found, RefereeReport)
    return found


def pressed(at: AppTest, button: Button) -> object:
    """Press, wait for the job that this starts, draw; the finding."""
    known = set(at.session_state.keys())
    button.click().run()
    new = [at.session_state[k] for k in list(at.session_state.keys()) if k not in known]
    (job,) = [value for value in new if isinstance(value, Job)]
    _wait_for(job)
    at.run()
    assert not at.exception
    return job.events[-1]


def said(where: AppTest | Block) -> list[str]:
    """Sentences about the region that was hidden."""
    return [t.value for t in where.text if t.value.startswith("Hiding this region")]


def test_nothing_is_asked_before_a_part_is_marked(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    assert "Ask the model itself" in [s.value for s in app.subheader]
    assert "Mark a region above" in words(app).replace("\\", "")
    assert not [b for b in app.button if BUTTON.match(b.label)]


def test_a_marked_region_is_hidden_and_what_the_model_does_is_said(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    found = asked(app, SEEN)
    assert found.part == (SEEN,)
    said = [t.value for t in app.text if t.value.startswith("Hiding this region")]
    assert len(said) == 2  # the headline; with its spread among the numbers
    assert "P(present)" in said[0]
    assert "; hiding other regions of this size" in said[0]
    tables = [t.value for t in app.table if "Way of hiding" in t.value.columns]
    assert list(tables[0]["Way of hiding"]) == [*found.baselines, "mean of all"]
    claims = r"\b(correct|trust\w*|wrong|truth|proves?)\b"
    assert not re.search(claims, " ".join(t.value for t in app.text), re.I)


def test_the_answer_of_one_part_is_not_shown_for_another(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    asked(app, SEEN)
    state_of(app).selected = 8
    app.run()
    earlier = [e for e in app.expander if e.label == "Asked before (1)"]
    assert said(app) == said(earlier[0]) != []  # only there, under the name of its part
    assert [b for b in app.button if BUTTON.match(b.label)]
    state_of(app).selected = SEEN
    app.run()  # kept for the session
    assert len(said(app)) == 2  # the headline; with its spread among the numbers


CASES = {
    "tabular": (
        ConsultState(
            model_id="recurrence",
            request=ConsultRequest(
                methods=("integrated_gradients", "lime_tabular"),
                budget=20_000,
                baseline="background",
                players="features",
            ),
        ),
        lambda: records.load(
            records.samples(schema_of(catalog()["recurrence"].document))[0].id,
            schema_of(catalog()["recurrence"].document),
        ),
    ),
    "text": (
        ConsultState(
            model_id="report",
            request=ConsultRequest(
                methods=("integrated_gradients", "lime"),
                budget=200,
                baseline="mask",
                players="words",
            ),
        ),
        lambda: reports.load(reports.samples()[0].id),
    ),
}


@pytest.fixture(params=sorted(CASES))
def built_in(request: pytest.FixtureRequest) -> Iterator[tuple[AppTest, str]]:
    """The page of another modality, its first sample explained by the built-in model."""
    begun, load = CASES[request.param]
    state = replace(begun, case=load())
    for cached in (_wiring.desk, _wiring.clerk, _wiring.methods):
        cached.clear()
    page = Path(__file__).parents[2] / "pages" / f"{request.param}.py"
    at = AppTest.from_file(str(page), default_timeout=PATIENCE)
    at.session_state[f"consult.{request.param}"] = state
    at.run()
    job = at.session_state[f"consult.{request.param}"].job
    _wait_for(job)
    yield at.run(), request.param
    _wiring.desk(state.model_id).queue.close()
    _wiring.clerk().close()
    for cached in (_wiring.desk, _wiring.clerk, _wiring.methods):
        cached.clear()


def test_features_and_words_are_hidden_just_as_well(built_in: tuple[AppTest, str]) -> None:
    at, modality = built_in
    found = asked(at, 0, modality=modality)
    assert len(found.baselines) == 3
    assert found.placebo_kind == "other parts"
    part = {"tabular": "feature", "text": "word"}[modality]
    said, _ = [t.value for t in at.text if t.value.startswith(f"Hiding this {part}")]
    assert "P(" in said
    assert f"; hiding another {part} instead" in said


def test_several_regions_are_hidden_together(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    opened(app)
    (list_,) = [m for m in app.multiselect if "hide together" in m.label]
    list_.set_value([0, SEEN]).run()
    (button,) = [b for b in app.button if BUTTON.match(b.label)]
    assert button.label == "Hide these 2 regions and ask again"
    found = pressed(app, button)
    assert isinstance(found, RefereeReport)
    assert found.part == (0, SEEN)


def test_a_drawn_area_is_hidden_pixel_by_pixel(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    square = ((4.0, 4.0), (12.0, 4.0), (12.0, 12.0), (4.0, 12.0))
    monkeypatch.setattr(viewer, "drawn", lambda _: square)
    serve(planted)
    opened(app)
    (button,) = [b for b in app.button if BUTTON.match(b.label)]
    assert button.label == "Hide this area and ask again"
    found = pressed(app, button)
    assert isinstance(found, RefereeReport)
    assert found.area == pytest.approx(64 / SIDE**2)
    assert found.change == pytest.approx(found.effect)  # the model sees this square alone
    assert [t for t in app.text if t.value.startswith("Hiding this area lowers P(present)")]
    keys = " ".join(str(key) for key in list(app.session_state.keys()))
    assert "12.0" not in keys


def test_an_area_beside_the_film_is_refused_in_words(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "drawn", lambda _: ((90.0, 90.0), (99.0, 90.0), (99.0, 99.0)))
    serve(planted)
    opened(app)
    assert "holds nothing that the model sees" in words(app).replace("\\", "")


def test_what_was_asked_by_default_is_there_without_a_button(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ask_about(planted, toy_case(), QUICK, [(SEEN,)]).parts
    show = _referee.show
    monkeypatch.setattr(
        _referee, "show", lambda state, scene, report, *_: show(state, scene, report, found)
    )
    serve(planted)
    opened(app)
    numbers = [e for e in app.expander if e.label == "Numbers behind it" and said(e)]
    assert len(numbers) == 1
    assert [t for t in numbers[0].table if "Way of hiding" in t.value.columns]
    assert [t for t in numbers[0].table if "p" in t.value.columns]
    assert len(said(app)) == len(said(numbers[0])) + 1  # the headline before them
    state_of(app).selected = SEEN
    app.run()
    assert not [b for b in app.button if BUTTON.match(b.label)]
    assert [t for t in app.table if "Way of hiding" in t.value.columns]


def test_two_methods_are_set_against_each_other(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sides(one: Explanation, two: Explanation) -> Sides:
        parts = whole(one.players, [SEEN]), whole(one.players, [8])
        return Sides(methods=(one.method, two.method), parts=parts, k=1)

    serve(planted)
    opened(app)
    assert "Both name the same parts" in words(app).replace("\\", "")
    monkeypatch.setattr(referee_sides_panel, "sides_of", sides)
    app.run()
    first, second = [s for s in app.selectbox if s.label in ("First method", "Second method")]
    assert first.value != second.value
    (button,) = [b for b in app.button if b.label == "Hide the one, then the other"]
    found = pressed(app, button)
    assert isinstance(found, TwoSided)
    assert found.parts == ((SEEN,), (8,))
    assert [t for t in app.text if t.value.startswith("Hiding what ")]
    app.selectbox(second.key).set_value(first.value).run()
    assert "Choose two methods" in words(app).replace("\\", "")


@pytest.mark.parametrize("built_in", ["text"], indirect=True)  # records have no words
def test_typed_words_are_hidden(built_in: tuple[AppTest, str]) -> None:
    at, _ = built_in
    (box,) = [t for t in at.text_input if t.label == "Or type words of the text"]
    payload = at.session_state["consult.text"].case.payload
    (start, _), (_, stop) = payload.words[1], payload.words[2]
    box.set_value(payload.text[start:stop]).run()
    (button,) = [b for b in at.button if BUTTON.match(b.label)]
    assert button.label == "Hide these 2 words and ask again"
    box.set_value("no such words").run()
    assert "does not hold these words" in words(at).replace("\\", "")

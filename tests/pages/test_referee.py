"""A marked part is hidden on request; what the model does stands on the page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.state import ConsultState
from explainers.referee_report import RefereeReport
from explainers.report import ConsultRequest
from models.catalog import catalog
from models.samples import records, reports
from models.table_card import schema_of
from pages import _wiring
from tests.pages.conftest import PATIENCE, _wait_for, settle, state_of, words
from tests.toys import ToyImageModel

Serve = Callable[[ToyImageModel], None]
BUTTON = re.compile(r"Hide this (region|feature|word) and ask again")
SEEN = 4  # the grid cell in the middle of the planted square


def opened(at: AppTest) -> AppTest:
    """The toy film, explained."""
    at.run()
    (button,) = [b for b in at.button if b.key and b.key.startswith("image.sample")]
    return settle(button.click().run())


def asked(at: AppTest, part: int, *, modality: str = "image") -> RefereeReport:
    """Mark a part, press the button, wait."""
    at.session_state[f"consult.{modality}"].selected = part
    at.run()
    (button,) = [b for b in at.button if BUTTON.match(b.label)]
    button.click().run()
    keys = list(at.session_state.keys())
    (key,) = [k for k in keys if ".referee." in k and k.endswith(f".{part}")]
    _wait_for(at.session_state[key])
    at.run()
    assert not at.exception
    found = at.session_state[key].events[-1]
    assert isinstance(found, RefereeReport)
    return found


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
    assert len(said) == 1
    assert "P(present)" in said[0]
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
    assert not [t for t in app.text if t.value.startswith("Hiding this region")]
    assert [b for b in app.button if BUTTON.match(b.label)]
    state_of(app).selected = SEEN
    app.run()  # kept for the session
    assert [t for t in app.text if t.value.startswith("Hiding this region")]


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
    (said,) = [t.value for t in at.text if t.value.startswith(f"Hiding this {part}")]
    assert "P(" in said

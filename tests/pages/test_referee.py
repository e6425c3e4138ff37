"""A marked part is hidden on request; what the model does stands on the page."""

import re
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from explainers.referee_report import RefereeReport
from tests.pages.conftest import _wait_for, settle, state_of, words
from tests.toys import ToyImageModel

Serve = Callable[[ToyImageModel], None]
BUTTON = "Hide this region and ask again"
SEEN = 4  # the grid cell in the middle of the planted square


def opened(at: AppTest) -> AppTest:
    """The toy film, explained."""
    at.run()
    (button,) = [b for b in at.button if b.key and b.key.startswith("image.sample")]
    return settle(button.click().run())


def asked(at: AppTest, part: int) -> RefereeReport:
    """Mark a part, press the button, wait."""
    state_of(at).selected = part
    at.run()
    (button,) = [b for b in at.button if b.label == BUTTON]
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
    assert BUTTON not in [b.label for b in app.button]


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
    assert BUTTON in [b.label for b in app.button]
    state_of(app).selected = SEEN
    app.run()  # kept for the session
    assert [t for t in app.text if t.value.startswith("Hiding this region")]

"""Parts that are drawn alone keep their place, whatever is said above them."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from components.notices import Notice
from tests.pages.conftest import press, settle, state_of
from tests.toys import ToyImageModel


def place_of(app: AppTest, label: str) -> list[int]:
    """Where a button stands: the index at every level, from the page down."""

    def look(node: Any, path: list[int]) -> list[int] | None:  # noqa: ANN401 - AppTest's tree
        if getattr(node, "label", None) == label and node.type == "button":
            return path
        found = (look(c, [*path, i]) for i, c in getattr(node, "children", {}).items())
        return next((each for each in found if each), None)

    place = look(app.main, [])
    assert place is not None, f"no button {label!r}"
    return place


def test_controls_stay_where_they_are(
    app: AppTest, serve: Callable[[ToyImageModel], None], planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    before = place_of(app, "Explain")
    state_of(app).notice = Notice(message="Something to read.")
    app.run()
    assert "Something to read" in app.error[0].value.replace("\\", "")
    assert place_of(app, "Explain") == before

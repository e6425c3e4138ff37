"""The legend names every mark that lies on the film, and only those."""

from components.figures.legend import UNSEEN, legend_html
from tests.components import scenes


def test_dark_border_is_explained_where_there_is_one() -> None:
    assert UNSEEN in legend_html(scenes.panels(), scenes.agreement(), has_unseen=True)
    assert UNSEEN in legend_html(scenes.panels(), None, has_unseen=True)
    assert UNSEEN not in legend_html(scenes.panels(), scenes.agreement())


def test_patterns_appear_with_the_disagreement_map() -> None:
    assert "too close to call" in legend_html(scenes.panels(), scenes.agreement())
    assert "too close to call" not in legend_html(scenes.panels(), None)

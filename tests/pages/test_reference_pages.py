"""Methods and Models: everything that is offered is described, from its own card."""

import pytest
from streamlit.testing.v1 import AppTest

from components import device_panel, method_cards, ranking_panel
from components.model_card import words
from explainers.methods import METHODS
from models.catalog import catalog
from tests.pages.conftest import words as written


def test_methods_page_describes_every_method(app: AppTest) -> None:
    app.run().switch_page("pages/methods.py").run()
    assert not app.exception
    assert not app.error
    assert [h.value for h in app.header] == ["Saliency", "SHAP", "LIME", ranking_panel.TITLE]
    assert sorted(s.value for s in app.subheader) == sorted(m.card.title for m in METHODS)
    assert "Not for diagnosis" in written(app)


def test_the_ranking_is_one_click_from_the_top_of_the_methods_page(app: AppTest) -> None:
    app.run().switch_page("pages/methods.py").run()
    cards, ranking = app.tabs
    assert [cards.label, ranking.label] == [method_cards.TITLE, ranking_panel.TITLE]
    assert [b.label for b in ranking.button] == ["Rank these methods"]


@pytest.mark.parametrize("model_id", list(catalog()))
def test_models_page_shows_the_whole_card(app: AppTest, model_id: str) -> None:
    card = catalog()[model_id]
    app.run().switch_page("pages/models.py").run()
    app.selectbox[0].set_value(card.title).run()
    assert not app.exception
    assert not app.error
    assert [h.value for h in app.header] == [card.title]
    assert card.weights_sha256 in " ".join(c.value for c in app.caption)
    shown = {s.value for s in app.subheader}
    assert {words(field) for field in card.document} | {device_panel.TITLE} <= shown

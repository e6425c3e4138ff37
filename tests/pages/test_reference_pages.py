"""Methods and Models: everything that is offered is described, from its own card."""

from streamlit.testing.v1 import AppTest

from components.model_card import words
from explainers.methods import METHODS
from models.catalog import catalog
from tests.pages.conftest import words as written


def test_methods_page_describes_every_method(app: AppTest) -> None:
    app.run().switch_page("pages/methods.py").run()
    assert not app.exception
    assert not app.error
    assert [h.value for h in app.header] == ["Saliency", "SHAP", "LIME"]
    assert sorted(s.value for s in app.subheader) == sorted(m.card.title for m in METHODS)
    assert "Not for diagnosis" in written(app)


def test_models_page_shows_the_whole_card(app: AppTest) -> None:
    app.run().switch_page("pages/models.py").run()
    assert not app.exception
    assert not app.error
    cards = tuple(catalog().values())
    assert [h.value for h in app.header] == [card.title for card in cards]
    captions = " ".join(c.value for c in app.caption)
    assert all(card.weights_sha256 in captions for card in cards)
    fields = {words(field) for card in cards for field in card.document}
    assert {s.value for s in app.subheader} == fields

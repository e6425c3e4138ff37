"""The text page over the built-in model: paste, file, sample, long texts, hostile texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.state import ConsultState
from explainers.report import ConsultRequest
from pages import _wiring
from tests.pages.conftest import PATIENCE, _wait_for, words

PAGE = Path(__file__).parents[2] / "pages" / "text.py"
QUICK = ConsultRequest(
    methods=("integrated_gradients", "lime"), budget=300, baseline="mask", players="words"
)
REPORT = "The heart is enlarged. There is a small left pleural effusion. No pneumothorax."


@pytest.fixture
def app() -> Iterator[AppTest]:
    """The page, asking for little."""
    for cached in (_wiring.desk, _wiring.clerk, _wiring.methods):
        cached.clear()
    at = AppTest.from_file(str(PAGE), default_timeout=PATIENCE)
    at.session_state["consult.text"] = ConsultState(model_id="report", request=QUICK)
    yield at
    _wiring.desk("report").queue.close()
    _wiring.clerk().close()
    for cached in (_wiring.desk, _wiring.clerk, _wiring.methods):
        cached.clear()


def state_of(at: AppTest) -> ConsultState:
    state = at.session_state["consult.text"]
    assert isinstance(state, ConsultState)
    return state


def press(at: AppTest, label: str, place: int = 0) -> AppTest:
    return [b for b in at.button if b.label == label][place].click().run()


def paste(at: AppTest, text: str) -> AppTest:
    at.run()
    at.text_area[0].set_value(text)
    return press(at, "Explain this text")


def settle(at: AppTest) -> AppTest:
    job = state_of(at).job
    assert job is not None
    _wait_for(job)
    at.run()
    files = state_of(at).files
    assert files is not None
    _wait_for(files)
    return at.run()


def test_first_view_has_a_box_a_file_and_texts_to_try(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert app.title[0].value == "One report, three explanations"
    assert len(app.text_area) == 1
    assert len(app.file_uploader) == 1
    assert len([b for b in app.button if b.label == "Open"]) >= 5


def test_pasted_text_is_explained_word_by_word(app: AppTest) -> None:
    settle(paste(app, REPORT))
    assert not app.exception
    report = state_of(app).job.events[-1]
    assert report.players.count == 13
    assert next(h.value for h in app.header) == "Words that matter"
    assert "effusion" in words(app)


def test_most_probable_finding_is_explained_and_said(app: AppTest) -> None:
    settle(paste(app, REPORT))
    report = state_of(app).job.events[-1]
    best = report.prediction.probabilities.argmax()
    assert report.target.name == report.model.classes[best]
    assert f"{report.target.name} (explained)" in words(app)


def test_markup_in_a_text_is_shown_as_typed(app: AppTest) -> None:
    settle(paste(app, "<script>alert(1)</script> No **effusion** $x^2$ <img src=x onerror=y>"))
    assert not app.exception
    page = words(app)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page or "&lt;" in page


def test_sample_is_explained(app: AppTest) -> None:
    settle(press(app.run(), "Open"))
    assert not app.exception
    assert state_of(app).case is not None


def test_uploaded_file_is_read(app: AppTest) -> None:
    app.run()
    app.file_uploader[0].set_value(("report.txt", REPORT.encode("utf-16"), "text/plain"))
    settle(app.run())
    assert state_of(app).case.document.text.startswith("The heart")


@pytest.mark.parametrize("data", [b"", b"   \n", b"\x00\x01\x02\xff" * 40, b"%PDF-1.7 broken"])
def test_bad_file_gets_one_sentence_and_nothing_is_lost(app: AppTest, data: bytes) -> None:
    app.run()
    app.file_uploader[0].set_value(("bad.txt", data, "text/plain"))
    app.run()
    assert not app.exception
    assert state_of(app).case is None
    assert state_of(app).notice is not None
    app.text_area[0].set_value(REPORT)
    settle(press(app, "Explain this text"))
    assert state_of(app).case is not None


def test_text_without_a_word_is_refused_in_one_sentence(app: AppTest) -> None:
    paste(app, "... !!")
    assert not app.exception
    assert state_of(app).case is None
    assert "word" in state_of(app).notice.message


def test_long_text_says_which_words_are_read_and_offers_others(app: AppTest) -> None:
    settle(paste(app, REPORT * 120))
    assert not app.exception
    report = state_of(app).job.events[-1]
    assert report.players.word_spans[0][0] == 0
    last = report.players.word_spans[-1][1]
    assert last < 13 * 120
    assert f"words 1 to {last:,}" in words(app)
    app.number_input[-1].set_value(301)
    settle(press(app, "Read there"))
    assert state_of(app).job.events[-1].players.word_spans[0][0] == 300


def test_text_never_reaches_files_for_programs(app: AppTest) -> None:
    settle(paste(app, "Zebrafish effusion quokka."))
    files = {d.suffix: d.data for d in state_of(app).files.events}
    for suffix in (".json", ".csv"):
        assert b"ebrafish" not in files[suffix]
        assert b"quokka" not in files[suffix]
    assert b"quokka" in files[".html"]

"""The X-ray page: empty, sample, upload, bad file, failing method, cancel, changed request."""

import threading
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components import controls
from components.state import ConsultState
from tests.pages.conftest import QUICK, held, png, press, settle, state_of, upload, words
from tests.toys import ToyImageModel

Serve = Callable[[ToyImageModel], None]


def test_first_view_says_what_this_is_and_offers_a_film(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    app.run()
    assert not app.exception
    assert app.title[0].value == "One film, three explanations"
    assert "Not for diagnosis" in words(app)
    assert len(app.file_uploader) == 1
    assert [b.label for b in app.button] == ["Open"]


def test_sample_is_explained_without_another_click(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    assert not app.exception
    assert [m.label for m in app.metric] == ["Model: present", "Log-odds", "Operating point 50%"]
    assert [h.value for h in app.header] == [
        "Regions that matter",
        "How far the methods agree",
        "What the model bears out",
        "Take it away",
        "How it was computed",
    ]
    assert "Not for diagnosis" in words(app)
    assert state_of(app).job.state == "done"
    assert [b.label for b in app.get("download_button")] == [
        "Report (HTML)",
        "Panels (PNG)",
        "Regions (CSV)",
        "Report (JSON)",
    ]


def test_job_that_ends_while_the_page_is_drawn_is_shown_whole(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = controls.show

    def slow(*given: object, **named: object) -> object:
        job = state_of(app).job
        while job is not None and not job.is_finished:
            time.sleep(0.01)
        return draw(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(controls, "show", slow)
    serve(planted)
    press(app.run(), "Open")
    assert not app.exception
    assert "How it was computed" in [h.value for h in app.header]


def test_files_are_written_once_a_report(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    files = state_of(app).files
    app.run()
    assert state_of(app).files is files
    settle(press(app, "Explain"))
    assert state_of(app).files is not files


def test_prediction_on_the_card_is_the_models(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    prediction = planted.predict(state_of(app).case)
    assert app.metric[0].value == f"{prediction.probabilities[1]:.0%}"
    log_odds = f"{prediction.logits[1] - prediction.logits[0]:+.2f}"
    assert app.metric[1].value == log_odds.replace("-", "\N{MINUS SIGN}")


def test_uploaded_film_is_decoded_and_explained(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(upload(app.run(), "film.png", png()))
    assert not app.exception
    assert state_of(app).case.name == "film.png"
    assert state_of(app).job.state == "done"


def test_film_survives_the_rerun_in_which_the_uploader_is_empty(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(upload(app.run(), "film.png", png()))
    case = state_of(app).case
    app.run()
    assert state_of(app).case is case


def test_file_name_with_markup_is_shown_letter_by_letter(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    upload(app.run(), "<script>alert(1)</script>.png", png())
    assert "<script>" not in words(app)
    assert "&lt;script&gt;" in words(app)


def test_film_is_drawn_before_the_model_answers(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()
    serve(held(planted, release))
    press(app.run(), "Open")
    assert app.metric[0].value == "–"
    (figure,) = app.get("plotly_chart")
    release.set()
    settle(app)
    assert app.get("plotly_chart")[0].proto.spec == figure.proto.spec  # not mounted anew


def test_nothing_of_the_film_is_logged(
    app: AppTest, serve: Serve, planted: ToyImageModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    serve(planted)
    settle(upload(app.run(), "DOE_JOHN.png", png()))
    assert "DOE_JOHN" not in caplog.text
    assert state_of(app).case.digest in caplog.text


def test_two_sessions_do_not_share_their_films(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(upload(app.run(), "film.png", png()))
    other = AppTest.from_file(app._script_path, default_timeout=60)
    other.session_state["consult.image"] = ConsultState(model_id="xray", request=QUICK)
    other.run()
    assert state_of(other).case is None
    assert "film.png" not in words(other)

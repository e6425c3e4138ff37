"""The X-ray page: empty, sample, upload, bad file, failing method, cancel, changed request."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from components import controls
from components.state import ConsultState
from explainers.report import MethodFailure
from models.errors import WeightsError
from models.prediction import InputCheck
from pages import _cases, _wiring
from tests.pages.conftest import QUICK, png, settle, state_of, words
from tests.toys import SIDE, ToyImageModel, linear_model

Serve = Callable[[ToyImageModel], None]


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [b for b in at.button if b.label == label]
    return button.click().run()


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.file_uploader[0].set_value((name, data, "application/octet-stream"))
    return at.run()


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

    def slow(*given: object, key: str) -> object:
        job = state_of(app).job
        while job is not None and not job.is_finished:
            time.sleep(0.01)
        return draw(*given, key=key)  # type: ignore[arg-type]

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
    assert app.metric[1].value == f"{prediction.logits[1] - prediction.logits[0]:+.2f}"


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


@pytest.mark.parametrize(
    ("name", "data"),
    [("notes.txt", b"no film at all"), ("empty.dcm", b""), ("cut.png", png()[:60])],
)
def test_bad_file_gives_one_sentence_and_the_page_lives_on(
    app: AppTest, serve: Serve, planted: ToyImageModel, name: str, data: bytes
) -> None:
    serve(planted)
    upload(app.run(), name, data)
    assert not app.exception
    assert len(app.error) == 1
    assert len(app.error[0].value) < 400
    assert "Traceback" not in app.error[0].value
    assert state_of(app).case is None
    settle(press(app, "Open"))
    assert not app.error
    assert state_of(app).job.state == "done"


def test_bad_file_does_not_take_the_open_film_away(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(upload(app.run(), "film.png", png()))
    job = state_of(app).job
    upload(app, "notes.txt", b"no film at all")
    assert len(app.error) == 1
    assert state_of(app).case.name == "film.png"
    assert state_of(app).job is job


def test_failing_method_shows_its_reason_and_the_others_stand(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    without_maps = ToyImageModel(planted.score)
    serve(without_maps)
    settle(press(app.run(), "Open"))
    (failure,) = [e for e in state_of(app).job.events if isinstance(e, MethodFailure)]
    assert failure.method == "grad_cam"
    assert failure.reason.split(".")[0] in words(app)
    assert app.header[0].value == "Regions that matter"


def test_cancel_stops_at_once_and_keeps_the_film(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()
    score = planted.score
    calls: list[int] = []

    def slow(inputs: torch.Tensor) -> torch.Tensor:
        calls.append(len(inputs))
        if len(calls) > 3:
            release.wait(30)
        return score(inputs)

    serve(ToyImageModel(slow))
    press(app.run(), "Open")
    assert not state_of(app).job.is_finished
    press(app, "Cancel")
    assert state_of(app).job.state == "stopped"
    app.run()
    assert "Stopped" in app.info[0].value.replace("\\", "")
    assert not app.exception
    assert [b.label for b in app.button if b.label == "Cancel"] == []
    release.set()
    settle(press(app, "Explain"))
    assert state_of(app).job.state == "done"


def test_new_case_stops_the_former_cases_work(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()

    def slow(inputs: torch.Tensor) -> torch.Tensor:
        release.wait(30)
        return planted.score(inputs)

    serve(ToyImageModel(slow))
    press(app.run(), "Open")
    former = state_of(app).job
    press(app, "Back to the films to try")
    release.set()
    assert former.state == "stopped"
    assert state_of(app).case is None
    assert app.title[0].value == "One film, three explanations"


def test_changed_request_stops_the_former_and_the_same_goes_on(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()

    def slow(inputs: torch.Tensor) -> torch.Tensor:
        release.wait(30)
        return planted.score(inputs)

    serve(ToyImageModel(slow, map_score=planted.map_score, detect=planted.detect))
    press(app.run(), "Open")
    former = state_of(app).job
    press(app, "Explain")
    assert state_of(app).job is former
    app.number_input[0].set_value(5)
    press(app, "Explain")
    assert former.state == "stopped"
    assert state_of(app).job is not former
    release.set()
    settle(app)
    assert state_of(app).job.state == "done"


def test_settings_compute_nothing_until_explain_is_pressed(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    job = state_of(app).job
    app.number_input[0].set_value(5)
    app.run()
    assert state_of(app).job is job
    app.number_input[0].set_value(5)
    settle(press(app, "Explain"))
    assert state_of(app).job is not job
    assert state_of(app).request.seed == 5


def test_same_request_again_is_answered_from_the_store(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    passes = len(planted.passes)
    press(app, "Explain")
    assert state_of(app).job.state == "done"
    assert len(planted.passes) == passes


def test_changed_settings_are_told_until_they_are_asked_or_taken_back(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    assert controls.CHANGED not in words(app)
    app.number_input[0].set_value(5)
    app.run()
    assert controls.CHANGED in words(app)
    app.number_input[0].set_value(QUICK.seed)
    app.run()
    assert controls.CHANGED not in words(app)
    app.selectbox[2].set_value("none")
    app.run()
    assert controls.CHANGED in words(app)
    settle(press(app, "Explain"))
    assert controls.CHANGED not in words(app)
    assert state_of(app).request.methods == QUICK.methods[:2]


def test_film_is_drawn_before_the_model_answers(
    app: AppTest, serve: Serve, planted: ToyImageModel
) -> None:
    release = threading.Event()

    def slow(inputs: torch.Tensor) -> torch.Tensor:
        release.wait(30)
        return planted.score(inputs)

    serve(ToyImageModel(slow))
    press(app.run(), "Open")
    assert app.metric[0].value == "–"
    (figure,) = app.get("plotly_chart")
    release.set()
    settle(app)
    assert app.get("plotly_chart")[0].proto.spec == figure.proto.spec  # not mounted anew


def test_figures_of_a_refused_film_are_struck_out_in_words(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = InputCheck(accepted=False, message="This is no chest film.", scores=())
    predict = ToyImageModel.predict
    monkeypatch.setattr(
        ToyImageModel, "predict", lambda model, case: replace(predict(model, case), check=refusal)
    )
    serve(planted)
    settle(press(app.run(), "Open"))
    assert "Struck out" in words(app).replace("\\", "")
    assert [w.value.replace("\\", "") for w in app.warning] == ["This is no chest film."]
    assert "The input check refuses this case" in nothing(app)


def nothing(at: AppTest) -> str:
    """The reasons that stand in place of the agreement; the panels say the same."""
    assert not at.exception
    assert [h.value for h in at.header] == ["Take it away", "How it was computed"]
    (strip,) = [e.proto.body for e in at.main if "cs-reading" in getattr(e.proto, "body", "")]
    assert "Together" not in strip
    assert "No verdicts: there is nothing to explain." in words(at)
    assert "dimmed: nothing to explain" in words(at)
    assert "Nothing to explain" in strip
    return str(strip)


def test_constant_model_has_one_sentence_in_place_of_agreement(app: AppTest, serve: Serve) -> None:
    weights = torch.full((1, SIDE, SIDE), 1e-8)
    serve(linear_model(weights, bias=0.4))
    settle(press(app.run(), "Open"))
    assert "less than one percentage point of probability" in nothing(app)


def test_class_that_is_ruled_out_is_dimmed_until_the_other_one_is_asked(
    app: AppTest, serve: Serve
) -> None:
    serve(linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE), bias=-20.0))
    settle(press(app.run(), "Open"))
    assert "ask about “absent”" in nothing(app)
    (picker,) = [s for s in app.selectbox if "absent" in s.options]
    picker.set_value("absent")
    settle(press(app.run(), "Explain"))
    assert "How far the methods agree" in [h.value for h in app.header]
    assert "dimmed" not in words(app)


def test_no_method_at_all_is_refused(app: AppTest, serve: Serve, planted: ToyImageModel) -> None:
    serve(planted)
    settle(press(app.run(), "Open"))
    for picker in app.selectbox[:3]:
        picker.set_value("none")
    press(app, "Explain")
    assert "No method is chosen" in app.error[0].value.replace("\\", "")
    assert state_of(app).request.methods == QUICK.methods


def test_full_queue_is_said_and_the_film_stays(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(planted)
    monkeypatch.setattr(_wiring.desk("xray").queue, "_slots", 0)
    monkeypatch.setattr(_wiring.desk("xray").queue, "_capacity", 0)
    press(app.run(), "Open")
    assert not app.exception
    assert "waiting already" in app.error[0].value
    assert state_of(app).case is not None
    monkeypatch.undo()


def test_model_that_cannot_be_loaded_is_said_in_its_own_words(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> ToyImageModel:
        raise WeightsError("The weights are damaged.", "Restore them.")

    monkeypatch.setattr("tests.pages.conftest.ToyCatalog.load", damaged)
    serve(planted)
    settle(press(app.run(), "Open"))
    assert "The weights are damaged" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_unexpected_error_shows_an_id_and_nothing_else(
    app: AppTest, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: torch.Tensor) -> torch.Tensor:
        raise KeyError("DOE^JOHN")

    serve(ToyImageModel(broken))
    settle(press(app.run(), "Open"))
    shown = app.error[0].value
    assert "Something went wrong" in shown
    assert "DOE" not in shown + caplog.text
    app.run()
    assert app.error[0].value == shown
    assert caplog.text.count("unexpected id=") == 1


def test_page_that_breaks_shows_an_id_and_no_traceback(
    app: AppTest,
    serve: Serve,
    planted: ToyImageModel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> None:
        raise RuntimeError("DOE^JOHN")

    monkeypatch.setattr(_cases, "tiles", broken)
    serve(planted)
    app.run()
    assert not app.exception
    assert "Something went wrong" in app.error[0].value
    assert "DOE" not in app.error[0].value + caplog.text
    assert "kind=RuntimeError" in caplog.text


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

"""The X-ray page where something is amiss: files, methods, errors; nothing to explain."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explainers.report import MethodFailure
from models.errors import WeightsError
from models.prediction import InputCheck
from pages import _cases
from tests.pages.conftest import png, press, settle, state_of, upload, words
from tests.toys import SIDE, ToyImageModel, linear_model

Serve = Callable[[ToyImageModel], None]


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
    assert "the model is not asked about areas" in words(at)  # drawing is not offered
    assert not [b.label for b in at.button if "ask again" in b.label]
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

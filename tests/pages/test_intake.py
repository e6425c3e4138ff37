"""How films come in: frames, windows, samples from the internet and from one's own folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.state import Source
from models import samples
from models.case import Case
from models.errors import FrameChoiceError, InputError
from pages import _cases
from tests.pages.conftest import png, settle, state_of
from tests.toys import ToyImageModel, toy_case

Serve = Callable[[ToyImageModel], None]
Decode = Callable[[Source, int | None, int | None], Case]


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [b for b in at.button if b.label == label]
    return button.click().run()


def decode_with(monkeypatch: pytest.MonkeyPatch, decode: Decode) -> None:
    monkeypatch.setattr(
        _cases, "decode_film", lambda s, frame=None, window=None: decode(s, frame, window)
    )


def drop(at: AppTest) -> AppTest:
    at.file_uploader[0].set_value(("film.dcm", b"film", "application/dicom"))
    return at.run()


def test_frame_is_asked_for_and_then_read(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(source: Source, frame: int | None, _: int | None) -> Case:
        if frame is None:
            raise FrameChoiceError(3)
        return toy_case(frame, name=source.name)

    decode_with(monkeypatch, decode)
    serve(planted)
    drop(app.run())
    assert state_of(app).case is None
    assert "3 frames" in app.number_input[0].label
    app.number_input[0].set_value(2)
    settle(press(app, "Open this frame"))
    assert not app.exception
    assert state_of(app).case.digest == toy_case(1).digest
    assert not [n for n in app.number_input if "frames" in n.label]


def test_another_window_makes_another_case(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(source: Source, _: int | None, window: int | None) -> Case:
        case = toy_case(window or 0, name=source.name)
        choices = {"window_choices": ("lung", "bone"), "window_index": window or 0}
        return replace(case, payload=replace(case.payload, **choices))

    decode_with(monkeypatch, decode)
    serve(planted)
    settle(drop(app.run()))
    former = state_of(app).job
    (picker,) = [s for s in app.selectbox if "window" in s.label]
    settle(picker.set_value(1).run())
    assert not app.exception
    assert state_of(app).case.digest == toy_case(1).digest
    assert state_of(app).job is not former


def test_sample_that_cannot_be_fetched_is_said_in_one_sentence(
    app: AppTest, serve: Serve, planted: ToyImageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_: str) -> Case:
        raise InputError("This machine cannot reach it.", "Choose another.")

    monkeypatch.setattr(_cases, "sample", unreachable)
    serve(planted)
    press(app.run(), "Open")
    assert [e.value.replace("\\", "") for e in app.error] == [
        "This machine cannot reach it. Choose another."
    ]
    assert state_of(app).case is None


def test_films_of_the_users_own_folder_are_offered_by_name(
    app: AppTest,
    serve: Serve,
    planted: ToyImageModel,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "own film.png").write_bytes(png())
    monkeypatch.setenv("CONSILIUM_SAMPLES", str(tmp_path))
    monkeypatch.setattr(_cases, "sample", samples.load)
    monkeypatch.setattr(_cases, "tiles", list)
    serve(planted)
    app.run()
    assert app.selectbox[0].options == ["own film.png"]
    settle(press(app, "Open"))
    assert state_of(app).case.name == "own film.png"


def test_empty_folder_is_said(
    app: AppTest,
    serve: Serve,
    planted: ToyImageModel,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CONSILIUM_SAMPLES", str(tmp_path))
    serve(planted)
    app.run()
    assert samples.remarks()[0] in [t.value for t in app.text]


def test_built_in_films_have_pictures() -> None:
    tiles = _cases.tiles()
    assert {t.id for t in tiles} == {s.id for s in samples.samples() if s.kind != "folder"}
    ready = [t for t in tiles if t.action == "Open"]
    assert len(ready) >= 4
    assert all(t.thumbnail is not None for t in ready)

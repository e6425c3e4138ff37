"""The real page over a toy model: uploads are really decoded, jobs really run on the worker."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from components.gallery import Tile
from components.jobs import Job
from components.state import ConsultState
from explainers.report import ConsultRequest
from models.card import ModelCard
from models.throughput import Pass, Throughput
from pages import _cases, _desk, _entry, _wiring
from tests.toys import SIDE, ToyImageModel, planted_model, toy_case

APP = Path(__file__).parents[2] / "app.py"
PATIENCE = 60.0
QUICK = ConsultRequest(budget=200, n_players=9, players="grid", baseline="black")


class ToyCatalog(dict[str, ModelCard]):
    """Offers one toy as the X-ray model."""

    def __init__(self, model: ToyImageModel) -> None:
        super().__init__(xray=model.card)
        self.model = model

    def load(self, model_id: str) -> ToyImageModel:
        assert model_id == "xray"
        return self.model


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[ToyImageModel], None]]:
    """Put a model behind the page; one toy film is in the gallery."""
    desks: list[_desk.Desk] = []

    def use(model: ToyImageModel) -> None:
        toys = ToyCatalog(model)
        monkeypatch.setattr(_desk, "catalog", lambda: toys)
        monkeypatch.setattr(_wiring, "catalog", lambda: toys)
        desks.append(_wiring.desk("xray"))

    tile = Tile(id="toy", title="Toy film", caption="Made here", thumbnail=None)
    monkeypatch.setattr(_cases, "tiles", lambda: [tile])
    monkeypatch.setattr(_cases, "sample", lambda _: toy_case())
    _forget()
    yield use
    for queue in (*(desk.queue for desk in desks), _wiring.clerk()):
        queue.close()
    _forget()


@pytest.fixture(autouse=True)
def _served_by_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest takes every run for the first of a new server; on a real one app.py comes first."""
    monkeypatch.setattr(_entry, "PagesManager", SimpleNamespace(uses_pages_directory=False))


@pytest.fixture
def app() -> AppTest:
    """The app, asking for little by default."""
    at = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    at.session_state["consult.image"] = ConsultState(model_id="xray", request=QUICK)
    return at


@pytest.fixture
def planted() -> ToyImageModel:
    """Sees only a square of the film."""
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    return planted_model(mask)


def _forget() -> None:
    """Caches of one server; every test is a server of its own."""
    _wiring.desk.clear()
    _wiring.clerk.clear()
    _wiring.methods.clear()


def state_of(at: AppTest) -> ConsultState:
    state = at.session_state["consult.image"]
    assert isinstance(state, ConsultState)
    return state


def settle(at: AppTest) -> AppTest:
    """Wait for the job to end and draw the page again, as the polling fragment does."""
    job = state_of(at).job
    assert job is not None
    _wait_for(job)
    at.run()
    files = state_of(at).files
    if files is None:
        return at
    _wait_for(files)
    return at.run()


def _wait_for(job: Job) -> None:
    deadline = time.monotonic() + PATIENCE
    while not job.is_finished:
        assert time.monotonic() < deadline, f"still {job.state}"
        time.sleep(0.01)


def png(size: tuple[int, int] = (SIDE, SIDE)) -> bytes:
    """A small grey film."""
    pixels = np.linspace(0, 255, size[0] * size[1]).reshape(size).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def words(at: AppTest) -> str:
    """Everything that is written on the page, controllers' data included."""
    return "\n".join(str(element.proto) for element in at.main)


def held(model: ToyImageModel, release: threading.Event) -> ToyImageModel:
    """The same model, which answers once it is released."""

    def slow(inputs: torch.Tensor) -> torch.Tensor:
        release.wait(30)
        return model.score(inputs)

    return ToyImageModel(slow, map_score=model.map_score, detect=model.detect)


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [b for b in at.button if b.label == label]
    return button.click().run()


def measured(rows_per_second: float) -> Throughput:
    """What loading a model that is so fast would have found."""
    return Throughput(
        device="cpu",
        passes=(Pass(rows=8, milliseconds=1000 / rows_per_second),),
        bytes_per_row=0,
        free_bytes=0,
        rows_per_pass=8,
        half_error=0.0,
        half_speed=1.0,
    )


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.file_uploader[0].set_value((name, data, "application/octet-stream"))
    return at.run()

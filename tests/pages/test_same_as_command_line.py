"""The page and the command line give the same report for the same film and the same choices."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers import cli
from explainers.cli_options import DEFAULTS
from explainers.consult import TITLES
from explainers.report import ConsultRequest, EvidenceReport, default_request
from explainers.report_json import to_json
from models.card import ModelCard
from models.catalog import catalog
from models.inputs.image import decode_image
from pages import _desk
from tests.toys import SIDE, ToyImageModel, planted_model, toy_case
from tests.whole import timeless

PATIENCE = 60.0
CHOICES = {"methods": "lime,grad_cam,rise", "budget": "256", "players": "9", "seed": "4"}


class ToyCatalog(dict[str, ModelCard]):
    """Offers one toy as the X-ray model, to both."""

    def load(self, model_id: str) -> ToyImageModel:
        assert model_id == "xray"
        mask = np.zeros((SIDE, SIDE))
        mask[4:12, 4:12] = 1
        return planted_model(mask)


def page_report(film: Path, request: ConsultRequest) -> EvidenceReport:
    """What the page's worker finds."""
    desk = _desk.Desk("xray")
    try:
        job = desk.start(decode_image(film.read_bytes(), name="upload.png"), request)
        end = time.monotonic() + PATIENCE
        while not job.is_finished and time.monotonic() < end:
            time.sleep(0.02)
        assert job.state == "done", job.error
        report = job.events[-1]
        assert isinstance(report, EvidenceReport)
        return report
    finally:
        desk.queue.close()


def test_both_start_from_the_same_choices() -> None:
    assert default_request(catalog()["xray"]) == DEFAULTS


def test_both_give_the_same_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toys = ToyCatalog(xray=ToyCatalog().load("xray").card)
    for module in (cli, _desk):
        monkeypatch.setattr(module, "catalog", lambda: toys)
    film, out = tmp_path / "film.png", tmp_path / "report.json"
    Image.fromarray((toy_case().payload.pixels * 255).astype("uint8")).save(film)
    options = [part for name, value in CHOICES.items() for part in (f"--{name}", value)]
    status = cli.main(
        [str(film), "--model", "xray", *options, "--out", str(out)], html=lambda *_: ""
    )
    assert status == 0
    written = out.read_text(encoding="utf-8")
    request = ConsultRequest(methods=("lime", "grad_cam", "rise"), budget=256, n_players=9, seed=4)
    ours = to_json(page_report(film, request), titles=dict(TITLES.items()))
    assert timeless(json.loads(written)) == timeless(json.loads(ours))

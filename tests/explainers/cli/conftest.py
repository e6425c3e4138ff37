"""A command line on a toy model, in this process."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import torch
from PIL import Image

from explainers import cli
from explainers.report import EvidenceReport
from models.card import ModelCard
from models.case import Case
from models.errors import ModelError
from tests.toys import SIDE, ToyImageModel, linear_model, toy_case

CANARY = "Canary^Jane.png"


class ToyCatalog(Mapping[str, ModelCard]):
    """One model, as models.catalog offers it."""

    def __init__(self) -> None:
        self.model = linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE))

    def __getitem__(self, model_id: str) -> ModelCard:
        if model_id != "toy":
            raise ModelError(f"There is no model {model_id!r}.", "Known models: toy.")
        return self.model.card

    def __iter__(self) -> Iterator[str]:
        return iter(["toy"])

    def __len__(self) -> int:
        return 1

    def load(self, model_id: str) -> ToyImageModel:
        self[model_id]
        return self.model


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / CANARY
    levels = (toy_case().film.pixels * 255).astype("uint8")
    Image.fromarray(levels).save(path)
    return path


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command line on the toy model -> (status, stdout, stderr)."""
    monkeypatch.setattr(cli, "catalog", ToyCatalog)

    def html(report: EvidenceReport, case: Case) -> str:
        return f"page of {report.case_digest} {case.digest}"

    def call(*arguments: object) -> tuple[int, str, str]:
        status = cli.main([str(a) for a in arguments], html=html)
        out, err = capsys.readouterr()
        return status, out, err

    return call

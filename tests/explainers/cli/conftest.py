"""A command line on toy models, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from explainers import cli
from explainers.__main__ import _html
from tests.toy_catalog import ToyCatalog
from tests.toys import toy_case

CANARY = "Canary^Jane.png"


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
    """Run a command line on the toy models -> (status, stdout, stderr)."""
    monkeypatch.setattr(cli, "catalog", ToyCatalog)

    def call(*arguments: object) -> tuple[int, str, str]:
        status = cli.main([str(a) for a in arguments], html=_html)
        out, err = capsys.readouterr()
        return status, out, err

    return call

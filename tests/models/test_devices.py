"""Where models run is decided in one place."""

import pytest
import torch

from models.devices import (
    DEVICE_VARIABLE,
    ROWS_VARIABLE,
    choose_device,
    fixed_rows,
    rows_per_pass,
)
from models.errors import ModelError


def test_cpu_can_always_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    assert choose_device() == torch.device("cpu")
    assert rows_per_pass(choose_device()) >= 1


def test_best_available_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device().type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device().type == "mps"


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "xpu", "cuda"])
def test_absent_devices_are_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "cuda:99":
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    else:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv(DEVICE_VARIABLE, name)
    with pytest.raises(ModelError, match=r"cpu|1 CUDA"):
        choose_device()


def test_rows_a_pass_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ROWS_VARIABLE, raising=False)
    assert fixed_rows() is None
    monkeypatch.setenv(ROWS_VARIABLE, "24")
    assert fixed_rows() == rows_per_pass(torch.device("cpu"), "text") == 24


@pytest.mark.parametrize("wanted", ["0", "-3", "many", "1.5", "9" * 40])
def test_what_is_no_number_of_rows_is_refused(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROWS_VARIABLE, wanted)
    with pytest.raises(ModelError, match="whole number"):
        fixed_rows()

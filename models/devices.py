"""The one place that decides where models run."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import torch

from models.case import Modality
from models.errors import ModelError

DEVICE_VARIABLE = "CONSILIUM_DEVICE"
ROWS_VARIABLE: Final = "CONSILIUM_ROWS"
MOST_ROWS: Final = 2**20


def choose_device() -> torch.device:
    """Best available of cuda, mps, cpu, unless `CONSILIUM_DEVICE` says otherwise ("cpu", "cuda:1").

    Raises:
        ModelError: the variable names a device that is unknown or not available here.
    """
    wanted = os.environ.get(DEVICE_VARIABLE, "").strip()
    if not wanted:
        return torch.device(_available()[0])
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = None
    if device is None or device.type not in _available():
        raise ModelError(
            f"{DEVICE_VARIABLE} is {wanted!r}, but this machine offers: {', '.join(_available())}.",
            "Unset it or name one of these.",
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise ModelError(f"{DEVICE_VARIABLE} is {wanted!r}, but there are {count} CUDA devices.")
    return device


def _available() -> list[str]:
    """Device types that work here, best first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def fixed_rows() -> int | None:
    """Rows a pass as `CONSILIUM_ROWS` sets them; None where they may be chosen by measurement.

    Networks round differently in passes of different sizes: with a fixed size, runs are equal to
    the last bit, without it to about six digits.

    Raises:
        ModelError: it is no number of rows.
    """
    wanted = os.environ.get(ROWS_VARIABLE, "").strip()
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= MOST_ROWS):
        raise ModelError(
            f"{ROWS_VARIABLE} is {wanted[:30]!r}, not a whole number from 1 to {MOST_ROWS:,}.",
            "Change it or unset it.",
        )
    return int(wanted)


# On 2 cores a DenseNet-121 row takes 49 ms in passes of 8, 60 in 16, 64 in 32; the shipped network
# 5.6, 5.3 and 4.9: eight costs a small model little and keeps a large one in the caches. A record
# takes microseconds: there the pass itself is what costs. A text of 96 tokens takes the shipped
# network 2.2, 2.1 and 2.7 ms on one core, one of 224 tokens 5.7, 6.3 and 6.4.
CPU_ROWS: Final[Mapping[Modality, int]] = MappingProxyType(
    {"image": 8, "tabular": 8192, "text": 16}
)
ACCELERATOR_ROWS: Final[Mapping[Modality, int]] = MappingProxyType(
    {"image": 64, "tabular": 65_536, "text": 256}
)


def rows_per_pass(device: torch.device, modality: Modality = "image") -> int:
    """Model rows to run in one pass on this device, unless `CONSILIUM_ROWS` says otherwise.

    Raises:
        ModelError: that is no number of rows.
    """
    fixed = fixed_rows()
    if fixed is not None:
        return fixed
    return (CPU_ROWS if device.type == "cpu" else ACCELERATOR_ROWS)[modality]

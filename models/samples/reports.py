"""Sample texts for the text page, written for Consilium; no patient stands behind any of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from models.case import Case
from models.errors import InputError
from models.inputs.text import text_case

__all__ = ["ReportSample", "load", "samples"]

PATH: Final = Path(__file__).with_name("reports.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSample:
    """One entry of the gallery.

    Attributes:
        id: Stable.
        title: As shown.
        description: One sentence, as shown: what to look for.
        text: As it would be pasted.
    """

    id: str
    title: str
    description: str
    text: str


def samples() -> Sequence[ReportSample]:
    """The gallery in display order."""
    return tuple(ReportSample(**item) for item in _read())


def load(sample_id: str) -> Case:
    """The case of a sample.

    Raises:
        InputError: No such sample.
    """
    for sample in samples():
        if sample.id == sample_id:
            return text_case(sample.text, name=sample.title)
    raise InputError(
        f"There is no sample {sample_id!r}.",
        f"Known samples: {', '.join(sample.id for sample in samples())}.",
    )


@cache
def _read() -> list[dict[str, str]]:
    items: list[dict[str, str]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return items

"""Sample records for the tabular page: rows of public data that no model was trained on."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from models.case import Case
from models.errors import InputError
from models.inputs.table_cells import CellReader
from models.inputs.tabular import record_case
from models.schema import TableSchema

__all__ = ["RecordSample", "load", "samples"]

PATH: Final = Path(__file__).with_name("records.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSample:
    """One entry of the gallery.

    Attributes:
        id: Stable.
        title: As shown.
        description: One or two sentences, as shown: what to look for, and how it ended.
        source: Which row of which public data.
        values: Column name -> cell as in a file, "" for a missing value.
    """

    id: str
    title: str
    description: str
    source: str
    values: dict[str, str]


def samples(schema: TableSchema) -> tuple[RecordSample, ...]:
    """The records that fit a model's columns, in display order; empty for a model of one's own."""
    return tuple(sample for sample in _read() if tuple(sample.values) == schema.names)


def load(sample_id: str, schema: TableSchema) -> Case:
    """The case of a sample.

    Raises:
        InputError: No such sample for these columns.
    """
    found = samples(schema)
    for sample in found:
        if sample.id == sample_id:
            reader = CellReader()
            values = [reader.read(sample.values[c.name], c) for c in schema.columns]
            return record_case(values, schema, name=sample.title)
    raise InputError(
        f"There is no sample {sample_id!r} for this model.",
        f"Known samples: {', '.join(sample.id for sample in found) or 'none'}.",
    )


@cache
def _read() -> tuple[RecordSample, ...]:
    groups: dict[str, list[dict[str, Any]]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return tuple(RecordSample(**item) for items in groups.values() for item in items)

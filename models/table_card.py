"""What the card of a tabular model says of its columns, read and written. No torch.

The sample of training records is a small CSV file beside the card, whose SHA-256 the card names.
"""

import csv
import io
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.case import FloatArray
from models.schema import Column, TableSchema
from models.table_encoding import Scaling, TableEncoding
from models.weights import read_verified

SAMPLE_NAME: Final = "sample.csv"
RANKS: Final = 101  # percentiles 0 to 100


def schema_of(document: dict[str, Any]) -> TableSchema:
    """The columns that a card lists.

    Raises:
        KeyError: a field is missing.
        TypeError: a field is unknown or of a wrong type.
        ValueError: a column that makes no sense, or two of the same name.
    """
    columns = tuple(_column(dict(entry)) for entry in document["schema"])
    names = [column.name for column in columns]
    if not columns or len(set(names)) < len(names):
        raise ValueError("the schema has no columns, or two of the same name")
    return TableSchema(columns=columns)


def schema_document(schema: TableSchema) -> list[dict[str, Any]]:
    """The inverse of `schema_of`: plain data, without empty fields."""
    columns = []
    for column in schema.columns:
        fields = {name: value for name, value in asdict(column).items() if value or name == "kind"}
        columns.append({k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()})
    return columns


def encoding_of(document: dict[str, Any]) -> TableEncoding:
    """The encoding that a card describes; raises as `schema_of`."""
    parameters = document["preprocessing"]["parameters"]
    scalings = {
        str(name): Scaling(
            transform=entry["transform"],
            mean=float(entry["mean"]),
            deviation=float(entry["deviation"]),
        )
        for name, entry in parameters.items()
    }
    return TableEncoding(schema_of(document), scalings)


def temperature_of(document: dict[str, Any]) -> float:
    """The card's temperature; ValueError unless finite and above 0."""
    temperature = float(document["temperature"])
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature is {temperature}, not a finite number above 0")
    return temperature


def read_sample(folder: Path, document: dict[str, Any]) -> FloatArray:
    """(B, F) training records beside a card, categories as indices.

    Raises:
        WeightsError: missing, or other bytes than the card names.
        ValueError: the file does not fit the schema.
    """
    names = schema_of(document).names
    content = read_verified(folder / SAMPLE_NAME, str(document["sample"]["sha256"]))
    rows = list(csv.reader(io.StringIO(content.decode("ascii"))))
    if not rows or tuple(rows[0]) != names:
        raise ValueError(f"{SAMPLE_NAME} has other columns than the schema")
    sample = np.array([[float(cell) for cell in row] for row in rows[1:]], dtype=np.float64)
    if sample.ndim != 2 or not np.isfinite(sample).all():
        raise ValueError(f"{SAMPLE_NAME} is no table of complete records")
    return sample


def sample_text(sample: FloatArray, schema: TableSchema) -> str:
    """The inverse of `read_sample`: as many digits as the numbers need."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(schema.names)
    for record in sample.tolist():
        writer.writerow(repr(value).removesuffix(".0") for value in record)
    return buffer.getvalue()


def _column(entry: dict[str, Any]) -> Column:
    """One column; TypeError or ValueError where it makes no sense."""
    categories = tuple(str(category) for category in entry.pop("categories", ()))
    percentiles = tuple(float(value) for value in entry.pop("percentiles", ()))
    column = Column(**entry, categories=categories, percentiles=percentiles)
    if column.kind == "category":
        fits = len(set(categories)) == len(categories) >= 2 and not percentiles
    elif column.kind == "number":
        steps = np.diff(percentiles)
        fits = len(percentiles) == RANKS and bool((steps >= 0).all()) and not categories
    else:
        raise ValueError(f"column {column.name!r} is of the kind {column.kind!r}")
    if not fits or not all(math.isfinite(value) for value in percentiles):
        raise ValueError(
            f"column {column.name!r} needs two or more categories, or {RANKS} rising percentiles"
        )
    return column

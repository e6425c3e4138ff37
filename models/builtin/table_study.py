"""One data set, and the models trained on it: what is the same for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import yaml

from models.builtin.table_data import Cohort
from models.case import FloatArray
from models.schema import Column, TableSchema
from models.table_card import RANKS
from models.table_encoding import Scaling, TableEncoding

Parts: TypeAlias = Callable[[Cohort, TableSchema], Mapping[str, FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """Records, split, and what is to be said about them.

    Attributes:
        words: The words of the cards.
        encoding: Fitted on the development records; its schema has their percentiles.
        development: Records that models are trained on.
        groups: Cohorts that models are measured on, by name.
        in_detail: Names of those that get a calibration curve and a table of parts.
        parts: Makes the parts of a cohort: name -> (N,) ones and zeros; None where there are none.
    """

    words: dict[str, Any]
    encoding: TableEncoding
    development: Cohort
    groups: Mapping[str, Cohort]
    in_detail: tuple[str, ...]
    parts: Parts | None = None

    @property
    def schema(self) -> TableSchema:
        """The columns with their training percentiles."""
        return self.encoding.schema


def read_words(path: Path) -> dict[str, Any]:
    """The words of a study's cards."""
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def bare_schema(words: dict[str, Any]) -> TableSchema:
    """The columns without percentiles, which follow from the data."""
    columns = []
    for entry in words["schema"]:
        fields = {name: value for name, value in entry.items() if name != "transform"}
        categories = tuple(fields.pop("categories", ()))
        columns.append(Column(**fields, categories=categories))
    return TableSchema(columns=tuple(columns))


def fit_encoding(words: dict[str, Any], records: FloatArray) -> TableEncoding:
    """Scalings and percentiles of complete records (N, F)."""
    columns, scalings = [], {}
    for index, column in enumerate(bare_schema(words).columns):
        if column.kind == "number":
            values = records[:, index]
            ranks = np.percentile(values, np.linspace(0, 100, RANKS))
            column = replace(column, percentiles=tuple(float(f"{v:.6g}") for v in ranks))  # noqa: PLW2901
            unscaled = Scaling(
                transform=words["schema"][index]["transform"], mean=0.0, deviation=1.0
            )
            moved = unscaled.apply(values)
            scalings[column.name] = replace(
                unscaled, mean=float(moved.mean()), deviation=float(moved.std())
            )
        columns.append(column)
    return TableEncoding(TableSchema(columns=tuple(columns)), scalings)

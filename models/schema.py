"""The columns of a table: what a tabular model expects of one record. No torch."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from models.errors import SchemaError

ColumnKind: TypeAlias = Literal["number", "category"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a record.

    Attributes:
        name: As in files, requests and reports.
        title: Name shown to users.
        kind: "number", or "category" for one of `categories`.
        unit: Unit of a number, or of classes of a number; "" for counts and other categories.
        description: One sentence on what was measured.
        categories: (C,) names; a category's value in a record is its index here.
        whole: Whether a number is a count or another whole number.
        percentiles: (101,) training percentiles 0 to 100 of a number; empty for a category.
    """

    name: str
    title: str
    kind: ColumnKind
    unit: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    whole: bool = False
    percentiles: tuple[float, ...] = ()

    @property
    def low(self) -> float:
        """Smallest number in the training data."""
        return self.percentiles[0]

    @property
    def high(self) -> float:
        """Largest number in the training data."""
        return self.percentiles[-1]

    def percentile(self, value: float) -> float:
        """Percent of the training records that are at or below a number; ties count half."""
        ranks = np.asarray(self.percentiles)
        below, upto = np.searchsorted(ranks, value), np.searchsorted(ranks, value, side="right")
        inner = np.interp(value, ranks, np.arange(len(ranks), dtype=float))
        return float((below + upto - 1) / 2 if upto - below > 1 else inner)

    def text(self, value: float) -> str:
        """A value as a reader writes it; "missing" for NaN."""
        if np.isnan(value):
            return "missing"
        if self.kind == "category":
            return f"{self.categories[int(value)]} {self.unit}".strip()
        number = f"{value:.0f}" if self.whole else f"{value:.6g}"
        return f"{number} {self.unit}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """The (F,) columns of a record, in the order of its values."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """(F,) names."""
        return tuple(column.name for column in self.columns)

    def index(self, name: str) -> int:
        """Place of a column; SchemaError for an unknown name."""
        if name not in self.names:
            raise SchemaError(
                f"The model has no column {name!r}.", f"Its columns: {', '.join(self.names)}."
            )
        return self.names.index(name)

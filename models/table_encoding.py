"""Records as a tabular model takes them in, and back. numpy only.

A number becomes two elements: its standardised value (0 when missing) and a flag that is 1 when it
is missing. A category becomes one element for each of its categories and one for "missing".
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from models.case import FloatArray
from models.errors import SchemaError
from models.schema import TableSchema

Transform: TypeAlias = Literal["none", "log1p"]
Encoded: TypeAlias = npt.NDArray[np.float32]  # (n, E)
TRANSFORMS: Final[tuple[Transform, ...]] = get_args(Transform)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How a number is standardised: (transform(x) - mean) / deviation.

    Attributes:
        transform: "log1p" for log(1 + x), where x > -1.
        mean: Of the transformed training values.
        deviation: Likewise, above 0.
    """

    transform: Transform
    mean: float
    deviation: float

    def __post_init__(self) -> None:
        """Refuse what would encode to nonsense.

        Raises:
            ValueError: unknown transform, or a deviation that is not above 0.
        """
        if self.transform not in TRANSFORMS:
            raise ValueError(f"transform is {self.transform!r}, not {' or '.join(TRANSFORMS)}")
        if not (np.isfinite(self.mean) and np.isfinite(self.deviation) and self.deviation > 0):
            raise ValueError(f"mean {self.mean} and deviation {self.deviation} scale nothing")

    def apply(self, values: FloatArray) -> FloatArray:
        """Values of any shape, standardised."""
        moved = np.log1p(values) if self.transform == "log1p" else values
        return np.asarray((moved - self.mean) / self.deviation)

    def undo(self, standard: FloatArray) -> FloatArray:
        """The inverse of `apply`."""
        moved = standard * self.deviation + self.mean
        return np.asarray(np.expm1(moved) if self.transform == "log1p" else moved)


class TableEncoding:
    """Encodes the records of one schema.

    Args:
        schema: The (F,) columns.
        scalings: One for each number, by name.

    Attributes:
        element_columns: (E,) int32 column that each element belongs to; read-only.

    Raises:
        ValueError: a number without scaling, or a scaling without number.
    """

    def __init__(self, schema: TableSchema, scalings: dict[str, Scaling]) -> None:
        numbers = {column.name for column in schema.columns if column.kind == "number"}
        if numbers != set(scalings):
            odd = ", ".join(sorted(numbers ^ set(scalings)))
            raise ValueError(f"columns and scalings differ: {odd}")
        self.schema = schema
        self.scalings = scalings
        self._widths = [max(1, len(column.categories)) + 1 for column in schema.columns]
        self.element_columns = np.repeat(np.arange(len(self._widths), dtype=np.int32), self._widths)
        self.element_columns.setflags(write=False)
        starts = np.cumsum([0, *self._widths])
        self._parts = [slice(a, b) for a, b in pairwise(starts.tolist())]
        kinds = np.array([column.kind for column in schema.columns])
        self._categories = np.flatnonzero(kinds == "category").tolist()
        self._numbers = np.flatnonzero(kinds == "number")  # with what each of them needs:
        scaled = [scalings[schema.columns[index].name] for index in self._numbers]
        self._places = starts[self._numbers]
        self._logs = np.flatnonzero([scaling.transform == "log1p" for scaling in scaled])
        self._mean = np.array([[scaling.mean] for scaling in scaled])
        self._deviation = np.array([[scaling.deviation] for scaling in scaled])

    @property
    def element_names(self) -> tuple[str, ...]:
        """(E,) for example "age", "age missing", "grade=2", "grade=3", "grade missing"."""
        names: list[str] = []
        for column in self.schema.columns:
            own = [f"{column.name}={category}" for category in column.categories] or [column.name]
            names += [*own, f"{column.name} missing"]
        return tuple(names)

    def encode(self, values: FloatArray) -> Encoded:
        """Records (n, F), NaN = missing -> (n, E) float32.

        Raises:
            SchemaError: other columns, infinite numbers, or a category that does not exist.
        """
        records = np.asarray(values, dtype=np.float64)
        if records.ndim != 2 or records.shape[1] != len(self._parts):
            raise SchemaError(
                f"The records have the shape {records.shape}, the model has "
                f"{len(self._parts)} columns."
            )
        elements = np.zeros((sum(self._widths), len(records)), dtype=np.float32)
        self._encode_numbers(records.T, elements)
        for index in self._categories:
            self._encode_category(index, records[:, index], elements[self._parts[index]])
        return elements.T  # a column's numbers lie together: written and read several times faster

    def decode(self, encoded: Encoded) -> FloatArray:
        """The records (n, F) behind encoded ones: the inverse of `encode`.

        Numbers come back to float32 precision; the category is the one with the largest element.
        """
        records = np.empty((len(encoded), len(self._parts)))
        for index, (column, part) in enumerate(zip(self.schema.columns, self._parts, strict=True)):
            elements = encoded[:, part].astype(np.float64)
            if column.kind == "category":
                found = elements.argmax(axis=1).astype(np.float64)
                found[found == len(column.categories)] = np.nan
            else:
                found = self.scalings[column.name].undo(elements[:, 0])
                found[elements[:, 1] > 0.5] = np.nan
            records[:, index] = found
        return records

    def _encode_numbers(self, columns: FloatArray, into: Encoded) -> None:
        """Fill the elements (E, n) of all numbers among the columns (F, n)."""
        if not self._numbers.size:
            return
        with np.errstate(all="ignore"):  # what no logarithm is taken of is found below
            standard = columns[self._numbers]
            for index in self._logs:
                np.log1p(standard[index], out=standard[index])
            standard -= self._mean
            standard /= self._deviation
            whole = bool(np.isfinite(standard.sum()))
        if whole:  # in one look: nothing is missing and every number is one
            into[self._places] = standard
            return
        missing = np.isnan(columns[self._numbers])
        broken = ~(missing | np.isfinite(standard)).all(axis=1)
        if broken.any():
            name = self.schema.columns[self._numbers[broken.argmax()]].name
            raise SchemaError(f"Column {name!r} holds a number the model cannot take in.")
        into[self._places] = np.where(missing, 0.0, standard)
        into[self._places + 1] = missing

    def _encode_category(self, index: int, codes: FloatArray, into: Encoded) -> None:
        """Fill the elements (width, n) of one category.

        Raises:
            SchemaError: a code that is none.
        """
        column = self.schema.columns[index]
        found = np.empty(into.shape, dtype=np.bool_)
        np.equal(codes, np.arange(float(len(column.categories)))[:, None], out=found[:-1])
        np.isnan(codes, out=found[-1])
        if np.count_nonzero(found) != len(codes):
            raise SchemaError(
                f"Column {column.name!r} holds a category that the model does not know.",
                f"It knows: {', '.join(column.categories)}.",
            )
        into[:] = found

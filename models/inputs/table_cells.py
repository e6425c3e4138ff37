"""One cell of a table -> the value of one column, or a sentence on why not.

Values are never quoted: sentences name the row, the column and what is allowed.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Final

from models.errors import SchemaError
from models.inputs.table_classes import class_limits, class_of, find_category
from models.inputs.table_units import check_number
from models.schema import Column

MISSING: Final = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "?", "-", "--", ".", "missing"}
    | {"unknown", "not known", "n.a.", "<na>"}
)
DECIMAL_COMMAS: Final = "Decimal commas were read as decimal points."

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+", re.ASCII)
_SIGNS: Final = str.maketrans({"≤": "<=", "≥": ">=", "–": "-", "—": "-", "−": "-"})


@dataclass(slots=True, kw_only=True)
class CellReader:
    """Reads the cells of one record and keeps what is to be remarked about it.

    Attributes:
        row: Number of the record in its file, from 1; None for one that came from no table.
        comma_separated: Whether commas separate the cells, so that one inside a cell is suspect.
        remarks: In sentences, no values in them.
    """

    row: int | None = None
    comma_separated: bool = False
    remarks: list[str] = field(default_factory=list)
    _marks: set[str] = field(default_factory=set)

    def read(self, cell: str, column: Column) -> float:
        """The value of a cell; NaN when missing.

        Raises:
            SchemaError: It is none that the column takes.
        """
        text = _without_unit(cell.translate(_SIGNS).strip(), column.unit)
        if text.startswith(("=", "@")):
            raise refusal(self.row, column, "a formula stands here", "Save its value instead.")
        if column.kind == "category":
            return self._category(text, column)
        if text.casefold() in MISSING:
            return math.nan
        value = self._number(text, column)
        reason = check_number(value, column)
        if reason:
            raise refusal(self.row, column, *reason)
        return value

    def _category(self, text: str, column: Column) -> float:
        """Index of a category, of the class that a number falls into, or NaN."""
        found = find_category(text, column.categories)
        if found is not None:
            return float(found)
        if text.casefold() in MISSING:
            return math.nan
        limits = class_limits(column.categories)
        if limits and (_NUMBER.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text)):
            return self._classed(self._number(text, column), column, limits)
        raise refusal(
            self.row,
            column,
            "none of the categories that the model knows",
            f"Allowed: {_allowed(column)}, or nothing where it is not known.",
        )

    def _classed(self, number: float, column: Column, limits: tuple[int, ...]) -> float:
        """Index of the class that a number falls into."""
        placed = class_of(number, limits)
        if placed is None:
            raise refusal(
                self.row,
                column,
                "so small or large a number may be in another unit",
                f"Give a class instead: {_allowed(column)}.",
            )
        self._remark(f"{column.title}: a number was put into the model's classes.")
        return float(placed)

    def _number(self, text: str, column: Column) -> float:
        """A number with a decimal point or comma."""
        comma = "," in text
        if _GROUPED.fullmatch(text) and (column.whole or (comma and self.comma_separated)):
            raise refusal(
                self.row,
                column,
                f"the {'comma' if comma else 'point'} may mark thousands or decimals",
                "Write the number without separators of thousands and with a decimal point.",
            )
        plain = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
        if not _NUMBER.fullmatch(plain):
            raise refusal(
                self.row,
                column,
                "not a number",
                "Write digits and a decimal point only, or nothing where it is not known.",
            )
        if "." in plain:
            self._mark("," if comma else ".", column)
        return float(plain)

    def _mark(self, mark: str, column: Column) -> None:
        """Remember the decimal mark; a record with both is not to be trusted."""
        self._marks.add(mark)
        if len(self._marks) > 1:
            raise refusal(
                self.row,
                column,
                "decimal commas and decimal points stand in the same row",
                "Use one of them throughout.",
            )
        if mark == ",":
            self._remark(DECIMAL_COMMAS)

    def _remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)


def refusal(row: int | None, column: Column, what: str, hint: str) -> SchemaError:
    """The error that names row and column."""
    place = f"column {column.name!r}" if row is None else f"Row {row}, column {column.name!r}"
    return SchemaError(f"{place[0].upper()}{place[1:]}: {what}.", hint)


def _allowed(column: Column) -> str:
    """The categories, with their unit."""
    return ", ".join(column.categories) + (f" ({column.unit})" if column.unit else "")


def _without_unit(text: str, unit: str) -> str:
    """The text without the column's own unit behind it."""
    if unit and text.casefold().endswith(unit.casefold()) and text[:1].strip():
        return text[: -len(unit)].rstrip()
    return text

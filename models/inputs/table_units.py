"""Whether a number can be what its column says: a count, not negative, of the right magnitude."""

import math
from typing import Final

from models.schema import Column

# A number beyond ten times the 99th training percentile, or below a tenth of the first, is most
# likely in another unit.
MAGNITUDE: Final = 10.0


def check_number(value: float, column: Column) -> tuple[str, str] | None:
    """Why a number cannot be right, and what to do; None when it can. The value is never quoted."""
    if not math.isfinite(value):
        return "the number is too large for any computer", "Correct it."
    if column.whole and not float(value).is_integer():
        return "the number must be a whole one", "Round it."
    if value < 0 <= column.low:
        return "the number is negative", f"It is {_range(column)} in the training data."
    size, low, high = abs(value), abs(column.percentiles[1]), abs(column.percentiles[-2])
    if size > MAGNITUDE * max(high, low) > 0:
        return _other_unit(column, "large")
    if 0 < size < min(high, low) / MAGNITUDE:
        return _other_unit(column, "small")
    return None


def outside_range(value: float, column: Column) -> str:
    """A remark when a number lies outside the training data, "" otherwise."""
    if math.isnan(value) or column.kind == "category" or column.low <= value <= column.high:
        return ""
    return f"{column.title} lies outside the training data ({_range(column)})."


def _other_unit(column: Column, word: str) -> tuple[str, str]:
    return (
        f"the number is at least ten times too {word}, as in another unit",
        f"The model needs {column.unit or 'the unit of its training data'}: there it is "
        f"{_range(column)}.",
    )


def _range(column: Column) -> str:
    return f"{column.low:.6g} to {column.high:.6g} {column.unit}".strip()

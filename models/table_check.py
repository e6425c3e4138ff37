"""Whether a record looks like those the model was trained on. numpy only."""

import numpy as np

from models.case import FloatArray
from models.prediction import InputCheck
from models.schema import Column, TableSchema


def check_record(values: FloatArray, schema: TableSchema, *, missing_limit: int) -> InputCheck:
    """Compare a record with the training records, column by column.

    Args:
        values: (F,), NaN = missing.
        schema: The columns with their training ranges.
        missing_limit: Most missing values that the training records had at once.

    Returns:
        Refused when a number lies outside the range of the training records or too many values are
        missing. Scores: for each number how far outside it lies in widths of the range (limit 0),
        and the number of missing values.
    """
    pairs = list(zip(schema.columns, values, strict=True))
    excess = {c: _excess(c, float(v)) for c, v in pairs if c.kind == "number"}
    n_missing = int(np.isnan(values).sum())
    outside = [column.title for column, amount in excess.items() if amount > 0]
    reasons = []
    if outside:
        reasons.append(f"outside the range of the training records: {', '.join(outside)}")
    if n_missing > missing_limit:
        reasons.append(f"{n_missing} of {len(values)} values missing")
    return InputCheck(
        accepted=not reasons,
        message=f"The record is unlike those the model has learned from: {'; '.join(reasons)}."
        if reasons
        else "",
        scores=(
            *((column.name, amount, 0.0) for column, amount in excess.items()),
            ("missing values", float(n_missing), float(missing_limit)),
        ),
    )


def _excess(column: Column, value: float) -> float:
    """Distance from the training range, in widths of it; 0 inside and for a missing value."""
    if np.isnan(value):
        return 0.0
    width = column.high - column.low
    distance = max(column.low - value, value - column.high, 0.0)
    return distance / width if width > 0 else distance

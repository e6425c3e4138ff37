"""What a feature of a record is called beside its bar: value and place among training records."""

import numpy as np

from explainers.players import Players
from models.case import TabularPayload
from models.schema import Column


def record_labels(record: TabularPayload, players: Players) -> tuple[str, ...]:
    """(P,) such as "Positive lymph nodes = 8 (93rd percentile)"; groups keep their name."""
    columns = record.schema.columns
    if players.kind != "feature" or players.count != len(columns):
        return tuple(players.name(i) for i in range(players.count))
    return tuple(
        f"{column.title} = {column.text(value)}{place_text(column, value)}"
        for column, value in zip(columns, record.values, strict=True)
    )


def place_text(column: Column, value: float) -> str:
    """Where a number lies among the training records; "" for categories and missing values."""
    if column.kind == "category" or np.isnan(value):
        return ""
    if value < column.low:
        return " (below all training records)"
    if value > column.high:
        return " (above all training records)"
    return f" ({ordinal(round(column.percentile(value)))} percentile)"


def ordinal(number: int) -> str:
    """1 -> "1st", 12 -> "12th", 93 -> "93rd"."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"

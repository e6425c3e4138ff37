"""A record as a form: one field a column, empty for a missing value."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import streamlit as st

from models.schema import Column, TableSchema

A_ROW: Final = 4
MISSING: Final = "missing"


def show(
    schema: TableSchema, values: Sequence[float] | None, *, button: str, key: str
) -> list[float | None] | None:
    """Draw the fields.

    Args:
        schema: The columns.
        values: (F,) to begin with, NaN = missing; None begins with the middle of the training data.
        button: Words on the button.
        key: Prefix of the widget keys.

    Returns:
        (F,) values in the run in which the button was pressed, None = missing; otherwise None.
    """
    with st.form(f"{key}.form", border=False):
        places = st.columns(A_ROW)
        typed = [
            _field(
                column,
                None if values is None else float(values[index]),
                place=places[index % A_ROW],
                key=f"{key}.{column.name}",
            )
            for index, column in enumerate(schema.columns)
        ]
        pressed = st.form_submit_button(button, key=f"{key}.go", type="primary")
    return typed if pressed else None


def _field(
    column: Column, value: float | None, *, place: "st.delta_generator.DeltaGenerator", key: str
) -> float | None:
    """One value; None is a missing one."""
    label = f"{column.title} ({column.unit})" if column.unit else column.title
    if column.kind == "category":
        names = [*column.categories, MISSING]
        at = 0 if value is None else len(column.categories) if np.isnan(value) else int(value)
        chosen = place.selectbox(label, names, index=at, help=column.description or None, key=key)
        return None if chosen == MISSING else float(names.index(chosen))
    now = column.percentiles[50] if value is None else None if np.isnan(value) else value
    # Begun through the session: a field with a default of its own springs back to it when emptied.
    st.session_state.setdefault(key, None if now is None else float(now))
    known = f"Training records: {column.text(column.low)} to {column.text(column.high)}."
    typed = place.number_input(
        label,
        value=None,
        step=1.0 if column.whole else None,
        format="%.0f" if column.whole else "%.5g",
        placeholder=MISSING,
        help=f"{column.description} {known} Empty means missing.".strip(),
        key=key,
    )
    return None if typed is None else float(typed)

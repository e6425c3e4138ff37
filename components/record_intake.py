"""How records come in: columns that a model reads, a template, the rows of a file."""

from collections.abc import Sequence

import streamlit as st

from components.notices import plain
from models.case import Case
from models.schema import Column, TableSchema


def show_template(schema: TableSchema, template: str, *, key: str) -> None:
    """Draw what the model reads, and the file to fill in."""
    st.download_button(
        "Template to fill in (CSV)",
        template,
        file_name="consilium-template.csv",
        mime="text/csv",
        key=f"{key}.template",
    )
    with st.expander(f"The {len(schema.columns)} columns the model reads"):
        st.table([_described(column) for column in schema.columns], hide_index=True)


def show_rows(previews: Sequence[str], *, now: int | None, key: str) -> int | None:
    """Draw a chooser of rows, where there are several.

    Args:
        previews: A line for each record.
        now: The open row, from 1.
        key: Prefix of the widget keys.

    Returns:
        The row to open, from 1, in the run in which the button was pressed.
    """
    if len(previews) < 2:
        return None
    line = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = line.selectbox(
        f"Row of the file ({len(previews):,} records)",
        range(len(previews)),
        index=0 if now is None else now - 1,
        format_func=lambda i: f"{i + 1}: {previews[i]}",
        key=f"{key}.rows",
    )
    pressed = line.button("Open this row", key=f"{key}.row", type="primary")
    return int(chosen) + 1 if pressed and chosen + 1 != now else None


def show_details(case: Case) -> None:
    """Draw the record and what reading it did."""
    record = case.record
    pairs = zip(record.schema.columns, record.values, strict=True)
    st.table({plain(c.title): plain(c.text(value)) for c, value in pairs}, hide_header=True)
    for remark in case.remarks or ("Nothing was changed in reading it.",):
        st.text(remark)


def _described(column: Column) -> dict[str, str]:
    """One column, as users need it to fill it in."""
    if column.kind == "category":
        allowed = " or ".join(column.categories)
    else:
        allowed = f"{column.low:.6g} to {column.high:.6g}"
    return {
        "Column": column.name,
        "Meaning": plain(f"{column.title}. {column.description}".rstrip(". ")),
        "Unit": column.unit or "–",
        "Training records": allowed,
    }

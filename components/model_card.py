"""A model's card in readable form: words for its fields, tables for its figures, all of it."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from components.notices import plain
from models.card import ModelCard

FIRST: Final = (
    "intended_use",
    "not_for",
    "limits",
    "metrics",
    "localisation",
    "known_shortcuts",
    "data",
)
"""Fields that a reader wants first; the others follow behind an expander."""
WORDS: Final = {
    "intended_use": "What it is for",
    "not_for": "What it is not for",
    "limits": "Limits",
    "metrics": "How well it works",
    "localisation": "How well explanations find the place",
    "known_shortcuts": "Known shortcuts",
    "data": "Training data and licences",
}
"""Headings that differ from the field's name."""


def show(card: ModelCard, *, device: str) -> None:
    """Draw one card.

    Args:
        card: The card.
        device: Where the model runs on this machine.
    """
    st.header(card.title, anchor=False)
    st.caption(plain(f"{card.id}, weights SHA-256 {card.weights_sha256}, runs on {device}"))
    for name in FIRST:
        if name in card.document:
            st.subheader(words(name), anchor=False)
            _value(card.document[name])
    with st.expander("Technical details", key=f"details.{card.id}"):
        for name, value in card.document.items():
            if name not in FIRST:
                st.subheader(words(name), anchor=False)
                _value(value)


def words(name: str) -> str:
    """A field's name as a reader says it."""
    return WORDS.get(name, name.replace("_", " ").capitalize())


def _value(value: object) -> None:
    """Draw plain data: rows of figures as a table, sentences as a list, the rest as text."""
    if isinstance(value, Mapping):
        _mapping(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        records = [item for item in value if isinstance(item, Mapping)]
        if records and len(records) == len(value):
            _records(records)
        else:
            st.write("\n".join(f"- {plain(str(item))}" for item in value))
    else:
        st.write(plain(str(value)))


def _mapping(value: Mapping[str, object]) -> None:
    """Single values as one table; what has parts of its own below, each under its name."""
    flat = {words(str(k)): plain(cell(v)) for k, v in value.items() if is_flat(v)}
    if flat:
        st.table(flat, hide_header=True, border="horizontal", alt="Details")
    for name, part in value.items():
        if not is_flat(part):
            st.write(f"**{plain(words(str(name)))}**")
            _value(part)


def _records(rows: Sequence[Mapping[str, object]]) -> None:
    """A list of alike entries as one table."""
    cells = [{words(str(k)): plain(cell(v)) for k, v in row.items()} for row in rows]
    st.table(pd.DataFrame(cells), hide_index=True, border="horizontal", alt="Details")


def is_flat(value: object) -> bool:
    """Whether a value fits one cell: no parts, or a short list of numbers such as an interval."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(value) <= 3 and all(isinstance(item, int | float) for item in value)
    return not isinstance(value, Mapping)


def cell(value: object) -> str:
    """One value as text: figures with three digits, an interval as "a to b"."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not known"}[value]
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return (" to " if len(value) == 2 else ", ").join(cell(item) for item in value)
    return str(value)

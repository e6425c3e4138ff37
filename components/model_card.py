"""A model's card in readable form: words for its fields, tables for its figures, all of it."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from components.notices import plain
from models.card import ModelCard

# Fields that a reader wants first; the others follow behind an expander.
FIRST: Final = (
    "intended_use",
    "not_for",
    "limits",
    "metrics",
    "localisation",
    "known_shortcuts",
    "data",
)
# Words that differ from the field's name.
WORDS: Final = {
    "intended_use": "What it is for",
    "not_for": "What it is not for",
    "metrics": "How well it works",
    "localisation": "How well explanations find the place",
    "data": "Training data and licences",
    "auroc": "AUROC",
    "brier": "Brier score",
    "groups": "By group",
    "parts": "By group of patients",
    "val": "validation",
    "of": "films",
}
LONGEST: Final = 12  # values in one cell; of more, such as percentiles, the ends are shown
NOTES: Final = {
    "metrics": "AUROC: how often a case with the finding gets a higher figure than one without; "
    "0.5 is chance. Calibration error and Brier score: how far the probabilities are off; 0 is "
    "best. In brackets: 95 % confidence intervals.",
    "localisation": "How often the strongest place of a map lies inside a box that a radiologist "
    "drew, beside what a place at random would reach.",
}


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
            if name in NOTES:
                st.caption(NOTES[name])
            _value(card.document[name])
    with st.expander("Technical details", key=f"details.{card.id}"):
        for name, value in card.document.items():
            if name not in FIRST:
                st.subheader(words(name), anchor=False)
                _value(value)


def words(name: str) -> str:
    """A field's name as a reader says it."""
    written = WORDS.get(name, name.replace("_", " "))
    return written[:1].upper() + written[1:]


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
    """Alike parts as one table, other parts each under its name, single values last."""
    flat = {words(str(k)): plain(cell(v)) for k, v in value.items() if is_flat(v)}
    parts = {str(k): v for k, v in value.items() if not is_flat(v)}
    alike = [{"group": words(k), **v} for k, v in parts.items() if isinstance(v, Mapping)]
    if len(alike) == len(parts) and are_alike(alike):
        _records(alike)
    else:
        for name, part in parts.items():
            st.write(f"**{plain(words(name))}**")
            _value(part)
    if flat:
        st.table(flat, hide_header=True, border="horizontal", alt="Details")


def _records(rows: Sequence[Mapping[str, object]]) -> None:
    """A list of alike entries as one table."""
    cells = [{words(str(k)): plain(cell(v)) for k, v in row.items()} for row in rows]
    st.table(pd.DataFrame(cells).fillna(""), hide_index=True, border="horizontal", alt="Details")


def are_alike(parts: Sequence[Mapping[str, object]]) -> bool:
    """Whether several parts have the same fields, each of which fits a cell."""
    same = len({tuple(part) for part in parts}) == 1
    return len(parts) > 1 and same and all(is_flat(v) for part in parts for v in part.values())


def is_flat(value: object) -> bool:
    """Whether a value fits one cell: no parts, a figure with its interval, or a few numbers."""
    if isinstance(value, Mapping):
        return value.keys() == {"value", "ci95"}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(value) <= 3 and all(isinstance(item, int | float) for item in value)
    return True


def cell(value: object) -> str:
    """One value as text: figures with three digits, an interval as "0.81 (0.74 to 0.87)"."""
    if isinstance(value, Mapping):
        return f"{cell(value['value'])} ({cell(value['ci95'])})"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not known"}[value]
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) > LONGEST:
            return f"{len(value)} values, {cell(value[0])} to {cell(value[-1])}"
        is_interval = len(value) == 2 and all(isinstance(item, float) for item in value)
        return (" to " if is_interval else ", ").join(cell(item) for item in value)
    return str(value)

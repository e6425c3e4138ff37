"""What is known about the open case: its name, what the file states, what decoding did.

Text of the user is always escaped.
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from components.notices import plain, show_standing_line
from models.case import Case

DIRECTIONS: Final = {
    "L": "left",
    "R": "right",
    "H": "head",
    "F": "feet",
    "A": "front",
    "P": "back",
}
NOT_STATED: Final = "not stated"  # what decoding puts where a file says nothing


def show_name(case: Case, facts: Sequence[str]) -> None:
    """Draw the page's heading: the case's name, the standing line, and the facts that fit."""
    name = html.escape(case.name)
    st.html(f'<h1 class="consilium-case" title="{name}">{name}</h1>')
    show_standing_line(", ".join(facts))


def film_line(case: Case) -> list[str]:
    """The facts of a film that matter at first glance."""
    film = case.film
    height, width = film.pixels.shape
    stated = [value for _, value in film.header[:3] if value != NOT_STATED]
    return [*stated, f"{width} × {height} pixels"]


def film_facts(case: Case) -> dict[str, str]:
    """Everything that a film's file states."""
    film = case.film
    facts = {label: in_words(label, value) for label, value in film.header}
    if film.n_frames > 1:
        facts["Frame"] = f"{film.frame_index + 1} of {film.n_frames}"
    return facts


def in_words(label: str, value: str) -> str:
    """A fact of the header as a reader says it: width first, directions in words."""
    if label == "Orientation":
        return _directions(value)
    if label == "Size":
        return re.sub(r"^(\d+) x (\d+)", r"\2 × \1", value)
    return value


def _directions(value: str) -> str:
    """Which side of the patient lies at the film's right and at its lower edge."""
    ends = value.split("\\")  # as in DICOM: of the rows and of the columns
    if len(ends) != 2 or not all(end and set(end) <= DIRECTIONS.keys() for end in ends):
        return value  # "not stated" and the like
    right, lower = (" and ".join(DIRECTIONS[letter] for letter in end) for end in ends)
    return f"right edge: patient's {right}; lower edge: patient's {lower}"


def show_details(case: Case, facts: Mapping[str, str]) -> None:
    """Draw everything the file states, and what decoding did."""
    if facts:
        table = {plain(label): plain(value) for label, value in facts.items()}
        st.table(table, hide_header=True, alt="What the file states")
    for remark in case.remarks or ("The file states nothing more.",):
        st.text(remark)

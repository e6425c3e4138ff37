"""What is known about the open case: its name, what the file states, what decoding did.

Text of the user is always escaped.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from components.notices import plain, show_standing_line
from models.case import Case

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
    facts = dict(film.header)
    if film.spacing_mm is not None:
        facts["Pixel size"] = " × ".join(f"{side:.3g}" for side in film.spacing_mm) + " mm"
    if film.n_frames > 1:
        facts["Frame"] = f"{film.frame_index + 1} of {film.n_frames}"
    return facts


def show_details(case: Case, facts: Mapping[str, str]) -> None:
    """Draw everything the file states, and what decoding did."""
    if facts:
        table = {plain(label): plain(value) for label, value in facts.items()}
        st.table(table, hide_header=True, alt="What the file states")
    for remark in case.remarks or ("The file states nothing more.",):
        st.text(remark)

"""What is known about the open film: its name, what the file states, what decoding did.

Text of the user is always escaped.
"""

import html
from typing import Final

import streamlit as st

from components.notices import plain, show_standing_line
from models.case import Case

NOT_STATED: Final = "not stated"  # what decoding puts where a file says nothing


def show_name(case: Case) -> None:
    """Draw the page's heading: the case's name, the standing line, and the facts that fit."""
    height, width = case.payload.pixels.shape
    stated = [value for _, value in case.payload.header[:3] if value != NOT_STATED]
    name = html.escape(case.name)
    st.html(f'<h1 class="consilium-case" title="{name}">{name}</h1>')
    show_standing_line(", ".join([*stated, f"{width} × {height} pixels"]))


def show_details(case: Case) -> None:
    """Draw everything the file states, and what decoding did."""
    payload = case.payload
    facts = dict(payload.header)
    if payload.spacing_mm is not None:
        facts["Pixel size"] = " × ".join(f"{side:.3g}" for side in payload.spacing_mm) + " mm"
    if payload.n_frames > 1:
        facts["Frame"] = f"{payload.frame_index + 1} of {payload.n_frames}"
    if facts:
        table = {plain(label): plain(value) for label, value in facts.items()}
        st.table(table, hide_header=True, alt="What the file states")
    for remark in case.remarks or ("The file states nothing more.",):
        st.text(remark)

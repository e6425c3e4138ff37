"""The first thing to read: what methods agree on, where they part, what the model itself did."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from components.markup import Markup, join, tag
from explainers.reading import LABELS, Line

STYLE: Final = (Path(__file__).parent / "assets" / "reading.css").read_text(encoding="utf-8")
WAITING: Final = "The methods are still at work."


def show(lines: Sequence[Line] | None) -> None:
    """Draw the strip.

    Args:
        lines: What there is to say; None while methods are at work.
    """
    if lines is not None and not lines:
        return
    st.html(join(Markup(f"<style>{STYLE}</style>"), strip_html(lines)))


def strip_html(lines: Sequence[Line] | None) -> Markup:
    """Write the strip: a label and a sentence a line."""
    if lines is None:
        body = [tag("dd", WAITING, attributes={"class": "cs-waiting"})]
    else:
        body = [
            part
            for line in lines
            for part in (tag("dt", LABELS[line.subject]), tag("dd", line.text))
        ]
    return tag("dl", body, attributes={"class": "cs-reading"})

"""How far the methods agree, pair by pair, beside what chance alone would give."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import streamlit as st

from components.figures.headline import CAVEAT, headline
from components.figures.matrix import matrix_html
from components.markup import Markup, join, tag
from components.notices import plain
from explainers.agreement import Agreement
from explainers.guard import NothingToExplain

STYLE: Final = (Path(__file__).parent / "assets" / "matrix.css").read_text(encoding="utf-8")
READING: Final = (
    "Dot: what was measured. Thick line: 95 % of chance arrangements stay within; their mean is "
    "written as chance. Tick and ceiling: what the methods' own error bars allow."
)


def show_nothing(reasons: tuple[NothingToExplain, ...]) -> None:
    """Draw why the answers are not compared."""
    for reason in reasons:
        st.info(plain(reason.sentence))


def show(
    agreement: Agreement, *, titles: Mapping[str, str], parts: str = "regions", key: str
) -> None:
    """Draw headline, table and how to read it.

    Args:
        agreement: The comparison.
        titles: Method id -> name shown.
        parts: What is compared, "regions".
        key: Key of the container.
    """
    with st.container(key=key):
        said = tag("p", headline(agreement, titles=titles), attributes={"class": "cs-headline"})
        notes = (f"Top {parts} are the {agreement.k} largest shares. {READING}", CAVEAT)
        below = [
            tag("p", note, attributes={"class": "cs-note"}) for note in (*agreement.remarks, *notes)
        ]
        matrix = matrix_html(agreement, titles=titles, parts=parts)
        st.html(join(Markup(f"<style>{STYLE}</style>"), said, matrix, below))

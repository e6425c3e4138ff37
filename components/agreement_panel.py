"""How far the methods agree, pair by pair, beside what chance alone would give."""

from collections.abc import Mapping

import streamlit as st

from components.figures.matrix import headline, matrix_html
from explainers.agreement import Agreement


def show(agreement: Agreement, *, titles: Mapping[str, str], key: str) -> None:
    """Draw headline and table.

    Args:
        agreement: The comparison.
        titles: Method id -> name shown.
        key: Key of the container.
    """
    with st.container(key=key):
        st.text(headline(agreement, titles=titles))
        st.html(matrix_html(agreement, titles=titles))

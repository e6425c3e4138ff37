"""What a tabular model relies on as a whole, asked in three ways, and where these part."""

from typing import Final

import numpy as np
import streamlit as st

from components.figures.overview_figures import (
    MEASURE_TITLES,
    beeswarm,
    importance_bars,
    order_of,
    tree_html,
)
from components.record_view import CONFIG
from explainers.numerals import numeral
from explainers.table_views import MEASURES, Overview
from models.schema import TableSchema

PARTED: Final = 4  # ranks apart from which a feature is named
NAMED: Final = 3


def show(overview: Overview, schema: TableSchema, *, key: str) -> None:
    """Draw the three rankings, where they part, the beeswarm and the surrogate tree."""
    st.text(headline(overview))
    for line in parted(overview):
        st.text(line)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Three ways to ask what matters", anchor=False)
        st.plotly_chart(
            importance_bars(overview), key=f"{key}.importance", config=CONFIG, alt="Importance bars"
        )
    with right:
        st.subheader("SHAP values of many records", anchor=False)
        st.caption(
            f"{overview.method} of {len(overview.records)} training records. Bright: a high value."
        )
        st.plotly_chart(
            beeswarm(overview, schema.columns), key=f"{key}.swarm", config=CONFIG, alt="Beeswarm"
        )
    tree = overview.tree
    st.subheader("A small tree that imitates the model", anchor=False)
    st.caption(fidelity(overview))
    st.html(tree_html(tree))


def headline(overview: Overview) -> str:
    """How far the three measures rank features alike."""
    pairs = [
        f"{_short(one)} and {_short(two)} {_number(float(overview.rank_correlation[i, j]))}"
        for i, one in enumerate(MEASURES)
        for j, two in enumerate(MEASURES)
        if j > i
    ]
    return f"Rank correlation of the three measures: {', '.join(pairs)}."


def parted(overview: Overview) -> list[str]:
    """The features that the measures rank farthest apart, a sentence each."""
    lines = []
    apart = sorted(order_of(overview), key=lambda i: -float(overview.parted[i]))
    for i in [i for i in apart if overview.parted[i] >= PARTED][:NAMED]:
        places = [
            f"{1 + int((overview.importance[m] > overview.importance[m][i]).sum())} by {_short(m)}"
            for m in MEASURES
        ]
        lines.append(f"They part on {overview.names[i]}: place {', '.join(places)}.")
    return lines


def fidelity(overview: Overview) -> str:
    """How far the tree may be believed."""
    tree = overview.tree
    if np.isnan(tree.fidelity):
        return "The model gives every record the same answer: there is nothing to imitate."
    said = "follows the model" if tree.fidelity >= 0.8 else "is only a rough picture of the model"
    return (
        f"It {said}: R² {tree.fidelity:.2f} on {tree.n_held_out} records it was not fitted to "
        f"({tree.n_fitted} for fitting). What it does not show, the model may still use."
    )


def _short(measure: str) -> str:
    """A measure's name before the colon."""
    titles = {str(m): title for m, title in MEASURE_TITLES.items()}
    return titles[measure].split(":")[0]


def _number(value: float) -> str:
    """A correlation; "undefined" where there is none."""
    return numeral(value, undefined="undefined")

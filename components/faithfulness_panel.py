"""Which method's order the model follows, and whether all of them together do better."""

from functools import partial
from typing import Final

import streamlit as st

from components import faithfulness_rows as rows
from components.figures.faithfulness_curves import curve_figure
from components.kept import once
from components.notices import plain
from components.scene import Scene
from explainers import faithfulness_wording as wording
from explainers.consensus_report import Consensus
from explainers.faithfulness_report import DIRECTIONS, Faithfulness
from explainers.report import EvidenceReport

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
TITLE: Final = "Does the model follow the methods?"
TOGETHER: Final = "The methods together"


def show(
    found: Faithfulness,
    combined: Consensus | None,
    report: EvidenceReport,
    scene: Scene,
    *,
    key: str,
) -> None:
    """Draw the sentences, both figures, the table, and what the methods amount to together.

    Args:
        found: The curves.
        combined: The aggregate; None leaves it out.
        report: Whose methods they are.
        scene: Names parts and methods.
        key: Prefix of widget keys.
    """
    titles = scene.titles
    st.subheader(TITLE, anchor=False)
    for sentence in wording.sentences(found, titles, parts=scene.parts):
        st.text(sentence)
    with st.container(key=f"{key}_figures"):
        for column, direction in zip(st.columns(2), DIRECTIONS, strict=True):
            figure = once(
                scene.pictures,
                f"{key}.{direction}",
                partial(
                    curve_figure,
                    found,
                    direction,
                    titles=titles,
                    parts=scene.parts,
                    combined=combined,
                ),
                found,
                combined,
            )
            column.plotly_chart(
                figure,
                key=f"{key}.{direction}",
                config=CONFIG,
                alt=f"{rows.DOING[direction]} {scene.parts} in the order of each method",
            )
    st.table(rows.score_rows(found, combined, titles), hide_index=True)
    with st.expander("Numbers behind it"):
        st.table(rows.number_rows(found, titles), hide_index=True)
        for line in rows.limits(found, titles, part=scene.part, parts=scene.parts):
            st.caption(plain(line))
    st.caption(plain(rows.footnote(combined)))
    if combined is not None and len(combined.methods) > 1:
        _together(combined, report, scene)


def _together(combined: Consensus, report: EvidenceReport, scene: Scene) -> None:
    """The aggregate when it is better than every method, with what it hides; else why not."""
    st.subheader(TOGETHER, anchor=False)
    st.text(wording.verdict(combined, scene.titles))
    if said := wording.weights(combined, scene.titles):
        st.caption(plain(said))
    if not combined.is_shown:
        return
    parts, minority = st.columns(2)
    with parts:
        st.table(rows.top_rows(combined, scene.names, part=scene.part), hide_index=True)
    with minority:
        st.markdown(f"**{rows.MINORITY}**")
        for line in rows.minority(combined, report, scene.names, scene.titles):
            st.text(line)

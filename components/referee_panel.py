"""Ask the model itself: hide a part, and see what the model does."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from components import referee_rows as rows
from components.figures.referee_strip import referee_strip
from components.notices import plain
from components.referee_chooser import Wanted
from components.scene import Scene
from explainers.referee_headline import nouns
from explainers.referee_lines import CAVEAT
from explainers.referee_names import hidden_name
from explainers.referee_report import RefereeReport, by_error
from explainers.report import EvidenceReport

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
TITLE: Final = "Ask the model itself"


def show_asked(found: Sequence[RefereeReport], report: EvidenceReport, scene: Scene) -> None:
    """Draw each part that was asked about without being told to, its numbers in an expander.

    Args:
        found: What the model did.
        report: What methods foretold.
        scene: Names the parts.
    """
    for each in found:
        st.caption(plain(f"Hidden: {hidden_name(each, scene.names)}"))
        st.text(rows.said(each, by_error(report.explanations, each), report, scene.titles))
        _numbers(each, report, scene)


def show_earlier(found: Sequence[RefereeReport], report: EvidenceReport, scene: Scene) -> None:
    """Draw what the reader asked before, a sentence each."""
    if not found:
        return
    with st.expander(f"Asked before ({len(found)})"):
        for each in found:
            st.caption(plain(f"Hidden: {hidden_name(each, scene.names)}"))
            st.text(rows.said(each, by_error(report.explanations, each), report, scene.titles))


def asks(wanted: Wanted | None, scene: Scene, *, key: str) -> bool:
    """Draw the button; whether the model is to be asked in this run.

    Args:
        wanted: What was chosen, None for nothing.
        scene: What parts are called.
        key: Session key under which the answer is kept.
    """
    if wanted is None:
        st.caption(plain(f"Mark a {scene.part} above, and the model can be asked about it."))
        return False
    if key in st.session_state:
        return True
    st.caption(
        plain(
            f"Hides {wanted.noun} in several ways, and others of the size beside it, "
            "and compares what the model does with what each method foretold."
        )
    )
    return st.button(f"Hide {wanted.noun} and ask again", key=f"{key}.go")


def show(
    found: RefereeReport, report: EvidenceReport, scene: Scene, *, name: str, key: str
) -> None:
    """Draw what the model did: sentences, the strip, the numbers.

    Args:
        found: What the model did.
        report: What methods foretold.
        scene: What parts are called.
        name: What was hidden.
        key: Session key.
    """
    answers = by_error(report.explanations, found)
    st.caption(plain(f"Hidden: {name}"))
    for sentence in rows.sentences(found, answers, report, scene.titles):
        st.text(sentence)
    part, parts = nouns(found, scene.part, scene.parts)
    st.plotly_chart(
        referee_strip(found, answers, titles=scene.titles, part=part, parts=parts),
        key=f"{key}.strip",
        config=CONFIG,
        alt=f"Change of the model's answer when this {part} or others are hidden",
    )
    _numbers(found, report, scene)
    st.caption(plain(CAVEAT))


def _numbers(found: RefereeReport, report: EvidenceReport, scene: Scene) -> None:
    """Spread, limits and tables, folded away."""
    answers = by_error(report.explanations, found)
    with st.expander("Numbers behind it"):
        for sentence in rows.details(found, answers, report, scene.titles):
            st.text(sentence)
        st.table(rows.foretold_rows(found, answers, scene.titles), hide_index=True)
        st.table(rows.baseline_rows(found), hide_index=True)
        st.table([rows.placebo_row(found)], hide_index=True)
        st.caption(plain(rows.footnote(found)))

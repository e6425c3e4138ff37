"""Two methods that agree least: what only one names against what only the other names."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import referee_rows as rows
from components.figures.referee_strip import sides_strip
from components.notices import plain
from components.scene import Scene
from explainers.explanation import Explanation
from explainers.naming import listed
from explainers.referee_choice import least_agreeing
from explainers.referee_lines import CAVEAT
from explainers.referee_sides import Sides, TwoSided, sides_of
from explainers.report import EvidenceReport

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
TITLE: Final = "One method's parts against another's"


def asks(report: EvidenceReport, scene: Scene, *, key: str) -> tuple[Sides | None, str]:
    """Draw the choice of two methods and the button.

    Args:
        report: The answers.
        scene: What methods and parts are called.
        key: Session key.

    Returns:
        What to compare, None for nothing yet, and the key under which the answer is kept.
    """
    pair = least_agreeing(report)
    if pair is None:
        return None, key
    st.subheader(TITLE, anchor=False)
    one, two = (
        _choice(column, report, scene, label, start, key=f"{key}.{label}")
        for column, label, start in zip(st.columns(2), ("First", "Second"), pair, strict=True)
    )
    kept = f"{key}.sides.{one.method}.{two.method}"
    sides = sides_of(one, two) if one is not two else None
    if sides is None:
        why = "Choose two methods." if one is two else "Both name the same parts as the strongest."
        st.caption(plain(why))
        return None, kept
    named = [
        f"{_title(method, scene)} alone puts among its strongest: "
        f"{listed([scene.names[p] for p in part.players])}."
        for method, part in zip(sides.methods, sides.parts, strict=True)
    ]
    for sentence in named:
        st.caption(plain(sentence))
    if kept in st.session_state:
        return sides, kept
    pressed = st.button("Hide the one, then the other", key=f"{kept}.go")
    return (sides if pressed else None), kept


def show(found: TwoSided, report: EvidenceReport, scene: Scene, *, key: str) -> None:
    """Draw what the model did.

    Args:
        found: What the model did.
        report: Names the classes.
        scene: What methods and parts are called.
        key: Session key.
    """
    st.text(rows.sides_said(found, report, scene.titles))
    st.plotly_chart(
        sides_strip(found, titles=scene.titles),
        key=f"{key}.strip",
        config=CONFIG,
        alt="How much more one part moves the model than the other, beside random pairs",
    )
    with st.expander("Numbers behind it"):
        st.table(rows.sides_rows(found, scene.titles), hide_index=True)
        st.caption(plain(rows.sides_footnote(found)))
    st.caption(plain(CAVEAT))


def _choice(
    column: DeltaGenerator,
    report: EvidenceReport,
    scene: Scene,
    label: str,
    start: Explanation,
    *,
    key: str,
) -> Explanation:
    """One of the methods."""
    answers = list(report.explanations)
    chosen = column.selectbox(
        f"{label} method",
        range(len(answers)),
        index=next(i for i, answer in enumerate(answers) if answer is start),
        format_func=lambda i: _title(answers[i].method, scene),
        key=key,
    )
    return answers[chosen]


def _title(method: str, scene: Scene) -> str:
    """Name shown of a method."""
    return scene.titles.get(method, method)

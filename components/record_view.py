"""A record as several methods see it: bars of all methods, and the way from average to answer."""

from typing import Final

import streamlit as st

from components.figures.panels import DIMMED, DIMMED_NOTE, answered, is_dimmed, message_of
from components.figures.record_labels import record_labels
from components.figures.table_bars import MOST_SHOWN, method_bars, waterfall
from components.notices import plain
from components.scene import Scene
from explainers.explanation import Explanation

CONFIG: Final = {"displaylogo": False, "displayModeBar": False}
READING: Final = (
    "Right of zero speaks for the answer, left against it. Whiskers are 95 % intervals; methods "
    "without whiskers draw nothing at random. At the right: the verdict on each feature."
)


def show(scene: Scene) -> None:
    """Draw what has arrived; methods without an answer say why."""
    layout = scene.layout
    if layout is None:
        return
    found = answered(scene.panels)
    labels = record_labels(scene.case.record, layout.players)
    titles = dict(scene.titles)
    for panel in scene.panels:
        message = message_of(panel)
        if message is not None:
            st.caption(plain(f"{panel.title} ({panel.subtitle}): {message}"))
    if not found:
        return
    place = st.container(key=f"{scene.key}_figures")
    bars, path = place.columns([3, 2], gap="medium")
    with bars:
        st.header("Every method on every feature", anchor=False)
        dimmed = f" {DIMMED_NOTE.capitalize()}." if is_dimmed(scene.panels) else ""
        st.caption(plain(f"{subtitle(scene)}. {READING}{dimmed}"))
        figure = method_bars(
            found,
            labels=labels,
            titles=titles,
            agreement=scene.agreement,
            target=found[0].target.name,
            opacity=DIMMED if is_dimmed(scene.panels) else 1.0,
        )
        st.plotly_chart(
            figure, key=f"{scene.key}.bars", config=CONFIG, alt="Bars of all methods, by feature"
        )
        if len(labels) > MOST_SHOWN:
            st.caption(f"The {MOST_SHOWN} largest of {len(labels)}; the table below has the rest.")
    with path:
        _path(scene, found, labels)


def subtitle(scene: Scene) -> str:
    """Which methods, against which baseline."""
    return "; ".join(f"{panel.title}: {panel.subtitle}" for panel in scene.panels)


def _path(scene: Scene, found: tuple[Explanation, ...], labels: tuple[str, ...]) -> None:
    """The waterfall of one method whose values add up, SHAP first."""
    complete = [e for e in found if e.value_empty is not None and e.method != "lime_tabular"]
    complete.sort(key=lambda e: abs(e.completeness_gap or 0.0))
    st.header("From the average answer to this one", anchor=False)
    if not complete:
        st.caption("Needs a method whose values add up, such as a SHAP method.")
        return
    names = {e.method: scene.titles.get(e.method, e.method) for e in complete}
    chosen = st.selectbox(
        "Method", list(names), format_func=lambda m: names[m], key=f"{scene.key}.path"
    )
    (explanation,) = (e for e in complete if e.method == chosen)
    st.plotly_chart(
        waterfall(explanation, labels=labels, opacity=DIMMED if is_dimmed(scene.panels) else 1.0),
        key=f"{scene.key}.waterfall",
        config=CONFIG,
        alt="Waterfall from the average answer to the answer for this record",
    )

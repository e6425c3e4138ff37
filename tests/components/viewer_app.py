"""A page of viewer, table and agreement over the small film; started by tests, in a browser too."""

import streamlit as st

from components import agreement_panel, region_table, viewer
from components.figures.panels import Panel
from tests.components import scenes

st.set_page_config(layout="wide")
# One object per session, as a finished job's answers are.
film = st.session_state.setdefault("film", scenes.film())
found = st.session_state.setdefault("answers", scenes.answers())
n_answers = st.session_state.setdefault("n_answers", 1 if "running" in st.query_params else 3)
if n_answers < len(found) and st.button("Next answer"):
    st.session_state["n_answers"] += 1
    st.rerun()
panels = scenes.panels(found[:n_answers]) + tuple(
    Panel(title=scenes.TITLES[e.method], subtitle="", message="Still running.")
    for e in found[n_answers:]
)
if n_answers == len(found) and "agreement" not in st.session_state:
    st.session_state["agreement"] = scenes.agreement(found)
agreement = st.session_state.get("agreement")
selected = st.session_state.get("selected")
picked = viewer.show(
    film,
    panels,
    agreement,
    names=scenes.PLAYERS.names,
    selected=selected,
    key="viewer",
    kept=st.session_state.setdefault("kept", {}),
    asks=agreement is not None,
    closed="Nothing to ask." if "closed" in st.query_params else "",
)
if agreement is not None:
    row = region_table.show(
        agreement,
        names=scenes.PLAYERS.names,
        titles=scenes.TITLES,
        selected=selected,
        key="regions",
        viewer_key="viewer",
    )
    picked = picked if row is None else row
    agreement_panel.show(agreement, titles=scenes.TITLES, key="agreement")
    st.container(key=viewer.ASK).text("Asked here.")
st.text(f"selected: {selected}")
st.text(f"drawn: {len(viewer.drawn('viewer'))} corners")
st.text(f"area: {viewer.drawn('viewer')}")
if picked is not None and picked != selected:
    st.session_state["selected"] = None if picked == -1 else picked
    st.rerun()

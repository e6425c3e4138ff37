"""Work of the browser that can be done while nothing is open yet."""

import plotly.graph_objects as go
import streamlit as st


def load_ahead() -> None:
    """Have the browser fetch what draws figures, tables and numbers; shows nothing."""
    with st.container(key="consilium_ahead"):
        st.plotly_chart(go.Figure(), key="consilium_ahead_figure", alt="Nothing")
        st.dataframe({"": []}, key="consilium_ahead_table")
        st.metric("Nothing", "")

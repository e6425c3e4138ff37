"""Page settings and navigation, nothing else. Run with `make run`."""

from pathlib import Path

import models  # noqa: F401  # prepares the process; numpy comes with the page's picture below

import streamlit as st  # isort: skip

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Consilium",
    # A picture of our own: the icon font would be fetched from the internet.
    page_icon=str(HERE / "components" / "assets" / "icon.png"),
    layout="wide",
)
st.html(HERE / "components" / "assets" / "page.css")
st.navigation(
    [
        st.Page("pages/xray.py", title="X-ray", default=True),
        st.Page("pages/tabular.py", title="Record"),
        st.Page("pages/text.py", title="Text"),
        st.Page("pages/methods.py", title="Methods"),
        st.Page("pages/models.py", title="Models"),
    ],
    position="top",
).run()

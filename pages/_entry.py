"""The way in: every page is reached through app.py."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def through_app() -> None:
    """Start this run again through app.py, where Streamlit has gone past it.

    A folder named "pages" makes Streamlit serve its files by itself until `st.navigation` has been
    called once. Whoever came first to a new server, and by a link to one page, would get that page
    without the settings of app.py and beside a menu of every file in the folder.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()

"""The pages, composed by app.py.

Streamlit takes a folder of this name for pages of its own until the first `st.navigation`: on a
fresh server a link straight to one page would run that file alone, without title, style or
navigation. Whoever comes that way is sent through app.py first.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()

"""What each method assumes, needs and refers to, and how they compare on a model."""

import streamlit as st

from components import method_cards, notices
from pages import _entry, _ranking, _wiring

_entry.through_app()
st.title("Methods", anchor=False)
notices.show_standing_line()
with notices.guarded():
    method_cards.show(_wiring.methods())
with notices.guarded():
    _ranking.show()

"""What each method assumes, needs and refers to, and how they compare on a model."""

import streamlit as st

from components import method_cards, notices, ranking_panel
from pages import _entry, _ranking, _wiring

_entry.through_app()
st.title("Methods", anchor=False)
notices.show_standing_line()
described, compared = st.tabs([method_cards.TITLE, ranking_panel.TITLE])
with described, notices.guarded():
    method_cards.show(_wiring.methods())
with compared, notices.guarded():
    _ranking.show()

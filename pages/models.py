"""The models' cards: what they are for, how well they work, where they fail."""

import streamlit as st

from components import model_card, notices
from pages import _wiring

st.title("Models", anchor=False)
notices.show_standing_line()
with notices.guarded():
    for card in _wiring.cards():
        model_card.show(card, device=_wiring.device())

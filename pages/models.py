"""The models' cards: what they are for, how well they work, where they fail."""

import streamlit as st

from components import model_card, notices
from pages import _entry, _wiring

_entry.through_app()
st.title("Models", anchor=False)
notices.show_standing_line()
with notices.guarded():
    cards = {card.title: card for card in _wiring.cards()}
    title = st.selectbox("Model", list(cards), key="models.title")
    model_card.show(cards[title], device=_wiring.device())

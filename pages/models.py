"""The models' cards: what they are for, how well they work, where they fail."""

import streamlit as st

from components import device_panel, model_card, notices
from pages import _entry, _wiring

_entry.through_app()
st.title("Models", anchor=False)
notices.show_standing_line()
with notices.guarded():
    cards = {card.title: card for card in _wiring.cards()}
    title = st.selectbox("Model", list(cards), key="models.title")
    card = cards[title]
    model_card.show(card, device=_wiring.device())
    if card.modality != "tabular":  # a record takes microseconds: there is nothing to choose
        device_panel.show(_wiring.throughput(card.id))

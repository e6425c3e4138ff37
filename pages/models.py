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
    if card.modality == "tabular":
        from models.devices import choose_device, rows_per_pass  # torch, which the device needed

        device_panel.show_fixed(_wiring.device(), rows_per_pass(choose_device(), card.modality))
    else:
        device_panel.show(_wiring.throughput(card.id))

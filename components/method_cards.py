"""What each explanation method is, needs and promises, in words."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from components.notices import plain
from components.terms import FAMILY_MEANINGS, FAMILY_TITLES, TERMS
from explainers.explanation import MethodCard

TITLE: Final = "What each method is"


def show(cards: Sequence[MethodCard]) -> None:
    """Draw all methods, family by family."""
    for family, meaning in FAMILY_MEANINGS.items():
        st.header(FAMILY_TITLES[family], anchor=False)
        st.write(meaning.format(parts="parts"))
        for card in cards:
            if card.family == family:
                _one(card)


def _one(card: MethodCard) -> None:
    """One method."""
    with st.container(border=True):
        st.subheader(card.title, anchor=False)
        st.write(plain(f"Assumes: {card.assumption}"))
        st.write(plain(promises(card)))
        st.caption(plain(f"Reference: {card.reference}. On the command line: {card.id}"))
        if card.settings:
            with st.expander("Settings", key=f"settings.{card.id}"):
                table = {plain(name): plain(text) for name, text in card.settings.items()}
                st.table(table, hide_header=True, alt=f"Settings of {card.title}")


def promises(card: MethodCard) -> str:
    """What the values of a method mean, in sentences."""
    needs = " and ".join(sorted(need.replace("_", " ") for need in card.needs))
    cases = [f"{terms.case}s" for kind, terms in TERMS.items() if kind in card.modalities]
    return " ".join(
        [
            f"Explains {' and '.join(', '.join(cases).rsplit(', ', 1))}.",
            f"Needs the model's {needs}." if needs else "Needs nothing but the model's output.",
            "Says what speaks for and what against the finding."
            if card.signed
            else "Says where, not whether it speaks for or against.",
            "Its values add up to the whole effect." if card.complete else "",
            "Carries a standard error: another seed gives slightly other values."
            if card.stochastic
            else "Gives the same values every time.",
            "Hides parts of the case, so the chosen baseline matters."
            if card.uses_baseline
            else "Hides nothing.",
        ]
    ).replace("  ", " ")

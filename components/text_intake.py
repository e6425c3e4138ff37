"""How texts come in and what is known of the open one. Text of the user is always escaped."""

from typing import Final

import streamlit as st

from components.figures.findings_list import findings_html
from components.markup import Markup, join
from explainers.players import Players
from models.card import ModelCard
from models.case import Case, TextPayload
from models.prediction import Prediction

FINDINGS_STYLE: Final = Markup(
    "<style>.cs-findings{display:grid;grid-template-columns:repeat(auto-fill,minmax(18.5rem,1fr));"
    "gap:.15rem 1.6rem;font-size:.875rem}ul.cs-findings{margin:0;padding:0;list-style:none}"
    ".cs-findings li{display:grid;grid-template-columns:1fr 5rem 2.5rem;gap:.6rem;margin:0;"
    "align-items:center}.cs-finding-bar{height:.5rem;border-radius:3px;"
    "background:color-mix(in srgb,currentColor 14%,transparent)}"
    ".cs-finding-bar i{display:block;height:100%;border-radius:3px;background:currentColor}"
    ".cs-findings li>span:last-child{text-align:right;font-variant-numeric:tabular-nums}</style>"
)


def show_paste(*, key: str) -> str | None:
    """Draw a box to paste into.

    Returns:
        The text in the run in which the button was pressed, None otherwise.
    """
    with st.form(f"{key}.form", border=False):
        text = st.text_area("Paste a radiology report", height=170, key=f"{key}.text")
        pressed = st.form_submit_button("Explain this text", key=f"{key}.open", type="primary")
    return text if pressed else None


def show_findings(prediction: Prediction, card: ModelCard, *, explained: str) -> None:
    """Draw all findings with their probabilities."""
    st.html(join(FINDINGS_STYLE, findings_html(prediction, card, explained=explained)))


def window_words(document: TextPayload, players: Players) -> str:
    """Which words the model reads, where it cannot read all of them; "" where it can."""
    first, last = players.word_spans[0][0], players.word_spans[-1][1]
    count = len(document.words)
    if last - first >= count:
        return ""
    return (
        f"The text has {count:,} words, more than the model can read at once. It reads words "
        f"{first + 1:,} to {last:,}; the rest is grey and counts for nothing."
    )


def show_window(document: TextPayload, players: Players, *, key: str) -> int | None:
    """Offer other words of a text of which the model cannot read all.

    Returns:
        The 0-based word to begin with, in the run in which the button was pressed.
    """
    if not window_words(document, players):
        return None
    first = players.word_spans[0][0]
    st.header("Another part of the text", anchor=False)
    line = st.container(horizontal=True, vertical_alignment="bottom")
    start = line.number_input(
        "Read from word",
        min_value=1,
        max_value=len(document.words),
        value=first + 1,
        width=220,
        key=f"{key}.start",
    )
    pressed = line.button("Read there", key=f"{key}.read")
    return int(start) - 1 if pressed and int(start) - 1 != first else None


def show_details(case: Case) -> None:
    """Draw what reading the text did."""
    document = case.document
    st.text(
        f"{len(document.words):,} words in {int(document.sentence_of[-1]) + 1:,} sentences, "
        f"{len(document.text):,} characters."
    )
    for remark in case.remarks or ("Nothing was changed in reading it.",):
        st.text(remark)

"""What the model says about the case, in one slim strip, and the input check's warning."""

from typing import Final

import numpy as np
import streamlit as st

from components import notices
from components.figures.words import probability_text
from components.operating_point import operating_point, rate_sentence
from components.terms import TERMS
from explainers.numerals import numeral
from models.card import ModelCard
from models.prediction import Prediction

CALIBRATED: Final = (
    "Of {cases} that get this figure, about this share had the finding in the validation data of "
    "the model. It holds for {cases} like those; see the Models page."
)
LOGIT: Final = (
    "The same answer on the scale on which explanations add up: the logarithm of the odds. "
    "0 means fifty-fifty, positive speaks for the finding."
)
OPERATING: Final = (
    "From this probability on the model counts the finding as present. It was chosen on validation "
    "data and is no clinical threshold."
)

REFUSED: Final = (
    "Struck out: this {case} is unlike those the model knows, so its figures do not count."
)


def show(prediction: Prediction | None, card: ModelCard, *, asked: str | None = None) -> None:
    """Draw the strip; a dash stands for what is not there yet.

    Args:
        prediction: None until the model has answered.
        card: The model's.
        asked: The finding that is explained, where a model answers for several; None for the one
            explained by default.
    """
    calibrated = CALIBRATED.format(cases=f"{TERMS[card.modality].case}s")
    target = shown_target(prediction, card, asked)
    point = operating_point(card, target)
    probability = log_odds = call = "–"
    costs = ""
    if prediction is not None:
        value = float(prediction.probabilities[card.classes.index(target)])
        probability = probability_text(value)
        log_odds = numeral(log_odds_of(prediction, card, target), "+.2f")
        if point is not None:
            call = "above" if value >= point else "below"
            costs = rate_sentence(card, target, above=value >= point)
    refused = is_refused(prediction)
    with st.container(key="consilium_refused" if refused else "consilium_said", gap="xxsmall"):
        columns = st.columns([2.1, 1, 1.3])
        columns[0].metric(f"Model: {notices.plain(target)}", probability, help=calibrated)
        columns[1].metric("Log-odds", log_odds, help=LOGIT)
        label = "Operating point" if point is None else f"Operating point {point:.0%}"
        columns[2].metric(label, call, help=OPERATING)
        words = REFUSED.format(case=TERMS[card.modality].case) if refused else costs
        if words:
            st.caption(notices.plain(words))


def show_check(prediction: Prediction | None) -> None:
    """Draw the input check's warning, when it has one."""
    check = prediction.check if prediction is not None else None
    if check is not None and is_refused(prediction):
        notices.show(notices.Notice(message=check.message, level="warning"))


def is_refused(prediction: Prediction | None) -> bool:
    """Whether the input check takes the case for something the model was not made for."""
    check = prediction.check if prediction is not None else None
    return check is not None and not check.accepted


def shown_target(prediction: Prediction | None, card: ModelCard, asked: str | None) -> str:
    """The class in the strip: of several findings the explained one, else the model's own."""
    if card.head == "softmax":
        return card.default_target
    return asked or (card.default_target if prediction is None else card.target_for(prediction))


def log_odds_of(prediction: Prediction, card: ModelCard, target: str) -> float:
    """Log-odds of a class; of exclusive ones against all the others together."""
    index = card.classes.index(target)
    logits = np.asarray(prediction.logits, dtype=np.float64)
    if card.head == "sigmoid":
        return float(logits[index])
    return float(logits[index] - np.logaddexp.reduce(np.delete(logits, index)))

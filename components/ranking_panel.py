"""Methods ranked on one model over many cases, in words before numbers."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st

from components.notices import plain
from explainers.explanation import MethodCard
from explainers.numerals import numeral
from explainers.rank_similarity import Interval
from explainers.ranking import LEVEL, MethodRanking, verdict
from models.card import ModelCard

TITLE: Final = "How the methods compare on a model"
MEANING: Final = (
    "Every method explains the same cases, and the model itself is asked how well each order of "
    "the parts foretells what it does. "
    "The ranking holds for these cases, this model and this budget."
)
SAMPLES: Final = "Samples of Consilium"
FOLDER: Final = "The folder named by CONSILIUM_SAMPLES"


def choices(
    cards: Sequence[MethodCard], models: Sequence[ModelCard], *, has_folder: bool, key: str
) -> tuple[ModelCard, tuple[MethodCard, ...], bool]:
    """Draw the pickers: which model, which methods, whose films.

    Args:
        cards: All methods.
        models: All models.
        has_folder: Whether a folder of films of one's own is named.
        key: Prefix of widget keys.

    Returns:
        Model, methods, and whether films of one's own are meant.
    """
    st.header(TITLE, anchor=False)
    st.caption(MEANING)
    model = st.selectbox("Model", models, format_func=lambda card: card.title, key=f"{key}.model")
    fitting = [card for card in cards if fits(card, model)]
    chosen = st.multiselect(
        "Methods",
        fitting,
        default=[card for card in fitting if card.id in usual(model)],
        format_func=lambda card: card.title,
        key=f"{key}.methods.{model.id}",
    )
    own = False
    if has_folder and model.modality == "image":
        cases = st.radio("Films", [SAMPLES, FOLDER], horizontal=True, key=f"{key}.cases")
        own = cases == FOLDER
    return model, tuple(chosen), own


def fits(card: MethodCard, model: ModelCard) -> bool:
    """Whether a method can explain a model; references to other packages are left out."""
    is_reference = card.id.startswith("reference_")
    return (
        model.modality in card.modalities and card.needs <= model.capabilities and not is_reference
    )


def usual(model: ModelCard) -> tuple[str, ...]:
    """Methods that are compared unless others are chosen."""
    named = ("grad_cam", "gradient", "integrated_gradients", "occlusion", "kernel_shap")
    return (*named, "lime_tabular" if model.modality == "tabular" else "lime")


def show(found: MethodRanking, titles: Mapping[str, str]) -> None:
    """Draw the verdict, the table, and what was measured."""
    st.text(verdict(found, titles))
    if found.n_cases:
        st.table(rows(found, titles), hide_index=True, alt=TITLE)
    for name, why in found.refused.items():
        st.caption(plain(f"{titles.get(name, name)}: {why}"))
    st.caption(plain(footnote(found)))


def rows(found: MethodRanking, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """One row a method, the best mean rank first."""
    return [
        {
            "Method": titles.get(found.methods[i], found.methods[i]),
            "Mean rank (lower is better)": _with(found.mean_ranks[i], found.rank_intervals[i], 1),
            "Mean score (higher is better)": _with(
                found.mean_scores[i], found.score_intervals[i], 2
            ),
            "Told apart from": ", ".join(
                titles.get(found.methods[j], found.methods[j])
                for j in found.order
                if j != i and found.differ(i, j)
            )
            or "none",
        }
        for i in found.order
    ]


def footnote(found: MethodRanking) -> str:
    """What was measured, on how many cases, and how certain."""
    alike = (
        ""
        if np.isnan(found.p_value)
        else f" All methods alike: p = {found.p_value:.3g} (Friedman)."
    )
    return (
        f"Score: {found.measure}. {found.n_cases} of {len(found.scores)} cases, intervals of 95 %."
        f"{alike} Told apart: at {LEVEL:.0%} for all pairs together. Model runs: {found.rows:,}."
    )


def _with(value: float, interval: Interval, digits: int) -> str:
    """A number and its interval."""
    low, high = interval
    form = f".{digits}f"
    return f"{numeral(value, form)} ({numeral(low, form)} to {numeral(high, form)})"

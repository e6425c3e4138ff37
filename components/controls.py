"""The form that asks: one method of each family, and the settings behind "Advanced".

It starts nothing by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from explainers.explanation import Family, MethodCard, MethodId, Scale
from explainers.maskers.names import ImageBaseline, Segmentation
from explainers.report import ConsultRequest
from models.card import ModelCard

FAMILIES: Final[Mapping[Family, tuple[str, str]]] = {
    "saliency": (
        "Saliency method",
        "Marks the places of the film that the model's output depends on, read from the network "
        "itself or by covering one place after another.",
    ),
    "shap": (
        "SHAP method",
        "Shares the model's output out among the regions, by leaving regions out in many "
        "combinations.",
    ),
    "lime": (
        "LIME method",
        "Hides random sets of regions and fits a simple straight-line model to how the output "
        "changes.",
    ),
}
SCALES: Final[Mapping[Scale, str]] = {"logit": "log-odds", "probability": "probability"}
CUTS: Final[Mapping[Segmentation, str]] = {
    "superpixels": "along visible edges",
    "grid": "in equal squares",
}
BUDGETS: Final = (200, 500, 1000, 2000, 4000)
REGIONS: Final = (10, 120)
NO_METHOD: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be chosen, as plain data.

    Attributes:
        methods: Cards of all methods, in display order.
        model: The model that is asked.
        baselines: name -> what an absent region shows, in words.
    """

    methods: Sequence[MethodCard]
    model: ModelCard
    baselines: Mapping[ImageBaseline, str]

    def of_family(self, family: Family) -> list[MethodId]:
        """Methods of one family that this model can be explained with."""
        return [
            card.id
            for card in self.methods
            if card.family == family
            and self.model.modality in card.modalities
            and card.needs <= self.model.capabilities
        ]

    def title(self, method: str) -> str:
        """Display name of a method."""
        titles = {str(card.id): card.title for card in self.methods}
        return titles.get(method, method)


def show(offer: Offer, request: ConsultRequest, *, key: str) -> ConsultRequest | None:
    """Draw the form, set to `request`.

    Returns:
        What the user asks for in the run in which "Explain" was pressed, None otherwise. No
        methods at all is a possible answer, for the caller to refuse.
    """
    with st.form(f"{key}.form", border=False):
        columns = st.columns([3, 3, 3, 1.6, 1.4], vertical_alignment="bottom")
        methods = [
            _method_of(family, offer, request, key=f"{key}.{family}", column=column)
            for family, column in zip(FAMILIES, columns, strict=False)
        ]
        with columns[3].popover("Advanced", width="stretch"):
            advanced = _advanced(offer, request, key=key)
        pressed = columns[4].form_submit_button(
            "Explain", key=f"{key}.explain", type="primary", width="stretch"
        )
    chosen = tuple(method for method in methods if method is not None)
    return replace(advanced, methods=chosen) if pressed else None


def _method_of(
    family: Family,
    offer: Offer,
    request: ConsultRequest,
    *,
    key: str,
    column: "st.delta_generator.DeltaGenerator",
) -> MethodId | None:
    """Picker of one family; None for none of it."""
    known = offer.of_family(family)
    now = next((method for method in request.methods if method in known), NO_METHOD)
    options = [*known, NO_METHOD]
    label, meaning = FAMILIES[family]
    chosen = column.selectbox(
        label,
        options,
        index=options.index(now),
        format_func=offer.title,
        help=meaning,
        key=key,
    )
    return next((method for method in known if method == chosen), None)


def _advanced(offer: Offer, request: ConsultRequest, *, key: str) -> ConsultRequest:
    """Everything but the methods."""
    classes = offer.model.classes
    target = st.selectbox(
        "Finding to explain",
        classes,
        index=classes.index(request.target or offer.model.default_target),
        help="Every value says what speaks for this answer of the model or, below zero, against.",
        key=f"{key}.target",
    )
    scale = st.selectbox(
        "Measured in",
        list(SCALES),
        index=list(SCALES).index(request.scale),
        format_func=SCALES.__getitem__,
        help="Log-odds add up evenly; probabilities flatten out near 0 and 100 %.",
        key=f"{key}.scale",
    )
    baseline = st.selectbox(
        "A hidden region shows",
        list(offer.baselines),
        index=list(offer.baselines).index(request.baseline),
        format_func=offer.baselines.__getitem__,
        help="What stands in for a region while the model is asked without it. Compare some.",
        key=f"{key}.baseline",
    )
    asked = None if target == offer.model.default_target else target  # one key for one question
    return _sampling(replace(request, target=asked, scale=scale, baseline=baseline), key=key)


def _sampling(request: ConsultRequest, *, key: str) -> ConsultRequest:
    """How the film is cut and how often the model is asked."""
    players = st.selectbox(
        "Cut the film",
        list(CUTS),
        index=list(CUTS).index(request.players),
        format_func=CUTS.__getitem__,
        key=f"{key}.players",
    )
    n_players = st.slider(
        "Number of regions (about)",
        *REGIONS,
        value=request.n_players,
        step=2,
        help="More regions show finer detail and need more model runs for the same certainty.",
        key=f"{key}.n_players",
    )
    budget = st.select_slider(
        "Model runs for each method, at most",
        BUDGETS,
        value=request.budget if request.budget in BUDGETS else BUDGETS[2],
        help="More runs make the values of SHAP and LIME less noisy and take longer.",
        key=f"{key}.budget",
    )
    seed = st.number_input(
        "Random seed",
        min_value=0,
        max_value=2**31 - 1,
        value=request.seed,
        help="The same seed gives the same values again; another one shows how much is chance.",
        key=f"{key}.seed",
    )
    return replace(
        request, players=players, n_players=n_players, budget=int(budget), seed=int(seed)
    )

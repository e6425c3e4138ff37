"""The controls that ask: model, one method of each family, and the settings behind "Advanced".

They start nothing by themselves: only "Explain" does, and until it is pressed they say that what is
shown belongs to other settings. They are drawn alone when one of them is moved: nothing else of the
page depends on them until then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from components import notices
from components.offer import Offer
from components.terms import FAMILY_MEANINGS, FAMILY_TITLES, N_PARTS, TERMS
from explainers.explanation import Family, MethodId, Scale
from explainers.maskers.names import PlayersId
from explainers.naming import part_of, parts_of
from explainers.outlook import STOPS, Stop
from explainers.report import ConsultRequest

SCALES: Final[Mapping[Scale, str]] = {"logit": "log-odds", "probability": "probability"}
NO_METHOD: Final = "none"
CHANGED: Final = "Settings changed: press Explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the controls are set to.

    Attributes:
        model_id: The model to ask.
        request: What to ask it; no methods at all is possible, for the caller to refuse.
        stop: When to end before all of it was asked.
    """

    model_id: str
    request: ConsultRequest
    stop: Stop = "spent"


@st.fragment
@notices.guarded()
def show(
    models: Mapping[str, str],
    offer_of: Callable[[str], Offer],
    asked: Choice,
    *,
    on_explain: Callable[[Choice], None],
    cost_of: Callable[[Choice], str],
    key: str,
) -> None:
    """Draw the controls, set to `asked`, and say when they no longer are.

    Args:
        models: Id -> title of the models that can be asked about the open case.
        offer_of: What can be chosen with one of them.
        asked: What was asked last, and what the page shows.
        on_explain: Called with what the user asks for when "Explain" is pressed.
        cost_of: What that would cost in time, in a sentence; "" where it cannot be told.
        key: Prefix of the widget keys.
    """
    widths = [*([3] if len(models) > 1 else []), 3, 3, 3, 1.5, 2]
    *pickers, more, action = st.columns(widths, vertical_alignment="bottom")
    model_id = asked.model_id
    if len(models) > 1:
        names = told_apart(models)
        model_id = pickers.pop(0).selectbox(
            "Model",
            list(models),
            index=list(models).index(asked.model_id),
            format_func=names.__getitem__,
            key=f"{key}.model",
        )
    offer = offer_of(model_id)
    start = asked.request if model_id == asked.model_id else offer.default
    key = f"{key}.{model_id}"  # what was picked for one model says nothing about another
    methods = [
        _method_of(family, offer, start, key=f"{key}.{family}", column=column)
        for family, column in zip(FAMILY_TITLES, pickers, strict=True)
    ]
    with more.popover("Advanced", width="stretch"), st.container(key="consilium_advanced"):
        left, right = st.columns(2)
        with left:
            meant = _meaning(offer, start, key=key)
            cost = st.empty()
        with right:
            advanced = _sampling(meant, offer, key=key)
            stop = _stop(asked.stop, key=key)
    chosen = replace(advanced, methods=tuple(m for m in methods if m is not None))
    choice = Choice(model_id=model_id, request=chosen, stop=stop)
    if said := cost_of(choice):
        cost.caption(said)
    if choice != asked:
        action.html(f'<p class="consilium-changed" role="status">{CHANGED}</p>')
    if action.button("Explain", key=f"{key}.explain", type="primary", width="stretch"):
        on_explain(choice)


def told_apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Id -> title without what all titles share: "Boosted trees" of "Risk (boosted trees)"."""
    parts = {model_id: title.partition(" (") for model_id, title in titles.items()}
    if len({head for head, _, _ in parts.values()}) > 1 or not all(t for *_, t in parts.values()):
        return dict(titles)
    return {
        model_id: t[:1].upper() + t[1:].removesuffix(")") for model_id, (*_, t) in parts.items()
    }


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
    meaning = FAMILY_MEANINGS[family].format(parts=parts_of(request.players))
    chosen = column.selectbox(
        f"{FAMILY_TITLES[family]} method",
        options,
        index=options.index(now),
        format_func=offer.title,
        help=f"{meaning} {offer.left_out(family)}".strip(),
        key=key,
    )
    return next((method for method in known if method == chosen), None)


def _meaning(offer: Offer, request: ConsultRequest, *, key: str) -> ConsultRequest:
    """What is explained, in which unit, and against what."""
    target = st.selectbox(
        "Finding to explain",
        offer.targets,
        index=offer.targets.index(request.target or offer.targets[0]),
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
    part = part_of(request.players)
    baseline = st.selectbox(
        f"A hidden {part} shows",
        list(offer.baselines),
        index=list(offer.baselines).index(request.baseline),
        format_func=str.capitalize,
        help=f"What stands in for a {part} while the model is asked without it. Compare some.",
        key=f"{key}.baseline",
    )
    st.caption(offer.baselines[baseline])
    asked = None if target == offer.targets[0] else target  # one key for one question
    return replace(request, target=asked, scale=scale, baseline=baseline)


def _sampling(request: ConsultRequest, offer: Offer, *, key: str) -> ConsultRequest:
    """How the case is cut and how often the model is asked."""
    terms = TERMS[offer.model.modality]
    cut = st.selectbox(
        terms.cut,
        list(offer.cuts),
        index=list(offer.cuts).index(request.players),
        format_func=str.capitalize,
        key=f"{key}.players",
    )
    st.caption(offer.cuts[cut])
    n_players = _n_players(cut, request.n_players, key=key)
    budgets = sorted({*terms.budgets, request.budget})
    budget = st.select_slider(
        "Model runs per method",
        budgets,
        value=request.budget,
        format_func="{:,}".format,
        help="At most. More make the values of sampling methods less noisy and take longer.",
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
    return replace(request, players=cut, n_players=n_players, budget=int(budget), seed=int(seed))


def _stop(now: Stop, *, key: str) -> Stop:
    """When the work ends."""
    stops = list(STOPS)
    return st.selectbox(
        "Stop",
        stops,
        index=stops.index(now),
        format_func=STOPS.__getitem__,
        help="What is stopped early is judged more strictly, and can be gone on with.",
        key=f"{key}.stop",
    )


def _n_players(cut: PlayersId, now: int, *, key: str) -> int:
    """How many parts are wished for, where a cut leaves that open."""
    if cut not in N_PARTS:
        return now
    low, high = N_PARTS[cut]
    return int(
        st.slider(
            f"Number of {parts_of(cut)}",
            min(low, now),
            max(high, now),
            value=now,
            help="About. More show finer detail and need more model runs for the same certainty.",
            key=f"{key}.{cut}.n_players",
        )
    )

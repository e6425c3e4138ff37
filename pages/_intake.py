"""How a case comes in: the first view, reading the file, and the strip that names the open case."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from components import case_facts, notices
from components.ahead import load_ahead
from components.state import Arrival, ConsultState
from components.terms import TERMS
from models.case import Case
from models.errors import ConsiliumError, FrameChoiceError, RowChoiceError
from pages import _wiring
from pages._modality import ModalityView


def first_view(view: ModalityView, state: ConsultState) -> None:
    """What this is, a place for a case, and cases to try."""
    st.title(view.title, anchor=False)
    st.write(view.welcome)
    notices.show_standing_line()
    _choose_model(view, state)
    _wiring.desk(state.model_id)  # starts loading the model while the user looks around
    _say(state)
    _take(view, state)
    if view.samples is not None:
        st.header(f"{TERMS[view.modality].case.capitalize()}s to try", anchor=False)
        chosen = view.samples(state)
        if chosen is not None:
            open_case(view, state, chosen)
    load_ahead()


def case_strip(
    view: ModalityView, state: ConsultState, case: Case, prediction: Callable[[], None]
) -> None:
    """Name the case, show the prediction beside it, and offer another case."""
    name = TERMS[view.modality].case
    about, middle, other = st.columns([2.2, 4, 1.1], vertical_alignment="center")
    with about:
        case_facts.show_name(case, view.facts(case))
    with middle:
        prediction()
    with other:
        with st.popover(f"About this {name}", width="stretch", key=f"about.{state.n_opened}"):
            changed = view.details(state, case)
            if changed is not None:
                open_case(view, state, changed)
        with st.popover(f"Another {name}", width="stretch", key=f"other.{state.n_opened}"):
            _take(view, state)
            if st.button(f"Back to the {name}s to try", key="close", width="stretch"):
                state.close()
                st.rerun()
    _say(state)


def _choose_model(view: ModalityView, state: ConsultState) -> None:
    """Which model to ask, where there are several: it decides what a case must hold."""
    titles = {card.id: card.title for card in _wiring.models_of(view.modality)}
    if len(titles) == 1:
        return
    chosen = st.selectbox(
        "Model to ask",
        list(titles),
        index=list(titles).index(state.model_id),
        format_func=titles.__getitem__,
        key=f"{view.modality}.first_model",
    )
    if chosen != state.model_id:
        state.model_id, state.request = chosen, _wiring.offer(chosen).default


def _say(state: ConsultState) -> None:
    """What went wrong last."""
    if state.notice is not None:
        notices.show(state.notice)


def _take(view: ModalityView, state: ConsultState) -> None:
    """The widgets that take a case in."""
    given = view.take(state)
    if given is not None:
        open_case(view, state, given)


def open_case(view: ModalityView, state: ConsultState, arrival: Arrival) -> None:
    """Read a case and draw the page anew; the open case stays when that fails."""
    state.tried = arrival.source or state.tried
    state.notice, state.n_frames = None, 0
    with st.spinner(f"Reading the {TERMS[view.modality].case}..."):
        try:
            state.open(arrival.read(), arrival.source)
        except FrameChoiceError as error:
            state.n_frames = error.n_frames
            state.notice = replace(notices.notice_of(error), level="info")
        except RowChoiceError as error:
            state.notice = replace(notices.notice_of(error), level="info")
        except ConsiliumError as error:
            state.notice = notices.notice_of(error)
    st.rerun()

"""How a case comes in: the first view, reading the file, and the strip that names the open case."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from components import case_facts, gallery, notices, upload
from components.state import ConsultState, Source
from models.case import Case, Modality
from models.errors import ConsiliumError, FrameChoiceError
from pages import _wiring

WELCOME: Final = (
    "Consilium asks a model about a chest X-ray and lets three kinds of explanation say what the "
    "answer rests on: saliency, SHAP and LIME, side by side and in the same units, with the places "
    "where they agree and where they part. Open a film of your own, or one of these. Files stay on "
    "the computer that runs Consilium."
)


def first_view(state: ConsultState, modality: Modality) -> None:
    """What this is, a place for a file, and films to try."""
    _wiring.desk(modality)  # starts loading the model while the user looks around
    st.title("One film, three explanations", anchor=False)
    st.write(WELCOME)
    notices.show_standing_line()
    _say_and_ask(state, modality)
    _take_file(state, modality)
    st.header("Films to try", anchor=False)
    chosen = gallery.show(_wiring.tiles(), key=f"{modality}.sample")
    named = gallery.show_folder(
        _wiring.folder(), _wiring.folder_remarks(), key=f"{modality}.folder"
    )
    chosen = named or chosen
    if chosen is not None:
        with st.spinner("Fetching the film..."):
            _attempt(state, lambda: state.open(_wiring.sample(chosen), None))


def case_strip(state: ConsultState, case: Case, prediction: Callable[[], None]) -> None:
    """Name the case, show the prediction beside it, and offer another film."""
    about, middle, other = st.columns([2.2, 4, 1.1], vertical_alignment="center")
    with about:
        case_facts.show_name(case)
    with middle:
        prediction()
    with other:
        with st.popover("About this film", width="stretch", key=f"about.{state.n_opened}"):
            case_facts.show_details(case)
            _offer_window(state, case)
        with st.popover("Another film", width="stretch", key=f"other.{state.n_opened}"):
            _take_file(state, case.modality)
            if st.button("Back to the films to try", key="close", width="stretch"):
                state.close()
                st.rerun()
    _say_and_ask(state, case.modality)


def _offer_window(state: ConsultState, case: Case) -> None:
    """Read the same file again with another of its windows."""
    if state.source is None:
        return
    window = upload.show_window_choice(case.payload, key=f"window.{state.n_opened}")
    if window is not None:
        _open(state, state.source, frame=case.payload.frame_index, window=window)


def _say_and_ask(state: ConsultState, modality: Modality) -> None:
    """What went wrong last, and the frame question of a multi-frame file."""
    if state.notice is not None:
        notices.show(state.notice)
    if state.n_frames and state.tried is not None:
        key = f"{modality}.frame.{state.n_opened}"
        frame = upload.show_frame_choice(state.n_frames, key=key)
        if frame is not None:
            _open(state, state.tried, frame=frame)


def _take_file(state: ConsultState, modality: Modality) -> None:
    """The uploader; a file that was not tried yet is opened."""
    given = upload.show(key=f"{modality}.file.{state.n_opened}")
    if given is not None and given != state.tried:
        _open(state, given)


def _open(
    state: ConsultState, source: Source, *, frame: int | None = None, window: int | None = None
) -> None:
    """Read a file; the open case stays when that fails."""
    state.tried = source
    with st.spinner("Reading the film..."):
        _attempt(state, lambda: state.open(_wiring.decode(source, frame, window), source))


def _attempt(state: ConsultState, step: Callable[[], None]) -> None:
    """Take a step and draw the page anew; keep what went wrong for it to say."""
    state.notice, state.n_frames = None, 0
    try:
        step()
    except FrameChoiceError as error:
        state.n_frames = error.n_frames
    except ConsiliumError as error:
        state.notice = notices.notice_of(error)
    st.rerun()

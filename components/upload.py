"""Taking a file from the user, and the choices that only the file can offer (frame, window)."""

from typing import Final

import streamlit as st

from components.state import Source
from models.case import ImagePayload

FILM: Final = "Chest X-ray file (DICOM, PNG, JPEG or TIFF)"


def show(label: str, *, tried: Source | None, key: str) -> Source | None:
    """Draw the uploader.

    What a file is, its first bytes decide: the widget's own filter would refuse DICOM files without
    an extension, and checks nothing on the server.

    Args:
        label: What to drop there.
        tried: The file that was read last, or that could not be: it still lies in the widget.
        key: Session key; another one empties the widget.

    Returns:
        A file that was not tried yet.
    """
    given = st.file_uploader(label, key=key)
    found = None if given is None else Source(name=given.name, data=given.getvalue())
    return None if found == tried else found


def show_frame_choice(n_frames: int, *, key: str) -> int | None:
    """Ask which frame of a multi-frame file to read.

    Returns:
        The 0-based frame in the run in which the button was pressed, None otherwise.
    """
    with st.form(f"{key}.form"):
        number = st.number_input(
            f"This file holds {n_frames} frames. Which one? (1 to {n_frames})",
            min_value=1,
            max_value=n_frames,
            key=f"{key}.number",
        )
        pressed = st.form_submit_button("Open this frame", key=f"{key}.open", type="primary")
    return int(number) - 1 if pressed else None


def show_window_choice(payload: ImagePayload, *, key: str) -> int | None:
    """Offer the grey-scale windows that the file stores; nothing is drawn when there is no choice.

    Returns:
        The window to change to, None when the present one stays.
    """
    choices = payload.window_choices
    if len(choices) < 2:
        return None
    chosen = st.selectbox(
        "Grey-scale window stored in the file",
        range(len(choices)),
        index=payload.window_index,
        format_func=choices.__getitem__,  # options are never Markdown
        help="Which of the detector's values run from black to white, for the model as well.",
        key=key,
    )
    return chosen if chosen != payload.window_index else None

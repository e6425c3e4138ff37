"""Serve pictures by address: bytes inside a figure's specification cost the browser seconds.

Streamlit forgets a session's pictures at the end of each run that did not hand them out again. A
browser may be about to fetch one of them then, when runs follow one another fast, and would find
nothing. So each picture is handed out again for a minute.
"""

import base64
import logging
import time
from typing import Final

import streamlit as st
from streamlit import runtime
from streamlit.runtime.media_file_storage import MediaFileStorageError

logger = logging.getLogger(__name__)

KEPT: Final = "media_kept"
KEPT_SECONDS: Final = 60.0


def png_url(png: bytes, *, coordinates: str) -> str:
    """Hand a PNG to Streamlit's media store for this session.

    Streamlit has no public call for this; where the internal one is missing or refuses, the bytes
    travel inside the address itself, which is slower but looks the same.

    Args:
        png: The encoded picture.
        coordinates: Name of the place it is shown at; a new picture there releases the old one,
            which stays for another minute.

    Returns:
        Address for `src`: "/media/<hash>.png", or a data URI.
    """
    address = _add(png, coordinates)
    if address is None:
        logger.info("media store unavailable, bytes=%d sent inline", len(png))
        return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    hold(png)
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{prefix}{address}" if prefix else address


def hold(png: bytes) -> None:
    """Keep a picture of this session fetchable for a minute, whatever the next runs show."""
    kept: dict[bytes, float] = st.session_state.setdefault(KEPT, {})
    kept[png] = time.monotonic()


def keep_alive() -> None:
    """Hand out again what was shown within the last minute; first thing in every run of a page."""
    kept: dict[bytes, float] = st.session_state.get(KEPT, {})
    latest = time.monotonic() - KEPT_SECONDS
    st.session_state[KEPT] = fresh = {png: held for png, held in kept.items() if held >= latest}
    for index, png in enumerate(fresh):
        _add(png, f"kept/{index}")


def _add(png: bytes, coordinates: str) -> str | None:
    """Address in the media store; None where there is none."""
    try:
        address: str = runtime.get_instance().media_file_mgr.add(png, "image/png", coordinates)
    except (RuntimeError, AttributeError, TypeError, MediaFileStorageError):
        return None
    return address

"""Serve pictures by address: bytes inside a figure's specification cost the browser seconds."""

import base64
import logging

import streamlit as st
from streamlit import runtime
from streamlit.runtime.media_file_storage import MediaFileStorageError

logger = logging.getLogger(__name__)


def png_url(png: bytes, *, coordinates: str) -> str:
    """Hand a PNG to Streamlit's media store for this session.

    Streamlit has no public call for this; where the internal one is missing or refuses, the bytes
    travel inside the address itself, which is slower but looks the same.

    Args:
        png: The encoded picture.
        coordinates: Name of the place it is shown at; a new picture there releases the old one.

    Returns:
        Address for `src`: "/media/<hash>.png", or a data URI.
    """
    try:
        address: str = runtime.get_instance().media_file_mgr.add(png, "image/png", coordinates)
    except (RuntimeError, AttributeError, TypeError, MediaFileStorageError):
        logger.info("media store unavailable, bytes=%d sent inline", len(png))
        return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{prefix}{address}" if prefix else address

"""Films to try without having one: a picture, a sentence and a button each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.notices import plain

A_ROW: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One film on offer.

    Attributes:
        id: What `show` returns when it is chosen.
        title: What it shows, a few words.
        caption: Where it comes from.
        thumbnail: (h, w) uint8 picture, None when the film must be fetched first.
        action: Words on the button.
    """

    id: str
    title: str
    caption: str
    thumbnail: npt.NDArray[np.uint8] | None
    action: str = "Open"


def show(tiles: Sequence[Tile], *, key: str, a_row: int = A_ROW) -> str | None:
    """Draw the tiles in rows.

    Returns:
        Id of the tile whose button was pressed in this run.
    """
    chosen = None
    for first in range(0, len(tiles), a_row):
        row = tiles[first : first + a_row]
        for column, tile in zip(st.columns(a_row), row, strict=False):
            with column.container(border=True, height="stretch", vertical_alignment="distribute"):
                if _tile(tile, key=f"{key}.{tile.id}"):
                    chosen = tile.id
    return chosen


def _tile(tile: Tile, *, key: str) -> bool:
    """One film, its button at the foot; whether that was pressed."""
    with st.container():
        if tile.thumbnail is not None:
            st.image(tile.thumbnail, width="stretch", output_format="PNG", alt=tile.title)
        st.text(tile.title)
        st.caption(plain(tile.caption))
    return st.button(tile.action, key=key, width="stretch")


def show_folder(names: Mapping[str, str], remarks: Sequence[str], *, key: str) -> str | None:
    """Draw a list of the user's own films.

    Args:
        names: id -> file name.
        remarks: What is amiss with the folder.
        key: Prefix of the widget keys.

    Returns:
        Id of the film to open, in the run in which the button was pressed.
    """
    for remark in remarks:
        st.text(remark)
    if not names:
        return None
    picker, button = st.columns([5, 1], vertical_alignment="bottom")
    chosen = picker.selectbox(
        "Films of your folder", list(names), format_func=names.__getitem__, key=f"{key}.name"
    )
    pressed = button.button("Open", key=f"{key}.open", width="stretch")
    return chosen if pressed else None

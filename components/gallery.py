"""Films to try without having one: a picture, a sentence and a button each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from components import media
from components.figures.film import png_bytes
from components.notices import plain

A_ROW: Final = 6
WIDE: Final = 2  # places of a row for tiles that have no picture, where others have one


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
    """Draw the tiles in rows; those without a picture stand together beside the others.

    Returns:
        Id of the tile whose button was pressed in this run.
    """
    chosen = [
        _boxed(place, tile, key=key)
        for place, tile in zip(_places(tiles, a_row), _pictures_first(tiles), strict=False)
    ]
    return next((tile_id for tile_id in chosen if tile_id is not None), None)


def _pictures_first(tiles: Sequence[Tile]) -> list[Tile]:
    """Tiles in the order of their places."""
    return sorted(tiles, key=lambda tile: tile.thumbnail is None)


def _places(tiles: Sequence[Tile], a_row: int) -> Iterator["st.delta_generator.DeltaGenerator"]:
    """A column for each tile; the first row ends with one wide column for all without a picture."""
    n_bare = sum(tile.thumbnail is None for tile in tiles)
    n_pictured = len(tiles) - n_bare
    bare = None
    if n_bare and n_pictured:
        *first, bare = st.columns([1] * (a_row - WIDE) + [WIDE])
        yield from first[:n_pictured]
        n_pictured -= len(first)
    left = n_pictured if bare else len(tiles)
    for start in range(0, left, a_row):
        yield from st.columns(a_row)[: left - start]
    if bare is not None:
        yield from [bare] * n_bare


def _boxed(place: "st.delta_generator.DeltaGenerator", tile: Tile, *, key: str) -> str | None:
    """Draw a tile at a place; its id when its button was pressed."""
    height: Literal["stretch", "content"] = "content" if tile.thumbnail is None else "stretch"
    with place.container(border=True, height=height, vertical_alignment="distribute"):
        return tile.id if _tile(tile, key=f"{key}.{tile.id}") else None


def _tile(tile: Tile, *, key: str) -> bool:
    """One film, its button at the foot; whether that was pressed."""
    with st.container():
        if tile.thumbnail is not None:
            png = png_bytes(Image.fromarray(tile.thumbnail))
            media.hold(png)  # a fast click must not take it away from a browser still fetching it
            st.image(png, width="stretch", output_format="PNG", alt=tile.title)
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

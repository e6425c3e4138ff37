"""Tiles: films with a picture in rows, those still to be fetched together beside them."""

import pytest
from streamlit.testing.v1 import AppTest


def page(n_pictured: int, n_bare: int) -> None:
    import numpy as np
    import streamlit as st

    from components import gallery

    def tile(name: str, *, bare: bool) -> gallery.Tile:
        picture = None if bare else np.zeros((4, 4), np.uint8)
        return gallery.Tile(id=name, title=name, caption="", thumbnail=picture)

    tiles = [tile(f"far {i}", bare=True) for i in range(n_bare)]
    tiles += [tile(f"near {i}", bare=False) for i in range(n_pictured)]
    st.text(f"chosen: {gallery.show(tiles, key='g')}")


@pytest.mark.parametrize(
    ("n_pictured", "n_bare"), [(4, 2), (9, 1), (1, 1), (6, 0), (0, 3), (13, 0)]
)
def test_every_tile_has_a_place_and_a_button(n_pictured: int, n_bare: int) -> None:
    at = AppTest.from_function(page, args=(n_pictured, n_bare)).run()
    assert not at.exception
    names = [f"near {i}" for i in range(n_pictured)] + [f"far {i}" for i in range(n_bare)]
    assert sorted(b.key for b in at.button) == sorted(f"g.{name}" for name in names)
    at.button(key=f"g.{names[-1]}").click().run()
    assert at.text[-1].value == f"chosen: {names[-1]}"


def test_what_has_no_picture_shares_the_wide_column_at_the_end_of_the_first_row() -> None:
    at = AppTest.from_function(page, args=(4, 2)).run()
    *pictured, last = at.columns
    assert [column.button[0].key for column in pictured] == [f"g.near {i}" for i in range(4)]
    assert [b.key for b in last.button] == ["g.far 0", "g.far 1"]
    assert last.weight > max(column.weight for column in pictured)

"""Which part the model is asked about: drawn on the film, typed, selected, or marked."""

from dataclasses import dataclass

import streamlit as st

from components.figures.viewer_draw import Polygon, elements_in
from components.findings import Layout
from components.notices import plain
from components.scene import Scene
from explainers.metrics import BoolArray
from explainers.naming import listed
from explainers.players import Players
from explainers.referee_choice import typed
from explainers.referee_names import DRAWN
from explainers.referee_part import Part, shape_on, whole
from models.case import TextPayload, digest_of
from models.errors import ExplainError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """What is to be hidden.

    Attributes:
        part: The part.
        name: What it is, for the reader of this case: "upper left zone 2", "the area drawn ...".
        noun: What the button calls it: "this region", "these 2 words".
    """

    part: Part
    name: str
    noun: str

    @property
    def key(self) -> str:
        """Names the part in session keys: a digest, for a shape could outline what is on a film."""
        shape = self.part.elements
        drawn = b"" if shape is None else shape.tobytes()
        return digest_of(repr(self.part.players).encode(), drawn)


def show(scene: Scene, layout: Layout, polygon: Polygon, *, key: str) -> Wanted | None:
    """Draw the ways to choose; returns what was chosen, None for nothing.

    A shape goes before words typed, words before what is selected; what is marked in the view is
    selected to begin with.

    Args:
        scene: Says what is marked.
        layout: How the case is cut.
        polygon: What is drawn on the film; empty for nothing.
        key: Session key.
    """
    payload, phrase = scene.case.payload, ""
    list_, box = st.columns(2)
    with list_:
        selected = _select(scene, layout, key=key)
    if isinstance(payload, TextPayload):
        phrase = box.text_input("Or type words of the text", key=f"{key}.typed").strip()
    try:
        if polygon and layout.frame is not None:
            return _drawn(layout.players, elements_in(polygon, layout.frame, layout.players))
        if phrase and isinstance(payload, TextPayload):
            selected = typed(phrase, payload, layout.players)
        return _of_players(scene, layout, selected) if selected else None
    except ExplainError as error:
        st.caption(plain(f"{error.message} {error.hint}".strip()))
        return None


def _drawn(players: Players, elements: BoolArray) -> Wanted:
    """The shape on the film."""
    st.caption("Asked about is the area drawn on the film; clear it there to choose otherwise.")
    return Wanted(part=shape_on(players, elements), name=DRAWN, noun="this area")


def _select(scene: Scene, layout: Layout, *, key: str) -> tuple[int, ...]:
    """Parts from the list; the marked one to begin with."""
    marked = [] if scene.selected is None else [scene.selected]
    players = st.multiselect(
        f"{scene.parts.capitalize()} to hide together",
        range(layout.players.count),
        default=marked,
        format_func=lambda player: scene.names[player],
        placeholder=f"Mark a {scene.part} above, or choose here",
        key=f"{key}.players.{scene.selected}",
    )
    return tuple(players)


def _of_players(scene: Scene, layout: Layout, players: tuple[int, ...]) -> Wanted:
    """Players hidden as a whole."""
    part = whole(layout.players, players)
    count = len(part.players)
    return Wanted(
        part=part,
        name=listed([scene.names[player] for player in part.players]),
        noun=f"this {scene.part}" if count == 1 else f"these {count} {scene.parts}",
    )

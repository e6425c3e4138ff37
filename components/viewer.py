"""The viewer: one Plotly figure of the film in equal panels, and what the browser lays over it."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import streamlit as st
from PIL import Image

from components.figures import viewer_figure as layout
from components.figures.colors import RgbaArray
from components.figures.film import film_image, png_bytes
from components.figures.legend import legend_html
from components.figures.overlay import fine_overlay, region_overlay
from components.figures.panels import FilmView, Panel, scale_end
from components.figures.patterns import verdict_rgba
from components.figures.summary import viewer_summary
from components.figures.viewer_data import OverlayUrls, player_in_box, viewer_data
from components.kept import Kept, once
from components.media import png_url
from explainers.agreement import Agreement

T = TypeVar("T")
ASSETS: Final = Path(__file__).with_name("assets")
ASK: Final = "consilium_ask"  # key of the container in which the model is asked about a drawn area
SCRIPTS: Final = ("viewer_geometry.js", "viewer_layer.js", "viewer_pencil.js", "viewer.js")

_controller = st.components.v2.component(
    "consilium_viewer",
    html=(ASSETS / "viewer.html").read_text(encoding="utf-8"),
    css=(ASSETS / "viewer.css").read_text(encoding="utf-8"),
    js="\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS),
    isolate_styles=False,  # the overlay lives inside Plotly's container
)


def show(
    film: FilmView,
    panels: tuple[Panel, ...],
    agreement: Agreement | None,
    *,
    names: tuple[str, ...],
    selected: int | None,
    key: str,
    kept: Kept,
    asks: bool = False,
    closed: str = "",
) -> int | None:
    """Draw film, one panel a method and the disagreement map, zoomed and panned as one.

    Args:
        film: The film and the regions on it.
        panels: One a method; a panel without an explanation shows its message.
        agreement: None until there is something to compare.
        names: (P,) region names.
        selected: Player outlined in every panel.
        key: Session key; one viewer each.
        kept: Holds the pictures that were made for this film; the caller drops it with the film.
        asks: Whether the page has a container `ASK` in this run.
        closed: Why areas cannot be drawn; "" where they can.

    Returns:
        The player picked by a click or box in this run, -1 when it was let go, else None.
    """
    stage = f"{key}_stage"
    n_panels = len(panels) + 2
    n_rows = 2 if st.session_state.get(f"{key}_controls", {}).get("large") else 1
    with st.container(key=stage):
        boxed = _figure(film, n_panels, n_rows=n_rows, key=key, kept=kept)
    data = viewer_data(
        film,
        panels,
        agreement,
        names=names,
        urls=_overlay_urls(panels, agreement, key=key, kept=kept),
    )
    legend = legend_html(panels, agreement, has_unseen=not film.is_seen_whole)
    data |= {"stage": stage, "selected": selected, "drawn": drawn(key)}
    data |= {"ask": ASK, "asks": asks, "closed": closed}
    data |= {"figure": f"{key}_figure", "legend": str(legend)}
    data |= {"summary": viewer_summary(panels, agreement, names=names)}
    data |= {"rows": n_rows, "columns": math.ceil(n_panels / n_rows)}
    data |= {"top": layout.TITLE_HEIGHT, "side": layout.MODEBAR_WIDTH}
    data |= {"spacing": [layout.COLUMN_SPACING, layout.ROW_SPACING]}
    clicked = _controller(
        key=f"{key}_controls",
        data=data,
        on_picked_change=lambda: None,
        on_large_change=lambda: None,
        on_drawn_change=lambda: None,
    ).picked
    return boxed if clicked is None else int(clicked)


def drawn(key: str) -> tuple[tuple[float, float], ...]:
    """The shape drawn on the film of this viewer, corners in film pixels; empty for none."""
    corners = st.session_state.get(f"{key}_controls", {}).get("drawn") or ()
    return tuple((float(x), float(y)) for x, y in corners)


def _figure(film: FilmView, n_panels: int, *, n_rows: int, key: str, kept: Kept) -> int | None:
    """Draw the Plotly figure; returns the player of a box drawn since the last run."""
    png = once(kept, "film", lambda: png_bytes(film_image(film.pixels)), film.pixels)
    height, width = film.pixels.shape
    url = png_url(png, coordinates=f"{key}/film")
    figure = once(
        kept,
        "figure",
        lambda: layout.viewer_figure(
            url, height=height, width=width, n_panels=n_panels, n_rows=n_rows
        ),
        values=(url, height, width, n_panels, n_rows),
    )
    event = st.plotly_chart(
        figure,
        key=f"{key}_figure",
        height="stretch",
        theme=None,
        config=layout.CONFIG,
        on_select="rerun",
        selection_mode="box",
        alt=f"The film in {n_panels} panels that zoom and pan as one.",
    )
    boxes: list[dict[str, Any]] = event.selection.box
    latest = f"{key}_box"
    if boxes == st.session_state.get(latest, []):
        return None
    st.session_state[latest] = boxes
    if not boxes:
        return None
    (x0, x1), (y0, y1) = boxes[-1]["x"], boxes[-1]["y"]
    return player_in_box(film, x=(x0, x1), y=(y0, y1))


def _overlay_urls(
    panels: tuple[Panel, ...], agreement: Agreement | None, *, key: str, kept: Kept
) -> list[OverlayUrls]:
    """Addresses of every panel's overlays, drawn once a result."""
    end = scale_end(panels)
    regions, fine = partial(region_overlay, end=end), partial(fine_overlay, end=end)

    def url(slot: str, source: T, draw: Callable[[T], RgbaArray | None], end: float) -> str | None:
        """Address of what `draw` makes of `source`, None where it makes nothing."""
        png = once(kept, slot, lambda: _encoded(draw(source)), source, values=(end,))
        return None if png is None else png_url(png, coordinates=f"{key}/{slot}")

    urls = []
    for index, panel in enumerate(panels):
        if (explanation := panel.explanation) is None:
            urls.append(OverlayUrls())
            continue
        urls.append(
            OverlayUrls(
                regions=url(f"{index}/regions", explanation, regions, end),
                fine=url(f"{index}/fine", explanation, fine, end),
            )
        )
    if agreement is None:
        return [*urls, OverlayUrls()]
    verdicts = url("verdicts", agreement, lambda a: verdict_rgba(a.verdicts, a.players), 0.0)
    return [*urls, OverlayUrls(regions=verdicts)]


def _encoded(rgba: RgbaArray | None) -> bytes | None:
    """An overlay as PNG."""
    return None if rgba is None else png_bytes(Image.fromarray(rgba))

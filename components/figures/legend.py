"""The legend: what colours, opacity and patterns mean, and where the scale ends."""

from functools import partial
from typing import Final

import numpy as np

from components.figures.colors import share_rgba
from components.figures.panels import (
    Panel,
    answered,
    faint_note,
    largest_share,
    scale_end,
)
from components.figures.swatches import swatch_style, unseen_mark, verdict_mark
from components.figures.words import SCALE_WORDS, VERDICT_MEANINGS, percent
from components.markup import Markup, tag
from explainers.agreement import Agreement

STOPS: Final = 13
UNSEEN: Final = "not seen by the model"
USAGE: Final = (
    "Click a region to outline it in every panel, again to let it go. Drag to move, Ctrl + wheel "
    "or pinch to zoom, double-click to see the whole film."
)
FINE_NOTE: Final = (
    "Fine maps: the share that a region of average size would have if it looked all over like this "
    "point. Methods without a finer map keep their regions."
)


def legend_html(
    panels: tuple[Panel, ...], agreement: Agreement | None, *, has_unseen: bool = False
) -> Markup:
    """Write the legend of the panels that have arrived; how to use them before the first.

    Args:
        panels: One a method.
        agreement: None while there is nothing to compare.
        has_unseen: Whether a part of the film was not seen by the model.
    """
    found = answered(panels)
    peak = largest_share(panels)
    if not found or peak <= 0:
        return tag("p", USAGE)
    target = found[0].target.name
    parts = []
    ramp = partial(_ramp, peak=peak, end=scale_end(panels))
    if any(e.signed for e in found):
        parts.append(ramp((f"against {target}", f"for {target}"), signed=True))
    if not all(e.signed for e in found):
        parts.append(ramp(("", "matters, no direction"), signed=False))
    if note := faint_note(panels):
        parts.append(tag("span", note))
    caption = tag("span", SCALE_WORDS[found[0].scale], attributes={"class": "cs-unit"})
    patterns = [
        tag("span", verdict_mark(v), tag("small", meaning))
        for v, meaning in VERDICT_MEANINGS.items()
    ]
    unseen = tag("span", unseen_mark(), tag("small", UNSEEN)) if has_unseen else ""
    return tag(
        "div",
        swatch_style(),
        tag("div", *parts, caption, unseen),
        tag("div", patterns) if agreement else "",
        tag("p", FINE_NOTE, attributes={"class": "cs-fine-note"}),
        tag("p", USAGE),
    )


def _ramp(words: tuple[str, str], *, peak: float, end: float, signed: bool) -> Markup:
    """A colour bar on film grey up to the largest share, labelled at its ends."""
    shares = np.linspace(-peak if signed else 0.0, peak, STOPS)
    stops = ",".join(
        f"rgba({r},{g},{b},{a / 255:.2f})"
        for r, g, b, a in share_rgba(shares, end=end, signed=signed)
    )
    low = f"\N{MINUS SIGN}{percent(peak)}" if signed else "0"
    high = f"+{percent(peak)}" if signed else percent(peak)
    bar = tag("i", tag("b", attributes={"style": f"background:linear-gradient(90deg,{stops})"}))
    return tag(
        "span",
        f"{words[0]} {low}".strip(),
        bar,
        f"{high} {words[1]}",
        attributes={"class": "cs-ramp"},
    )

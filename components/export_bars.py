"""A share as a bar that prints: static SVG, no style sheet needed. No streamlit."""

import numpy as np

from components.figures.colors import AGAINST, FOR, UNSIGNED, css
from components.markup import Markup, tag

FAINTEST = 0.01  # of the scale: nothing to see
WIDTH, HEIGHT = 200, 14  # drawn from -100 to 100, so that coordinates are percent of the scale


def share_bar(
    share: float, error: float, *, end: float, signed: bool, opacity: float = 1.0
) -> Markup:
    """A bar from the middle, to the right for positive shares, with a whisker of one error.

    Args:
        share: Fraction of all evidence; NaN, and what nobody could see, draw nothing.
        error: Its standard error, 0 for none.
        end: Share at the end of the scale, the same in all bars that are to be compared.
        signed: False when the method has no direction.
        opacity: Of the bar, in [0, 1].
    """
    if np.isnan(share) or abs(share) + error < FAINTEST * end or end <= 0:
        return Markup()
    size = 100 * share / end
    color = css(UNSIGNED[2] if not signed else FOR[1] if share >= 0 else AGAINST[1], opacity)
    body = _shape("rect", x=min(size, 0.0), y=2, width=abs(size), height=10, fill=color)
    low, high = (float(np.clip(size + s * 100 * error / end, -100, 100)) for s in (-1, 1))
    whisker = _shape("rect", x=low, y=6, width=high - low, height=2, fill="#16191d")
    axis = _shape("rect", x=-0.5, y=0, width=1, height=HEIGHT, fill="#767c84")
    return tag(
        "svg",
        axis,
        body,
        whisker if error > 0 else "",
        attributes={"class": "bar", "viewBox": f"-100 0 {WIDTH} {HEIGHT}", "aria-hidden": "true"},
    )


def _shape(name: str, *, fill: str, **numbers: float) -> Markup:
    """One filled shape."""
    written = {key: f"{value:.4g}" for key, value in numbers.items()}
    return tag(name, attributes={**written, "fill": fill})

"""The pictures of the HTML report on a film: one panel a method, the disagreement map.

No streamlit.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Final

from PIL import Image

from components.figures.composite import panel_pictures
from components.figures.film import png_bytes
from components.figures.panels import Panel, film_view, largest_share, scale_end
from components.figures.patterns import swatch
from components.figures.words import SCALE_WORDS, VERDICT_MEANINGS, VERDICT_WORDS
from components.markup import Markup, join, tag
from explainers.explanation import Explanation
from explainers.naming import part_of
from explainers.report import EvidenceReport
from models.case import ImagePayload

LONG_SIDE: Final = 800  # three panels of 6 cm across an A4 page, at 300 dots an inch


def film_figures(report: EvidenceReport, film: ImagePayload, names: Mapping[str, str]) -> Markup:
    """Film, panels and disagreement map at equal size, with their legend; empty without a frame."""
    if report.frame is None:
        return Markup()
    return join(
        tag("h2", "Film and explanations"),
        tag("div", _figures(report, film, names), attributes={"class": "panels"}),
        tag("p", reading(report), " Darker film was not seen by the model."),
        _legend() if report.agreement else "",
    )


def caption(explanation: Explanation) -> str:
    """The unit of one method's panel, and against which baseline its values are."""
    baseline = explanation.baseline
    against = "hides nothing" if baseline is None else f"against {baseline.name}"
    return f"{SCALE_WORDS[explanation.scale]}, {against}"


def reading(report: EvidenceReport) -> str:
    """How to read the colours; one scale for all panels."""
    panels = panels_of(report, {})
    if largest_share(panels) <= 0:
        return f"No method found a {part_of(report.request.players)} that matters."
    signed = (
        f"orange speaks for “{report.target.name}”, blue against it"
        if any(e.signed for e in report.explanations)
        else ""
    )
    unsigned = (
        "green marks evidence of methods without direction"
        if any(not e.signed for e in report.explanations)
        else ""
    )
    words = "; ".join(part for part in (signed, unsigned) if part)
    full, share = "Full colour", scale_end(panels)
    if report.nothing_to_explain:
        full = "Colours are dimmed, for there is nothing to explain: the strongest of them"
        share = largest_share(panels)
    return f"{words[:1].upper()}{words[1:]}. {full} is a share of {100 * share:.1f} % everywhere."


def panels_of(report: EvidenceReport, names: Mapping[str, str]) -> tuple[Panel, ...]:
    """One a method that answered."""
    return tuple(
        Panel(
            title=names.get(e.method, e.method),
            subtitle=caption(e),
            explanation=e,
            is_dimmed=bool(report.nothing_to_explain),
        )
        for e in report.explanations
    )


def _figures(
    report: EvidenceReport, film: ImagePayload, names: Mapping[str, str]
) -> Iterator[Markup]:
    """One figure each."""
    panels = panels_of(report, names)
    if report.frame is None:
        return
    view = film_view(film, frame=report.frame, players=report.players)
    titles = [("Film", _orientation(film)), *((p.title, p.subtitle) for p in panels)]
    titles += [("Disagreement", "verdict of each region")] if report.agreement else []
    pictures = panel_pictures(view, panels, report.agreement, long_side=LONG_SIDE)
    for picture, (title, subtitle) in zip(pictures, titles, strict=True):
        yield tag(
            "figure",
            _picture(picture, title),
            tag("figcaption", tag("strong", title), subtitle),
        )


def _picture(picture: Image.Image, words: str) -> Markup:
    """A lossless picture as a data URI; `img` has no end tag."""
    source = base64.b64encode(png_bytes(picture)).decode("ascii")
    image = tag("img", attributes={"alt": words, "src": f"data:image/png;base64,{source}"})
    return Markup(image.removesuffix("</img>"))


def _orientation(film: ImagePayload) -> str:
    """Which side is which, as far as the file says."""
    sides = {"L": "patient's right at the image's left", "R": "patient's left at the image's left"}
    if film.row_direction is None:
        return "the file does not state which side is which"
    return f"{sides[film.row_direction]}, as the file states"


def _legend() -> Markup:
    """The verdicts' patterns in words."""
    entries = (
        tag("li", _picture(swatch(verdict), ""), f" {VERDICT_WORDS[verdict]}: {meaning}")
        for verdict, meaning in VERDICT_MEANINGS.items()
    )
    return tag("ul", entries, attributes={"class": "legend"})

"""The pictures of the HTML report: film, one panel a method, the disagreement map. No streamlit."""

import base64
from collections.abc import Iterator, Mapping
from typing import Final

from PIL import Image

from components.figures.colors import RgbaArray
from components.figures.film import film_image, png_bytes
from components.figures.overlay import region_overlay
from components.figures.panels import Panel, scale_end
from components.figures.patterns import swatch, verdict_rgba
from components.figures.words import SCALE_WORDS, VERDICT_MEANINGS, VERDICT_WORDS
from components.markup import Markup, join, tag
from explainers.report import EvidenceReport
from models.case import ImageFrame, ImagePayload

LONG_SIDE: Final = 800  # three panels of 6 cm across an A4 page, at 300 dots an inch


def figures(report: EvidenceReport, film: ImagePayload | None, names: Mapping[str, str]) -> Markup:
    """Film, panels and disagreement map at equal size, with their legend; empty without a film."""
    if film is None or report.frame is None:
        return Markup()
    end = scale_end(tuple(Panel(title="", subtitle="", explanation=e) for e in report.explanations))
    return join(
        tag("h2", "Film and explanations"),
        tag(
            "div",
            _panels(report, film, report.frame, names=names, end=end),
            attributes={"class": "panels"},
        ),
        tag("p", _reading(report, end)),
        _legend(report),
    )


def _panels(
    report: EvidenceReport,
    film: ImagePayload,
    frame: ImageFrame,
    *,
    names: Mapping[str, str],
    end: float,
) -> Iterator[Markup]:
    """One figure each."""
    back = film_image(film.pixels, long_side=LONG_SIDE)
    frame = _scaled(frame, back.width / film.pixels.shape[1])
    yield _figure(back.convert("RGB"), "Film", _orientation(film))
    for e in report.explanations:
        picture = _laid_over(back, region_overlay(e, end=end), frame)
        yield _figure(picture, names[e.method], SCALE_WORDS[e.scale])
    if report.agreement is not None:
        drawn = verdict_rgba(report.agreement.verdicts, report.players)
        yield _figure(_laid_over(back, drawn, frame), "Disagreement", "verdict of each region")


def _scaled(frame: ImageFrame, factor: float) -> ImageFrame:
    """A rectangle of the film in pixels of its picture."""
    return ImageFrame(
        top=frame.top * factor,
        left=frame.left * factor,
        height=frame.height * factor,
        width=frame.width * factor,
    )


def _laid_over(back: Image.Image, overlay: RgbaArray, frame: ImageFrame) -> Image.Image:
    """The film with an overlay on the rectangle that the model saw; regions keep sharp borders."""
    left, top = round(frame.left), round(frame.top)
    size = (
        max(1, round(frame.left + frame.width) - left),
        max(1, round(frame.top + frame.height) - top),
    )
    picture = back.convert("RGBA")
    painted = Image.fromarray(overlay).resize(size, Image.Resampling.NEAREST)
    layer = Image.new("RGBA", picture.size)
    layer.paste(painted, (left, top))
    return Image.alpha_composite(picture, layer).convert("RGB")


def _figure(picture: Image.Image, title: str, subtitle: str) -> Markup:
    """One picture inside the page, with its caption."""
    return tag(
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


def _reading(report: EvidenceReport, end: float) -> str:
    """How to read the colours; one scale for all panels."""
    if end <= 0:
        return "No method found a region that matters."
    signed = (
        f"Orange speaks for “{report.target.name}”, blue against it"
        if any(e.signed for e in report.explanations)
        else ""
    )
    unsigned = (
        "green marks evidence of methods without direction"
        if any(not e.signed for e in report.explanations)
        else ""
    )
    words = "; ".join(part for part in (signed, unsigned) if part)
    return (
        f"{words[:1].upper()}{words[1:]}. Full colour is a share of {100 * end:.1f} % everywhere."
    )


def _legend(report: EvidenceReport) -> Markup:
    """The verdicts' patterns in words."""
    if report.agreement is None:
        return Markup()
    entries = (
        tag("li", _picture(swatch(verdict), ""), f" {VERDICT_WORDS[verdict]}: {meaning}")
        for verdict, meaning in VERDICT_MEANINGS.items()
    )
    return tag("ul", entries, attributes={"class": "legend"})

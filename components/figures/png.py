"""All panels in one PNG, with titles, scale, legend and the words "not for diagnosis"."""

import textwrap
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from components.figures.colors import share_rgba
from components.figures.composite import OVERLAY_OPACITY, panel_pictures
from components.figures.film import png_bytes
from components.figures.panels import (
    FilmView,
    Panel,
    answered,
    faint_note,
    largest_share,
    message_of,
    scale_end,
)
from components.figures.patterns import swatch
from components.figures.words import (
    NOT_FOR_DIAGNOSIS,
    SCALE_WORDS,
    VERDICT_MEANINGS,
    VERDICT_WORDS,
    percent,
)
from explainers.agreement import Agreement

PANEL: Final = 512
MARGIN: Final = 28
GAP: Final = 14
TITLES: Final = 76  # above the panels
LINE: Final = 38
BAR: Final = (220, 16)
GROUND: Final = (15, 20, 24)
INK: Final = (230, 234, 237)
FAINT: Final = (160, 170, 178)
FILM_GREY: Final = (74, 78, 85)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """The picture being drawn."""

    picture: Image.Image
    pen: ImageDraw.ImageDraw

    def text(
        self, at: tuple[float, float], words: str, *, size: int, ink: tuple[int, ...]
    ) -> float:
        """Write words; returns where they end."""
        font = ImageFont.load_default(size)
        shown = _glyphs(words)
        self.pen.text(at, shown, font=font, fill=ink)
        return at[0] + float(font.getlength(shown))


def panels_png(
    film: FilmView, panels: tuple[Panel, ...], agreement: Agreement | None, *, footer: str = ""
) -> bytes:
    """Draw film, panels and disagreement map side by side.

    Args:
        film: The film and its regions.
        panels: One a method; a panel without an explanation shows its message.
        agreement: None leaves the disagreement map out.
        footer: One line for the bottom, such as model and seed. Never a patient's name.

    Returns:
        PNG without metadata. It shows the film and is as confidential as the film.
    """
    pictures = panel_pictures(film, panels, agreement, long_side=PANEL)
    titles = [("Film", "no overlay"), *((p.title, p.subtitle) for p in panels)]
    titles += [("Disagreement", "verdict for each region")] if agreement else []
    messages = [None, *(message_of(p) for p in panels), None]
    wide, high = pictures[0].size
    size = (
        2 * MARGIN + len(pictures) * wide + (len(pictures) - 1) * GAP,
        2 * MARGIN + TITLES + high + 4 * LINE,
    )
    picture = Image.new("RGB", size, GROUND)
    sheet = _Sheet(picture=picture, pen=ImageDraw.Draw(picture))
    for index, panel in enumerate(pictures):
        left = MARGIN + index * (wide + GAP)
        _panel(sheet, panel, (left, MARGIN + TITLES), titles[index], messages[index])
        if film.letters:
            _letters(sheet, film.letters, (left, MARGIN + TITLES), wide)
    _legend(sheet, panels, agreement, top=MARGIN + TITLES + high + 20)
    _closing(sheet, footer)
    return png_bytes(picture)


def _panel(
    sheet: _Sheet,
    panel: Image.Image,
    at: tuple[int, int],
    titles: tuple[str, str],
    message: str | None,
) -> None:
    """One panel with its two titles and what stands in it without an overlay."""
    left, top = at
    sheet.picture.paste(panel, at)
    sheet.text((left, top - 68), titles[0], size=26, ink=INK)
    sheet.text((left, top - 32), _fitted(titles[1], 19, panel.width), size=19, ink=FAINT)
    for line, words in enumerate(textwrap.wrap(message or "", 42)):
        spot = (left + 20.0, top + panel.height - 130.0 + 26 * line)
        box = (left + 12, spot[1] - 3, left + panel.width - 12, spot[1] + 23)
        sheet.pen.rectangle(box, fill=GROUND)
        sheet.text(spot, words, size=20, ink=INK)


def _letters(sheet: _Sheet, letters: tuple[str, str], at: tuple[int, int], wide: int) -> None:
    """Orientation letters as the file states them."""
    for letter, x in zip(letters, (at[0] + 8, at[0] + wide - 22), strict=True):
        sheet.text((x + 1, at[1] + 7), letter, size=22, ink=GROUND)
        sheet.text((x, at[1] + 6), letter, size=22, ink=INK)


def _legend(
    sheet: _Sheet, panels: tuple[Panel, ...], agreement: Agreement | None, *, top: int
) -> None:
    """Colour bars, unit and patterns."""
    x = float(MARGIN)
    for signed, low, high in _ramps(panels):
        x = sheet.text((x, top), low, size=19, ink=INK) + 12
        bar = _ramp(signed=signed, peak=largest_share(panels) / scale_end(panels))
        sheet.picture.paste(bar, (round(x), top + 4))
        x = sheet.text((x + BAR[0] + 12, top), high, size=19, ink=INK) + 40
    found = answered(panels)
    if found:
        note = f", {faint_note(panels)}" if faint_note(panels) else ""
        sheet.text((x, top), SCALE_WORDS[found[0].scale] + note, size=19, ink=FAINT)
    x = float(MARGIN)
    for verdict, meaning in VERDICT_MEANINGS.items() if agreement else ():
        tile = swatch(verdict)
        sheet.picture.paste(tile.resize((40, 24), Image.Resampling.LANCZOS), (round(x), top + LINE))
        x = sheet.text((x + 50, top + LINE), VERDICT_WORDS[verdict], size=19, ink=INK)
        x = sheet.text((x + 10, top + LINE), meaning, size=19, ink=FAINT) + 36


def _closing(sheet: _Sheet, footer: str) -> None:
    """The standing line, and whatever the caller adds."""
    bottom = sheet.picture.height - MARGIN - 26
    x = sheet.text((MARGIN, bottom), f"{NOT_FOR_DIAGNOSIS}.", size=21, ink=INK) + 30
    room = sheet.picture.width - MARGIN - round(x)
    sheet.text((x, bottom + 1), _fitted(footer, 19, room), size=19, ink=FAINT)


def _ramps(panels: tuple[Panel, ...]) -> Iterator[tuple[bool, str, str]]:
    """Colour bars that are needed, with the words at their ends."""
    found, end = answered(panels), largest_share(panels)
    if not found or end <= 0:
        return
    target = found[0].target.name
    if any(e.signed for e in found):
        yield True, f"against {target} -{percent(end)}", f"+{percent(end)} for {target}"
    if not all(e.signed for e in found):
        yield False, "0", f"{percent(end)} matters, no direction"


def _ramp(*, signed: bool, peak: float) -> Image.Image:
    """A colour bar on film grey, as opaque as the overlays; `peak` in (0, 1] of full colour."""
    shares = peak * np.linspace(-1.0 if signed else 0.0, 1.0, BAR[0])
    rgba = share_rgba(shares, end=1.0, signed=signed)
    rgba[:, 3] = np.round(rgba[:, 3] * OVERLAY_OPACITY)
    bar = Image.fromarray(np.ascontiguousarray(np.broadcast_to(rgba, (BAR[1], *rgba.shape))))
    ground = Image.new("RGBA", BAR, (*FILM_GREY, 255))
    return Image.alpha_composite(ground, bar).convert("RGB")


def _fitted(words: str, size: int, width: int) -> str:
    """Shorten words to a width in pixels."""
    font = ImageFont.load_default(size)
    if font.getlength(_glyphs(words)) <= width:
        return words
    lengths = range(len(words))
    room = (
        bisect_right(lengths, width, key=lambda n: ceil(font.getlength(_glyphs(words[:n]) + "…")))
        - 1
    )
    return words[: max(0, room)].rstrip() + "…"


def _glyphs(words: str) -> str:
    """Put words into the characters that Pillow's built-in font has; it needs no font file."""
    simple = words.replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    plain: Sequence[str] = [
        c for c in unicodedata.normalize("NFKD", simple) if not unicodedata.combining(c)
    ]
    return "".join(c if ord(c) < 0x180 or c in "…“”’·±" else "?" for c in plain)

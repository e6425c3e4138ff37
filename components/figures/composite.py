"""Whole panels as pictures: the film with what lies on it, for files that need no browser."""

from typing import Final

from PIL import Image

from components.figures.colors import RgbaArray
from components.figures.film import film_image
from components.figures.overlay import region_overlay
from components.figures.panels import FilmView, Panel, scale_end
from components.figures.patterns import verdict_rgba
from explainers.agreement import Agreement
from models.case import ImageFrame

UNSEEN: Final = 0.4  # brightness left to film that the model did not see
OVERLAY_OPACITY: Final = 0.8  # as the viewer shows at first


def panel_pictures(
    film: FilmView, panels: tuple[Panel, ...], agreement: Agreement | None, *, long_side: int
) -> list[Image.Image]:
    """Draw the plain film, one picture a panel, and the disagreement map when there is one.

    Args:
        film: The film and its regions.
        panels: One a method; without an explanation only the film is drawn.
        agreement: None leaves the disagreement map out.
        long_side: Longer side of every picture in pixels; the film is never enlarged.

    Returns:
        RGB pictures of equal size.
    """
    grey = film_image(film.pixels, long_side=long_side)
    frame = scaled(film.frame, grey.width / film.pixels.shape[1])
    back = _dimmed(grey, frame)
    end = scale_end(panels)
    overlays = [
        None if p.explanation is None else region_overlay(p.explanation, end=end) for p in panels
    ]
    if agreement is not None:
        overlays.append(verdict_rgba(agreement.verdicts, agreement.players))
    drawn = [back if o is None else laid_over(back, o, frame) for o in overlays]
    return [grey.convert("RGB"), *drawn]


def scaled(frame: ImageFrame, factor: float) -> ImageFrame:
    """A rectangle of the film in pixels of its picture."""
    return ImageFrame(
        top=frame.top * factor,
        left=frame.left * factor,
        height=frame.height * factor,
        width=frame.width * factor,
    )


def laid_over(
    back: Image.Image, overlay: RgbaArray, frame: ImageFrame, *, opacity: float = OVERLAY_OPACITY
) -> Image.Image:
    """Lay an overlay on the rectangle that the model saw; regions keep sharp borders.

    Args:
        back: The film.
        overlay: (h, w, 4) uint8 on the model's input grid, of any fineness.
        frame: The rectangle in pixels of `back`; it may reach beyond the film.
        opacity: Factor on the overlay's own opacity.
    """
    left, top, right, bottom = _box(frame)
    painted = Image.fromarray(overlay)
    painted.putalpha(
        painted.getchannel("A").point([round(level * opacity) for level in range(256)])
    )
    fitting = Image.Resampling.BOX if painted.width > right - left else Image.Resampling.NEAREST
    layer = Image.new("RGBA", back.size)
    layer.paste(painted.resize((right - left, bottom - top), fitting), (left, top))
    return Image.alpha_composite(back.convert("RGBA"), layer).convert("RGB")


def _dimmed(grey: Image.Image, frame: ImageFrame) -> Image.Image:
    """The film, darker where the model did not look."""
    dark = grey.point([round(level * UNSEEN) for level in range(256)])
    left, top, right, bottom = _box(frame)
    seen = (max(left, 0), max(top, 0), min(right, grey.width), min(bottom, grey.height))
    dark.paste(grey.crop(seen), seen[:2])
    return dark.convert("RGB")


def _box(frame: ImageFrame) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels, at least one wide and high."""
    left, top = round(frame.left), round(frame.top)
    return (
        left,
        top,
        max(left + 1, round(frame.left + frame.width)),
        max(top + 1, round(frame.top + frame.height)),
    )

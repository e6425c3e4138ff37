"""What viewer, download and export draw: a film and its panels. numpy only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from explainers.agreement import Agreement
from explainers.explanation import Explanation, Scale
from explainers.players import Players
from models.case import FloatArray, ImageFrame, ImagePayload

DIMMED: Final = 0.3  # of the colours' strength, where there is nothing to explain
LOUD: Final = 2.0  # equal shares: less than this never has full colour
DIMMED_NOTE: Final = "dimmed: nothing to explain"
FAINT_NOTE: Final = "faint: all together move the answer little"
FAINTEST: Final = 0.4
# Effect of everything from which colours are full: from even odds to 88 %.
FULL_EFFECT: Final[Mapping[Scale, float]] = {"logit": 2.0, "probability": 0.38}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmView:
    """The film under every panel, and how the model's input lies on it.

    Before the model has been asked nothing is known of frame and regions (`is_cut` is False).

    Attributes:
        pixels: (H, W) float32 in [0, 1], larger = brighter.
        frame: Rectangle of the film that the model's input covers, in film pixels.
        players: Partition of the model's (h, w) input into regions.
        row_direction: Where image rows run to as the file states it, "L" or "R"; None not stated,
            and then no orientation letters are drawn.
        is_cut: False stands for a film whose frame and regions are not known yet; those here are
            then the whole film.
    """

    pixels: npt.NDArray[np.float32]
    frame: ImageFrame
    players: Players
    row_direction: Literal["L", "R"] | None = None
    is_cut: bool = True

    @property
    def is_seen_whole(self) -> bool:
        """Whether the model's input covers the whole film."""
        height, width = self.pixels.shape
        frame = self.frame
        bottom, right = frame.top + frame.height, frame.left + frame.width
        return frame.top <= 0 and frame.left <= 0 and bottom >= height and right >= width

    @property
    def letters(self) -> tuple[str, str] | None:
        """Letters at the left and right edge of the film, None when the file does not say."""
        return {"L": ("R", "L"), "R": ("L", "R"), None: None}[self.row_direction]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """One method's place in the viewer.

    Attributes:
        title: Method family or method, as in "SHAP".
        subtitle: The exact method and what hidden parts show.
        explanation: The answer; None while it runs or when it failed.
        message: Shown in place of a missing explanation: running, or the reason it failed.
        is_dimmed: Whether there is nothing to explain, so that colours must not be loud.
    """

    title: str
    subtitle: str
    explanation: Explanation | None = None
    message: str | None = None
    is_dimmed: bool = False


def film_view(payload: ImagePayload, *, frame: ImageFrame, players: Players) -> FilmView:
    """Take from a decoded film what the viewer needs."""
    return FilmView(
        pixels=payload.pixels, frame=frame, players=players, row_direction=payload.row_direction
    )


def uncut_view(payload: ImagePayload) -> FilmView:
    """The film alone, before the model has been asked."""
    height, width = payload.pixels.shape
    return FilmView(
        pixels=payload.pixels,
        frame=ImageFrame(top=0, left=0, height=height, width=width),
        players=Players(membership=np.zeros(1, np.int32), element_shape=(1, 1), kind="grid cell"),
        row_direction=payload.row_direction,
        is_cut=False,
    )


def answered(panels: tuple[Panel, ...]) -> tuple[Explanation, ...]:
    """Explanations that have arrived, in panel order."""
    return tuple(panel.explanation for panel in panels if panel.explanation is not None)


def message_of(panel: Panel) -> str | None:
    """What stands in a panel without an overlay; None when it has one."""
    if panel.explanation is None:
        return panel.message or "No answer yet."
    if np.isnan(panel.explanation.shares).all():
        return "Found nothing: every region has the value 0."
    return None


def verdict_message(panels: tuple[Panel, ...], agreement: Agreement | None) -> str | None:
    """What stands where the verdicts would; None when there are verdicts."""
    if agreement is not None:
        return None
    if is_dimmed(panels):
        return "No verdicts: there is nothing to explain."
    return "Appears when all methods have answered."


def is_dimmed(panels: tuple[Panel, ...]) -> bool:
    """Whether there is nothing to explain."""
    return any(panel.is_dimmed for panel in panels)


def strength(panels: tuple[Panel, ...]) -> float:
    """How strong colours are drawn, up to 1: by the size of the effect that is explained.

    Shares alone would draw the parts of a small effect like those of a large one. DIMMED where
    there is nothing to explain; 1 where no method says how large the effect is.
    """
    if is_dimmed(panels):
        return DIMMED
    effects = [
        abs(e.value_full - e.value_empty) / FULL_EFFECT[e.scale]
        for e in answered(panels)
        if e.value_empty is not None
    ]
    return min(1.0, max(FAINTEST, *effects)) if effects else 1.0


def faint_note(panels: tuple[Panel, ...]) -> str:
    """Why colours are not full; "" where they are."""
    if is_dimmed(panels):
        return DIMMED_NOTE
    return FAINT_NOTE if strength(panels) < 1 else ""


def largest_share(panels: tuple[Panel, ...]) -> float:
    """The largest |share| of all panels; 0 when nothing was found."""
    peaks = [np.nanmax(np.abs(e.shares), initial=0.0) for e in answered(panels)]
    return float(max(peaks, default=0.0))


def scale_end(panels: tuple[Panel, ...]) -> float:
    """End of the one colour scale of all panels; 0 when nothing was found.

    The largest |share|, or twice an equal share where that is more: maps that are flat, all of
    them, do not reach full colour. One end for all panels: equal colour is equal share. Where the
    effect is small, or there is nothing to explain, it lies further out: nothing has full colour.
    """
    peak, found = largest_share(panels), answered(panels)
    if peak == 0:
        return 0.0
    return max(peak, LOUD / found[0].players.count) / strength(panels)


def fine_shares(explanation: Explanation) -> FloatArray | None:
    """Finer map of one method in the unit of its region shares, None where there is none.

    Returns:
        (E,) share of all evidence that a region of average size would have if it looked all over
        like this element: regions and fine map can share one colour scale.
    """
    if explanation.element_map is None:
        return None
    total = np.abs(explanation.values).sum()
    if total == 0:
        return None
    players = explanation.players
    # Additive elements sum to their region's value, densities average to it.
    gain = float(players.sizes.mean()) if explanation.kind == "additive" else 1.0
    return np.asarray(explanation.element_map * gain / total)

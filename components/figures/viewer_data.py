"""What the browser needs to lay over the film: plain data for the viewer's controller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from components.figures.panels import FilmView, Panel, message_of, verdict_message
from components.figures.words import VERDICT_WORDS, share_text
from explainers.agreement import Agreement
from explainers.explanation import Explanation
from explainers.players import Players

Json: TypeAlias = "Sequence[Json] | Mapping[str, Json] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayUrls:
    """Addresses of one panel's overlays; None where there is nothing to draw."""

    regions: str | None = None
    fine: str | None = None


def viewer_data(
    film: FilmView,
    panels: tuple[Panel, ...],
    agreement: Agreement | None,
    *,
    names: tuple[str, ...],
    urls: Sequence[OverlayUrls],
) -> dict[str, Json]:
    """Describe all panels: the plain film, one a method, the disagreement map.

    Args:
        film: The film and the regions on it.
        panels: One a method, in display order.
        agreement: None until there is something to compare.
        names: (P,) region names.
        urls: Overlay addresses, one for each of `panels` and a last one for the disagreement map.
    """
    height, width = film.pixels.shape
    frame = film.frame
    return {
        "film": [width, height],
        "frame": [frame.left, frame.top, frame.width, frame.height],
        "grid": [film.players.element_shape[1], film.players.element_shape[0]],
        "runs": membership_runs(film.players) if film.is_cut else [-1, 1],
        "names": list(names),
        "letters": list(film.letters) if film.letters else None,
        "panels": [
            {"title": "Film", "subtitle": "no overlay", "overlays": [None, None], "plain": True},
            *(
                {
                    "title": panel.title,
                    "subtitle": panel.subtitle,
                    "overlays": [url.regions, url.fine],
                    "message": message_of(panel),
                }
                for panel, url in zip(panels, urls, strict=False)
            ),
            {
                "title": "Disagreement",
                "subtitle": "verdict for each region",
                "overlays": [urls[-1].regions, None],
                "message": verdict_message(panels, agreement),
            },
        ],
        "methods": [
            {"title": panel.title, "cells": share_cells(panel.explanation)}
            for panel in panels
            if panel.explanation is not None
        ],
        "verdicts": [VERDICT_WORDS[v] for v in agreement.verdicts] if agreement else None,
    }


def membership_runs(players: Players) -> list[int]:
    """Run-length code of the membership in row-major order: [player, length, player, ...]."""
    owner = players.membership
    starts = np.flatnonzero(np.diff(owner, prepend=owner[0] - 1))
    lengths = np.diff(starts, append=owner.size)
    return [int(n) for n in np.stack([owner[starts], lengths], axis=1).reshape(-1)]


def share_cells(explanation: Explanation) -> list[str]:
    """(P,) texts such as "+12.3 % ± 0.8"."""
    pairs = zip(explanation.shares, explanation.share_errors, strict=True)
    return [share_text(share, error, signed=explanation.signed) for share, error in pairs]


def player_at(film: FilmView, *, x: float, y: float) -> int | None:
    """Player under a point of the film.

    Args:
        film: The film and its regions.
        x: Film pixels from the left edge.
        y: Film pixels from the top edge.

    Returns:
        None outside the model's input and on elements that belong to nobody.
    """
    rows, columns = film.players.element_shape
    row = int(np.floor((y - film.frame.top) / film.frame.height * rows))
    column = int(np.floor((x - film.frame.left) / film.frame.width * columns))
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    player = int(film.players.membership[row * columns + column])
    return player if player >= 0 else None


def player_in_box(film: FilmView, *, x: tuple[float, float], y: tuple[float, float]) -> int | None:
    """Player that fills most of a box drawn on the film, None when the box holds none."""
    if not film.is_cut:
        return None
    rows, columns = film.players.element_shape
    centre_y = film.frame.top + (np.arange(rows) + 0.5) * film.frame.height / rows
    centre_x = film.frame.left + (np.arange(columns) + 0.5) * film.frame.width / columns
    inside_y = (centre_y >= min(y)) & (centre_y <= max(y))
    inside_x = (centre_x >= min(x)) & (centre_x <= max(x))
    owner = film.players.membership.reshape(rows, columns)[np.ix_(inside_y, inside_x)]
    owner = owner[owner >= 0]
    if owner.size == 0:  # smaller than one element: take what is under its centre
        return player_at(film, x=sum(x) / 2, y=sum(y) / 2)
    return int(np.bincount(owner).argmax())

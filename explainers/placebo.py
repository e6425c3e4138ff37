"""Placebo parts: as large as the part in question, and elsewhere. numpy only.

What hiding them does to the model's answer is what hiding a part of this size does anyhow. Shapes
on a film are in `placebo_places`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.metrics import BoolArray
from explainers.players import Players

PlaceboKind: TypeAlias = Literal["moved shapes", "same area", "other parts", "other spans"]
Alike: TypeAlias = Literal[
    "position and texture", "position and texture, loosely", "position", "nothing"
]
ENOUGH: Final = (
    30  # placebo parts that a more particular kind must offer, else a plainer one is used
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placebos:
    """Parts to compare with.

    Attributes:
        hidden: (M, N) True where a placebo hides: N pixels, or N players.
        kind: "moved shapes" of pixels, regions of the "same area", sets of as many "other parts",
            or "other spans": as many words in a row.
        n_possible: How many there are to draw from.
        overlap: Largest share of its area that a placebo has on another one.
        alike: In what the places of moved shapes are like that of the part.
    """

    hidden: BoolArray
    kind: PlaceboKind
    n_possible: int
    overlap: float = 0.0
    alike: Alike = "nothing"


def other_parts(
    part: Sequence[int], n_players: int, count: int, draw: np.random.Generator
) -> Placebos:
    """Sets of as many other players: all there are, or `count` different ones at random.

    Sets that share players with the part are left out. A set is the first of all players in a
    random order that are not of the part: parts of one size and one seed mostly get the same sets.
    """
    others, size = np.setdiff1d(np.arange(n_players), part), len(part)
    possible = math.comb(len(others), size)
    sets: set[tuple[int, ...]] = set()
    if possible <= count:
        sets.update(combinations(others.tolist(), size))
    while len(sets) < min(count, possible):
        shuffled = draw.permutation(n_players)
        sets.add(tuple(sorted(shuffled[np.isin(shuffled, others)][:size].tolist())))
    return Placebos(hidden=_rows(sorted(sets), n_players), kind="other parts", n_possible=possible)


def other_words(
    part: Sequence[int], n_players: int, count: int, draw: np.random.Generator
) -> Placebos:
    """As many other words; in a row where those of the part are and the text has room for it.

    Args:
        part: Words, ascending.
        n_players: Words of the text, in its order.
        count: Wanted.
        draw: Random numbers.
    """
    size = len(part)
    is_span = size > 1 and part[-1] - part[0] + 1 == size
    starts = draw.permutation(max(0, n_players - size + 1)) if is_span else np.empty(0, dtype=int)
    apart = starts[np.abs(starts - part[0]) >= size]
    if len(apart) < ENOUGH:
        return other_parts(part, n_players, count, draw)
    spans = [tuple(range(start, start + size)) for start in sorted(apart[:count].tolist())]
    return Placebos(hidden=_rows(spans, n_players), kind="other spans", n_possible=len(apart))


def same_area(players: Players, part: BoolArray, count: int, draw: np.random.Generator) -> Placebos:
    """Other regions of the film in random order, the last one cut so that the area is the part's.

    Args:
        players: Regions of the film.
        part: (E,) pixels of the part.
        count: Wanted; none where the rest of the film is smaller than the part.
        draw: Random numbers.
    """
    area = int(part.sum())
    rest = (players.membership >= 0) & ~part
    hidden = [_filled(players, rest, area, draw) for _ in range(count if area <= rest.sum() else 0)]
    rows = np.array(hidden, dtype=np.bool_).reshape(-1, part.size)
    shared = (rows.astype(np.float32) @ rows.T.astype(np.float32)) / max(area, 1)
    np.fill_diagonal(shared, 0)
    return Placebos(
        hidden=rows,
        kind="same area",
        n_possible=len(rows),
        overlap=float(shared.max(initial=0.0)),
    )


def _filled(players: Players, free: BoolArray, area: int, draw: np.random.Generator) -> BoolArray:
    """(E,) `area` of the free pixels, region by region in random order."""
    rank = np.append(draw.permutation(players.count), players.count)[players.membership]
    order = np.argsort(np.where(free, rank, players.count + 1), kind="stable")
    chosen = np.zeros(free.size, dtype=np.bool_)
    chosen[order[:area]] = True
    return chosen


def _rows(sets: Sequence[Sequence[int]], n_players: int) -> BoolArray:
    """(n, P) True at the members of each set."""
    rows = np.zeros((len(sets), n_players), dtype=np.bool_)
    for row, members in zip(rows, sets, strict=True):
        row[list(members)] = True
    return rows

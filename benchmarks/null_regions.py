"""How often the referee calls a region special where all regions are alike.

A random field of pixel weights has no special place, whatever the film under it looks like: the
share of p-values up to a level should be that level. `python -m benchmarks.null_regions`, a minute
on one core.
"""

import sys
from collections import Counter
from itertools import product
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter

from explainers.metrics import BoolArray
from explainers.placebo import Placebos
from explainers.placebo_places import moved_shapes
from explainers.referee import N_PLACEBOS
from explainers.superpixels import image_players
from explainers.weighing import FEWER_PLACEBOS
from models.case import FloatArray

FIELDS: Final = 600
LEVELS: Final = (0.05, 0.1, 0.5)
CUTS: Final = ((48, 36), (24, 16))  # side of the frame, cells it is cut into


def film_of(draw: np.random.Generator, side: int) -> FloatArray:
    """A film of patches, some rough: brightness and its variation differ from place to place."""
    level, rough = gaussian_filter(draw.normal(size=(2, side, side)), (0, side / 10, side / 10))
    grain = draw.normal(size=(side, side))
    return np.asarray(level / level.std() + np.abs(rough / rough.std()) * grain / 2)


def placebos_of(
    seed: int, side: int, cells: int, count: int
) -> tuple[BoolArray, Placebos, np.random.Generator]:
    """One cell of a film, and its placebo parts."""
    draw = np.random.default_rng(seed)
    film = film_of(draw, side)
    players = image_players(np.zeros((side, side), dtype=np.float32), kind="grid", count=cells)
    part = players.membership == seed % players.count
    return part, moved_shapes(part.reshape(side, side), count, draw, film=film), draw


def p_value(field: FloatArray, part: BoolArray, found: Placebos) -> float:
    """The p-value of a part of a field of weights."""
    as_large = np.abs(found.hidden @ field) >= abs(field[part].sum())
    return float((1 + int(as_large.sum())) / (1 + len(as_large)))


def main() -> None:
    """Write one row a cut and number of others: what a reader asks about has 40, the rest 30."""
    for (side, cells), count in product(CUTS, (N_PLACEBOS, FEWER_PLACEBOS)):
        values, overlaps, alike = [], [], Counter[str]()
        for seed in range(FIELDS):
            part, found, draw = placebos_of(seed, side, cells, count)
            values.append(p_value(draw.normal(size=side * side), part, found))
            overlaps.append(found.overlap)
            alike[found.alike] += 1
        shares = ", ".join(
            f"{100 * float((np.array(values) <= level).mean()):.1f} % <= {level}"
            for level in LEVELS
        )
        kinds = ", ".join(f"{name} {count}" for name, count in alike.most_common())
        sys.stdout.write(
            f"{side} x {side} pixels, {cells} cells, {count} others, {FIELDS} fields: {shares}; "
            f"overlap {100 * float(np.mean(overlaps)):.0f} % on average; alike in {kinds}\n"
        )


if __name__ == "__main__":
    main()

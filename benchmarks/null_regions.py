"""How often the referee calls a region special where all regions are alike.

A random field of pixel weights has no special place: the share of p-values up to a level should be
that level. `python -m benchmarks.null_regions`, half a minute on one core.
"""

import sys
from typing import Final

import numpy as np

from explainers.placebo import moved_shapes
from explainers.referee import N_PLACEBOS
from explainers.superpixels import image_players

FIELDS: Final = 600
LEVELS: Final = (0.05, 0.1, 0.5)
CUTS: Final = ((48, 36), (24, 16))  # side of the frame, cells it is cut into


def p_value(seed: int, side: int, cells: int) -> tuple[float, float]:
    """The p-value of one cell of one random field; and how much placebos lie on each other."""
    draw = np.random.default_rng(seed)
    field = draw.normal(size=side * side)
    players = image_players(np.zeros((side, side), dtype=np.float32), kind="grid", count=cells)
    part = players.membership == seed % players.count
    found = moved_shapes(part.reshape(side, side), N_PLACEBOS, np.random.default_rng(seed))
    as_large = np.abs(found.hidden @ field) >= abs(field[part].sum())
    return (1 + int(as_large.sum())) / (1 + len(as_large)), found.overlap


def main() -> None:
    """Write one row a cut."""
    for side, cells in CUTS:
        both = np.array([p_value(seed, side, cells) for seed in range(FIELDS)])
        shares = ", ".join(
            f"{100 * float((both[:, 0] <= level).mean()):.1f} % <= {level}" for level in LEVELS
        )
        sys.stdout.write(
            f"{side} x {side} pixels, {cells} cells, {FIELDS} fields: {shares}; "
            f"overlap {100 * both[:, 1].mean():.0f} % on average\n"
        )


if __name__ == "__main__":
    main()

"""Computed phantoms among the training films, so that the gallery's phantoms are read sensibly.

Their seeds are not those of the gallery.
"""

from typing import Final

import torch

from models.builtin.xray_data import STORED, Films
from models.inputs.phantom import phantom

FIRST_SEED: Final = 10_000
SOURCE: Final = "phantom"


def with_phantoms(films: Films, count: int) -> Films:
    """The films, then `count` phantoms of different make, every second with an opacity."""
    drawn = [
        phantom(FIRST_SEED + number, opacity=number % 2 == 1, size=STORED.size)
        for number in range(count)
    ]
    pixels = [(torch.from_numpy(made.pixels) * 255).round().to(torch.uint8) for made in drawn]
    rows = [{"source": SOURCE, "view": "PA", "patient_id": f"{SOURCE}{k}"} for k in range(count)]
    return Films(
        pixels=torch.cat([films.pixels, *(made[None] for made in pixels)]),
        labels=torch.cat([films.labels, torch.arange(count) % 2]),
        rows=films.rows + tuple(rows),
    )

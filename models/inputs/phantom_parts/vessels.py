"""Pulmonary arteries and veins: trees that branch from the hila, grown one generation at a time."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.inputs.phantom_parts.projection import Film, Floats, Map, Tubes, joined

SMALLEST_MM: Final = 0.4  # radius below which vessels are left to the lung's texture
GENERATIONS: Final = 16
TAPER: Final = 0.16  # of the radius, along one segment


@dataclass(frozen=True)
class _Shoots:
    """Branches of one generation: origins (n, 3), unit directions (n, 3), radii (n,)."""

    origins: Floats
    directions: Floats
    radii: Floats


def vessels(film: Film, generator: np.random.Generator) -> Map:
    """Path length through the vessels of both lungs, as if nothing else were there."""
    tubes: list[Tubes] = []
    for side in (-1, 1):
        shoots = _roots(generator, side=side)
        for _ in range(GENERATIONS):
            grown, shoots = _grow(film, shoots, generator)
            tubes.append(grown)
            if len(shoots.radii) == 0:
                break
    return joined(tubes).project(film)


def _roots(generator: np.random.Generator, *, side: int) -> _Shoots:
    """Lobar arteries and veins at one hilum; the lower ones are wider, as in a standing patient."""
    degrees = np.array([-68, -42, -15, 12, 38, 55, 68, -55, 25.0])
    radii = np.array([4.4, 4.2, 3.8, 4.0, 4.8, 5.6, 6.2, 3.8, 4.4])
    n = len(degrees)
    angle = np.radians(degrees + generator.normal(0, 5, n))
    deep = generator.uniform(-0.45, 0.45, n)
    directions = np.stack([side * np.cos(angle), np.sin(angle), deep], axis=1)
    hilum = np.array([side * 30.0, 160.0 if side < 0 else 152.0, 0.0])
    along = np.stack([0 * angle, 26 * np.sin(angle), 10 * deep], axis=1)
    origins = hilum + along + generator.normal(0, 2, (n, 3))
    return _Shoots(origins, _unit(directions), radii * generator.uniform(0.9, 1.1, n))


def _grow(film: Film, shoots: _Shoots, generator: np.random.Generator) -> tuple[Tubes, _Shoots]:
    """Extend every shoot by one slightly bent segment and fork it in two unequal ones."""
    n = len(shoots.radii)
    length = (6.0 + 3.8 * shoots.radii) * generator.uniform(0.75, 1.3, n)
    hilum = np.sign(shoots.origins[:, :1]) * (20.0, 0, 0) + (0, 155.0, 0)
    outwards = _unit(shoots.origins - hilum)
    turn = _unit(shoots.directions + 0.2 * outwards + 0.25 * generator.standard_normal((n, 3)))
    steps = int(np.ceil(length.max() / (0.9 * film.pixel_mm)))
    t = (np.arange(steps) + 0.5) / steps
    heading = _unit(
        (1 - t)[None, :, None] * shoots.directions[:, None] + t[None, :, None] * turn[:, None]
    )
    step = (length / steps)[:, None, None]
    points = shoots.origins[:, None] + np.cumsum(heading * step, axis=1)
    radii = (shoots.radii[:, None] * (1 - TAPER * t)).ravel()
    grown = Tubes(
        points.reshape(-1, 3),
        heading.reshape(-1, 3),
        np.repeat(length / steps, steps),
        radii,
        radii,
    )
    return grown, _fork(points[:, -1], turn, (1 - TAPER) * shoots.radii, generator)


def _fork(ends: Floats, headings: Floats, radii: Floats, generator: np.random.Generator) -> _Shoots:
    """Two children each: one carries on, one turns off.

    Radii follow r^2.6 = r1^2.6 + r2^2.6, near Murray's exponent of 3 for least work.
    """
    n = len(radii)
    aside = _unit(np.cross(headings, generator.standard_normal((n, 3)) * (0.5, 0.5, 1.4)))
    share = generator.uniform(0.55, 0.86, n)
    main, side = radii * share ** (1 / 2.6), radii * (1 - share) ** (1 / 2.6)
    directions = np.concatenate([_unit(headings - 0.2 * aside), _unit(headings + 0.8 * aside)])
    shoots = _Shoots(np.concatenate([ends, ends]), directions, np.concatenate([main, side]))
    keep = shoots.radii > SMALLEST_MM
    return _Shoots(shoots.origins[keep], shoots.directions[keep], shoots.radii[keep])


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))

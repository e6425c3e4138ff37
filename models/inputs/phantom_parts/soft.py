"""Soft tissue and air of the phantom: outline, lungs, heart, great vessels, diaphragm, airways."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from models.inputs.phantom_parts.projection import Film, Floats, Map, tube

APEX_Y: Final = 40.0  # top of the lungs
CARINA_Y: Final = 128.0


@dataclass(frozen=True, kw_only=True)
class Build:
    """One imaginary patient; lengths in mm.

    Attributes:
        chest: Half width of the rib cage inside.
        dome: y of the right hemidiaphragm's top: lung volume.
        droop: How much lower the left hemidiaphragm stands.
        heart: Scale of the heart; 1 = a cardiothoracic ratio near 0.45.
        fat: Thickness of the chest wall outside the ribs.
        depth: Half depth of the torso.
        breasts: Scale; 0 = none.
        tilt: Rotation about the vertical axis, radians.
        bone: Mineral density relative to a healthy adult's.
    """

    chest: float
    dome: float
    droop: float
    heart: float
    fat: float
    depth: float
    breasts: float
    tilt: float
    bone: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> "Build":
        """Someone at random."""
        uniform = generator.uniform
        fat = uniform(10, 28)
        return cls(
            chest=uniform(124, 138),
            dome=uniform(236, 262),
            droop=uniform(7, 15),
            heart=uniform(0.88, 1.16),
            fat=fat,
            depth=92 + 0.9 * fat,
            breasts=uniform(0.8, 1.15) if uniform() < 0.5 else 0.0,
            tilt=uniform(-0.05, 0.05),
            bone=uniform(0.85, 1.1),
        )

    def dome_top(self, side: int) -> float:
        """Height of a hemidiaphragm's top; side -1 = the patient's right."""
        return self.dome + (self.droop if side > 0 else 0.0)

    def lateral(self, y: Floats) -> Floats:
        """Half width of the rib cage inside at height y."""
        fraction = PchipInterpolator(
            [0, 12, 30, 62, 110, 160, 330], [0.55, 0.62, 0.735, 0.88, 0.97, 1.0, 0.99]
        )
        return np.asarray(self.chest * fraction(np.clip(y - APEX_Y, 0, 330)))


def body(film: Film, build: Build) -> Map:
    """Path length through the body with its breasts and arms, as if nothing in it were hollow."""
    shoulder = build.chest + build.fat + 22
    knots = [-30, 4, 22, 40, 58, 80, 110, 360]
    wide = [50, 58, 74, 104, 0.86 * shoulder, shoulder, build.chest + build.fat + 8]
    wide.append(build.chest + build.fat)
    half = PchipInterpolator(knots, wide)(film.y)
    thick = PchipInterpolator(
        [-10, 20, 60, 110, 170, 360],
        [50, 52, 62, 0.88 * build.depth, build.depth, 1.06 * build.depth],
    )(film.y)
    inside = np.maximum(1 - np.abs(film.x / half) ** 2.6, 0)
    torso = (2 * thick * np.sqrt(inside)).astype(np.float32)
    parts = [torso]
    for side in (-1, 1):
        parts.append(film.ellipsoid((side * (shoulder - 8), 92, 0), (48, 44, 52)))
        parts.append(_arm(film, build, side=side, shoulder=shoulder))
    outline = np.asarray(np.maximum.reduce(parts))
    return outline + _breasts(film, build)


def _arm(film: Film, build: Build, *, side: int, shoulder: float) -> Map:
    """Upper arm, hanging a little away from the chest."""
    axis = side * (shoulder + 2 + 0.16 * (film.y - 92))
    radius = 34 + 0.5 * build.fat
    below = np.clip((film.y - 80) / 20, 0, 1)
    chord = np.sqrt(np.maximum(radius**2 - (film.x - axis) ** 2, 0))
    return np.asarray(2 * chord * below, dtype=np.float32)


def _breasts(film: Film, build: Build) -> Map:
    """Two shadows with a sharp lower and a vanishing upper edge."""
    if build.breasts == 0:
        return np.zeros((film.size, film.size), dtype=np.float32)
    scale = build.breasts
    total = np.zeros((film.size, film.size), dtype=np.float32)
    for side in (-1, 1):
        centre = (side * 0.58 * build.chest, 222 + 4 * side, 80)
        shape = film.ellipsoid(centre, (66 * scale, 58 * scale, 22 * scale))
        total += shape * np.clip((film.y - 165) / 70, 0, 1) ** 1.5
    return np.asarray(total, dtype=np.float32)


def lung_path(film: Film, build: Build, *, side: int) -> Map:
    """Path length through the aerated lung of one side (-1 = the patient's right).

    The pleural cavity less what the diaphragm, heart and mediastinum take from it.
    """
    depth_below_apex = np.clip(film.y.astype(np.float64) - APEX_Y, 0, None)
    lateral = build.lateral(film.y.astype(np.float64))
    medial = PchipInterpolator([0, 14, 34, 70, 320], [24, 19, 14, 10, 10])(depth_below_apex)
    middle, half = (lateral + medial) / 2, (lateral - medial) / 2
    half = np.maximum(half * _quarter_circle(depth_below_apex / 20), 1e-3)
    u = np.abs((side * (film.x - film.shift(10)) - middle) / half)
    full = 0.88 * build.depth
    deep = full * _quarter_circle(depth_below_apex / 120)
    cavity = 2 * deep * np.sqrt(np.maximum(1 - u**2.8, 0)) * (film.y > APEX_Y)
    return np.asarray(np.maximum(cavity - diaphragm(film, build, side=side), 0), dtype=np.float32)


def _quarter_circle(t: Floats) -> Floats:
    """Rise from 0 at t = 0, upright there, to 1 at t >= 1."""
    return np.sqrt(1 - (1 - np.clip(t, 0, 1)) ** 2)


def diaphragm(film: Film, build: Build, *, side: int) -> Map:
    """Path length through the abdomen under one dome, up to the depth of the chest."""
    top = build.dome_top(side)
    x = side * film.x
    peak = 0.5 * build.chest
    outwards = np.clip((x - peak) / (build.chest - peak), 0, None)
    inwards = np.clip((peak - x) / peak, 0, None)
    dome = top + 46 * outwards**2.3 + 13 * inwards**2
    below = np.clip((film.y - dome) / 75, 0, 1)
    return np.asarray(2.2 * build.depth * np.sqrt(below), dtype=np.float32)


def mediastinum(film: Film, build: Build) -> Map:
    """Path length through heart, great vessels and tissue around the spine: the longest of them."""
    h, base = build.heart, build.dome + 6
    sit = 1.0 + 0.25 * (build.dome - 250) / 250  # a deep breath stretches the heart downwards
    ellipsoids = [
        ((26 * h, base - 36, 25), (68 * h, 44 * h * sit, 58), 0.66),  # left ventricle
        ((16, base - 16, 20), (44 * h, 30, 50), 0.25),  # its foot on the diaphragm
        ((-7, base - 46, 20), (34 * h, 52 * h * sit, 50), 0.08),  # right atrium
        ((14 * h, base - 82, 25), (36 * h, 60, 46), -0.42),  # outflow, left atrial appendage
        ((22, 152, 15), (21, 28, 32), -0.2),  # pulmonary trunk
        ((20, 116, 0), (20, 20, 38), 0.0),  # aortic arch
        ((-13, 128, 15), (20, 62, 34), -0.03),  # ascending aorta, superior vena cava
        ((8, 78, 0), (27, 52, 34), 0.0),  # vessels to the neck
    ]
    parts = [film.ellipsoid(centre, radii, lean=lean) for centre, radii, lean in ellipsoids]
    parts.append(_column(film, -4.0, 20.0, depth=38, z=-50))  # tissue around the spine
    descending = 22 - 14 * np.clip((film.y - 120) / 150, 0, 1)
    inside = np.maximum(1 - ((film.x - film.shift(-45) - descending) / 13) ** 2, 0)
    parts.append(26 * np.sqrt(inside) * (film.y > 118))
    return np.asarray(np.maximum.reduce(parts), dtype=np.float32)


def _column(film: Film, x: float, half: float, *, depth: float, z: float) -> Map:
    """Upright column of elliptic cross-section."""
    inside = np.maximum(1 - ((film.x - x - film.shift(z)) / half) ** 2, 0)
    return np.asarray(2 * depth * np.sqrt(inside) + 0 * film.y, dtype=np.float32)


def airways(film: Film) -> Map:
    """Path length through the air of trachea and main bronchi."""
    trachea = np.array([[-1, -5, 10], [-2, 60, 0], [-6, 112, -8], [-5, CARINA_Y, -10]], float)
    right = np.array([[-5, CARINA_Y - 5, -10], [-22, 145, -12], [-40, 168, -14]], float)
    left = np.array([[-4, CARINA_Y - 5, -10], [20, 148, -14], [42, 164, -16]], float)
    tubes = [
        tube(film, trachea, np.array([8.5, 9, 8.5, 9.0])),
        tube(film, right, np.array([7, 6.5, 3.0])),
        tube(film, left, np.array([6, 5.5, 3.0])),
    ]
    return np.asarray(sum(part.project(film) for part in tubes), dtype=np.float32)


def stomach_air(film: Film, build: Build, generator: np.random.Generator) -> Map:
    """Path length through the bubble under the left dome; sometimes there is none."""
    width, height, depth = generator.uniform((18, 9, 14), (34, 17, 34))
    present = generator.uniform() < 0.7
    top = build.dome_top(1) + height + 9
    bubble = film.ellipsoid((0.42 * build.chest, top, 20), (width, height, depth), lean=0.15)
    return bubble * np.float32(present)

"""Seeded chest phantoms: synthetic frontal films whose right answer is known.

A film is computed as a radiograph is taken: path lengths through tissues, Beer and Lambert's law,
scatter, blur of the detector, photon noise, film curve. It is no patient and was validated against
none: good for trying the product and for tests, never for judging a model. Imports no torch.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from models.inputs.phantom_parts.bones import bones
from models.inputs.phantom_parts.exposure import expose
from models.inputs.phantom_parts.projection import WOBBLE_MM, Film, Map, smooth_noise
from models.inputs.phantom_parts.soft import (
    APEX_Y,
    Build,
    airways,
    body,
    lung_path,
    mediastinum,
    stomach_air,
)
from models.inputs.phantom_parts.vessels import vessels

WATER_PER_MM: Final = 0.0185  # attenuation of water near 70 keV, about the mean of a 120 kVp beam
BONE_EXCESS: Final = 2.8  # attenuation of cortical bone over water's, less 1
LUNG_DENSITY: Final = 0.24  # relative to water, at full inspiration
PRESENT: Final = 0.3  # of the greatest thickness: where a planted opacity counts as present


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phantom:
    """A synthetic film and what was planted in it.

    Attributes:
        pixels: (size, size) float32 in [0, 1], larger = brighter; the patient's right is
            on the image's left.
        opacity_mask: (size, size) bool, where the planted opacity is; all False when none was.
        place: Lung zone of the opacity, such as "patient's right, lower": thirds of the lung's
            height; empty when none was planted.
        description: One sentence for the user.
        spacing_mm: (row, column) millimetres per pixel.
    """

    pixels: Map
    opacity_mask: npt.NDArray[np.bool_]
    place: str
    description: str
    spacing_mm: tuple[float, float]


def phantom(seed: int, *, opacity: bool = True, size: int = 1024) -> Phantom:
    """Draw a patient and expose a film.

    Args:
        seed: >= 0; decides habitus, lung volume, heart size, rotation, vessels and the opacity's
            place and shape. With and without opacity it is the same patient.
        opacity: Whether to plant one.
        size: Pixels a side, >= 64; the anatomy does not depend on it.

    Raises:
        ValueError: seed or size out of range.
    """
    if seed < 0 or size < 64:
        raise ValueError(f"seed {seed} must be >= 0 and size {size} >= 64")
    patient, planting, quanta = (np.random.default_rng([seed, stream]) for stream in range(3))
    build = Build.draw(patient)
    relief = 1.6 * smooth_noise(patient, size, 38.0) + 0.35 * smooth_noise(patient, size, 12.0)
    relief = np.clip(relief, -WOBBLE_MM, WOBBLE_MM)
    film = Film(size=size, tilt=build.tilt)
    uneven = Film(size=size, tilt=build.tilt, wobble=relief)  # no outline is a perfect ellipse
    centre = mediastinum(uneven, build)
    lungs = tuple(np.maximum(lung_path(uneven, build, side=side) - centre, 0) for side in (-1, 1))
    filled, place = _opacity(film, build, lungs, planting)
    lung = lungs[0] + lungs[1]
    # Metered beside the opacity, so that the rest of the film is exposed the same without it.
    meter = (lung > 0.6 * lung.max()) & (filled < 1)
    if not opacity:
        filled, place = np.zeros_like(filled), ""
    water = _water(film, build, lung, filled, patient)
    bone = build.bone * bones(film, build, patient)
    exponent = np.asarray(WATER_PER_MM * (water + BONE_EXCESS * bone), dtype=np.float32)
    return Phantom(
        pixels=expose(film, exponent, meter, quanta),
        opacity_mask=filled > PRESENT * max(float(filled.max()), 1e-6),
        place=place,
        description=_describe(place),
        spacing_mm=(film.pixel_mm, film.pixel_mm),
    )


def _describe(place: str) -> str:
    planted = f"an opacity planted in the {place} zone" if place else "no opacity planted"
    return f"Synthetic chest film (computed, not a patient), {planted}."


def _water(film: Film, build: Build, lung: Map, filled: Map, generator: np.random.Generator) -> Map:
    """Path length through water-like tissue: all of the patient but bone."""

    def noise(grain_mm: float) -> Map:
        return smooth_noise(generator, film.size, grain_mm)

    aerated = lung - filled
    air = airways(film) + stomach_air(film, build, generator)
    # Vessels are seen against air: they vanish where the lung ends or is filled.
    tree = np.minimum(vessels(film, generator), 0.5 * lung) * aerated / np.maximum(lung, 1)
    density = LUNG_DENSITY * (1 + 0.035 * noise(3.0) + 0.02 * noise(30.0))
    solid = body(film, build) * (1 + 0.012 * noise(45.0))
    water = solid - (1 - density) * aerated + (1 - LUNG_DENSITY) * tree - 0.9 * air
    return np.asarray(np.maximum(water, 0), dtype=np.float32)


def _opacity(
    film: Film, build: Build, lungs: tuple[Map, ...], generator: np.random.Generator
) -> tuple[Map, str]:
    """Path length of lung that a patchy, soft-edged consolidation fills, and the zone it is in."""

    def noise(grain_mm: float) -> Map:
        return smooth_noise(generator, film.size, grain_mm)

    side = int(generator.integers(2))
    zone = int(generator.choice(3, p=(0.25, 0.25, 0.5)))
    third = (build.dome_top(2 * side - 1) - APEX_Y) / 3
    y = APEX_Y + third * (zone + generator.uniform(0.4, 0.65))
    x = (2 * side - 1) * float(build.lateral(np.array(y))) * generator.uniform(0.52, 0.66)
    wide, tall = generator.uniform((36, 32), (54, 48))
    inside = 1 - ((film.x - x) / wide) ** 2 - ((film.y - y) / tall) ** 2
    ramp = np.clip((inside + 0.30 * noise(22.0) + 0.09 * noise(7.0)) / 1.3, 0, 1)
    soft = ramp * ramp * (3 - 2 * ramp)
    patchy = np.clip(0.8 + 0.11 * noise(4.5), 0, 1.2)
    filled = np.minimum(generator.uniform(65, 95) * soft * patchy, 0.85 * lungs[side])
    place = f"patient's {('right', 'left')[side]}, {('upper', 'middle', 'lower')[zone]}"
    return np.asarray(filled, dtype=np.float32), place

"""From attenuation to grey levels: scatter, blur, photon noise, film curve, display processing."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from models.inputs.phantom_parts.projection import Film, Floats, Map

SCATTER: Final = 0.3  # scattered photons over primary ones, behind the grid
SCATTER_MM: Final = 22.0
BLUR_MM: Final = 0.22
PHOTONS_PER_MM2: Final = 30_000.0  # behind the lung
SPEED: Final = 0.62  # exposure behind the lung, where 1 gives half the greatest brightness
BLACK: Final = 0.24  # brightness of the film that is shown as 0, and as 1
WHITE: Final = 1.03
DETAIL: Final = 0.8  # unsharp masking, as computed radiography applies it
DETAIL_MM: Final = 6.0


def expose(
    film: Film, exponent: Map, meter: npt.NDArray[np.bool_], generator: np.random.Generator
) -> Map:
    """Take the film.

    Args:
        film: Its size.
        exponent: Of Beer and Lambert's law: attenuation times path, >= 0.
        meter: (size, size) bool, where the automatic exposure control looks: the lungs.
        generator: Photon noise.

    Returns:
        Grey levels in [0, 1], larger = less exposed = brighter.
    """
    primary = np.exp(-exponent)
    image = primary + SCATTER * _wide_blur(film, primary, SCATTER_MM)
    image = gaussian_filter(image, BLUR_MM / film.pixel_mm, truncate=3)
    per_pixel = PHOTONS_PER_MM2 * film.pixel_mm**2
    photons = generator.poisson(image * (per_pixel / np.median(image[meter])))
    exposure = (photons / per_pixel).astype(np.float32)
    brightness = 1 / (1 + np.float32(SPEED) * exposure)
    brightness += DETAIL * (brightness - _wide_blur(film, brightness, DETAIL_MM))
    shown = (brightness - BLACK) / (WHITE - BLACK)
    return np.asarray(np.clip(shown, 0, 1), dtype=np.float32)


def _wide_blur(film: Film, image: Map, sigma_mm: float) -> Map:
    """Gaussian blur, computed on a grid with cells of a third of sigma."""
    coarse = max(int(0.33 * sigma_mm / film.pixel_mm), 1)
    small = gaussian_filter(_block_mean(image, coarse), sigma_mm / (film.pixel_mm * coarse))
    at = (np.arange(film.size) + 0.5) / coarse - 0.5
    return np.asarray(_resample(_resample(small, at).T, at).T, dtype=np.float32)


def _block_mean(image: Map, n: int) -> Map:
    """Mean over n x n blocks; those at the far edges may be smaller."""
    starts = np.arange(0, len(image), n)
    total = np.add.reduceat(np.add.reduceat(image, starts, axis=0), starts, axis=1)
    sides = np.diff(np.append(starts, len(image)))
    return np.asarray(total / np.outer(sides, sides), dtype=np.float32)


def _resample(grid: Map, at: Floats) -> Map:
    """Linear interpolation at fractional rows, held constant beyond the ends."""
    at = np.clip(at, 0, len(grid) - 1)
    low = np.minimum(at.astype(np.intp), len(grid) - 2)
    part = (at - low)[:, None].astype(np.float32)
    return np.asarray(grid[low] * (1 - part) + grid[low + 1] * part, dtype=np.float32)

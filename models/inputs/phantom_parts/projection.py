"""Parallel projection of tissue onto a film: thickness maps in millimetres, seen from the front.

Axes: x to the image's right (the patient's left), y down, z towards the patient's front; all in
millimetres, origin at the top centre of the film. Every map holds path lengths along z, so that
tissues add up in the exponent of Beer and Lambert's law.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.interpolate import BSpline

FILM_MM: Final = 330.0
WOBBLE_MM: Final = 12.0  # no outline is displaced by more

Map: TypeAlias = npt.NDArray[np.float32]  # (size, size), mm unless said otherwise
Floats: TypeAlias = npt.NDArray[np.float64]
Shift = TypeVar("Shift", float, Floats)


@dataclass(frozen=True)
class Film:
    """A square film.

    Attributes:
        size: Pixels a side.
        tilt: Rotation of the patient about the vertical axis, radians.
        wobble: Sideways displacement of outlines, (size, size) mm; None for none.
    """

    size: int
    tilt: float = 0.0
    wobble: Map | None = None

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel."""
        return FILM_MM / self.size

    @cached_property
    def x(self) -> Map:
        """(1, size) pixel centres, or (size, size) where outlines wobble."""
        x = (self.y.T - np.float32(FILM_MM / 2)).astype(np.float32)
        return x if self.wobble is None else x + self.wobble

    @cached_property
    def y(self) -> Map:
        """(size, 1) pixel centres."""
        return ((np.arange(self.size, dtype=np.float32) + 0.5) * self.pixel_mm)[:, None]

    def shift(self, z: Shift) -> Shift:
        """How far the patient's rotation moves parts at depth z sideways."""
        return z * math.sin(self.tilt)

    def ellipsoid(
        self,
        centre: tuple[float, float, float],
        radii: tuple[float, float, float],
        *,
        lean: float = 0.0,
    ) -> Map:
        """Path length through an ellipsoid.

        Args:
            centre: (x, y, z).
            radii: (x, y, z) before leaning.
            lean: Turn in the plane of the film, radians; positive lowers the image's right side.
        """
        total = np.zeros((self.size, self.size), dtype=np.float32)
        x, y, reach = centre[0] + self.shift(centre[2]), centre[1], max(radii[:2])
        rows = self._between(y - reach, y + reach)
        columns = self._between(x - reach - WOBBLE_MM, x + reach + WOBBLE_MM, left=-FILM_MM / 2)
        dx, dy = (
            self.x[rows if self.wobble is not None else slice(None), columns] - x,
            self.y[rows] - y,
        )
        cos, sin = math.cos(lean), math.sin(lean)
        u = (cos * dx + sin * dy) / radii[0]
        v = (cos * dy - sin * dx) / radii[1]
        total[rows, columns] = 2 * radii[2] * np.sqrt(np.maximum(1 - u * u - v * v, 0))
        return total

    def _between(self, low: float, high: float, *, left: float = 0.0) -> slice:
        """Pixels from one coordinate to another, at least."""
        first, last = ((at - left) / self.pixel_mm for at in (low, high))
        return slice(max(int(first) - 1, 0), max(int(last) + 2, 0))

    def splat(self, x: Floats, y: Floats, volume: Floats) -> Map:
        """Path length of small volumes (mm^3) at points, shared by the four nearest pixels."""
        column = (x + FILM_MM / 2) / self.pixel_mm - 0.5
        row = y / self.pixel_mm - 0.5
        left, top = np.floor(column), np.floor(row)
        wide = self.size + 2  # one pixel of margin catches what falls off the film
        total = np.zeros(wide * wide)
        for down in (0, 1):
            for right in (0, 1):
                share = np.abs(1 - right - (column - left)) * np.abs(1 - down - (row - top))
                i = np.clip(top + down + 1, 0, wide - 1).astype(np.intp)
                j = np.clip(left + right + 1, 0, wide - 1).astype(np.intp)
                total += np.bincount(i * wide + j, volume * share, minlength=wide * wide)
        inner = total.reshape(wide, wide)[1:-1, 1:-1] / self.pixel_mm**2
        return np.asarray(inner, dtype=np.float32)


@dataclass(frozen=True)
class Tubes:
    """Cross-sections along any number of tubes, ready to be projected.

    Attributes:
        points: (n, 3) centres.
        tangents: (n, 3) unit vectors along the tube.
        lengths: (n,) length that each cross-section stands for.
        tall: (n,) half-axis of the elliptic cross-section in the upright direction.
        flat: (n,) the other half-axis.
    """

    points: Floats
    tangents: Floats
    lengths: Floats
    tall: Floats
    flat: Floats

    def project(self, film: Film, *, wall: float = 0.0, core: float = 1.0) -> Map:
        """Path length through the tubes, in millimetres of wall material.

        Args:
            film: Where to.
            wall: Thickness of the wall; 0 for a solid tube.
            core: Density of the inside relative to the wall.
        """
        across = np.stack([-self.tangents[:, 1], self.tangents[:, 0]], axis=1)
        across /= np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-3)[:, None]
        # The part of the y axis that is at right angles to the tube.
        upright = np.array([0.0, 1.0, 0.0]) - self.tangents[:, 1:2] * self.tangents
        upright /= np.maximum(np.linalg.norm(upright, axis=1), 1e-3)[:, None]
        cos2 = np.clip((upright[:, :2] * across).sum(axis=1) ** 2, 0, 1)
        half = np.sqrt(self.tall**2 * cos2 + self.flat**2 * (1 - cos2))
        count = np.ceil(2 * half / (0.8 * film.pixel_mm)).astype(np.intp) + 1
        which = np.repeat(np.arange(len(count)), count)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        u = 2 * (nth + 0.5) / count[which] - 1
        profile = self._profile(u, half[which], which, wall=wall, core=core)
        offset = u * half[which]
        x = (self.points[:, 0] + film.shift(self.points[:, 2]))[which] + offset * across[which, 0]
        y = self.points[which, 1] + offset * across[which, 1]
        return film.splat(x, y, profile * (self.lengths * 2 * half / count)[which])

    def _profile(
        self, u: Floats, half: Floats, which: npt.NDArray[np.intp], *, wall: float, core: float
    ) -> Floats:
        """Path length through one cross-section at u in [-1, 1] of its half width."""
        area = (self.tall * self.flat)[which]
        outer = 2 * area / half * np.sqrt(1 - u * u)
        if wall == 0:
            return np.asarray(outer)
        inner_half = np.maximum(half - wall, 1e-3)
        inner_area = (np.maximum(self.tall - wall, 0) * np.maximum(self.flat - wall, 0))[which]
        inside = np.sqrt(np.maximum(1 - (u * half / inner_half) ** 2, 0))
        return np.asarray(outer - (1 - core) * 2 * inner_area / inner_half * inside)


def tube(
    film: Film,
    path: Floats,
    tall: Floats | float,
    flat: Floats | float | None = None,
) -> Tubes:
    """Sweep an elliptic cross-section along one path.

    Args:
        film: Sets how finely the path is sampled.
        path: (k, 3) corners of the path.
        tall: Half-axis in the upright direction, one or one a corner.
        flat: The other half-axis; equal to `tall` when None.
    """
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    n = max(int(along[-1] / (0.8 * film.pixel_mm)), 2)
    at = (np.arange(n) + 0.5) * along[-1] / n
    points = np.stack([np.interp(at, along, path[:, axis]) for axis in range(3)], axis=1)
    slopes = np.gradient(path, along, axis=0)
    tangents = np.stack([np.interp(at, along, slopes[:, axis]) for axis in range(3)], axis=1)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)

    def spread(axis: Floats | float) -> Floats:
        return np.asarray(np.interp(at, along, np.broadcast_to(axis, len(path))))

    tall_at = spread(tall)
    return Tubes(
        points=points,
        tangents=tangents,
        lengths=np.full(n, along[-1] / n),
        tall=tall_at,
        flat=tall_at if flat is None else spread(flat),
    )


def joined(tubes: list[Tubes]) -> Tubes:
    """All of them, to be projected in one pass."""
    names = ("points", "tangents", "lengths", "tall", "flat")
    return Tubes(**{name: np.concatenate([getattr(t, name) for t in tubes]) for name in names})


def smooth_noise(generator: np.random.Generator, size: int, grain_mm: float) -> Map:
    """Random relief of unit variance with features of about `grain_mm`, the same at any size."""
    knots = int(np.ceil(FILM_MM / grain_mm)) + 4
    values = generator.standard_normal((knots, knots))
    at = np.linspace(2, knots - 3, size)
    basis = BSpline.design_matrix(at, np.arange(-1.0, knots + 3), 3)
    relief = np.asarray(basis @ (basis @ values).T).T
    return np.asarray(relief / relief.std(), dtype=np.float32)

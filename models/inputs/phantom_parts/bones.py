"""Bones of the phantom in millimetres of cortical bone: ribs, shoulder girdle, arms, spine."""

from typing import Final

import numpy as np

from models.inputs.phantom_parts.projection import Film, Floats, Map, Tubes, joined, tube
from models.inputs.phantom_parts.soft import Build

MARROW: Final = 0.22  # density added by spongy bone, relative to cortical bone


def bones(film: Film, build: Build, generator: np.random.Generator) -> Map:
    """Path length through all bones."""
    ribs = joined(
        [
            rib
            for side in (-1, 1)
            for level in range(11)
            for rib in _rib(film, build, generator, level=level, side=side)
        ]
    ).project(film, wall=0.75, core=MARROW)
    lifts = generator.normal(0, 2.5, 2)
    girdle = joined(
        [
            part
            for side, lift in zip((-1, 1), lifts, strict=True)
            for part in _girdle(film, build, lift, side=side)
        ]
    ).project(film, wall=1.1, core=MARROW)
    total = ribs + girdle + _spine(film)
    for side in (-1, 1):
        total += _blade(film, build, side=side) + _upper_arm(film, build, side=side)
    return np.asarray(total, dtype=np.float32)


def _rib(
    film: Film, build: Build, generator: np.random.Generator, *, level: int, side: int
) -> list[Tubes]:
    """One rib: a tilted half ring from the spine round the side to where cartilage begins."""
    spine_y = 36 + 20.5 * level + 0.28 * level**2 + generator.normal(0, 0.8)
    drop = np.interp(level, [0, 1, 3, 6, 10], [34, 58, 82, 96, 88]) + generator.normal(0, 1.5)
    end = np.interp(level, [0, 1, 4, 7, 10], [2.75, 2.7, 2.55, 2.2, 1.45])
    angle = np.linspace(0.14, end, 90)
    y = spine_y + drop * (1 - np.cos(angle)) / 2 - 7 * np.sin(angle) ** 2
    at_side = spine_y + drop / 2 - 7
    half = build.lateral(np.array(at_side))[()] + 3.0
    front = np.clip(angle - np.pi / 2, 0, None)
    bulge = np.where(angle < np.pi / 2, np.sin(angle) ** 0.86, np.sin(angle) ** 0.72)
    x = side * half * bulge
    z = -0.86 * build.depth * np.cos(angle)
    tall = np.interp(angle, [0.14, 0.5, 1.6, end], [5.0, 6.2, 6.0, 7.4])
    tall *= (0.8 if level == 0 else 1.0) * np.clip((end - angle) / 0.2, 0.15, 1)
    flat = np.interp(angle, [0.14, 0.6, end], [4.2, 3.3, 3.0]) * (1 - 0.1 * front)
    path = np.stack([x, y, z], axis=1)
    return [tube(film, path, tall, flat)]


def _girdle(film: Film, build: Build, lift: float, *, side: int) -> list[Tubes]:
    """Clavicle and rim of the shoulder blade of one side."""
    reach = build.chest + build.fat
    glenoid = np.array([reach + 2, 84 + lift, -10.0])
    clavicle = np.array(
        [
            [12, 84, 62],
            [20, 80, 66],
            [42, 69 + lift / 2, 68],
            [72, 64 + lift, 50],
            [104, 52 + lift, 18],
            [reach - 12, 55 + lift, 0],
        ]
    )
    _, tip, inner, corner = _blade_corners(build)
    rim = np.stack([glenoid, (tip + glenoid) / 2, tip])
    rim += [[-8, 12, -12], [2, 14, 0], [0, 0, 0]]
    edge = np.stack([tip, inner, corner])
    ridge = np.stack([inner, glenoid, glenoid])
    ridge += [[10, 12, 0], [-14, -16, 0], [6, -28, 12]]
    thick = np.interp(np.linspace(0, 1, 60), [0, 0.15, 0.6, 0.92, 1], [8.5, 6.4, 5.6, 7.0, 2.0])
    ends = np.interp(np.linspace(0, 1, 60), [0, 0.12, 0.88, 1], [0.2, 1, 1, 0.2])
    mirror = (side, 1, 1)
    return [
        tube(film, _rounded(clavicle) * mirror, thick),
        tube(film, _rounded(rim) * mirror, 3.4 * ends, 2.4 * ends),
        tube(film, _rounded(edge) * mirror, 1.5 * ends),
        tube(film, _rounded(ridge) * mirror, 3.6 * ends, 3.0 * ends),
    ]


def _upper_arm(film: Film, build: Build, *, side: int) -> Map:
    """Head and shaft of the humerus: spongy bone in a thin shell."""
    x, y, radius = side * (build.chest + build.fat + 22), 90.0, 22.0
    shell = film.ellipsoid((x, y, -6), (radius,) * 3)
    head = shell - np.float32(1 - MARROW) * film.ellipsoid((x, y, -6), (radius - 0.8,) * 3)
    path = np.array([[x + 4 * side, y + 8, -6], [x + 10 * side, 150, -6], [x + 34 * side, 300, -6]])
    shaft = tube(film, path, np.array([17.0, 12.0, 11.0])).project(film, wall=2.0, core=0.1)
    return np.asarray(np.maximum(head, 0.7 * shaft), dtype=np.float32)


def _rounded(corners: Floats) -> Floats:
    """(60, 3) smooth path near the corners: quadratic B-spline by two rounds of corner cutting."""
    for _ in range(3):
        quarter = 0.75 * corners[:-1] + 0.25 * corners[1:]
        three = 0.25 * corners[:-1] + 0.75 * corners[1:]
        middle = np.stack([quarter, three], axis=1).reshape(-1, 3)
        corners = np.concatenate([corners[:1], middle, corners[-1:]])
    at = np.linspace(0, len(corners) - 1, 60)
    return np.stack([np.interp(at, np.arange(len(corners)), c) for c in corners.T], axis=1)


def _blade_corners(build: Build) -> Floats:
    """(4, 3) corners of the left shoulder blade: glenoid, lower tip, inner edge, upper corner."""
    reach = build.chest + build.fat
    return np.array(
        [
            [reach - 6, 92, -30],
            [reach - 30, 196, -70],
            [reach - 62, 118, -70],
            [reach - 54, 76, -60],
        ],
        float,
    )


def _blade(film: Film, build: Build, *, side: int) -> Map:
    """Thin plate of the shoulder blade, soft at its edges."""
    corners = _blade_corners(build)[:, :2] * (side, 1)
    corners[:, 0] += film.shift(-60)
    inside = np.full((film.size, film.size), np.inf, dtype=np.float32)
    for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        edge = (stop - start) / np.linalg.norm(stop - start)
        distance = (film.y - start[1]) * edge[0] - (film.x - start[0]) * edge[1]
        inside = np.minimum(inside, distance * side)
    return np.asarray(0.9 * np.clip(inside / 14, 0, 1), dtype=np.float32)


def _spine(film: Film) -> Map:
    """Vertebral bodies with end plates, pedicles and spinous processes."""
    total = np.zeros((film.size, film.size), dtype=np.float32)
    rings: list[Tubes] = []
    around = np.linspace(0, 2 * np.pi, 24)
    y = 4.0
    for level in range(17):
        tall, half = 17 + 0.75 * level, 14.5 + 0.55 * level
        _add_vertebra(total, film, y, tall=tall, half=half)
        pedicles = ((-0.62 * half, -2, 3.2, 4.6), (0.62 * half, -2, 3.2, 4.6), (0, 5, 2.2, 5))
        for x, down, wide, high in pedicles:
            ring = (
                x - 1 + wide * np.cos(around),
                y + down + high * np.sin(around),
                0 * around - 70,
            )
            rings.append(tube(film, np.stack(ring, axis=1), 0.75))
        y += tall + 1.5
    return total + joined(rings).project(film)


def _add_vertebra(total: Map, film: Film, y: float, *, tall: float, half: float) -> None:
    """Add one body with a waist and two end plates, centred at height y, to the map."""
    x = film.x[0] - film.shift(-50) + 1
    columns = np.flatnonzero(np.abs(x) < half)
    v = (film.y[:, 0] - y) / (0.42 * tall)
    rows = np.flatnonzero(np.abs(v) < 1.3)
    if rows.size == 0 or columns.size == 0:
        return
    v, u = v[rows, None], x[columns] / half
    u = u / (1 - 0.1 * np.maximum(1 - v * v, 0))
    flank = np.clip(1 - u**4, 0, 1)
    body = np.clip(1 - u**6, 0, 1) * np.clip(1 - v**8, 0, 1)
    plates = np.exp(-(((np.abs(v) - 0.93) / 0.09) ** 2)) * flank
    total[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] += 2.6 * body + plates

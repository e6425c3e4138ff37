"""Players of an image: SLIC superpixels, grid cells, single pixels; with names to place them."""

import math

import numpy as np
import numpy.typing as npt
from skimage.segmentation import slic

from explainers.maskers.names import Segmentation
from explainers.players import PlayerKind, Players
from models.errors import ExplainError

# On an equalised film in [0, 1]: regions stop at mediastinum, diaphragm and chest wall, yet not at
# every rib, so that a reader can name them (compared by eye at 0.1 to 0.6).
COMPACTNESS = 0.4
SMOOTHING = 2.0
MIN_PLAYERS, MAX_PLAYERS = 2, 400


def image_players(
    image: npt.NDArray[np.float32], *, kind: Segmentation, count: int, mirrored: bool = False
) -> Players:
    """Partition an image.

    Args:
        image: (h, w) in [0, 1].
        kind: "superpixels" (SLIC, Achanta et al. 2012) or "grid".
        count: Wanted number of players; SLIC and the grid come close, not exact.
        mirrored: True when the patient's left is on the image's left.

    Raises:
        ExplainError: count is outside [2, 400] or exceeds what the image can hold.
    """
    if not MIN_PLAYERS <= count <= min(MAX_PLAYERS, image.size):
        raise ExplainError(
            f"{count} regions were asked for; between {MIN_PLAYERS} and "
            f"{min(MAX_PLAYERS, image.size)} are possible."
        )
    if kind == "grid":
        return _named(_grid(image.shape, count), "grid cell", mirrored=mirrored)
    labels = slic(
        np.asarray(image, dtype=np.float64),
        n_segments=count,
        compactness=COMPACTNESS,
        sigma=SMOOTHING,
        start_label=0,
        channel_axis=None,
    )
    # np.unique makes ids contiguous from 0 whatever the segmentation returned.
    contiguous = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    if contiguous.max() == 0:  # a blank film has no superpixels to find
        contiguous = _grid(image.shape, count)
    return _named(contiguous, "superpixel", mirrored=mirrored)


def pixel_players(shape: tuple[int, int]) -> Players:
    """Every pixel its own player, in row-major order."""
    return Players(
        membership=np.arange(math.prod(shape), dtype=np.int32), element_shape=shape, kind="pixel"
    )


def _grid(shape: tuple[int, ...], count: int) -> npt.NDArray[np.int64]:
    """Labels (h, w) of a grid of about `count` cells with sides as equal as the shape allows."""
    height, width = shape
    n_rows = min(height, max(1, round(math.sqrt(count * height / width))))
    n_columns = min(width, max(1, round(count / n_rows)))
    rows = np.arange(height) * n_rows // height
    columns = np.arange(width) * n_columns // width
    return np.asarray(rows[:, None] * n_columns + columns[None, :])


def _named(labels: npt.NDArray[np.int64], kind: PlayerKind, *, mirrored: bool) -> Players:
    """Number players from the top left in reading order and name them by place."""
    height, width = labels.shape
    flat = labels.reshape(-1)
    sizes = np.bincount(flat)
    rows, columns = np.indices(labels.shape).reshape(2, -1)
    row = np.bincount(flat, rows) / sizes / height
    column = np.bincount(flat, columns) / sizes / width
    order = np.lexsort((column, np.floor(row * 6)))
    renumber = np.empty_like(order)
    renumber[order] = np.arange(len(order))
    places = [place_name(row[i], column[i], mirrored=mirrored) for i in order]
    totals = {place: places.count(place) for place in places}
    seen: dict[str, int] = {}
    names = []
    for place in places:
        seen[place] = seen.get(place, 0) + 1
        names.append(place if totals[place] == 1 else f"{place} {seen[place]}")
    return Players(
        membership=renumber[flat].astype(np.int32),
        element_shape=(height, width),
        kind=kind,
        names=tuple(names),
    )


def place_name(row: float, column: float, *, mirrored: bool = False) -> str:
    """Name a place of a frontal film a reader can point at.

    Args:
        row: Fraction from the top, in [0, 1].
        column: Fraction from the image's left, in [0, 1].
        mirrored: True when the patient's left is on the image's left. By convention a frontal
            film shows the patient's right on the image's left.
    """
    level = "upper" if row < 1 / 3 else "middle" if row < 2 / 3 else "lower"
    if 0.42 <= column <= 0.58:
        return f"midline, {level}"
    side = "right" if (column < 0.5) != mirrored else "left"
    outer = ", outer" if abs(column - 0.5) > 0.36 else ""
    return f"patient's {side}, {level}{outer}"

"""Placebo parts: as large as the part, elsewhere, and spread out."""

import numpy as np
import pytest

from explainers.placebo import ALIKE, OVERLAP, moved_shapes, other_parts


def blob(top: int = 6, left: int = 8, *, side: int = 36) -> np.ndarray:
    """An irregular region of 20 pixels."""
    part = np.zeros((side, side), dtype=bool)
    part[top : top + 4, left : left + 4] = True
    part[top + 4, left : left + 2] = True
    part[top + 1 : top + 3, left + 4] = True
    return part


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_moved_shapes_are_the_part_at_other_places() -> None:
    part = blob()
    found = moved_shapes(part, 40, draw())
    shapes = found.hidden.reshape(-1, *part.shape)
    assert len(shapes) == 40
    assert len(np.unique(found.hidden, axis=0)) == 40
    rows, columns = np.nonzero(part)
    for shape in shapes:
        ours_rows, ours_columns = np.nonzero(shape)
        assert np.array_equal(ours_rows - ours_rows.min(), rows - rows.min())
        assert np.array_equal(ours_columns - ours_columns.min(), columns - columns.min())


def test_moved_shapes_lie_little_on_the_part_and_on_each_other() -> None:
    part = blob()
    found = moved_shapes(part, 30, draw())
    flat = found.hidden.astype(int)
    assert (flat @ part.reshape(-1)).max() <= OVERLAP * part.sum()
    shared = (flat @ flat.T)[~np.eye(len(flat), dtype=bool)] / part.sum()
    assert shared.max() == pytest.approx(found.overlap)


def test_moved_shapes_are_as_far_from_the_centre_as_half_of_all_places() -> None:
    part = blob()
    centre = (np.array(part.shape) - 1) / 2

    def apart(mask: np.ndarray) -> float:
        return float(np.linalg.norm(np.argwhere(mask).mean(axis=0) - centre))

    found = moved_shapes(part, 40, draw())
    unlike = [abs(apart(mask) - apart(part)) for mask in found.hidden.reshape(-1, *part.shape)]
    everywhere = []
    for top in range(part.shape[0] - 4):
        for left in range(part.shape[1] - 4):
            other = blob(top, left)
            if (other & part).sum() <= OVERLAP * part.sum():
                everywhere.append(abs(apart(other) - apart(part)))
    assert max(unlike) <= np.quantile(everywhere, ALIKE) + 1e-9
    assert found.n_possible == int(np.ceil(ALIKE * len(everywhere)))


def test_a_shape_that_fits_nowhere_else_has_no_placebo() -> None:
    found = moved_shapes(np.ones((8, 8), dtype=bool), 40, draw())
    assert found.hidden.shape == (0, 64)
    assert found.n_possible == 0


def test_other_parts_are_all_sets_where_there_are_few() -> None:
    found = other_parts((1, 3), 6, 40, draw())
    sets = {tuple(np.flatnonzero(row)) for row in found.hidden}
    assert sets == {(0, 2), (0, 4), (0, 5), (2, 4), (2, 5), (4, 5)}
    assert found.n_possible == 6


def test_other_parts_are_drawn_where_there_are_many() -> None:
    found = other_parts((7,), 100, 40, draw())
    assert found.hidden.shape == (40, 100)
    assert (found.hidden.sum(axis=1) == 1).all()
    assert not found.hidden[:, 7].any()
    assert len(np.unique(found.hidden, axis=0)) == 40
    again = other_parts((7,), 100, 40, draw())
    assert np.array_equal(found.hidden, again.hidden)
    assert not np.array_equal(found.hidden, other_parts((7,), 100, 40, draw(1)).hidden)


def test_a_part_of_everything_has_no_placebo() -> None:
    assert other_parts((0, 1, 2), 3, 40, draw()).hidden.shape == (0, 3)

"""Placebo parts: as large as the part, elsewhere, and spread out."""

import numpy as np
import pytest

from explainers.placebo import ENOUGH, Placebos, other_parts, other_words, same_area
from explainers.placebo_places import FAR, NEAR, OVERLAP, moved_shapes
from explainers.superpixels import image_players


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


def test_moved_shapes_are_as_far_from_the_centre_as_the_nearest_places() -> None:
    part = blob()
    centre = (np.array(part.shape) - 1) / 2

    def apart(mask: np.ndarray) -> float:
        return float(np.linalg.norm(np.argwhere(mask).mean(axis=0) - centre))

    everywhere = []
    for top in range(part.shape[0] - 4):
        for left in range(part.shape[1] - 4):
            other = blob(top, left)
            if (other & part).sum() <= OVERLAP * part.sum():
                everywhere.append(abs(apart(other) - apart(part)))
    for count, share in ((10, NEAR), (200, FAR)):  # 200 lie on each other in the nearest quarter
        found = moved_shapes(part, count, draw())
        unlike = [abs(apart(mask) - apart(part)) for mask in found.hidden.reshape(-1, *part.shape)]
        limit = np.sort(everywhere)[int(np.ceil(share * len(everywhere))) - 1]
        assert max(unlike) <= limit + 1e-6
        assert found.n_possible == int((np.array(everywhere) <= limit + 1e-6).sum())  # with ties
        assert found.alike == "position"  # no film was given


def half_bright(side: int = 60) -> np.ndarray:
    """Dark on the left, bright on the right; the right is rough in its lower half."""
    film = np.zeros((side, side))
    film[:, side // 2 :] = 1
    rough = np.random.default_rng(1).normal(0, 0.2, (side // 2, side // 2))
    film[side // 2 :, side // 2 :] += rough
    return film


def test_moved_shapes_lie_on_ground_like_that_of_the_part() -> None:
    film, part = half_bright(), blob(36, 40, side=60)  # bright and rough
    found = moved_shapes(part, 30, draw(), film=film)
    plain = moved_shapes(part, 30, draw())  # as far from the centre, whatever lies there
    assert found.alike == "position and texture"

    def unlike(placebos: Placebos) -> tuple[float, float]:
        """Mean difference in brightness, and in how much it varies."""
        shapes = [film[s] for s in placebos.hidden.reshape(-1, *part.shape)]
        return (
            float(np.mean([abs(s.mean() - film[part].mean()) for s in shapes])),
            float(np.mean([abs(s.std() - film[part].std()) for s in shapes])),
        )

    assert unlike(found)[0] < 0.5 * unlike(plain)[0]
    assert unlike(found)[1] < 0.8 * unlike(plain)[1]


def test_places_that_have_too_little_room_give_way_to_more_and_say_so() -> None:
    large = np.zeros((36, 36), dtype=bool)
    large[8:18, 8:18] = True
    film = np.random.default_rng(0).normal(size=(36, 36))
    assert moved_shapes(large, 40, draw(), film=film).alike == "position and texture, loosely"
    assert moved_shapes(blob(), 10, draw(), film=film).alike == "position and texture"


def test_on_an_even_film_only_the_distance_from_the_centre_counts() -> None:
    even = moved_shapes(blob(), 10, draw(), film=np.full((36, 36), 0.3))
    assert np.array_equal(even.hidden, moved_shapes(blob(), 10, draw()).hidden)


def test_other_words_are_as_many_in_a_row() -> None:
    found = other_words((4, 5, 6), 60, 40, draw())
    assert found.kind == "other spans"
    assert len(found.hidden) == 40
    for row in found.hidden:
        places = np.flatnonzero(row)
        assert places.tolist() == list(range(places[0], places[0] + 3))
        assert not set(places) & {4, 5, 6}
    assert len(np.unique(found.hidden, axis=0)) == 40


def test_words_of_a_short_text_or_apart_are_compared_with_sets() -> None:
    assert other_words((4, 5), ENOUGH, 40, draw()).kind == "other parts"
    assert other_words((4, 9), 60, 40, draw()).kind == "other parts"
    assert other_words((4,), 60, 40, draw()).kind == "other parts"


def test_parts_of_one_size_mostly_share_their_placebos() -> None:
    one, two = (other_parts((p,), 100, 40, draw()).hidden for p in (3, 50))
    shared = {row.tobytes() for row in one} & {row.tobytes() for row in two}
    assert len(shared) >= 38


def test_other_regions_have_the_area_of_the_part_and_leave_it_alone() -> None:
    players = image_players(np.zeros((24, 24), dtype=np.float32), kind="grid", count=9)
    part = np.isin(players.membership, (0, 4))
    part[np.flatnonzero(players.membership == 8)[:10]] = True
    found = same_area(players, part, 35, draw())
    assert found.hidden.shape == (35, 576)
    assert (found.hidden.sum(axis=1) == part.sum()).all()
    assert not (found.hidden & part).any()
    assert 0 < found.overlap <= 1
    most = same_area(players, players.membership < 6, 35, draw())
    assert len(most.hidden) == 0  # the rest is smaller


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

"""Players: partitions of an image that a reader can place, and sums over them."""

import numpy as np
import pytest

from explainers.players import Players
from explainers.superpixels import image_players, pixel_players, place_name
from models.errors import ExplainError
from tests.toys import toy_case

CASE = toy_case(2)
CELLS = image_players(CASE.film.pixels, kind="grid", count=9)


@pytest.mark.parametrize("kind", ["superpixels", "grid"])
@pytest.mark.parametrize("count", [2, 9, 50])
def test_players_partition_the_image(kind: str, count: int) -> None:
    film = toy_case(3).film.pixels
    players = image_players(film, kind=kind, count=count)  # type: ignore[arg-type]
    assert players.sizes.sum() == film.size
    assert players.sizes.min() > 0
    assert len(set(players.names)) == players.count
    assert players.count == pytest.approx(count, rel=0.5)
    again = image_players(film, kind=kind, count=count)  # type: ignore[arg-type]
    assert again.digest() == players.digest()


def test_blank_film_still_has_players() -> None:
    players = image_players(np.zeros((32, 32), np.float32), kind="superpixels", count=9)
    assert players.count >= 4


def test_too_many_regions_are_refused() -> None:
    with pytest.raises(ExplainError, match="400"):
        image_players(np.zeros((32, 32), np.float32), kind="grid", count=401)


def test_places_follow_the_convention_and_its_mirror() -> None:
    assert place_name(0.9, 0.2) == "patient's right, lower"
    assert place_name(0.9, 0.2, mirrored=True) == "patient's left, lower"
    assert place_name(0.1, 0.95) == "patient's left, upper, outer"
    assert place_name(0.5, 0.5) == "midline, middle"


def test_scatter_and_pool_are_inverse_where_they_should_be() -> None:
    values = np.arange(9.0)
    painted = CELLS.scatter(values)
    np.testing.assert_allclose(CELLS.pool(painted, how="mean"), values)
    np.testing.assert_allclose(CELLS.pool(painted, how="sum"), values * CELLS.sizes)
    assert painted[0, 0] == 0
    assert painted[-1, -1] == 8
    single = pixel_players((4, 5))
    np.testing.assert_allclose(single.scatter(np.arange(20.0)), np.arange(20.0).reshape(4, 5))


@pytest.mark.parametrize("membership", [[0, 2], [-2, 0], [-1, -1]])
def test_broken_partitions_are_refused(membership: list[int]) -> None:
    with pytest.raises(ValueError, match=r"player|names"):
        Players(membership=np.array(membership), element_shape=(2,), kind="pixel")

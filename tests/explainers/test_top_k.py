"""Certificates of the top: what is certain is in the true top, whatever was observed."""

import numpy as np
import pytest

from explainers.top_k import certified_top_k
from models.case import FloatArray

RUNS = 1000


def wrong(truth: FloatArray, errors: FloatArray, k: int, seed: int = 0) -> float:
    """How often anything is certified that is not among the k truly largest.

    Of equals the first are taken to be larger by a hair: that is where errors are most frequent.
    """
    rng = np.random.default_rng(seed)
    outside = np.ones(len(truth), dtype=bool)
    outside[np.argsort(-np.abs(truth), kind="stable")[:k]] = False
    looks = truth + errors * rng.standard_normal((RUNS, len(truth)))
    found = (certified_top_k(look, errors, k).certain for look in looks)
    return float(np.mean([outside[list(certain)].any() for certain in found]))


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("error", [0.1, 1.0, 3.0])
@pytest.mark.parametrize(
    "truth",
    [
        np.array([1.0, 1.0]),
        np.array([1.0, -1.0]),
        np.ones(12),
        np.zeros(12),
        np.array([5.0, -5, 1, 1, 1, 1, 1, 1]),
        np.array([5.0, 4, 1, -1, 0.9, 0.9, 0, 0]),
        np.array([5.0, 4, 3, 3, -3, 0, 0, 0]),
    ],
)
def test_wrong_certificates_are_rarer_than_stated(truth: FloatArray, error: float, k: int) -> None:
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)
    even = np.full(len(truth), error)
    uneven = error * np.geomspace(0.2, 2.0, len(truth))
    for errors in (even, uneven, uneven[::-1]):
        assert wrong(truth, errors, min(k, len(truth) - 1)) <= allowed


def test_a_top_far_above_the_rest_is_certain() -> None:
    truth = np.array([-9.0, 8, 7, 1, 1, 0, 0, 0, 0, 0])
    rng = np.random.default_rng(1)
    looks = truth + 0.5 * rng.standard_normal((200, 10))
    found = [certified_top_k(look, np.full(10, 0.5), 3) for look in looks]
    assert np.mean([one.complete for one in found]) >= 0.95
    assert set(found[0].players) == set(found[0].certain) == {0, 1, 2}


def test_a_part_of_the_top_can_be_certain() -> None:
    found = certified_top_k(np.array([9.0, 2.0, 1.9, 0, 0, 0]), np.full(6, 0.3), 2)
    assert found.players == (0, 1)
    assert found.certain == (0,)
    assert not found.complete


def test_without_errors_the_top_is_certain_unless_tied() -> None:
    zero = np.zeros(4)
    assert certified_top_k(np.array([4.0, -3.0, 2.0, 1.0]), zero, 2).complete
    assert certified_top_k(np.array([4.0, 2.0, -2.0, 1.0]), zero, 2).certain == (0,)


def test_all_players_are_their_own_top() -> None:
    assert certified_top_k(np.ones(3), np.ones(3), 3).complete


@pytest.mark.parametrize("k", [0, 4])
def test_a_top_that_cannot_be_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="of 3 players"):
        certified_top_k(np.ones(3), np.ones(3), k)

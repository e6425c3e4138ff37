"""Verdicts: what is flagged, what is not, and how often that is wrong."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from explainers.verdicts import Judgement, flag_p_values, judge, largest_discovery
from models.case import FloatArray

N_PLAYERS = 20
TAU = 1 / N_PLAYERS


def judged(*votes: float, error: float = 0.0, unsigned: tuple[int, ...] = ()) -> Judgement:
    """Judge 20 players; method i gives player 0 `votes[i]` equal shares, the others nothing."""
    shares = np.zeros((len(votes), N_PLAYERS))
    shares[:, 0] = np.array(votes) * TAU
    signed = ~np.isin(np.arange(len(votes)), unsigned)
    return judge(shares, np.full_like(shares, error * TAU), signed)


@pytest.mark.parametrize(
    ("votes", "verdict"),
    [
        ((5.0, 4.0), "consensus"),
        ((-5.0, -4.0), "consensus"),
        ((5.0, 1.01), "consensus"),  # both more than an equal share
        ((1.01, 0.99), "consensus"),  # either side of the threshold, hardly different
        ((1.9, 0.96), "consensus"),  # more than half of the other
        ((5.0, 0.9), "contested"),
        ((5.0, 0.0), "contested"),
        ((5.0, -0.4), "contested"),
        ((1.1, 0.5), "contested"),
        ((12.0, 1.4), "contested"),  # both more than an equal share, but by far not alike
        ((12.0, -0.4, 1.4), "contested"),
        ((12.0, 1.6), "consensus"),
        ((8.0, 1.01), "consensus"),
        ((5.0, -5.0), "conflict"),
        ((5.0, -0.6), "conflict"),
        ((0.9, -0.9), "quiet"),
        ((1.0, 0.0), "quiet"),
        ((5.0, 4.0, 0.0), "contested"),
        ((5.0, 4.0, -3.0), "conflict"),
        ((5.0, -4.0, 0.0), "conflict"),  # the stronger of two true things
    ],
)
def test_exact_methods_follow_the_definitions(votes: tuple[float, ...], verdict: str) -> None:
    assert judged(*votes).verdicts[0] == verdict


@pytest.mark.parametrize("seed", range(30))
def test_exact_methods_are_never_undecided(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_methods = int(rng.integers(2, 6))
    shares = rng.normal(size=(n_methods, N_PLAYERS)) * 1.5 * TAU
    signed = rng.random(n_methods) < 0.7
    shares[~signed] = np.abs(shares[~signed])
    verdicts = judge(shares, np.zeros_like(shares), signed).verdicts
    assert "undecided" not in verdicts
    order = rng.permutation(n_methods)
    assert judge(shares[order], np.zeros_like(shares), signed[order]).verdicts == verdicts


def test_unsigned_methods_vote_on_size_only() -> None:
    assert judged(-5.0, 5.0, unsigned=(1,)).verdicts[0] == "consensus"
    assert judged(-5.0, 0.2, unsigned=(1,)).verdicts[0] == "contested"
    assert judged(5.0, 5.0, unsigned=(0, 1)).verdicts[0] == "consensus"
    # Neither side matters by itself, but the unsigned method says the player does.
    assert judged(0.8, -0.8, 3.0, unsigned=(2,)).verdicts[0] == "conflict"


@pytest.mark.parametrize(
    ("votes", "error", "verdict"),
    [
        ((5.0, 0.0), 0.1, "contested"),
        ((5.0, 0.0), 0.6, "undecided"),  # the second could be above an equal share
        ((17.0, 0.9), 0.2, "contested"),  # so could this one, but not by far as much as the first
        ((17.0, 2.2), 0.2, "undecided"),  # about an eighth
        ((5.0, -5.0), 0.6, "conflict"),
        ((2.0, -2.0), 1.5, "undecided"),
        ((5.0, 5.0), 0.6, "consensus"),
        ((1.2, 1.2), 0.6, "undecided"),
        ((0.0, 0.0), 0.3, "quiet"),
        ((0.0, 0.0), 1.5, "undecided"),
    ],
)
def test_wide_error_bars_leave_players_undecided(
    votes: tuple[float, ...], error: float, verdict: str
) -> None:
    assert judged(*votes, error=error).verdicts[0] == verdict


def test_strength_grows_with_the_gap_and_is_zero_unless_flagged() -> None:
    contested = [judged(size, 0.0).strength[0] for size in (1.5, 3.0, 12.0)]
    assert contested == pytest.approx([1.5 / 2.5, 3 / 4, 12 / 13])
    assert judged(3.0, -3.0).strength[0] == pytest.approx(6 / 7)
    assert judged(3.0, 3.0).strength[0] == 0.0
    assert judged(5.0, 0.0, error=0.6).strength[0] == 0.0


def test_sides_name_the_methods_that_part_most() -> None:
    assert tuple(judged(3.0, 5.0, 0.9, 0.1).sides[0]) == (1, 3)
    assert tuple(judged(2.0, -3.0, 4.0, -1.0).sides[0]) == (2, 1)


def test_verdicts_follow_players_and_ignore_their_order() -> None:
    rng = np.random.default_rng(0)
    shares = rng.normal(size=(3, N_PLAYERS)) * 2 * TAU
    errors = np.full_like(shares, 0.1 * TAU)
    signed = np.ones(3, dtype=bool)
    order = rng.permutation(N_PLAYERS)
    plain, moved = judge(shares, errors, signed), judge(shares[:, order], errors, signed)
    assert moved.verdicts == tuple(np.array(plain.verdicts)[order])
    np.testing.assert_allclose(moved.strength, plain.strength[order])


def test_discoveries_are_those_of_scipy_among_doubled_p_values() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        p_values = rng.random(30) ** 3
        kept = p_values <= 0.5
        expected = np.zeros(30, dtype=bool)
        expected[kept] = false_discovery_control(2 * p_values[kept]) <= 0.05
        np.testing.assert_array_equal(p_values <= largest_discovery(p_values), expected)
    assert largest_discovery(np.ones(4)) < 0


def simulate(means: FloatArray, error: float, runs: int, seed: int = 0) -> np.ndarray:
    """Verdicts (runs, P) of noisy looks at true shares `means` (M, P), in equal shares."""
    rng = np.random.default_rng(seed)
    bars = np.full_like(means, error / means.shape[1])
    signed = np.ones(len(means), dtype=bool)
    draws = (means / means.shape[1] + bars * rng.standard_normal(means.shape) for _ in range(runs))
    return np.array([judge(shares, bars, signed).verdicts for shares in draws])


FLAGS = ("contested", "conflict")


@pytest.mark.parametrize("error", [0.1, 0.3, 1.0])
def test_one_method_entered_twice_is_not_flagged(error: float) -> None:
    """200 pairs of runs over true shares from nothing to six equal shares, either sign."""
    means = np.tile(np.linspace(-6, 6, 50), (2, 1))
    flagged = np.isin(simulate(means, error, 200), FLAGS).any(axis=1)
    assert flagged.mean() <= 0.05


@pytest.mark.parametrize(
    ("kind", "votes", "error"), [("contested", (4.0, 0.0), 0.15), ("conflict", (4.0, -4.0), 0.6)]
)
def test_planted_disagreements_are_found(
    kind: str, votes: tuple[float, float], error: float
) -> None:
    """3 of 50 players; at least 95 of 100 are found, and nothing else is flagged too often."""
    means = np.full((2, 50), 0.3)
    means[:, :3] = np.array(votes)[:, None]
    found = simulate(means, error, 100)
    assert (found[:, :3] == kind).mean() >= 0.95
    assert np.isin(found[:, 3:], FLAGS).any(axis=1).mean() <= 0.05


@pytest.mark.parametrize("n_methods", [2, 3])
def test_false_discoveries_stay_below_five_percent_at_the_border(n_methods: int) -> None:
    """40 players just not contested or in conflict, beside 10 that are."""
    means = np.full((n_methods, 50), 0.2)
    means[0, :5], means[1:, :5] = 4.0, -4.0
    means[0, 5:10], means[1:, 5:10] = 4.0, 0.0
    means[0, 10:30], means[1:, 10:30] = 1.0, 0.0
    means[0, 30:40], means[1:, 30:40] = 6.0, 1.0001
    means[0, 40:], means[1:, 40:] = 2.2, 1.1001
    flags = np.isin(simulate(means, 0.15, 400), FLAGS)
    rates = flags[:, 10:].sum(axis=1) / np.maximum(flags.sum(axis=1), 1)
    assert rates.mean() <= 0.05
    assert flags[:, :10].mean() > 0.9


BORDERS = [
    *((1.0, b) for b in (-1.0, -0.5, -0.2, 0.0, 0.3, 0.5, 1.0)),  # nobody quite matters
    *((a, 1.0) for a in (1.5, 3.0, 8.0)),  # the other quite matters
    *((a, a / 2) for a in (2.0, 5.0)),  # half as much, and more than an equal share
    *((a, a / 8) for a in (9.0, 12.0, 40.0)),  # an eighth as much, and more than an equal share
    (0.0, 0.0),
    (0.5, -0.5),
]


@pytest.mark.parametrize("n_methods", [2, 3, 5])
@pytest.mark.parametrize("error", [0.1, 0.5, 1.0, 3.0])
def test_p_values_of_flags_are_valid_on_every_border(error: float, n_methods: int) -> None:
    """20,000 looks at players that are just not flagged; three binomial errors are allowed."""
    rng = np.random.default_rng(0)
    shape, signed = (n_methods, 20_000), np.ones(n_methods, dtype=bool)
    for first, others in BORDERS:
        means = np.full(shape, others)
        means[0] = first
        looks = means + error * rng.standard_normal(shape)
        p_flag = np.minimum(*flag_p_values(looks, np.full(shape, error), signed, 1.0))
        near = 2 * p_flag[p_flag <= 0.5]  # what the false discovery rate is computed from
        for p_values in (p_flag, near):
            allowed = 0.05 + 3 * np.sqrt(0.05 / max(len(p_values), 1))
            assert (p_values <= 0.05).sum() <= allowed * len(p_values), (first, others)


def test_agreement_is_said_too_early_at_most_one_time_in_twenty() -> None:
    """2,000 players exactly on each border; three binomial errors are allowed."""
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
    for votes, word in (
        ((1.0, 1.0), "consensus"),
        ((6.0, 1.0), "consensus"),
        ((1.9, 0.95), "consensus"),
        ((16.0, 2.0), "consensus"),
        ((1.0, 0.0), "quiet"),
    ):
        means = np.tile(np.array(votes)[:, None], (1, 50))
        assert (simulate(means, 0.2, 40) == word).mean() <= allowed

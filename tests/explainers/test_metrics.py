"""The six metrics, their chance floors and bands, and the noise ceiling."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import kendalltau, spearmanr

from explainers.chance import floors_and_bands
from explainers.metrics import METRICS, SIGN_METRICS, MetricId, Ranking, agree, default_k, rank
from explainers.noise import ceilings
from models.case import FloatArray

Matrices = dict[MetricId, FloatArray]

TEN = np.array([10.0, 9, 8, 7, 6, 5, 4, 3, 2, 1])
AWKWARD = [
    np.array([3.0, -2.0, 1.0, 0.5, -0.25]),
    np.array([3.0, -3.0, 3.0, 0.0, 0.0]),  # ties and zeros
    np.array([0.0, 0.0, -5.0, 0.0, 1.0]),  # fewer non-zero values than k
    np.array([-1.0, -1.0, 2.0, 2.0, 2.0]),
]
PAIRS = list(itertools.combinations(AWKWARD, 2))
PAIRS_AND_SELVES = list(itertools.combinations_with_replacement(AWKWARD, 2))


def metrics_of(
    a: npt.ArrayLike, b: npt.ArrayLike, k: int, signed: tuple[bool, bool] = (True, True)
) -> dict[str, float]:
    one, two = (
        rank(np.atleast_2d(v), np.array([s]), k) for v, s in zip((a, b), signed, strict=True)
    )
    return {name: float(value[0]) for name, value in agree(one, two).items()}


def both(a: FloatArray, b: FloatArray, k: int) -> Ranking:
    return rank(np.stack([a, b]), np.array([True, True]), k)


def test_two_planted_flips_in_ten_players_give_hand_computed_numbers() -> None:
    """Players 2 and 4 of ten change their sign; sizes stay: everything but the signs agrees."""
    flipped = TEN.copy()
    flipped[[1, 3]] *= -1
    assert metrics_of(TEN, flipped, 5) == {
        "feature_agreement": 1.0,
        "rank_agreement": 1.0,
        "sign_agreement": 3 / 5,
        "signed_rank_agreement": 3 / 5,
        "rank_correlation": 1.0,
        "pairwise_rank_agreement": 1.0,
    }


def test_two_planted_swaps_give_hand_computed_numbers() -> None:
    """Places 1 and 2 swap, places 5 and 10 swap, and player 3 changes its sign; k = 5.

    Tops {1..5} and {1,2,3,4,10}: 4 of 5 shared, of which 3 and 4 keep their place; player 3 has
    another sign. Squared rank differences 1 + 1 + 25 + 25 = 52: 1 - 6 * 52 / 990. Discordant pairs:
    1 + (5 with 6..10) + (6..9 with 10) = 1 + 5 + 4 = 10 of 45.
    """
    other = np.array([9.0, 10, -8, 7, 1, 5, 4, 3, 2, 6])
    found = metrics_of(TEN, other, 5)
    assert found == pytest.approx(
        {
            "feature_agreement": 4 / 5,
            "rank_agreement": 2 / 5,
            "sign_agreement": 3 / 5,
            "signed_rank_agreement": 1 / 5,
            "rank_correlation": 1 - 6 * 52 / 990,
            "pairwise_rank_agreement": 35 / 45,
        }
    )


def test_ranks_go_by_size_not_by_sign() -> None:
    assert metrics_of([3.0, -2.0, 1.0], [-3.0, 2.0, -1.0], 2)["rank_correlation"] == 1.0
    assert metrics_of([3.0, -2.0, 1.0], [1.0, -2.0, 3.0], 2)["rank_correlation"] == -1.0


def test_tied_players_share_their_places_in_equal_parts() -> None:
    """Places 2 and 3 are tied in `a`: each holds half a place of the top 2."""
    a, b = [5.0, 2.0, 2.0, 1.0], [5.0, 4.0, 2.0, 1.0]
    found = metrics_of(a, b, 2)
    assert found["feature_agreement"] == pytest.approx((1 + 0.5) / 2)
    assert found["rank_agreement"] == pytest.approx((1 + 0.5) / 2)
    # Whole tie group inside the top: feature agreement is full, places still agree by half.
    found = metrics_of(a, b, 3)
    assert found["feature_agreement"] == pytest.approx(1.0)
    assert found["rank_agreement"] == pytest.approx((1 + 0.5 + 0.5) / 3)


def test_zeros_never_enter_the_top_and_never_agree_by_sign() -> None:
    a, b = [4.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 4.0]
    found = metrics_of(a, b, 3)
    assert found["feature_agreement"] == 0.0
    assert found["sign_agreement"] == 0.0


def test_k_above_the_number_of_non_zero_values_counts_the_larger_top() -> None:
    few, many = [4.0, 3.0, 0.0, 0.0, 0.0], [4.0, 3.0, 2.0, 1.0, 0.5]
    assert metrics_of(few, many, 4)["feature_agreement"] == 2 / 4
    assert metrics_of(few, few, 4)["feature_agreement"] == 1.0


def test_unsigned_methods_have_no_sign_metrics() -> None:
    found = metrics_of(TEN, TEN, 5, signed=(True, False))
    undefined = {name for name, value in found.items() if np.isnan(value)}
    assert undefined == SIGN_METRICS


@pytest.mark.parametrize(
    "flat", [np.zeros(5), np.full(5, 2.0), np.array([1.0, -1, 1, -1, 1]), np.full(5, np.nan)]
)
def test_maps_that_rank_nothing_have_no_metrics(flat: FloatArray) -> None:
    found = metrics_of(flat, AWKWARD[0], 2)
    assert all(np.isnan(value) for value in found.values())
    floors, bands = floors_and_bands(both(flat, AWKWARD[0], 2))
    for name in METRICS:
        assert np.isnan(floors[name][0, 1])
        assert np.isnan(bands[name][0, 1])
        assert np.isfinite(floors[name][1, 1])


def test_differences_below_float32_precision_are_ties() -> None:
    found = metrics_of(1.0 + 1e-8 * np.arange(5), AWKWARD[0], 2)
    assert all(np.isnan(value) for value in found.values())


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_whole_order_metrics_equal_scipy(a: FloatArray, b: FloatArray) -> None:
    found = metrics_of(a, b, 2)
    assert found["rank_correlation"] == pytest.approx(spearmanr(np.abs(a), np.abs(b)).statistic)
    tau = kendalltau(np.abs(a), np.abs(b)).statistic
    assert found["pairwise_rank_agreement"] == pytest.approx((1 + tau) / 2)


@pytest.mark.parametrize("seed", range(20))
def test_metrics_are_bounded_symmetric_and_blind_to_units_and_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_players, k = int(rng.integers(2, 12)), 1
    k = int(rng.integers(1, n_players + 1))
    a, b = (np.round(rng.normal(size=n_players) * 2) for _ in range(2))  # many ties and zeros
    a[0], b[-1] = 9.0, -7.0
    found = metrics_of(a, b, k)
    lowest = {"rank_correlation": -1.0}
    for name, value in found.items():
        assert lowest.get(name, 0.0) <= value <= 1.0
    order = rng.permutation(n_players)
    for other in (
        metrics_of(b, a, k),
        metrics_of(a * 1e-3, b * 5e4, k),
        metrics_of(a[order], b[order], k),
    ):
        assert other == pytest.approx(found)
    assert found["signed_rank_agreement"] <= found["rank_agreement"] + 1e-12
    assert found["rank_agreement"] <= found["feature_agreement"] + 1e-12
    assert found["sign_agreement"] <= found["feature_agreement"] + 1e-12
    assert all(value == pytest.approx(1.0) for value in metrics_of(a, a, k).values())


def test_default_k_carries_half_of_the_evidence() -> None:
    assert default_k(np.array([[6.0, -3, 2, 1]])) == 1
    assert default_k(np.array([[5.0, -5, 4, 4]])) == 2
    assert default_k(np.ones((1, 10))) == 5
    # median of 1 and 4, rounded up; the silent method has no say
    assert default_k(np.array([[9.0] + [0.1] * 7, [1.0] * 8, [0.0] * 8])) == 3
    assert default_k(np.zeros((2, 4))) == 1


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize(("a", "b"), PAIRS_AND_SELVES)
def test_floors_equal_the_mean_over_all_permutations(a: FloatArray, b: FloatArray, k: int) -> None:
    floors, _ = floors_and_bands(both(a, b, k))
    every = [metrics_of(a, b[list(p)], k) for p in itertools.permutations(range(5))]
    for name in METRICS:
        assert floors[name][0, 1] == pytest.approx(np.mean([m[name] for m in every]), abs=1e-12)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_at_most_a_twentieth_of_all_permutations_exceeds_the_band_of_the_top(
    a: FloatArray, b: FloatArray
) -> None:
    """The band is drawn from 500 permutations, so up to 3 binomial errors more are allowed."""
    _, bands = floors_and_bands(both(a, b, 2))
    every = [metrics_of(a, b[list(p)], 2) for p in itertools.permutations(range(5))]
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)
    for name in METRICS[:4]:
        beyond = np.mean([m[name] > bands[name][0, 1] + 1e-9 for m in every])
        assert beyond <= allowed, name


def test_band_of_orders_has_the_permutation_variance_ties_included() -> None:
    """Bands are mean + 1.645 sd; the sd over all permutations is computed by enumeration."""
    for a, b in itertools.combinations(AWKWARD, 2):
        _, bands = floors_and_bands(both(a, b, 2))
        every = [metrics_of(a, b[list(p)], 2) for p in itertools.permutations(range(5))]
        for name, floor in (("rank_correlation", 0.0), ("pairwise_rank_agreement", 0.5)):
            spread = np.std([m[name] for m in every])
            assert bands[name][0, 1] == pytest.approx(min(1.0, floor + 1.6448536 * spread))


def test_chance_is_the_same_for_the_same_input_and_leaves_global_state_alone() -> None:
    state = np.random.get_state()[1].copy()  # noqa: NPY002  the global state is what is tested
    first = floors_and_bands(both(TEN, TEN[::-1], 4))
    second = floors_and_bands(both(TEN, TEN[::-1], 4))
    for one, two in zip(first, second, strict=True):
        for name in METRICS:
            np.testing.assert_array_equal(one[name], two[name])
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002


def ceiling_of(
    values: FloatArray, errors: FloatArray, k: int = 5, unsigned: tuple[int, ...] = ()
) -> tuple[Matrices, Matrices]:
    signed = ~np.isin(np.arange(len(values)), unsigned)
    floors, _ = floors_and_bands(rank(values, signed, k))
    found = ceilings(values, errors, signed, k)
    return {name: ceiling.mean for name, ceiling in found.items()}, floors


def test_deterministic_methods_have_a_ceiling_of_one() -> None:
    ceiling, _ = ceiling_of(np.stack([TEN, TEN[::-1]]), np.zeros((2, 10)))
    for name in METRICS:
        np.testing.assert_allclose(ceiling[name], 1.0)


def test_ceiling_is_undefined_where_the_metric_is() -> None:
    ceiling, _ = ceiling_of(np.stack([TEN, TEN]), np.full((2, 10), 0.1), unsigned=(1,))
    assert np.isnan(ceiling["sign_agreement"][0, 1])
    assert np.isnan(ceiling["sign_agreement"][1, 1])
    assert np.isfinite(ceiling["sign_agreement"][0, 0])
    assert np.isfinite(ceiling["feature_agreement"]).all()


def test_ceiling_falls_with_noise_and_ends_at_chance() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=60)
    found = []
    for noise in (0.0, 0.3, 1.0):
        values = (truth + noise * rng.normal(size=60))[None]
        ceiling, _ = ceiling_of(values, np.full((1, 60), noise), k=10)
        found.append(ceiling["rank_correlation"][0, 0])
    assert found[0] == 1.0 > found[1] > found[2] > 0
    pure, floors = ceiling_of(rng.normal(size=(1, 60)), np.ones((1, 60)), k=10)
    assert pure["rank_correlation"][0, 0] < 0.35
    assert pure["feature_agreement"][0, 0] < floors["feature_agreement"][0, 0] + 0.2


def test_nine_in_ten_pairs_of_runs_lie_in_the_band_and_the_mean_within_it() -> None:
    rng = np.random.default_rng(1)
    truth, signed = rng.normal(size=40), np.array([True, True])
    errors = np.full((2, 40), 0.2)
    inside: dict[str, list[bool]] = {name: [] for name in METRICS}
    for _ in range(60):
        values = truth + errors * rng.standard_normal((2, 40))
        reached = agree(*(rank(values[[m]], signed[:1], 8) for m in (0, 1)))
        for name, band in ceilings(values, errors, signed, 8).items():
            low, mean, high = (found[0, 1] for found in (band.low, band.mean, band.high))
            assert low <= mean <= high <= 1
            inside[name].append(bool(low <= reached[name][0] <= high))
    assert all(np.mean(held) > 0.75 for held in inside.values())
    assert np.mean([np.mean(held) for held in inside.values()]) > 0.85

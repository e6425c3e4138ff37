"""Coalitions of a bank are less alike than coalitions drawn one by one."""

import itertools
import math

import numpy as np
import pytest
import torch

from explainers import spread
from explainers.coalitions import count_pairs, draw_bank, draw_pairs, pair_classes
from explainers.metrics import BoolArray
from explainers.pair_regression import regress
from explainers.spread import LISTED, Deck, Spread, count_of_size
from models.case import FloatArray
from tests.toys import generator


def correlations(masks: BoolArray) -> FloatArray:
    """(n, n) between coalitions (n, P), players counted as +1 and -1."""
    return np.asarray(np.corrcoef(2.0 * masks - 1))


def likeness(masks: BoolArray) -> float:
    """Mean squared correlation of two different coalitions."""
    squares = correlations(masks) ** 2
    count = len(squares)
    return float((squares.sum() - count) / (count * (count - 1)))


def test_the_candidate_that_correlates_least_is_taken() -> None:
    rng = np.random.default_rng(1)
    taken = [rng.permutation(9) < size for size in (1, 3, 4, 2, 4)]
    candidates = np.stack([rng.permutation(9) < 3 for _ in range(20)])
    among = Spread(9)
    for mask in taken:
        among.add(mask)
    alike = [
        sum(correlations(np.stack([mask, other]))[0, 1] ** 2 for other in taken)
        for mask in candidates
    ]
    # Weights are rounded: what is taken is as good as the best to that.
    assert alike[among.likeness(candidates).argmin()] <= 1.05 * min(alike)
    assert among.holds(taken[2])
    assert not among.holds(~taken[2])


def test_equals_are_told_by_place_not_by_rounding() -> None:
    """Whole numbers: coalitions that are alike by symmetry score the same to the last bit."""
    among = Spread(7)
    among.add(np.arange(7) < 2)
    others = np.array(
        [[p in pair for p in range(7)] for pair in itertools.combinations((2, 3, 4, 5, 6), 2)]
    )
    assert len(set(among.likeness(others).tolist())) == 1


@pytest.mark.parametrize(("n_players", "n_pairs"), [(12, 30), (12, 150), (36, 90), (36, 500)])
def test_a_bank_is_less_alike_than_random_coalitions(n_players: int, n_pairs: int) -> None:
    """Compared with coalitions of the same sizes that are drawn one by one."""
    rng = np.random.default_rng(2)
    found, plain = [], []
    for seed in range(4):
        masks = draw_bank(n_players, n_pairs, generator(seed)).masks.numpy().astype(bool)
        found.append(likeness(masks))
        plain.append(likeness(rng.permuted(masks, axis=1)))
    assert np.mean(found) < 0.97 * np.mean(plain)


def test_values_are_nearer_at_the_same_rows() -> None:
    """Main effects and threefold interactions over twelve players: the values are known."""
    n_players, n_pairs, runs = 12, 30, 40
    rng = np.random.default_rng(3)
    slopes = torch.from_numpy(rng.normal(size=n_players))
    triples = list(itertools.combinations(range(n_players), 3))
    weights = torch.from_numpy(rng.normal(size=len(triples)) / 20)

    def game(masks: torch.Tensor) -> torch.Tensor:
        together = torch.stack([masks[:, list(t)].prod(dim=1) for t in triples], dim=1)
        return masks @ slopes + together @ weights

    truth = slopes.clone()
    for triple, weight in zip(triples, weights, strict=True):
        truth[list(triple)] += weight / 3
    errors = {}
    for draw in (draw_bank, draw_pairs):
        squares = []
        for seed in range(runs):
            sample = draw(n_players, n_pairs, generator(seed))
            halves = (game(sample.masks) - game(1 - sample.masks))[:, None] / 2
            found = regress(sample, halves, game(torch.ones(1, n_players, dtype=torch.float64)))[0]
            squares.append(float((found[0] - truth).square().sum()))
        errors[draw.__name__] = np.mean(squares)
    assert errors["draw_bank"] < 0.8 * errors["draw_pairs"]


@pytest.mark.parametrize(("n_players", "size"), [(6, 3), (7, 2), (12, 1)])
def test_a_deck_deals_every_coalition_of_its_size_once(n_players: int, size: int) -> None:
    deck, among, dealt = Deck(n_players, size, generator(4)), Spread(n_players), set()
    for _ in range(count_of_size(n_players, size)):
        mask = deck.take(among)
        among.add(mask)
        assert mask.sum() == size
        dealt |= {mask.tobytes(), (~mask).tobytes()}
    assert len(dealt) == 2 * count_of_size(n_players, size)


def test_more_coalitions_than_are_listed_are_drawn_at_random() -> None:
    deck, among, dealt = Deck(40, 20, generator(5)), Spread(40), set()
    assert count_of_size(40, 20) == math.comb(40, 20) // 2 > LISTED
    for _ in range(50):
        mask = deck.take(among)
        among.add(mask)
        assert mask[0]
        assert mask.sum() == 20
        dealt.add(mask.tobytes())
    assert len(dealt) == 50


@pytest.mark.parametrize("n_players", [2, 3, 8, 9])
def test_every_pair_there_is_can_be_asked(n_players: int) -> None:
    sample = draw_bank(n_players, count_pairs(n_players), generator(6))
    assert sample.drawn.tolist() == pair_classes(n_players)[0]
    assert torch.equal(sample.drawn, sample.existing)


def test_the_last_of_many_coalitions_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pairs of more players than are listed: the last ones are those most like the rest."""
    monkeypatch.setattr(spread, "LISTED", 50)
    tries, likeness = [], Spread.likeness

    def counted(among: Spread, masks: BoolArray) -> FloatArray:
        tries.append(len(masks))
        assert len(tries) < 4 * count_pairs(12), "a candidate that was taken wins again and again"
        return likeness(among, masks)

    monkeypatch.setattr(Spread, "likeness", counted)
    sample = draw_bank(12, count_pairs(12), generator(8))
    assert torch.equal(sample.drawn, sample.existing)

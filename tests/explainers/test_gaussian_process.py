"""The process interpolates, and its closed forms are what brute force over its mean gives."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from explainers import process_choice
from explainers.closed_forms import shapley, size_moments, value_moments
from explainers.coalitions import all_coalitions, count_pairs, draw_pairs
from explainers.gaussian_process import (
    EVEN,
    ODD,
    Conditioned,
    Process,
    condition,
    covariance,
    fit,
)
from explainers.process_choice import MOST_SEARCHED, PLACES, Grid, fit_best
from tests.toys import generator


def game(n_players: int, seed: int = 0) -> Tensor:
    """(2^P,) values with interactions of every order."""
    masks = all_coalitions(n_players)
    weights = torch.randn(n_players, 5, generator=generator(seed)).double()
    return torch.tanh(masks @ weights).sum(dim=1) + masks[:, 0] * masks[:, -1]


def rows_of(masks: Tensor) -> Tensor:
    """Which row of `all_coalitions` a mask is."""
    return (masks.long() * 2 ** torch.arange(masks.shape[1])).sum(dim=1)


def brute_force(values: Tensor) -> Tensor:
    """Shapley values (P,) of a game given on all coalitions, by their definition."""
    count = int(math.log2(len(values)))
    masks = all_coalitions(count)
    found = torch.zeros(count).double()
    for player in range(count):
        without = masks[masks[:, player] == 0]
        sizes = without.sum(dim=1)
        logs = torch.lgamma(sizes + 1) + torch.lgamma(count - sizes) - math.lgamma(count + 1)
        rows = rows_of(without)
        found[player] = (logs.exp() * (values[rows + 2**player] - values[rows])).sum()
    return found


def sampled(n_players: int, n_pairs: int) -> tuple[Tensor, Tensor, Tensor]:
    """Signs (n + 1, P), odd and even halves (n + 1,) of some pairs, the full coalition last."""
    values = game(n_players)
    masks = draw_pairs(n_players, n_pairs, generator(1)).masks
    masks = torch.cat([masks, torch.ones(1, n_players).double()])
    one, other = values[rows_of(masks)], values[rows_of(1 - masks)]
    return 2 * masks - 1, (one - other) / 2, (one + other) / 2


def halves(n_players: int, n_pairs: int) -> tuple[Process, Process]:
    signs, odd, even = sampled(n_players, n_pairs)
    rates = torch.linspace(0.1, 0.9, n_players).double()
    found = fit(signs, odd, rates, ODD), fit(signs, even, 0.7 * rates, EVEN)
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def test_covariance_of_halves_is_that_of_the_product_kernel() -> None:
    left, right = (torch.randint(0, 2, (n, 5), generator=generator(n)).double() for n in (4, 6))
    r = torch.tensor([0.9, 0.5, 0.1, 0.99, 0.3]).double()

    def kernel(one: Tensor, two: Tensor) -> Tensor:
        return torch.where(one[:, None] != two[None], r, 1.0).prod(dim=2)

    for parity in (ODD, EVEN):
        expected = (kernel(left, right) + parity * kernel(left, 1 - right)) / 2
        found = covariance(2 * left - 1, 2 * right - 1, -r.log(), parity)
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("n_players", [3, 6, 10])
def test_all_coalitions_give_exact_shapley_values(n_players: int) -> None:
    signs, odd, _ = sampled(n_players, count_pairs(n_players))
    process = fit(signs, odd, torch.full((n_players,), 2.0).double(), ODD)
    assert process is not None
    expected = brute_force(game(n_players))
    torch.testing.assert_close(shapley(process), expected, atol=1e-8, rtol=0)


@pytest.mark.parametrize("n_players", [4, 8])
def test_closed_form_is_brute_force_over_the_mean(n_players: int) -> None:
    odd, even = halves(n_players, 2 * n_players)
    masks = all_coalitions(n_players)
    torch.testing.assert_close(shapley(odd), brute_force(odd(masks)), atol=1e-9, rtol=0)
    torch.testing.assert_close(brute_force(even(masks)), torch.zeros(n_players).double())


@pytest.mark.parametrize("n_players", [4, 7, 8])
def test_moments_are_brute_force_over_the_mean(n_players: int) -> None:
    found = halves(n_players, 2 * n_players)
    weights = torch.rand(n_players + 1, generator=generator(2)).double()
    masks = all_coalitions(n_players)
    rows = torch.cat([masks, torch.ones(len(masks), 1).double()], dim=1)
    weighted = rows * weights[masks.sum(dim=1).long()][:, None] / len(masks)
    torch.testing.assert_close(size_moments(weights), weighted.T @ rows)
    mean = found[0](masks) + found[1](masks)
    torch.testing.assert_close(
        value_moments(found, weights), weighted.T @ mean, atol=1e-9, rtol=1e-9
    )


def test_both_halves_interpolate_what_was_seen() -> None:
    signs, odd, even = sampled(9, 40)
    for goals, parity in ((odd, ODD), (even, EVEN)):
        process = fit_best(signs, goals, torch.linspace(-1, 1, 9).double(), parity)
        assert process is not None
        for sign, value in ((1, goals), (-1, parity * goals)):
            found = process((1 + sign * signs) / 2)
            torch.testing.assert_close(found, value, atol=1e-5, rtol=0)


def test_left_out_values_are_those_of_a_fit_without_the_pair() -> None:
    signs, odd, even = sampled(6, 15)
    rates = torch.linspace(0.2, 0.8, 6).double()
    for goals, parity in ((odd, ODD), (even, EVEN)):
        whole = fit(signs, goals, rates, parity)
        assert whole is not None
        for left in range(len(signs)):
            kept = torch.arange(len(signs)) != left
            rest = fit(signs[kept], goals[kept], rates, parity)
            assert rest is not None
            foretold = rest((1 + signs[left : left + 1]) / 2)[0]
            assert float(whole.left_out[left]) == pytest.approx(
                float(goals[left] - foretold), abs=1e-6
            )


def test_a_linear_game_is_exact_from_few_pairs() -> None:
    worth = torch.randn(20, generator=generator(5)).double()
    masks = torch.cat([draw_pairs(20, 42, generator(6)).masks, torch.ones(1, 20).double()])
    signs = 2 * masks - 1
    process = fit_best(signs, signs @ worth / 2, worth, ODD)
    assert process is not None
    torch.testing.assert_close(shapley(process), worth, atol=1e-6, rtol=0)


def test_players_that_matter_more_vary_more_freely() -> None:
    count = 10
    signs, _, _ = sampled(count, 200)
    odd = signs[:, 0] * signs[:, 1] * signs[:, 2] + signs[:, 0]
    worth = torch.tensor([1.0, 0.8, 0.8] + [0.01] * (count - 3)).double()
    process = fit_best(signs, odd, worth, ODD)
    assert process is not None
    assert float(process.rates[:3].min()) > 3 * float(process.rates[3:].max())


def test_a_game_without_effect_has_no_values() -> None:
    signs, odd, _ = sampled(6, 15)
    process = fit_best(signs, torch.zeros_like(odd), torch.zeros(6).double(), ODD)
    assert process is not None
    assert not shapley(process).any()
    assert not process.left_out.any()


def test_the_climb_ends_where_trying_everything_would() -> None:
    signs, odd, even = sampled(12, 400)
    worth = torch.linspace(-1, 1, 12).double()
    for goals, parity in ((odd, ODD), (even, EVEN)):
        found = fit_best(signs, goals, worth, parity)
        whole = Grid(signs, goals, worth, parity, most=MOST_SEARCHED)
        best = whole.best(PLACES)
        assert best is not None
        expected = whole.at(best)
        assert expected is not None
        assert found is not None
        assert torch.equal(found.rates, expected.rates)
        assert len(found.left_out) == len(signs)


def test_what_a_part_has_ruled_out_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    signs, odd, _ = sampled(12, 400)
    worth = torch.linspace(-1, 1, 12).double()
    asked: list[int] = []

    def counted(seen: Tensor, *arguments: Any) -> Conditioned | None:  # noqa: ANN401
        asked.append(len(seen))
        return condition(seen, *arguments)

    monkeypatch.setattr(process_choice, "condition", counted)
    monkeypatch.setattr(process_choice, "HOPELESS", 10.0)
    found = fit_best(signs, odd, worth, ODD)
    few = asked.count(len(signs))
    asked.clear()
    monkeypatch.setattr(process_choice, "HOPELESS", math.inf)
    thorough = fit_best(signs, odd, worth, ODD)
    assert found is not None
    assert thorough is not None
    assert torch.equal(found.rates, thorough.rates)
    assert few < asked.count(len(signs))
    grid = Grid(signs, odd, worth, ODD, most=MOST_SEARCHED)
    best = grid.best(PLACES)
    monkeypatch.setattr(process_choice, "HOPELESS", 0.0)
    assert grid.hopeless() == frozenset(PLACES) - {best}


def test_more_pairs_than_are_searched_all_enter_the_fit() -> None:
    signs, odd, _ = sampled(12, 700)
    process = fit_best(signs, odd, torch.linspace(-1, 1, 12).double(), ODD)
    assert process is not None
    assert torch.equal(process.signs, signs)
    torch.testing.assert_close(process((1 + signs) / 2), odd, atol=1e-5, rtol=0)


def test_too_few_pairs_give_no_process() -> None:
    signs, odd, _ = sampled(6, 15)
    assert fit_best(signs[-6:], odd[-6:], torch.ones(6).double(), ODD) is None
    twice = signs[-1:].repeat(20, 1)
    assert fit_best(twice, torch.ones(20).double(), torch.ones(6).double(), ODD) is None

"""Interactions of given sets in a process: against brute force over every coalition."""

import itertools

import pytest
import torch
from torch import Tensor

from explainers.closed_forms import shapley, sign_moment, value_moments
from explainers.coalitions import all_coalitions, draw_bank
from explainers.gaussian_process import EVEN, ODD, Parity, Process, fit
from explainers.interactions import Joint, variance_of
from explainers.methods.exact_shapley import shapley_values
from explainers.process_choice import fit_best
from tests.toys import generator

P = 7
RATES = torch.linspace(0.1, 0.6, P).double()
SETS: dict[Parity, Tensor] = {
    ODD: torch.tensor([[0, 1, 2], [1, 2, 3], [3, 5, 6]]),
    EVEN: torch.tensor([[0, 1], [2, 5], [5, 6]]),
}
MASKS = all_coalitions(P)
VALUES = torch.randn(len(MASKS), generator=generator(1)).double()


def values_at(masks: Tensor) -> Tensor:
    return VALUES[(masks.long() * 2 ** torch.arange(P)).sum(dim=1)]


def seen(parity: Parity) -> tuple[Tensor, Tensor]:
    masks = draw_bank(P, 25, generator(2)).masks
    return 2 * masks - 1, (values_at(masks) + parity * values_at(1 - masks)) / 2


def fitted(signs: Tensor, goals: Tensor, parity: Parity) -> Process:
    joint = Joint.of(signs, SETS[parity]).weighing(3.0, RATES)
    process = fit(signs, goals, RATES, parity, joint)
    assert process is not None
    return process


@pytest.mark.parametrize("parity", [ODD, EVEN])
def test_what_was_seen_is_met_and_what_is_left_out_foretold(parity: Parity) -> None:
    signs, goals = seen(parity)
    process = fitted(signs, goals, parity)
    assert process.effects.abs().min() > 0
    torch.testing.assert_close(process((1 + signs) / 2), goals, atol=1e-6, rtol=0)
    torch.testing.assert_close(process((1 - signs) / 2), parity * goals, atol=1e-6, rtol=0)
    for left in range(0, len(signs), 6):
        kept = torch.arange(len(signs)) != left
        rest = fitted(signs[kept], goals[kept], parity)
        unseen = goals[left] - rest((1 + signs[left : left + 1]) / 2)[0]
        assert float(process.left_out[left]) == pytest.approx(float(unseen), abs=1e-6)


def test_closed_forms_are_brute_force_over_the_mean() -> None:
    odd, even = (fitted(*seen(parity), parity) for parity in (ODD, EVEN))
    truth = torch.from_numpy(shapley_values(odd(MASKS)[:, None]))[0]
    torch.testing.assert_close(shapley(odd), truth, atol=1e-9, rtol=0)
    weights = torch.rand(P + 1, generator=generator(3)).double()
    weighted = weights[MASKS.sum(dim=1).long()] * (odd(MASKS) + even(MASKS)) / len(MASKS)
    rows = torch.cat([MASKS, torch.ones(len(MASKS), 1).double()], dim=1)
    torch.testing.assert_close(value_moments((odd, even), weights), rows.T @ weighted)


@pytest.mark.parametrize("n_pairs", [100, 400, 700])  # all are searched, a part of them, not all
def test_the_choice_finds_players_that_act_together(n_pairs: int) -> None:
    masks = draw_bank(12, n_pairs, generator(5)).masks
    signs = 2 * masks - 1
    sets = torch.tensor([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]])
    goals = signs[:, 0] + signs[:, sets].prod(dim=2) @ torch.tensor([1.0, -2.0, 3.0, 1.0]).double()
    process = fit_best(signs, goals, torch.ones(12).double(), ODD, Joint.of(signs, sets))
    assert process is not None
    torch.testing.assert_close(
        process.effects, torch.tensor([1.0, -2.0, 3.0, 1.0]).double(), atol=0.05, rtol=0
    )
    torch.testing.assert_close(process((1 + signs) / 2), goals, atol=1e-5, rtol=0)


def test_moments_of_signs() -> None:
    weights = torch.rand(P + 1, generator=generator(4)).double()
    for size in range(P + 1):
        expected = (weights[MASKS.sum(dim=1).long()] * (2 * MASKS - 1)[:, :size].prod(dim=1)).mean()
        assert sign_moment(weights, size) == pytest.approx(float(expected), abs=1e-12)
    assert sign_moment(weights, P + 1) == 0.0


@pytest.mark.parametrize("size", [2, 3])
def test_variance_is_the_sum_over_all_sets(size: int) -> None:
    inside, outside = (1 - torch.exp(-RATES)) / 2, (1 + torch.exp(-RATES)) / 2
    expected = 0.0
    for players in itertools.combinations(range(P), size):
        chosen = torch.isin(torch.arange(P), torch.tensor(players))
        expected += float(torch.where(chosen, inside, outside).prod())
    assert variance_of(RATES, size) == pytest.approx(expected)

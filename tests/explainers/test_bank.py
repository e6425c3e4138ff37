"""One bank of coalitions gives SHAP and LIME: exact when complete, honest and shared when not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from explainers.bank import Bank, lime_coefficients, shapley_values
from explainers.coalitions import (
    all_coalitions,
    coin_mass,
    count_pairs,
    draw_bank,
    draw_pairs,
    pair_classes,
)
from explainers.gaussian_process import ODD
from explainers.methods.base import Method
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime, kernel, proximity
from explainers.pair_regression import errors_of_foretold, regress
from tests.toys import generator

P = 9
PROXIMITY = proximity(torch.linspace(0, 1, P + 1, dtype=torch.float64), 0.25)


def curved(masks: Tensor) -> Tensor:
    """(n, 2) interactions of every order, and their opposite."""
    weights = torch.randn(P, 4, generator=generator(5)).double()
    score = torch.tanh(masks @ weights).sum(dim=1) + masks[:, 0] * masks[:, 1]
    return torch.stack([score, -score], dim=1)


def bank_of(n_pairs: int, seed: int, game: Callable[[Tensor], Tensor] = curved) -> Bank:
    sample = draw_bank(P, n_pairs, generator(seed))
    values = torch.stack([game(sample.masks), game(1 - sample.masks)], dim=1)
    ends = game(torch.stack([torch.ones(P), torch.zeros(P)]).double())
    return Bank(sample=sample, values=values, full=ends[0], empty=ends[1])


def true_lime(count: int, penalty: float = 1.0) -> Tensor:
    """(P, 2) the ridge regression over every mask, each as often as fair coins fall on it."""
    masks = all_coalitions(P)
    rows = torch.cat([masks, torch.ones(len(masks), 1).double()], dim=1)
    weights = kernel(masks, 0.25) * count / len(masks)
    weights[-1] += 1.0
    ridge = torch.tensor([penalty] * P + [0.0]).double().diag()
    right = rows.T @ (weights[:, None] * curved(masks))
    return torch.linalg.solve(rows.T @ (weights[:, None] * rows) + ridge, right)[:-1]


def true_shapley() -> Tensor:
    """(2, P)."""
    return shapley_values(bank_of(count_pairs(P), 0), processes=False).values


def test_sizes_of_the_bank_lie_between_kernel_and_coins() -> None:
    existing, _ = pair_classes(40)
    assert sum(coin_mass(40)) == pytest.approx(1.0)
    bank, kernel_like = draw_bank(40, 500, generator()), draw_pairs(40, 500, generator())
    assert len(torch.unique(bank.masks, dim=0)) == len(bank.masks) == 500
    assert float(bank.weights.sum()) == pytest.approx(1.0)
    small, large = slice(0, 2), slice(15, 20)
    assert bank.drawn[small].sum() < kernel_like.drawn[small].sum()
    assert bank.drawn[large].sum() > 1.5 * kernel_like.drawn[large].sum()
    assert bank.existing.tolist() == [float(n) for n in existing]


def test_a_complete_bank_is_exact_without_error() -> None:
    bank = bank_of(count_pairs(P), 1)
    fit, fitted = lime_coefficients(bank, PROXIMITY, penalty=1.0)
    assert bank.complete
    assert not fitted
    torch.testing.assert_close(fit.values.T, true_lime(2 * count_pairs(P)))
    assert float(fit.std_error.max()) < 1e-9
    assert float(shapley_values(bank, processes=True).std_error.max()) < 1e-9


def test_processes_are_nearer_than_regression_and_their_bars_hold() -> None:
    truth, lime_truth = true_shapley(), true_lime(160).T
    errors: dict[str, list[Tensor]] = {"process": [], "regression": [], "lime": []}
    hits = []
    for seed in range(30):
        bank = bank_of(80, seed)
        for name, processes in (("process", True), ("regression", False)):
            found = shapley_values(bank, processes=processes)
            errors[name].append(found.values - truth)
            if processes:
                assert found.fitted
                hits.append((found.values - truth).abs() <= 1.96 * found.std_error)
        fit, fitted = lime_coefficients(bank, PROXIMITY, penalty=1.0)
        assert fitted
        errors["lime"].append(fit.values - lime_truth)
        hits.append((fit.values - lime_truth).abs() <= 1.96 * fit.std_error)
    size = {name: float(torch.stack(found).square().mean()) for name, found in errors.items()}
    assert size["process"] < 0.5 * size["regression"]
    assert size["lime"] < 0.01 * float(lime_truth.square().mean())
    assert 0.9 <= float(torch.stack(hits).double().mean()) <= 1.0


def test_more_pairs_than_a_process_is_fitted_to_correct_it() -> None:
    """The regression of what it leaves, of all pairs: nearer than either alone, and bars hold."""
    truth, lime_truth, most = true_shapley(), true_lime(400).T, 40
    errors: dict[str, list[Tensor]] = {"few": [], "corrected": [], "regression": [], "lime": []}
    hits = []
    for seed in range(30):
        bank, few = bank_of(200, seed), bank_of(most, seed)
        found = shapley_values(bank, processes=True, most=most)
        torch.testing.assert_close(found.values.sum(dim=1), effect(bank))
        errors["corrected"].append(found.values - truth)
        errors["few"].append(shapley_values(few, processes=True).values - truth)
        errors["regression"].append(shapley_values(bank, processes=False).values - truth)
        fit, _ = lime_coefficients(bank, PROXIMITY, penalty=1.0, most=most)
        errors["lime"].append(fit.values - lime_truth)
        hits.append((errors["corrected"][-1].abs() <= 1.96 * found.std_error).double())
        hits.append((errors["lime"][-1].abs() <= 1.96 * fit.std_error).double())
    size = {name: float(torch.stack(found).square().mean()) for name, found in errors.items()}
    assert size["corrected"] < 0.8 * min(size["few"], size["regression"])
    assert size["lime"] < 0.01 * float(lime_truth.square().mean())
    assert 0.9 <= float(torch.stack(hits).mean()) <= 1.0


def test_a_process_that_is_wrong_is_corrected() -> None:
    """Fitted to answers that are not the game's, it is no worse than what it was asked without."""
    bank, most = bank_of(200, 3), 30
    noise = torch.randn(most, 2, 1, generator=generator(8)).double()
    wrong = bank.values.clone()
    wrong[:most] += 0.5 * noise
    found = shapley_values(replace(bank, values=wrong), processes=True, most=most)
    plain = shapley_values(replace(bank, values=wrong), processes=False)
    truth = true_shapley()
    far, near = (float((each.values - truth).square().sum()) for each in (found, plain))
    assert far < 2 * near


def test_bars_of_few_pairs_hold_without_being_made_larger_twice() -> None:
    """The residuals are those of foretelling: HC3 on top of it would take them for fitted ones."""
    truth, hits, widths, larger = true_shapley(), [], [], []
    for seed in range(40):
        bank = bank_of(24, seed)
        found = shapley_values(bank, processes=True)
        hits.append((found.values - truth).abs() <= 1.96 * found.std_error)
        widths.append(found.std_error)
        process = bank.process(ODD, 0, regress(bank.sample, bank.half(ODD), effect(bank))[0][0])
        assert process is not None
        left = process.left_out[:-1, None]
        torch.testing.assert_close(found.std_error[:1], errors_of_foretold(bank.sample, left))
        larger.append(regress(bank.sample, left, torch.zeros(1, dtype=torch.float64))[1])
    assert float(torch.stack(hits).double().mean()) >= 0.9
    assert float(torch.stack(widths).mean()) < 0.9 * float(torch.stack(larger).mean())


def effect(bank: Bank) -> Tensor:
    """(T,) what the values sum to."""
    return bank.full - bank.empty


def test_shapley_values_add_up_and_opposite_targets_are_opposite() -> None:
    bank = bank_of(60, 3)
    found = shapley_values(bank, processes=True).values
    torch.testing.assert_close(found.sum(dim=1), bank.full - bank.empty, atol=1e-12, rtol=0)
    torch.testing.assert_close(found[0], -found[1], atol=1e-9, rtol=0)


def test_a_class_is_explained_alike_alone_and_beside_others() -> None:
    both = bank_of(150, 6, lambda masks: torch.stack([curved(masks)[:, 0], masks[:, 2]], dim=1))
    for target in range(2):
        one = slice(target, target + 1)
        alone = Bank(
            sample=both.sample,
            values=both.values[..., one],
            full=both.full[one],
            empty=both.empty[one],
        )
        found, with_others = (shapley_values(bank, processes=True) for bank in (alone, both))
        fit, _ = lime_coefficients(alone, PROXIMITY, penalty=1.0)
        fits, _ = lime_coefficients(both, PROXIMITY, penalty=1.0)
        for one_alone, among in (
            (found.values, with_others.values),
            (found.std_error, with_others.std_error),
            (fit.values, fits.values),
            (fit.std_error, fits.std_error),
        ):
            torch.testing.assert_close(one_alone[0], among[target], atol=1e-11, rtol=1e-9)


def test_a_player_without_effect_gets_hardly_anything() -> None:
    bank = bank_of(60, 4, lambda masks: curved(masks * (torch.arange(P) != 4)))
    found = shapley_values(bank, processes=True).values
    fit, _ = lime_coefficients(bank, PROXIMITY, penalty=1.0)
    for values in (found, fit.values):
        assert float(values[:, 4].abs().max()) < 0.02 * float(values.abs().max())


def test_a_constant_game_has_no_values() -> None:
    bank = bank_of(60, 5, lambda masks: torch.full((len(masks), 2), 0.3).double())
    found = shapley_values(bank, processes=True)
    fit, _ = lime_coefficients(bank, PROXIMITY, penalty=1.0)
    assert float(found.values.abs().max()) < 1e-12
    assert float(fit.values.abs().max()) < 1e-12


SHARERS: tuple[Method, ...] = (KernelShap(masks=200), Lime(masks=200))


def test_a_correction_makes_up_for_what_the_process_leaves() -> None:
    """On a game of noise beside effects no process foretells anything; bars must hold."""
    n_players, n_pairs = 24, 300
    effects = torch.linspace(-1, 1, n_players, dtype=torch.float64)
    hits, sizes = [], torch.linspace(0, 1, n_players + 1, dtype=torch.float64)

    def game(masks: Tensor) -> Tensor:
        return (masks @ effects + 0.5 * torch.sin(1e3 * (masks @ effects.exp())))[:, None]

    coins = torch.randint(0, 2, (40_000, n_players), generator=generator(9)).double()
    weights = proximity(coins.mean(dim=1), 0.25) * 2 * n_pairs / len(coins)
    rows = torch.cat([coins, torch.ones(len(coins), 1).double()], dim=1)
    gram = rows.T @ (rows * weights[:, None]) + 1.0 + torch.eye(n_players + 1).double()
    gram[-1, -1] -= 1.0
    full = game(torch.ones(1, n_players).double())
    truth = torch.linalg.solve(gram, rows.T @ (weights[:, None] * game(coins)) + full)[:-1, 0]
    for seed in range(20):
        sample = draw_bank(n_players, n_pairs, generator(seed), coins=0.75)
        values = torch.stack([game(sample.masks), game(1 - sample.masks)], dim=1)
        empty = game(torch.zeros(1, n_players).double())[0]
        bank = Bank(sample=sample, values=values, full=full[0], empty=empty)
        found, fitted = lime_coefficients(bank, proximity(sizes, 0.25), penalty=1.0, corrected=True)
        assert fitted
        hits.append((found.values[0] - truth).abs() <= 1.96 * found.std_error[0])
    assert 0.9 <= float(torch.stack(hits).double().mean()) <= 0.99

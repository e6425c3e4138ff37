"""Heads are fitted to what they should see, and never to the patient they are asked about."""

import copy
from dataclasses import replace

import pytest
import torch

from models.builtin.xray_bank import Bank, fill_bank
from models.builtin.xray_data import Films
from models.builtin.xray_heads import HeadRecipe, cross_fitted, fit_head, fit_heads, fold_of
from models.networks import EvidenceNet, initialise

WIDTH, FILMS, COPIES = 6, 60, 3


def films() -> Films:
    """Adults with pneumonia every second time, children every third."""
    rows = tuple(
        {"source": source, "view": "AP", "patient_id": f"{source}_{k}"}
        for source in ("nih", "kermany")
        for k in range(FILMS)
    )
    labels = torch.tensor([k % 2 for k in range(FILMS)] + [int(k % 3 == 0) for k in range(FILMS)])
    return Films(pixels=torch.zeros(2 * FILMS, 1, 1, dtype=torch.uint8), labels=labels, rows=rows)


def bank_of(split: Films) -> Bank:
    """Direction 0 tells adults' labels, 1 children's, 2 the source, 3 covered cells."""
    draws = torch.Generator().manual_seed(0)
    film = torch.arange(2 * FILMS).repeat(COPIES)
    labels = split.labels[film].float()
    adult = (film < FILMS).float()
    means = 0.3 * torch.randn(len(film), WIDTH, generator=draws)
    means[:, 0] += labels * adult
    means[:, 1] += labels * (1 - adult)
    means[:, 2] += adult
    covered = (torch.rand(len(film), generator=draws) < 0.3).float()
    cells = 0.3 * torch.randn(len(film), WIDTH, generator=draws)
    cells[:, 3] += covered
    removed = means.repeat(4, 1, 1)
    removed[:3, :, :2] = 0  # what tells the labels is in the lungs, and nothing else changes
    return Bank(
        rows=split.rows, means=means, removed=removed[[0, 1, 3, 2]], film=film, labels=labels,
        pasted=torch.zeros(len(film), dtype=torch.bool),
        cells=cells.half(), covered=covered, cell_film=film,
    )  # fmt: skip


def test_a_head_weighs_what_tells_its_own_source_and_where_opacities_are() -> None:
    split = films()
    bank = bank_of(split)
    adults = fit_head(bank, "nih", HeadRecipe()).weight
    assert int(adults.argmax()) in {0, 3}
    assert float(adults[0]) > 3 * abs(float(adults[1]))
    assert float(adults[3]) > 3 * abs(float(adults[4]))
    blind = fit_head(bank, "nih", HeadRecipe(cell_weight=0.0)).weight
    assert float(adults[3]) > 3 * abs(float(blind[3]))


def test_what_lies_outside_the_lungs_does_not_count() -> None:
    split = films()
    bank = bank_of(split)
    bank.means[:, 4] += bank.labels  # a shortcut, as good a sign as the one in the lungs
    bank.removed[2] = bank.means
    bank.removed[2, :, 4] = 0  # gone when what surrounds the lungs is taken away
    weights = fit_head(bank, "nih", HeadRecipe(cell_weight=0.0)).weight
    taken_in = fit_head(bank, "nih", HeadRecipe(cell_weight=0.0, outer_weight=0.0)).weight
    assert float(taken_in[4]) > 0.3 * float(taken_in[0])
    assert float(weights[4]) < 0.5 * float(taken_in[4])
    assert float(weights[0]) > float(taken_in[0])


def test_what_a_hole_lacks_does_not_count() -> None:
    split = films()
    bank = bank_of(split)
    bank.means[:, 4] -= 1.0 - bank.labels  # texture of normal films
    bank.removed[:, :, 4] = bank.means[:, 4]
    bank.removed[:2, :, 4] = 0  # which a hole has not
    free = HeadRecipe(cell_weight=0.0, nothing_weight=0.0, still_weight=0.0)
    bound = replace(free, still_weight=1.0)
    weights, taken_in = (fit_head(bank, "nih", recipe).weight for recipe in (bound, free))
    assert float(taken_in[4]) > 1
    assert float(weights[4]) < 0.5 * float(taken_in[4])


def test_a_film_on_which_nothing_is_left_is_normal() -> None:
    split = films()
    bank = bank_of(split)
    weight, offset = fit_head(bank, "nih", HeadRecipe())
    adults = bank.film < FILMS
    empty = (bank.removed[1] @ weight + offset)[adults]
    sick = (bank.means @ weight + offset)[adults & (bank.labels == 1)]
    assert float(empty.mean()) < 0 < float(sick.mean())


def test_no_head_has_seen_the_patient_it_is_asked_about() -> None:
    split = films()
    bank, recipe = bank_of(split), HeadRecipe(iterations=20)
    means = bank.means[: 2 * FILMS]
    chosen, odds = cross_fitted(bank, means, "nih", recipe)
    assert chosen.tolist() == list(range(FILMS))
    patient = fold_of("nih_0")
    other = copy.deepcopy(bank)
    own = torch.tensor([fold_of(split.rows[k]["patient_id"]) == patient for k in bank.film])
    other.labels[own] = 1 - other.labels[own]  # lies about that fold must not reach its films
    again = cross_fitted(other, means, "nih", recipe)[1]
    same = torch.tensor([fold_of(split.rows[k]["patient_id"]) == patient for k in chosen.tolist()])
    torch.testing.assert_close(again[same], odds[same])
    assert not torch.allclose(again[~same], odds[~same])


def test_reader_and_heads_land_in_the_network() -> None:
    split = films()
    network = EvidenceNet(widths=(4, 6, 8), blocks=(1, 1))
    narrow = bank_of(split)
    wide = torch.nn.functional.pad(narrow.means, (0, 384 - WIDTH))
    bank = replace(
        narrow,
        means=wide,
        removed=torch.nn.functional.pad(narrow.removed, (0, 384 - WIDTH)),
        cells=torch.nn.functional.pad(narrow.cells, (0, 384 - WIDTH)),
    )
    fit_heads(network, bank, HeadRecipe(iterations=30, cell_weight=0.0))
    with torch.inference_mode():
        first = torch.sigmoid(network.reader(wide))[:, 0]
        odds = network.log_odds(wide)
    assert float(((first > 0.5) == (narrow.film < FILMS)).float().mean()) > 0.9
    assert float(((odds > 0) == (narrow.labels == 1)).float().mean()) > 0.9


def test_a_bank_holds_cells_of_normal_films_only_and_is_decided_by_the_generator() -> None:
    pixels = torch.randint(0, 255, (12, 256, 256), generator=torch.Generator().manual_seed(0))
    groups = [("kermany", "AP"), ("nih", "PA"), ("nih", "AP")]
    rows = tuple({"source": s, "view": v} for s, v in groups for _ in range(4))
    split = Films(pixels=pixels.byte(), labels=torch.tensor([0, 0, 0, 1] * 3), rows=rows)
    network = EvidenceNet(widths=(4, 6, 8), blocks=(1, 1))
    initialise(network, torch.Generator().manual_seed(1))
    made = [
        fill_bank(network.eval(), split, count=1, generator=torch.Generator().manual_seed(4))
        for _ in range(2)
    ]
    assert torch.equal(made[0].means, made[1].means)
    assert int(split.labels[made[0].cell_film].max()) == 0
    assert bool((made[0].labels[made[0].pasted] == 1).all())
    assert float(made[0].covered.amax()) > 0
    assert float(made[0].means.mean()) == pytest.approx(0.4, abs=0.1)  # CReLU of standard numbers
    assert made[0].removed.shape == (4, *made[0].means.shape)
    assert len(made[0].cells) == len(made[0].covered) == len(made[0].cell_film)

"""Masks on records: polarity, draws in order, columns as a whole, what stands in by name."""

import numpy as np
import pytest
import torch

from explainers.explanation import Baseline, Scale
from explainers.feature_players import feature_players
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.names import N_BACKGROUND
from explainers.maskers.records import average_record, record_masker
from explainers.players import Players
from explainers.question import Question
from models.errors import MaskError
from tests.toys import game_for, generator
from tests.toys_table import (
    RECORD,
    ToyTableModel,
    linear_table_model,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
)

MODEL = ToyTableModel(smooth_score)
FEATURES = feature_players(MODEL, kind="features")
GRADE = 3  # elements 6 to 9: three places and the missing flag


def question(scale: Scale = "logit") -> Question:
    return table_question_for(MODEL, table_case(), scale=scale)


def test_all_ones_mask_is_the_record_in_every_draw() -> None:
    masker = question().masker
    shown = masker.apply(torch.ones(2, 5))
    assert shown.shape == (2, 10, 12)
    assert torch.equal(shown, MODEL.encode_values(RECORD[None]).expand(2, 10, 12))


def test_absent_column_goes_as_a_whole_and_draws_keep_their_order() -> None:
    mask = torch.ones(1, 5)
    mask[0, GRADE] = 0
    (shown,) = question().masker.apply(mask)
    sample = MODEL.encode_values(MODEL.sample[:10])
    assert torch.equal(shown[:, 6:10], sample[:, 6:10])
    record = MODEL.encode_values(RECORD[None]).expand(10, 12)
    rest = [element for element in range(12) if not 6 <= element < 10]
    assert torch.equal(shown[:, rest], record[:, rest])


def test_absent_columns_come_from_one_record_together() -> None:
    masks = torch.tensor([[0.0, 0, 1, 1, 0]])
    (shown,) = question().masker.apply(masks)
    drawn = [0, 1, 2, 3, 10, 11]
    assert torch.equal(shown[:, drawn], MODEL.encode_values(MODEL.sample[:10])[:, drawn])


def test_nobody_s_elements_keep_the_record() -> None:
    owners = FEATURES.membership - 1  # age belongs to nobody
    players = Players(membership=owners, element_shape=(12,), kind="feature")
    masker = table_question_for(MODEL, table_case(), players=players).masker
    record = MODEL.encode_values(RECORD[None])
    assert torch.equal(masker.empty()[:, :2], record[:, :2].expand(10, 2))
    assert torch.equal(masker.empty()[:, 2:], MODEL.encode_values(MODEL.sample[:10])[:, 2:])


@pytest.mark.parametrize("max_rows", [1, 3, 7, 10, 16, 1000])
@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_values_do_not_depend_on_passes_that_cut_through_draws(max_rows: int, scale: Scale) -> None:
    masks = torch.randint(0, 2, (13, 5), generator=generator(3)).double()
    game = game_for(question(scale), max_rows=max_rows)
    found = game(masks)
    rows = question().masker.apply(masks).flatten(0, 1)
    scores = smooth_score(rows)
    scores = scores if scale == "logit" else scores.sigmoid()
    torch.testing.assert_close(found[:, 0], scores.view(13, 10).mean(dim=1), atol=1e-9, rtol=0)
    assert game.rows == 130


def test_passes_are_as_large_as_allowed() -> None:
    model = ToyTableModel(smooth_score)
    game = game_for(table_question_for(model, table_case()), max_rows=64)
    game(torch.ones(13, 5))
    assert model.passes == [64, 64, 2]


def test_empty_value_is_the_mean_over_the_background() -> None:
    game = game_for(question())
    expected = smooth_score(MODEL.encode_values(MODEL.sample[:10])).mean()
    assert float(game.value_empty[0]) == pytest.approx(float(expected), abs=1e-9)
    assert game.rows == 10


@pytest.mark.parametrize("masks", [torch.full((1, 5), 0.5), torch.ones(1, 4), torch.ones(1, 12)])
def test_wrong_masks_are_refused(masks: torch.Tensor) -> None:
    with pytest.raises(MaskError):
        game_for(question())(masks)


def test_background_of_another_width_is_refused() -> None:
    with pytest.raises(MaskError, match="11"):
        BackgroundMasker(
            torch.zeros(1, 12),
            torch.zeros(3, 11),
            baseline=Baseline(name="background", description=""),
            players=FEATURES,
        )


def test_background_is_the_first_records_of_the_sample_in_their_order() -> None:
    masker = record_masker(MODEL, MODEL.encode(table_case()), kind="background", players=FEATURES)
    assert masker.n_draws == N_BACKGROUND
    assert torch.equal(masker.empty(), MODEL.encode_values(MODEL.sample[:N_BACKGROUND]))
    assert masker.baseline.name == "background"


def test_average_record_is_median_and_most_frequent() -> None:
    sample = toy_sample()
    average = average_record(MODEL)
    numbers = [0, 1, 2, 4]
    np.testing.assert_allclose(average[numbers], np.nanmedian(sample[:, numbers], axis=0))
    assert average[GRADE] == np.bincount(sample[:, GRADE].astype(int)).argmax()
    masker = record_masker(MODEL, MODEL.encode(table_case()), kind="average", players=FEATURES)
    assert masker.n_draws == 1
    assert torch.equal(masker.empty(), MODEL.encode_values(average[None]))


def test_column_that_nobody_knows_stays_missing_in_the_average() -> None:
    sample = toy_sample(n_records=20)
    sample[:, 4] = np.nan
    model = linear_table_model()
    model.sample = sample
    assert np.isnan(average_record(model)[4])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_number_is_shown_bit_for_bit(dtype: torch.dtype) -> None:
    odd = torch.tensor([[0.0, -0.0, 1e-40, torch.inf, 3.7, -1e30]], dtype=dtype)
    players = Players(membership=np.arange(6, dtype=np.int32), element_shape=(6,), kind="feature")
    rows = torch.cat([odd.flip(1), -odd])
    masker = BackgroundMasker(
        odd, rows, baseline=Baseline(name="background", description="rows"), players=players
    )
    masks = torch.randint(0, 2, (20, 6), generator=generator()).double()
    wanted = torch.where(masks[:, None] > 0, odd[None], rows[None])
    assert torch.equal(masker.apply(masks), wanted)
    assert torch.equal(masker.apply(masks).signbit(), wanted.signbit())

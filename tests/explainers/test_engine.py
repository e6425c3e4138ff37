"""The engine: polarity, memory, counting, cancellation; the maskers behind it."""

import numpy as np
import pytest
import torch

from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Target, share_errors
from explainers.maskers.baselines import IMAGE_BASELINES, image_baseline
from explainers.maskers.region import RegionMasker
from explainers.players import Players
from explainers.question import target_named
from explainers.superpixels import image_players, pixel_players, place_name
from models.errors import (
    CancelledError,
    DeviceMemoryError,
    ExplainError,
    MaskError,
    NonFiniteError,
)
from tests.toys import (
    SIDE,
    ToyImageModel,
    game_for,
    generator,
    linear_model,
    product_model,
    question_for,
    toy_case,
)

CASE = toy_case(2)
CELLS = image_players(CASE.payload.pixels, kind="grid", count=9)


def masker_for(kind: str) -> RegionMasker:
    inputs = linear_model(torch.zeros(1, SIDE, SIDE)).encode(CASE)
    baseline, contents = image_baseline(kind, inputs)  # type: ignore[arg-type]
    return RegionMasker(inputs, contents, baseline=baseline, players=CELLS)


@pytest.mark.parametrize("kind", sorted(IMAGE_BASELINES))
def test_all_ones_mask_is_the_input_bit_for_bit(kind: str) -> None:
    masker = masker_for(kind)
    shown = masker.apply(torch.ones(1, 9))
    assert shown.shape == (1, masker.n_draws, 1, SIDE, SIDE)
    for draw in shown[0]:
        assert torch.equal(draw[0], torch.from_numpy(CASE.payload.pixels.copy()))


@pytest.mark.parametrize("kind", sorted(IMAGE_BASELINES))
def test_absent_player_shows_the_baseline_and_nothing_else_changes(kind: str) -> None:
    masker = masker_for(kind)
    mask = torch.ones(1, 9)
    mask[0, 4] = 0
    shown = masker.apply(mask)[0]
    hidden = torch.from_numpy(CELLS.membership.reshape(SIDE, SIDE) == 4)
    empty = masker.empty()
    film = torch.from_numpy(CASE.payload.pixels.copy())
    for draw in range(masker.n_draws):
        assert torch.equal(shown[draw, 0][hidden], empty[draw, 0][hidden])
        assert torch.equal(shown[draw, 0][~hidden], film[~hidden])
    assert masker.baseline.name == kind
    assert masker.baseline.description


def test_baselines_are_what_they_say() -> None:
    film = torch.rand(1, 1, SIDE, SIDE, generator=generator(1))
    assert torch.equal(image_baseline("black", film)[1], torch.zeros_like(film))
    mean = image_baseline("mean", film)[1]
    torch.testing.assert_close(mean, torch.full_like(film, float(film.mean())))
    blurred = image_baseline("blur", film)[1]
    assert float(blurred.std()) < 0.3 * float(film.std())
    assert float(blurred.mean()) == pytest.approx(float(film.mean()), abs=0.05)
    noise = image_baseline("noise", film)[1]
    assert len(noise) > 1
    assert torch.equal(noise, image_baseline("noise", film)[1])
    assert float(film.min()) <= float(noise.min()) <= float(noise.max()) <= float(film.max())


def test_blur_keeps_a_constant_film() -> None:
    flat = torch.full((1, 1, 60, 40), 0.37)
    torch.testing.assert_close(image_baseline("blur", flat)[1], flat)


def test_never_removed_elements_always_show_the_film() -> None:
    membership = np.zeros(SIDE * SIDE, dtype=np.int32)
    membership[: SIDE * 4] = -1
    membership[-SIDE:] = 1
    players = Players(membership=membership, element_shape=(SIDE, SIDE), kind="superpixel")
    film = torch.rand(1, 1, SIDE, SIDE, generator=generator())
    baseline, contents = image_baseline("black", film)
    empty = RegionMasker(film, contents, baseline=baseline, players=players).empty()[0, 0]
    assert torch.equal(empty[:4], film[0, 0, :4])
    assert not empty[4:].any()


@pytest.mark.parametrize("max_rows", [1, 3, 16, 1000])
@pytest.mark.parametrize("kind", ["black", "noise"])
def test_values_and_rows_do_not_depend_on_the_pass_size(max_rows: int, kind: str) -> None:
    model = product_model(CELLS)
    inputs = model.encode(CASE)
    _, contents = image_baseline(kind, inputs)  # type: ignore[arg-type]
    question = question_for(model, CASE, players=CELLS, baseline=contents)
    masks = torch.randint(0, 2, (50, 9), generator=generator(3)).double()
    expected = game_for(question, max_rows=7)(masks)
    model.passes.clear()
    game = game_for(question, max_rows=max_rows)
    torch.testing.assert_close(game(masks), expected, atol=1e-6, rtol=0)
    assert game.rows == 50 * len(contents) == sum(model.passes)
    assert max(model.passes) <= max_rows


def test_draws_are_averaged_on_the_explained_scale() -> None:
    model = product_model(CELLS)
    inputs = model.encode(CASE)
    _, contents = image_baseline("noise", inputs)
    together = game_for(question_for(model, CASE, players=CELLS, baseline=contents))
    alone = [
        game_for(question_for(model, CASE, players=CELLS, baseline=one[None])).value_empty
        for one in contents
    ]
    torch.testing.assert_close(together.value_empty, torch.stack(alone).mean(dim=0))


def test_full_and_empty_values_are_computed_once() -> None:
    game = game_for(question_for(product_model(CELLS), CASE, players=CELLS))
    for _ in range(3):
        full, empty = game.value_full, game.value_empty
    assert game.rows == 2
    both = game(torch.stack([torch.ones(9), torch.zeros(9)]))
    torch.testing.assert_close(both, torch.stack([full, empty]), atol=1e-6, rtol=0)


WORDS = [
    "DefaultCPUAllocator: can't allocate memory: you tried ...",
    "MPS backend out of memory (MPS allocated: 1 GB)",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "Invalid buffer size: 12.25 GiB",
]


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError, *WORDS])
def test_out_of_memory_halves_the_pass_and_keeps_the_values(error: object) -> None:
    question = question_for(product_model(CELLS), CASE, players=CELLS)
    masks = torch.randint(0, 2, (100, 9), generator=generator(5)).double()
    expected = game_for(question)(masks)
    model = question.model
    whole = model.logits

    def limited(inputs: torch.Tensor) -> torch.Tensor:
        if len(inputs) > 5:
            if isinstance(error, str):
                raise RuntimeError(error)
            raise error("out of memory")  # type: ignore[operator]
        return whole(inputs)

    model.logits = limited  # type: ignore[method-assign]
    game = game_for(question, max_rows=64)
    torch.testing.assert_close(game(masks), expected, atol=1e-5, rtol=0)
    assert game.rows == 100
    assert game.runtime.max_rows == 4


def test_not_even_one_row_fits() -> None:
    question = question_for(product_model(CELLS), CASE, players=CELLS)

    def full(_: torch.Tensor) -> torch.Tensor:
        raise torch.OutOfMemoryError("out of memory")

    question.model.logits = full  # type: ignore[method-assign]
    with pytest.raises(DeviceMemoryError, match="CONSILIUM_DEVICE"):
        game_for(question)(torch.ones(3, 9))


def test_other_runtime_errors_are_not_mistaken_for_memory() -> None:
    question = question_for(product_model(CELLS), CASE, players=CELLS)

    def broken(_: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("shape mismatch")

    question.model.logits = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="shape mismatch"):
        game_for(question)(torch.ones(3, 9))


def test_progress_is_reported_after_every_pass_and_cancel_stops() -> None:
    question = question_for(product_model(CELLS), CASE, players=CELLS)
    seen: list[int] = []
    runtime = Runtime(max_rows=10, on_rows=seen.append, cancelled=lambda: len(seen) >= 3)
    with pytest.raises(CancelledError):
        MaskedPredictor(question, runtime)(torch.ones(100, 9))
    assert seen == [10, 20, 30]


@pytest.mark.parametrize(
    "masks", [torch.ones(9), torch.ones(2, 8), torch.zeros(0, 9), torch.full((1, 9), 1.5)]
)
def test_wrong_masks_are_refused(masks: torch.Tensor) -> None:
    with pytest.raises(MaskError):
        game_for(question_for(product_model(CELLS), CASE, players=CELLS))(masks)


def test_not_a_number_is_refused() -> None:
    model = ToyImageModel(lambda x: x.sum(dim=(1, 2, 3)) * torch.nan)
    with pytest.raises(NonFiniteError):
        game_for(question_for(model, CASE)).value_full  # noqa: B018  # the property computes


def test_gradients_of_all_targets_match_the_closed_form() -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1))
    both = (Target(index=1, name="present"), Target(index=0, name="absent"))
    question = question_for(linear_model(weights), CASE, targets=both)
    game = game_for(question, max_rows=2)
    inputs = torch.rand(5, 1, SIDE, SIDE, generator=generator(2))
    found = torch.cat([g for _, g in game.gradients(5, lambda part: inputs[part])])
    expected = torch.stack([weights, -weights]).double().expand(5, 2, 1, SIDE, SIDE)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    assert game.rows == 5


@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_explained_scale_is_log_odds_or_probability(scale: str) -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    game = game_for(question_for(linear_model(weights, bias=0.2), CASE, scale=scale))  # type: ignore[arg-type]
    score = 0.2 + float((weights.double() * torch.from_numpy(CASE.payload.pixels.copy())).sum())
    expected = score if scale == "logit" else 1 / (1 + np.exp(-score))
    assert float(game.value_full[0]) == pytest.approx(expected, abs=1e-5)


def test_contrast_is_the_difference_of_logits() -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1)) / SIDE
    model = linear_model(weights)
    target = target_named(model.card, "present", contrast="absent")
    game = game_for(question_for(model, CASE, targets=(target,)))
    logits = model.logits(model.encode(CASE))[0]
    assert float(game.value_full[0]) == pytest.approx(float(logits[1] - logits[0]), abs=1e-5)


def test_unknown_class_lists_the_known_ones() -> None:
    with pytest.raises(ExplainError, match="'absent', 'present'"):
        target_named(linear_model(torch.zeros(1, SIDE, SIDE)).card, "pneumonia")


def test_question_key_changes_with_everything_that_matters() -> None:
    model = product_model(CELLS)
    base = question_for(model, CASE, players=CELLS)
    others = [
        question_for(model, toy_case(9), players=CELLS),
        question_for(model, CASE, n_players=4),
        question_for(model, CASE, players=CELLS, scale="probability"),
        question_for(model, CASE, players=CELLS, targets=(Target(index=0, name="absent"),)),
    ]
    assert question_for(model, CASE, players=CELLS).key == base.key
    assert len({base.key, *(other.key for other in others)}) == 5


@pytest.mark.parametrize("kind", ["superpixels", "grid"])
@pytest.mark.parametrize("count", [2, 9, 50])
def test_players_partition_the_image(kind: str, count: int) -> None:
    film = toy_case(3).payload.pixels
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
    with pytest.raises(ValueError, match=r"players|player ids|names"):
        Players(membership=np.array(membership), element_shape=(2,), kind="pixel")


def test_share_errors_follow_the_delta_method() -> None:
    draws = np.random.default_rng(1)
    values, errors = np.array([3.0, -2.0, 0.5, 1.0]), np.array([0.05, 0.1, 0.02, 0.0])
    noisy = values + errors * draws.standard_normal((200_000, 4))
    simulated = (noisy / np.abs(noisy).sum(axis=1, keepdims=True)).std(axis=0)
    total = np.abs(values).sum()
    np.testing.assert_allclose(share_errors(values / total, errors / total), simulated, rtol=0.02)

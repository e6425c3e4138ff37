"""The engine: values, memory, counting, cancellation."""

import pytest
import torch

from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Target
from explainers.maskers.baselines import image_baseline
from explainers.superpixels import image_players
from models.errors import CancelledError, DeviceMemoryError, MaskError, NonFiniteError
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
CELLS = image_players(CASE.film.pixels, kind="grid", count=9)


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

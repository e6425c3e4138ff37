"""Rows of passes with gradients: what autograd keeps is counted, and the limit is obeyed."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from components.jobs import Job
from explainers.engine import MaskedPredictor, Runtime
from models.gradient_memory import bytes_per_gradient_row
from models.throughput import MEMORY_SHARE, Throughput, measure
from pages._desk import Desk
from tests.models.test_throughput import found as measured
from tests.toys import SIDE, ToyImageModel, generator, linear_model, question_for, toy_case
from tests.toys_text import ToyTextModel, toy_text_case

EXAMPLE = torch.rand(1, 1, SIDE, SIDE, generator=generator(0))
HIDDEN = 50
FLOAT, DOUBLE = 4, 8  # bytes


class Layered(ToyImageModel):
    """Of frozen layers autograd keeps the weights, of bends two vectors, of x * x the image."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        layers = (nn.Linear(SIDE * SIDE, HIDDEN), nn.Tanh(), nn.Sigmoid(), nn.Linear(HIDDEN, 1))
        self.network = nn.Sequential(*layers).requires_grad_(requires_grad=False)

    def answer(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.network((inputs * inputs).flatten(1))[:, 0]


def found(**changed: object) -> Throughput:
    return measured(**{"free_bytes": 4000, **changed})


def test_what_a_row_keeps_is_counted_once_and_without_the_weights() -> None:
    model = Layered()
    expected = FLOAT * (2 * HIDDEN + SIDE * SIDE)  # the square keeps the image twice: one storage
    assert bytes_per_gradient_row(model, EXAMPLE) == expected
    assert model.passes == [1]
    assert measure(model, EXAMPLE, sizes=(1,)).bytes_per_gradient_row == expected


def test_a_text_counts_as_long_as_the_model_reads() -> None:
    model = ToyTextModel(lambda amounts: amounts[:, 4], n_words=60)
    example = model.encode(toy_text_case())
    assert example.shape[1] < 62
    assert bytes_per_gradient_row(model, example) == DOUBLE * 62  # which tokens are no padding
    assert model.passes == [1]


def test_a_model_without_gradients_keeps_nothing() -> None:
    model = Layered()
    model.card = replace(model.card, capabilities=frozenset())
    assert bytes_per_gradient_row(model, EXAMPLE) == 0
    assert model.passes == []


@pytest.mark.parametrize(
    ("kept", "free", "rows"),
    [(0, 4000, 8), (100, 0, 8), (100, 4000, 8), (200, 4000, 5), (300, 4000, 3), (9000, 4000, 1)],
)
def test_so_many_rows_fit_as_a_share_of_free_memory_holds(kept: int, free: int, rows: int) -> None:
    assert MEMORY_SHARE == 0.25
    assert found(bytes_per_gradient_row=kept, free_bytes=free).gradient_rows == rows


@pytest.mark.parametrize(
    ("limit", "most", "sizes"),
    [
        (None, 4, [4, 3]),
        (3, 4, [3, 3, 1]),
        (1, 4, [1] * 7),
        (6, 4, [4, 2, 1]),
    ],
)
def test_gradients_obey_the_limit_and_do_not_depend_on_it(
    limit: int | None, most: int, sizes: list[int]
) -> None:
    weights = torch.randn(1, SIDE, SIDE, generator=generator(1))
    model = linear_model(weights)
    runtime = Runtime(max_rows=most, gradient_rows=limit)
    game = MaskedPredictor(question_for(model, toy_case()), runtime)
    points = torch.rand(9, 1, SIDE, SIDE, generator=generator(2))
    parts = list(game.gradients(9, lambda part: points[part], start=2))
    assert [len(g) for _, g in parts] == model.passes == sizes
    assert [p.start for p, _ in parts] == [2 + sum(sizes[:i]) for i in range(len(sizes))]
    gradients = torch.cat([g for _, g in parts])
    torch.testing.assert_close(gradients, weights.double().expand(7, 1, 1, SIDE, SIDE))
    assert game.rows == 7
    game.evaluate(points)
    assert model.passes[len(sizes) :] == [4, 4, 1]  # plain passes are as large as ever


def test_passes_within_the_limit_are_still_halved_when_memory_runs_out() -> None:
    tried: list[int] = []

    def score(inputs: torch.Tensor) -> torch.Tensor:
        tried.append(len(inputs))
        if len(inputs) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return inputs.sum(dim=(1, 2, 3))

    runtime = Runtime(max_rows=8, gradient_rows=5)
    game = MaskedPredictor(question_for(ToyImageModel(score), toy_case()), runtime)
    points = torch.rand(7, 1, SIDE, SIDE, generator=generator(2))
    done = [part for part, _ in game.gradients(7, lambda part: points[part])]
    assert [part.stop - part.start for part in done] == [2, 2, 1, 2]
    assert tried == [5, 2, 2, 1, 2]
    assert runtime.rows == 7


def test_other_work_takes_gradients_as_measured_unless_the_size_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CONSILIUM_ROWS", raising=False)
    monkeypatch.setattr(Desk, "model", Layered())
    desk, job = Desk("xray"), Job(lambda _: None)
    assert desk.runtime(job).gradient_rows is None
    desk.throughput = found(bytes_per_gradient_row=300)
    assert desk.runtime(job).gradient_rows == 3
    assert desk.runtime(job).max_rows == 8
    monkeypatch.setenv("CONSILIUM_ROWS", "6")
    assert desk.runtime(job).gradient_rows is None
    assert desk.runtime(job).max_rows == 6

"""Measuring a model: what is chosen from which clocks, and that answers do not depend on it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch

from models.devices import rows_per_pass
from models.image_classifier import ImageClassifier
from models.passes import GUARD_LIMIT, GUARD_ROWS, hidden
from models.samples import load
from models.throughput import Pass, Throughput, example_for, measure, smallest_near_best
from tests.toys import SIDE, ToyImageModel

EXAMPLE = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


def seconds() -> Iterator[float]:
    """A clock that advances by the same step whenever somebody looks."""
    return (0.001 * step for step in count())


def plain() -> ToyImageModel:
    return ToyImageModel(lambda inputs: inputs.mean(dim=(1, 2, 3)))


def found(**changed: object) -> Throughput:
    fields: dict[str, object] = {
        "device": "cpu",
        "passes": (Pass(rows=8, milliseconds=2.0),),
        "bytes_per_row": 0,
        "free_bytes": 0,
        "rows_per_pass": 8,
        "half_error": 0.0,
        "half_speed": 2.0,
    }
    return Throughput(**{**fields, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("milliseconds", "chosen"),
    [
        ((9, 5, 4, 4, 6), 4),
        ((9, 4.15, 4, 4, 6), 2),
        ((9, 4.3, 4, 4, 6), 4),
        ((1, 2, 3, 4, 5), 1),
        ((9, 8, 7, 6, 3), 16),
    ],
)
def test_the_smallest_pass_that_is_nearly_the_fastest_is_taken(
    milliseconds: tuple[float, ...], chosen: int
) -> None:
    passes = [Pass(rows=2**i, milliseconds=float(each)) for i, each in enumerate(milliseconds)]
    assert smallest_near_best(passes) == chosen


def test_every_size_is_tried_while_there_is_time() -> None:
    model, clock = plain(), seconds()
    result = measure(model, EXAMPLE, sizes=(1, 2, 4), clock=lambda: next(clock))
    assert [p.rows for p in result.passes] == [1, 2, 4]
    assert {1, 2, 4} <= set(model.passes)
    assert result.rows_per_pass == 4  # every pass takes one tick: the largest is the fastest
    assert result.rows_per_second == pytest.approx(4000)


def test_it_stops_when_time_is_up_but_not_before_the_usual_size() -> None:
    clock, usual = seconds(), rows_per_pass(torch.device("cpu"), "image")
    sizes = (1, usual, 2 * usual, 4 * usual)
    result = measure(plain(), EXAMPLE, sizes=sizes, seconds=0.001, clock=lambda: next(clock))
    assert [p.rows for p in result.passes] == [1, usual]


def test_what_is_done_for_others_meanwhile_counts_as_neither_time_nor_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = 0.0
    ticks = seconds()

    def asked() -> bool:  # a whole consultation of somebody else lies in between
        nonlocal others
        others += 1000.0
        return False

    monkeypatch.setattr("models.throughput._peak", lambda _: int(1e9 * others))
    result = measure(
        plain(),
        EXAMPLE,
        sizes=(1, 16, 32),
        seconds=0.1,
        clock=lambda: next(ticks) + others,
        cancelled=asked,
    )
    assert [p.rows for p in result.passes] == [1, 16, 32]
    assert result.bytes_per_row == 0


def test_nothing_more_is_tried_once_it_is_cancelled() -> None:
    result = measure(plain(), EXAMPLE, sizes=(1, 2, 4), cancelled=lambda: True)
    assert [p.rows for p in result.passes] == [1]


def test_a_pass_that_would_not_fit_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = iter([0, 0, 0, *[4000] * 9])
    monkeypatch.setattr("models.throughput._peak", lambda _: next(memory))
    monkeypatch.setattr("models.throughput.free_bytes", lambda _: 10_000)
    result = measure(plain(), EXAMPLE, sizes=(1, 2, 4), seconds=60)
    assert result.bytes_per_row == 4000
    assert [p.rows for p in result.passes] == [1]


def test_what_half_the_digits_change_is_seen() -> None:
    class Halved(ToyImageModel):
        def logits(self, inputs: torch.Tensor) -> torch.Tensor:
            exact = super().logits(inputs)
            return exact + torch.tensor([0.0, 0.5]) * torch.is_autocast_enabled("cpu")

    exact = measure(plain(), EXAMPLE, sizes=(1,))
    assert exact.half_error <= GUARD_LIMIT
    model = Halved(lambda inputs: inputs.mean(dim=(1, 2, 3)))
    assert measure(model, EXAMPLE, sizes=(1,)).half_error == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"half_speed": 0.9}, "no faster"),
        ({"half_error": 0.2}, "moves answers by up to 0.2"),
        ({"half_error": 0.001}, "has to be asked for"),
    ],
)
def test_why_models_answer_in_float32(changed: dict[str, float], words: str) -> None:
    assert words in found(**changed).number_format


def test_films_are_measured_with_one_that_comes_with_the_program(
    xray: ImageClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSILIUM_SAMPLES", str(tmp_path))
    (tmp_path / "mine.png").write_bytes(b"never opened")
    example = example_for(xray)
    assert example is not None
    assert torch.equal(example, xray.encode(load("rg1")))


@pytest.mark.parametrize("shape", [(1, SIDE, SIDE), (3, 40, 20)])
def test_a_film_fits_whatever_an_image_model_reads(shape: tuple[int, ...]) -> None:
    model = plain()
    model.card = replace(model.card, input_shape=shape)
    example = example_for(model)
    assert example is not None
    assert example.shape == (1, *shape)
    assert float(example.std()) > 0.05
    assert len(hidden(example).unique(dim=0)) == GUARD_ROWS

"""Other ways of running passes: only when asked for, only when safe, and said."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
import torch

from models import passes
from models.errors import ModelError
from models.passes import Trial, forward, hidden, in_format, name_of, reason_of, settle, tried
from tests.toys import SIDE, ToyImageModel
from tests.toys_text import CLS, MASK, N_TOKENS, SEP, ToyTextModel

EXAMPLE = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
TOKENS = torch.tensor([[CLS, *range(MASK, N_TOKENS), SEP]])


def model_of(moved: float = 0.0) -> ToyImageModel:
    """Answers change by `moved` under autocast."""

    def score(inputs: torch.Tensor) -> torch.Tensor:
        return inputs.double().mean(dim=(1, 2, 3)) + moved * torch.is_autocast_enabled("cpu")

    return ToyImageModel(score)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(**wanted: str) -> None:
        for name, value in wanted.items():
            monkeypatch.setenv(f"CONSILIUM_{name}", value)

    monkeypatch.delenv("CONSILIUM_PRECISION", raising=False)
    monkeypatch.delenv("CONSILIUM_COMPILE", raising=False)
    return use


@pytest.fixture
def faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is tried is twice as fast."""

    def measured(model: ToyImageModel, example: torch.Tensor, other: passes.Forward) -> Trial:
        return Trial(error=tried(model, example, other).error, speed=2.0)

    monkeypatch.setattr(passes, "tried", measured)


def test_nothing_changes_unless_asked_for(ask: Callable[..., None]) -> None:
    ask()
    model = model_of(0.001)
    settle(model, lambda: pytest.fail("nothing needs to be tried"))
    assert name_of(model) == "float32"
    assert reason_of(model) == ""
    assert torch.equal(forward(model, EXAMPLE), model.logits(EXAMPLE))


@pytest.mark.usefixtures("faster")
@pytest.mark.parametrize("wanted", ["bfloat16", "float16"])
def test_what_is_safe_and_faster_is_used_and_said(ask: Callable[..., None], wanted: str) -> None:
    ask(PRECISION=wanted)
    model = model_of(0.001)
    settle(model, lambda: EXAMPLE)
    assert name_of(model) == wanted
    assert "2.0 times as fast" in reason_of(model)
    moved = forward(model, EXAMPLE) - model.logits(EXAMPLE)  # (1, 2): half of it each
    assert float(moved[0, 1] - moved[0, 0]) == pytest.approx(0.001, rel=0.2)
    assert forward(model, EXAMPLE).dtype == torch.float32


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_passes_run_in_the_format_they_are_named_by(name: str) -> None:
    seen: list[torch.dtype] = []

    def score(inputs: torch.Tensor) -> torch.Tensor:
        seen.append(torch.get_autocast_dtype("cpu"))
        return inputs.double().mean(dim=(1, 2, 3))

    assert in_format(ToyImageModel(score), name)(EXAMPLE).dtype == torch.float32
    assert seen == [getattr(torch, name)]


@pytest.mark.usefixtures("faster")
def test_what_moves_answers_too_far_is_refused(ask: Callable[..., None]) -> None:
    ask(PRECISION="bfloat16")
    model = model_of(0.5)
    settle(model, lambda: EXAMPLE)
    assert name_of(model) == "float32"
    assert "moves answers by up to 0.5" in reason_of(model)
    assert torch.equal(forward(model, EXAMPLE), model.logits(EXAMPLE))


def test_what_is_no_faster_is_refused(
    ask: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(PRECISION="bfloat16")
    monkeypatch.setattr(passes, "tried", lambda *_: Trial(error=0.0, speed=0.9))
    model = model_of()
    settle(model, lambda: EXAMPLE)
    assert name_of(model) == "float32"
    assert "no faster" in reason_of(model)


def test_a_model_whose_rows_cost_nothing_stays_as_it_is(ask: Callable[..., None]) -> None:
    ask(PRECISION="bfloat16")
    model = model_of(0.001)
    settle(model, lambda: None)
    assert name_of(model) == "float32"


def test_an_unknown_format_is_refused_in_a_sentence(ask: Callable[..., None]) -> None:
    ask(PRECISION="int4")
    with pytest.raises(ModelError, match="float32, bfloat16, float16"):
        settle(model_of(), lambda: EXAMPLE)


@pytest.mark.usefixtures("faster")
def test_compiled_passes_give_the_same_answers(
    ask: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(COMPILE="1")
    compiled: list[object] = []

    def compiler(run: passes.Forward, *, dynamic: bool) -> passes.Forward:
        compiled.append(dynamic)
        return lambda inputs: run(inputs) + 1e-4

    monkeypatch.setattr(torch, "compile", compiler)
    model = model_of()
    settle(model, lambda: EXAMPLE)
    assert compiled == [True]
    assert name_of(model) == "float32, compiled"
    torch.testing.assert_close(forward(model, EXAMPLE), model.logits(EXAMPLE) + 1e-4)


def test_a_compiler_that_fails_leaves_the_model_as_it_was(
    ask: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(COMPILE="1")

    def broken(*_: object, **__: object) -> passes.Forward:
        raise OSError("no compiler here")

    monkeypatch.setattr(torch, "compile", broken)
    model = model_of()
    settle(model, lambda: EXAMPLE)
    assert name_of(model) == "float32"
    assert "failed (OSError)" in reason_of(model)


def test_rows_tried_are_counted_and_speed_is_by_the_clock() -> None:
    ticks: Iterator[float] = (float(step) for step in count())
    model = model_of()
    found = tried(model, EXAMPLE, in_format(model, "bfloat16"), lambda: next(ticks))
    assert found.speed == pytest.approx(1.0)
    assert model.passes[-1] == passes.GUARD_ROWS


@pytest.mark.parametrize(
    "example",
    [
        EXAMPLE,
        TOKENS,
        torch.arange(200)[None],
        torch.linspace(0, 1, 40)[None],
        torch.linspace(0, 1, 810).view(1, 3, 9, 30),
        torch.linspace(0, 1, 90).view(1, 9, 10),
    ],
    ids=["image", "few tokens", "tokens", "row", "colours", "sheet"],
)
def test_rows_tried_hide_ever_more_of_the_input_and_no_two_are_alike(example: torch.Tensor) -> None:
    rows = hidden(example)
    assert rows.shape == (passes.GUARD_ROWS, *example.shape[1:])
    assert rows.dtype == example.dtype
    assert len(rows.unique(dim=0)) == passes.GUARD_ROWS
    assert torch.equal(rows[0], example[0])
    assert torch.equal(rows, hidden(example))
    shares = (rows != example).flatten(1).double().mean(dim=1)
    assert shares.tolist() == pytest.approx(torch.linspace(0, 1, 32).tolist(), abs=0.2)


def test_hidden_parts_show_the_mean_of_an_image_and_other_tokens_of_a_text() -> None:
    torch.testing.assert_close(hidden(EXAMPLE)[-1], EXAMPLE[0].mean().expand(1, SIDE, SIDE))
    kept = (hidden(EXAMPLE) == EXAMPLE).view(-1, 8, 3, 8, 3).double().mean(dim=(2, 4))
    assert set(kept.unique().tolist()) == {0.0, 1.0}  # whole cells
    assert set(hidden(TOKENS).unique().tolist()) <= set(TOKENS.unique().tolist())
    assert torch.equal(hidden(TOKENS)[-1].sort().values, TOKENS[0].sort().values)


def test_a_format_that_errs_only_where_something_is_hidden_is_refused() -> None:
    """Neither copies of an input nor darker ones would tell."""
    film, text = model_of(), ToyTextModel(lambda amounts: amounts[:, 4])

    def errs_on_films(inputs: torch.Tensor) -> torch.Tensor:
        alike = torch.cosine_similarity(inputs.flatten(1), EXAMPLE.flatten(1))
        changed = (alike > 0) & (alike < 0.9999)  # 0 is a black film
        return film.logits(inputs) + 0.5 * (changed[:, None] * torch.tensor([0.0, 1.0]))

    def errs_on_texts(inputs: torch.Tensor) -> torch.Tensor:
        changed = (inputs != TOKENS).any(dim=1)
        return text.logits(inputs) + 0.5 * (changed[:, None] * torch.tensor([0.0, 1.0]))

    assert tried(film, EXAMPLE, film.logits).is_safe
    assert not tried(film, EXAMPLE, errs_on_films).is_safe
    assert tried(text, TOKENS, text.logits).is_safe
    assert tried(text, TOKENS, errs_on_texts).error == pytest.approx(0.5)

"""How a model's forward passes are run: number format and compilation, on request and guarded.

Every pass is in float32 and uncompiled unless CONSILIUM_PRECISION or CONSILIUM_COMPILE ask for
something else. What was asked for is tried on rows like those of the engine, ever more of an input
hidden; where it changes an answer by more than `GUARD_LIMIT`, is no faster, or fails, the model
goes on as before, and says why. Gradients are always taken in float32, and so are predictions: only
the many rows of the engine are concerned.
"""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from models.adapter import ModelAdapter
from models.errors import ModelError

LESS: Final = MappingProxyType({"bfloat16": torch.bfloat16, "float16": torch.float16})
PRECISIONS: Final = ("float32", *LESS)
GUARD_ROWS: Final = 32
# Log-odds. One percentage point of probability needs 0.04, error bars of explanations are larger.
GUARD_LIMIT: Final = 0.01
CELLS: Final = 8  # along a side of an image: about as fine as regions are
SEED: Final = 0  # every start of the program tries the same rows
LOOKS: Final = 3  # the fastest counts, others met some other load
Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What another way of running passes does.

    Attributes:
        error: Largest change of a log-odds over the rows tried; infinite where it cannot run.
        speed: Rows a second over those of plain float32.
    """

    error: float
    speed: float

    @property
    def is_safe(self) -> bool:
        """Whether answers stay within the limit."""
        return self.error <= GUARD_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How passes of a model are run.

    Attributes:
        forward: (n, *input_shape) -> (n, K) logits.
        name: For the report: "float32", "bfloat16", "float16", "float32, compiled".
        reason: One sentence for the Models page.
    """

    forward: Forward
    name: str
    reason: str


_CHOSEN: WeakKeyDictionary[ModelAdapter, Way] = WeakKeyDictionary()


def forward(model: ModelAdapter, inputs: Tensor) -> Tensor:
    """Logits (n, K) of inputs (n, *input_shape), in the way chosen for the model."""
    way = _CHOSEN.get(model)
    return model.logits(inputs) if way is None else way.forward(inputs)


def name_of(model: ModelAdapter) -> str:
    """Number format of the model's passes, for the report."""
    way = _CHOSEN.get(model)
    return "float32" if way is None else way.name


def reason_of(model: ModelAdapter) -> str:
    """Why passes are run as they are; "" where nothing was asked for."""
    way = _CHOSEN.get(model)
    return "" if way is None else way.reason


def settle(model: ModelAdapter, example_for: Callable[[], Tensor | None]) -> None:
    """Run the model's passes as the environment asks, if that is safe.

    Args:
        model: The model.
        example_for: Gives an input (1, *input_shape) that is nobody's, or None for a model whose
            rows cost next to nothing; those stay as they are.

    Raises:
        ModelError: CONSILIUM_PRECISION names no format.
    """
    wanted = os.environ.get("CONSILIUM_PRECISION") or "float32"
    if wanted not in PRECISIONS:
        raise ModelError(
            f"CONSILIUM_PRECISION is {wanted[:30]!r}; it can be {', '.join(PRECISIONS)}.",
            "Change it or unset it.",
        )
    compiled = os.environ.get("CONSILIUM_COMPILE", "0") not in ("", "0")
    if not compiled and wanted == "float32":
        return
    example = example_for()
    if example is not None:
        way = _compiled(model, example) if compiled else _reduced(model, example, wanted)
        _CHOSEN[model] = way


def in_format(model: ModelAdapter, name: str) -> Forward:
    """The model's passes under autocast to a format of `LESS`; logits come back in float32."""

    def run(inputs: Tensor) -> Tensor:
        with torch.autocast(model.device.type, dtype=LESS[name]):
            return model.logits(inputs).float()

    return run


def tried(
    model: ModelAdapter,
    example: Tensor,
    other: Forward,
    clock: Callable[[], float] = time.perf_counter,
) -> Trial:
    """Compare another way of running passes with plain float32 on `hidden` rows of an input."""
    batch = hidden(example)
    with torch.inference_mode():
        try:
            moved = _log_odds(model, other(batch)) - _log_odds(model, model.logits(batch))
            error = float(moved.abs().max())
        except (RuntimeError, NotImplementedError):
            return Trial(error=float("inf"), speed=0.0)
        plain, less = (
            min(_timed(run, batch, clock) for _ in range(LOOKS)) for run in (model.logits, other)
        )
    return Trial(error=error, speed=plain / less)


def hidden(example: Tensor) -> Tensor:
    """An input (1, *input_shape), then ever more of it hidden: (GUARD_ROWS, *input_shape).

    Numbers become their mean, in cells of an image and one by one elsewhere; token ids become other
    ones of the same text, so that all of them are ids that the model reads.
    """
    shape, generator = example.shape[1:], torch.Generator().manual_seed(SEED)
    is_image = example.is_floating_point() and len(shape) == 3  # channels, height, width
    parts = (1, CELLS, CELLS) if is_image else shape
    order = torch.rand(GUARD_ROWS, math.prod(parts), generator=generator).argsort(dim=1)
    counts = (torch.linspace(0, 1, GUARD_ROWS) * order.shape[1]).round()
    # Counted, not drawn each by itself: rows that hide different numbers of parts differ.
    gone = (order < counts[:, None]).view(GUARD_ROWS, *parts)
    if is_image:
        gone = interpolate(gone.float(), size=shape[-2:]).bool()
    if example.is_floating_point():
        return torch.where(gone.to(example.device), example.mean(), example)
    shuffled = torch.rand(GUARD_ROWS, *shape, generator=generator).argsort(dim=1)
    return torch.where(gone.to(example.device), example[0, shuffled.to(example.device)], example)


def _log_odds(model: ModelAdapter, logits: Tensor) -> Tensor:
    """(n, K) the number that is explained, of logits (n, K)."""
    if model.card.head == "sigmoid":
        return logits
    classes = range(logits.shape[1])
    others = [logits[:, [k for k in classes if k != c]].logsumexp(dim=1) for c in classes]
    return logits - torch.stack(others, dim=1)


def _timed(run: Forward, batch: Tensor, clock: Callable[[], float]) -> float:
    """Seconds of one pass."""
    started = clock()
    run(batch)
    if batch.device.type == "cuda":
        torch.cuda.synchronize(batch.device)
    return clock() - started


def _reduced(model: ModelAdapter, example: Tensor, name: str) -> Way:
    """A format of `LESS` where it is safe and faster."""
    other = in_format(model, name)
    return _judged(model, tried(model, example, other), other, name)


def _compiled(model: ModelAdapter, example: Tensor) -> Way:
    """Compiled passes where they are safe and faster; compiling takes a minute or more."""
    try:
        other: Forward = torch.compile(model.logits, dynamic=True)
        trial = tried(model, example, other)
    except Exception as error:  # noqa: BLE001  # compilers fail in ways of their own
        reason = f"float32: compiling was asked for and failed ({type(error).__name__})."
        return Way(forward=model.logits, name="float32", reason=reason)
    return _judged(model, trial, other, "float32, compiled")


def _judged(model: ModelAdapter, trial: Trial, other: Forward, name: str) -> Way:
    """The other way, or the plain one, and why."""
    what = f"{name} was asked for (over {GUARD_ROWS} rows, the limit is {GUARD_LIMIT:g} log-odds)"
    if not trial.is_safe:
        moved = f"moves answers by up to {trial.error:.2g} log-odds"
        return Way(forward=model.logits, name="float32", reason=f"float32: {what} and {moved}.")
    if trial.speed <= 1:
        return Way(forward=model.logits, name="float32", reason=f"float32: {what}; no faster here.")
    return Way(
        forward=other,
        name=name,
        reason=f"{name}: {what}; {trial.speed:.1f} times as fast, answers move by no more than "
        f"{trial.error:.1g}. Gradients and predictions stay in float32.",
    )

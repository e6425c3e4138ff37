"""How fast a model runs on this device, measured: rows a pass, memory a row, number format.

The engine's values do not depend on how rows are cut into passes, so a choice made from clocks
changes when a result is there, never the result.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from models import passes as ways
from models.adapter import ModelAdapter
from models.case import Modality
from models.devices import fixed_rows, rows_per_pass
from models.gradient_memory import bytes_per_gradient_row
from models.passes import GUARD_LIMIT, Trial, forward, in_format, reason_of
from models.samples import manifest, reports

SIZES: Final[dict[Modality, tuple[int, ...]]] = {
    "image": (1, 2, 4, 8, 16, 32, 64),
    "tabular": (1024, 4096, 8192, 16_384, 65_536),
    "text": (1, 4, 8, 16, 32, 64, 128),
}
NEAR_BEST: Final = 1.05  # the smallest pass this close to the fastest: it can be stopped sooner
MEMORY_SHARE: Final = 0.25  # of what is free, for one pass
LOOKS: Final = 3  # passes of one size; the fastest counts, others met some other load


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass of a size costs.

    Attributes:
        rows: Rows in it.
        milliseconds: Wall time a row.
    """

    rows: int
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What was measured on one device with one model.

    Attributes:
        device: Where.
        passes: Sizes tried, in rising order; sizes that would not fit were not tried.
        bytes_per_row: Memory that a further row of a pass takes; 0 where none was seen.
        free_bytes: Free memory before the first pass; 0 where the system does not say.
        rows_per_pass: What was chosen.
        half_error: Largest change of a log-odds in bfloat16 over the rows tried; infinite where
            the model does not run in it.
        half_speed: Rows a second in bfloat16 over those in float32.
        reason: Why passes are run as they are, where something was asked for (`models.passes`).
        bytes_per_gradient_row: Memory that a row keeps until its gradient is taken; 0 where the
            model has no gradients or it was not measured.
    """

    device: str
    passes: tuple[Pass, ...]
    bytes_per_row: int
    free_bytes: int
    rows_per_pass: int
    half_error: float
    half_speed: float
    reason: str = ""
    bytes_per_gradient_row: int = 0

    @property
    def rows_per_second(self) -> float:
        """Rows a second in passes of the chosen size."""
        (chosen,) = (p.milliseconds for p in self.passes if p.rows == self.rows_per_pass)
        return 1000 / chosen

    @property
    def gradient_rows(self) -> int:
        """Rows of a pass that takes gradients: such a pass keeps what others forget at once."""
        if not (self.bytes_per_gradient_row and self.free_bytes):
            return self.rows_per_pass
        fitting = int(MEMORY_SHARE * self.free_bytes / self.bytes_per_gradient_row)
        return max(1, min(self.rows_per_pass, fitting))

    @property
    def number_format(self) -> str:
        """In which number format the model answers here and why, in one sentence."""
        if self.reason:
            return self.reason
        if self.half_speed <= 1:
            return "float32: bfloat16 is no faster here."
        if self.half_error > GUARD_LIMIT:
            return (
                f"float32: bfloat16 is {self.half_speed:.1f} times as fast, but moves answers by "
                f"up to {self.half_error:.2g} log-odds; {GUARD_LIMIT:g} is the limit."
            )
        return (
            f"float32: bfloat16 is {self.half_speed:.1f} times as fast and moves answers by no "
            f"more than {self.half_error:.1g} log-odds, but its values are not those of other "
            "machines: it has to be asked for (CONSILIUM_PRECISION)."
        )


def measure(
    model: ModelAdapter,
    example: Tensor,
    *,
    sizes: Sequence[int] | None = None,
    seconds: float = 1.0,
    clock: Callable[[], float] = time.perf_counter,
    cancelled: Callable[[], bool] = lambda: False,
) -> Throughput:
    """Run the model on copies of one input in passes of several sizes.

    Args:
        model: The model; pure forward passes.
        example: (1, *input_shape) as `encode` gives it.
        sizes: Rows a pass to try, rising; None takes the modality's.
        seconds: Time for passes. Sizes up to the one that would be taken without a measurement are
            tried all the same: of fewer, the choice could only be worse.
        clock: In seconds.
        cancelled: Asked between sizes; no further one is tried then. What is done for others while
            asking does not count as time.
    """
    modality = model.card.modality
    tried = sizes or SIZES[modality]
    # Where the size is set, nothing depends on the sizes tried.
    usual = rows_per_pass(model.device, modality) if fixed_rows() is None else 0
    free, before = free_bytes(model.device), _peak(model.device)
    found: list[Pass] = []
    per_row, spent = 0, 0.0
    for rows in tried:
        peak = _peak(model.device)
        is_late = cancelled() or (rows > usual and spent > seconds)
        before += _peak(model.device) - peak  # others' memory, used while asking
        if found and (is_late or rows * per_row > MEMORY_SHARE * free > 0):
            break
        batch = example.expand(rows, *example.shape[1:]).contiguous()
        looks = list(_timed(partial(_answers, model, batch), model.device, clock))
        spent += sum(looks)
        found.append(Pass(rows=rows, milliseconds=1000 * min(looks) / rows))
        per_row = max(per_row, (_peak(model.device) - before) // rows)
    less, kept = Trial(error=float("inf"), speed=0.0), 0
    if not cancelled():
        less = ways.tried(model, example, in_format(model, "bfloat16"), clock)
        kept = _kept(model, example)
    return Throughput(
        device=str(model.device),
        passes=tuple(found),
        bytes_per_row=per_row,
        free_bytes=free,
        rows_per_pass=smallest_near_best(found) if found else rows_per_pass(model.device, modality),
        half_error=less.error,
        half_speed=less.speed,
        reason=reason_of(model),
        bytes_per_gradient_row=kept,
    )


def example_for(model: ModelAdapter) -> Tensor | None:
    """An input of the size that cases have, and nobody's; None where rows cost next to nothing."""
    card = model.card
    if card.modality == "image":
        return _film_for(model)
    if card.modality == "text":
        return model.encode(reports.load(reports.samples()[0].id))
    return None


def _film_for(model: ModelAdapter) -> Tensor:
    """(1, *input_shape): a film that comes with the program, as the model reads it.

    Noise would not do: it says little about what a network of films answers in other formats.
    """
    # Films of packages and phantoms come first and are always there, so nothing fetched is taken;
    # the user's own folder is not looked at.
    entry = next(entry for entry in manifest.entries() if entry.sample.available)
    film, (channels, *size) = model.encode(entry.load()), model.card.input_shape
    if film.shape[1:] == model.card.input_shape:
        return film
    # What takes films of any size is measured with the size that its card names.
    grey = interpolate(film.mean(dim=1, keepdim=True), size=size, mode="area")
    return grey.expand(1, channels, *size)


def smallest_near_best(passes: Sequence[Pass]) -> int:
    """Rows of the smallest pass that is nearly as fast as the fastest."""
    best = min(p.milliseconds for p in passes)
    return min(p.rows for p in passes if p.milliseconds <= NEAR_BEST * best)


def free_bytes(device: torch.device) -> int:
    """Memory that is free on a device; 0 where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        with Path("/proc/meminfo").open(encoding="ascii") as lines:
            (line,) = (line for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError):
        return 0
    return 1024 * int(line.split()[1])


def _peak(device: torch.device) -> int:
    """Most memory ever used, in bytes."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # bytes there, kibibytes here


def _kept(model: ModelAdapter, example: Tensor) -> int:
    """Bytes that a row with gradients keeps; 0 where that cannot be found out."""
    try:
        return bytes_per_gradient_row(model, example)
    except (RuntimeError, TypeError, MemoryError):
        return 0


def _answers(model: ModelAdapter, batch: Tensor) -> Tensor:
    """One pass."""
    with torch.inference_mode():
        return forward(model, batch)


def _timed(
    run: Callable[[], object], device: torch.device, clock: Callable[[], float]
) -> Iterable[float]:
    """Seconds of each of several runs; the first, which sets things up, is not counted."""
    run()
    for _ in range(LOOKS):
        started = clock()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        yield clock() - started

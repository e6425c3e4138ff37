"""The engine: coalition masks -> model values, within memory, counted, cancellable.

Every method that removes parts of an input and looks at the output receives a `MaskedPredictor`
and nothing else. `Runtime` says how to compute (rows per pass, progress, cancel), never what.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from explainers.engine_checks import check_masks, finite, is_out_of_memory
from explainers.maskers.base import Masker, PlayerMasks
from explainers.maskers.token import TokenMasker
from explainers.memory import Memory
from explainers.passage import Passages
from explainers.question import Question
from models.devices import rows_per_pass
from models.errors import CancelledError, DeviceMemoryError
from models.passes import forward


@dataclass(slots=True, kw_only=True)
class Runtime:
    """How one consultation computes, and what it has spent.

    Attributes:
        max_rows: Model rows per pass; shrinks when the device runs out of memory.
        on_rows: Called with the total of rows spent after every pass.
        cancelled: Asked after every pass; True stops with CancelledError.
        rows: Forward rows spent so far.
        gradient_rows: At most so many rows in a pass with gradients; None sets no further limit.
    """

    max_rows: int
    on_rows: Callable[[int], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False
    rows: int = 0
    gradient_rows: int | None = None

    def spend(self, rows: int) -> None:
        """Count rows, report progress, stop when asked to.

        Raises:
            CancelledError: the user cancelled.
        """
        self.rows += rows
        self.on_rows(self.rows)
        if self.cancelled():
            raise CancelledError("The computation was stopped.")

    def passes(self, count: int, run: Callable[[slice], Tensor]) -> Iterator[Tensor]:
        """Call `run` on consecutive slices of at most `max_rows` of `count` rows.

        On out-of-memory the slice is halved and tried again; the smaller size is kept.

        Raises:
            DeviceMemoryError: not even one row fits.
            CancelledError: the user cancelled.
        """
        start = 0
        while start < count:
            part = slice(start, min(start + self.max_rows, count))
            try:
                result = run(part)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                result = None
            if result is None:  # outside the handler: the traceback would keep the tensors alive
                self._shrink(part.stop - part.start)
                continue
            start = part.stop
            self.spend(part.stop - part.start)
            yield result

    def joined(self, count: int, run: Callable[[slice], Tensor]) -> Tensor:
        """What all `passes` return, one after the other; of one pass its own, to be read only."""
        found = list(self.passes(count, run))
        return found[0] if len(found) == 1 else torch.cat(found)

    def _shrink(self, tried: int) -> None:
        """Halve `max_rows` below what was tried."""
        if tried <= 1:
            raise DeviceMemoryError(
                "There is not enough memory on the device for a single row.",
                "Close other programs that use it, or set CONSILIUM_DEVICE=cpu.",
            )
        self.max_rows = tried // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


class MaskedPredictor:
    """The game: which value does the model give when only these players are present?

    Args:
        question: What is asked; its masker defines the players.
        runtime: How to compute; None takes the device's default.
        memory: Where answers to `shared` masks are kept; None keeps none.
    """

    def __init__(
        self, question: Question, runtime: Runtime | None = None, *, memory: Memory | None = None
    ) -> None:
        self.question = question
        self._full: Tensor | None = None
        self._empty: Tensor | None = None
        self._passages = Passages(question.model)
        self._memory = memory
        self._key = "" if memory is None else question.key
        self._saved = 0
        self.runtime = runtime or Runtime(
            max_rows=rows_per_pass(question.model.device, question.case.modality)
        )

    @property
    def rows(self) -> int:
        """Forward rows spent so far by everything that shares the runtime."""
        return self.runtime.rows

    @property
    def answered(self) -> int:
        """Rows spent and rows saved, because their answers were known: what a method rests on."""
        return self.runtime.rows + self._saved

    @property
    def n_players(self) -> int:
        """P."""
        return self.question.players.count

    @property
    def row_cost(self) -> int:
        """Forward rows that one mask costs: R."""
        return self.question.masker.n_draws

    def __call__(self, masks: PlayerMasks) -> Tensor:
        """Values (n, T) float64 on the CPU of masks (n, P); 1 = present.

        Raises:
            MaskError: wrong shape, or values the masker does not define.
            NonFiniteError: the model returned NaN or infinity.
            DeviceMemoryError: not even one row fits.
            CancelledError: the user cancelled.
        """
        masker = self.question.masker
        check_masks(masks, masker)
        return self._values(masks, masker)

    def shared(self, masks: PlayerMasks) -> Tensor:
        """As calling, but a set of masks that was asked before is not asked again."""
        if self._memory is None:
            return self(masks)
        values = self._memory.get(self._key, masks)
        if values is not None:
            self._saved += len(masks) * self.row_cost
            return values
        values = self(masks)
        self._memory.put(self._key, masks, values)
        return values

    def remembered(self) -> Iterator[tuple[PlayerMasks, Tensor]]:
        """Sets of masks (n, P) with their values (n, T) that were asked before."""
        if self._memory is not None:
            yield from self._memory.all_of(self._key)

    def stream(
        self, batches: Iterable[PlayerMasks], masker: Masker
    ) -> Iterator[tuple[PlayerMasks, Tensor]]:
        """Masks that are too many to hold, under `masker` (other players), with values (n, T)."""
        for masks in batches:
            check_masks(masks, masker)
            yield masks, self._values(masks, masker)

    # No cached_property: before Python 3.12 it holds one lock for all instances while it computes.
    @property
    def value_full(self) -> Tensor:
        """(T,) value of the case itself; computed once."""
        if self._full is None:
            self._full = self.evaluate(self.question.inputs)[0]
        return self._full

    @property
    def value_empty(self) -> Tensor:
        """(T,) value with every player absent, averaged over draws; computed once."""
        if self._empty is None:
            self._empty = self.evaluate(self.question.masker.empty()).mean(dim=0)
        return self._empty

    def evaluate(self, inputs: Tensor) -> Tensor:
        """Explained values (n, T) float64 of model inputs (n, *input_shape)."""
        ask = partial(forward, self.question.model)
        return self.runtime.joined(len(inputs), lambda s: self._forward(inputs[s], ask))

    def gradients(
        self, count: int, make: Callable[[slice], Tensor], *, start: int = 0
    ) -> Iterator[tuple[slice, Tensor]]:
        """Gradient of every target's value with respect to the point (`Question.point`).

        `torch.autograd.grad` fills no `.grad`, so passes of other users on the same model are safe.

        Args:
            count: Number of points.
            make: slice of [start, count) -> (m, *point_shape) points; called once per pass.
            start: The first of them; those before were asked for earlier.

        Yields:
            (slice, (m, T, *point_shape) float64 on the CPU).
        """
        done = start
        while done < count:
            most = min(count - done, self.runtime.gradient_rows or count)
            for found in self.runtime.passes(most, partial(self._gradient, make, done)):
                yield slice(done, done + len(found)), found
                done += len(found)

    def _gradient(self, make: Callable[[slice], Tensor], first: int, part: slice) -> Tensor:
        """(m, T, *point_shape) gradients of one pass: at a part of the points from `first` on."""
        points = make(slice(first + part.start, first + part.stop))
        with torch.enable_grad():
            leaf = points.detach().requires_grad_()
            values = self.question.explained(self.question.logits_at(leaf))
            columns = [
                torch.autograd.grad(column.sum(), leaf, retain_graph=True)[0]
                for column in values.unbind(dim=1)
            ]
        return finite(torch.stack(columns, dim=1)).detach().cpu().double()

    def _values(self, masks: PlayerMasks, masker: Masker) -> Tensor:
        """(n, T): draws are averaged on the explained scale, whatever the pass boundaries."""
        draws, way, order = masker.n_draws, self._passages(masker, len(masks)), None
        if isinstance(masker, TokenMasker):  # like lengths together; what takes most memory first
            order = masker.lengths(masks).argsort(stable=True, descending=True)
            masks = masks[order]

        def run(part: slice) -> Tensor:
            first, last = part.start // draws, -(-part.stop // draws)
            own = slice(part.start - first * draws, part.stop - first * draws)
            return self._forward(way.rows(masks[first:last])[own], way.logits)

        rows = self.runtime.joined(len(masks) * draws, run)
        values = rows.view(len(masks), draws, -1).mean(dim=1)
        return values if order is None else values[order.argsort()]

    def _forward(self, inputs: Tensor, logits: Callable[[Tensor], Tensor]) -> Tensor:
        """One pass: (m, ...) -> (m, T) float64 on the CPU."""
        with torch.inference_mode():
            return finite(self.question.explained(logits(inputs).cpu().double()))

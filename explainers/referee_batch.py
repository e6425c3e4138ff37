"""Everything that the referee hides in one case, each set once, under every baseline.

One stream a baseline: sets that several questions share are asked once, rows are counted, and the
whole can be stopped.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from explainers.coalition_values import CoalitionValues
from explainers.engine import MaskedPredictor
from explainers.maskers.base import Masker
from explainers.metrics import BoolArray
from explainers.placebo import ENOUGH, Placebos, other_parts, other_words, same_area
from explainers.placebo_places import moved_shapes
from explainers.players import Players
from explainers.question import Question
from explainers.referee_part import Part
from models.case import FloatArray

Places: TypeAlias = npt.NDArray[np.int64]  # (n,) where sets stand in a batch
Progress: TypeAlias = Callable[[int, int], None]  # rows spent, rows in all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What the model answered.

    Attributes:
        full: Value of the case itself.
        baselines: (B,) their names.
        own: Which of them is the question's; None where it is none of them.
        values: (n, B) value with each set hidden under each baseline; NaN where it was not asked.
        drawn: (n, D) the same with the values of one random record each.
        rows: (n,) forward rows that each set took.
        seconds: Wall time of all of them.
    """

    full: float
    baselines: tuple[str, ...]
    own: int | None
    values: FloatArray
    drawn: FloatArray
    rows: Places
    seconds: float

    def spent(self, first: int, stop: int) -> tuple[int, float]:
        """Rows and seconds of sets from the first to before the last; time is shared by rows."""
        rows = int(self.rows[first:stop].sum())
        return rows, self.seconds * rows / max(int(self.rows.sum()), 1)


class Batch:
    """Sets to hide: (N,) True where hidden, N pixels of a film or N players."""

    def __init__(self) -> None:
        self._sets: list[BoolArray] = []
        self._everywhere: list[bool] = []
        self._place: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Different sets so far."""
        return len(self._sets)

    def add(self, hidden: BoolArray, *, everywhere: bool = True) -> Places:
        """Add (n, N) sets -> (n,) their places; a set that is there already is not added again.

        Args:
            hidden: Sets.
            everywhere: Whether they are hidden under every baseline; else the question's own.
        """
        places = np.array([self._add(row) for row in hidden], dtype=np.int64)
        for place in places.tolist():
            self._everywhere[place] = self._everywhere[place] or everywhere
        return places

    def _add(self, hidden: BoolArray) -> int:
        """The place of one set."""
        name = np.packbits(hidden).tobytes()
        if name not in self._place:
            self._place[name] = len(self._sets)
            self._sets.append(hidden)
            self._everywhere.append(False)
        return self._place[name]

    def ask(
        self,
        game: MaskedPredictor,
        baselines: Sequence[Masker],
        drawn: Sequence[Masker],
        progress: Progress,
        known: CoalitionValues | None = None,
    ) -> Measured:
        """Ask the model about every set, one stream a masker.

        Args:
            game: The engine.
            baselines: B maskers; the question's own baseline is asked about all sets.
            drawn: D maskers of one random record each.
            progress: Told rows spent and rows in all, a pass at a time.
            known: What is known under the question's own baseline and not asked again.

        Raises:
            CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
        """
        started, maskers = time.perf_counter(), [*baselines, *drawn]
        full, before = float(game.value_full[0]), game.rows
        names = [masker.baseline.name for masker in baselines]
        asked_under = game.question.masker.baseline.name
        own = names.index(asked_under) if asked_under in names else None
        values, rows = np.full((len(self), len(maskers)), np.nan), np.zeros(len(self), np.int64)
        if known is not None and own is not None and _alike(game.question.masker, baselines[own]):
            masks, whole = coalitions(game.question.players, np.stack(self._sets))
            values[whole, own] = known.known(masks[whole])
        wanted = np.isnan(values)
        elsewhere = [column < len(names) and column != own for column in range(len(maskers))]
        wanted &= np.array(self._everywhere)[:, None] | ~np.array(elsewhere)
        planned = int(wanted.sum(axis=0) @ [masker.n_draws for masker in maskers])
        for column, masker in enumerate(maskers):
            places, start = np.flatnonzero(wanted[:, column]), 0
            for _, found in game.stream(self._passes(places, game, masker), masker):
                values[places[start : start + len(found)], column] = found[:, 0].numpy()
                start += len(found)
                progress(game.rows - before, planned)
            rows[places] += masker.n_draws
        return Measured(
            full=full,
            baselines=tuple(names),
            own=own,
            values=values[:, : len(names)],
            drawn=values[:, len(names) :],
            rows=rows,
            seconds=time.perf_counter() - started,
        )

    def _passes(
        self, places: Places, game: MaskedPredictor, masker: Masker
    ) -> Iterator[torch.Tensor]:
        """Masks (m, N), 1 = present, a pass at a time."""
        step = max(1, game.runtime.max_rows // masker.n_draws)
        for start in range(0, len(places), step):
            hidden = np.stack([self._sets[p] for p in places[start : start + step]])
            yield torch.from_numpy(~hidden).float()


def _alike(one: Masker, other: Masker) -> bool:
    """Whether two maskers of one baseline put in the same; their players may differ."""
    return torch.equal(one.empty(), other.empty())


def coalitions(players: Players, hidden: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Coalitions (n, P) that are left when sets (n, N) are hidden, and whether that is all of it.

    False where a set hides a part of a player: on a film N is the pixels. Elsewhere the players.
    """
    if hidden.shape[1] == players.count:
        return ~hidden, np.ones(len(hidden), dtype=np.bool_)
    owner = players.membership + 1  # 0: nobody's
    counts = np.stack([np.bincount(owner[row], minlength=players.count + 1) for row in hidden])
    gone = counts[:, 1:] == players.sizes
    return ~gone, (counts[:, 0] == 0) & (gone | (counts[:, 1:] == 0)).all(axis=1)


def placebos_of(
    question: Question, part: Part, own: BoolArray, count: int, draw: np.random.Generator
) -> Placebos:
    """Placebo parts of the modality.

    Args:
        question: What was explained.
        part: The part in question.
        own: (N,) what hiding it hides: pixels of a film, players elsewhere.
        count: Wanted.
        draw: Random numbers.
    """
    players, modality = question.players, question.case.modality
    if modality == "tabular":
        return other_parts(part.players, players.count, count, draw)
    if modality == "text":
        return other_words(part.players, players.count, count, draw)
    film = question.inputs[0].mean(dim=0).cpu().numpy().astype(np.float64)
    moved = moved_shapes(own.reshape(film.shape), count, draw, film=film)
    if len(moved.hidden) >= min(ENOUGH, count):
        return moved
    others = same_area(players, own, count, draw)
    return others if len(others.hidden) > len(moved.hidden) else moved

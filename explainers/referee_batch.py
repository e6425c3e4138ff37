"""Everything that the referee hides in one case, each set once, under every baseline.

One stream a baseline: sets that several questions share are asked once, rows are counted, and the
whole can be stopped.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import torch

from explainers.engine import MaskedPredictor
from explainers.explanation import Baseline
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.base import Masker
from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import (
    BASELINES_OF,
    N_BACKGROUND,
    ImageBaseline,
    TableBaseline,
    TextBaseline,
)
from explainers.maskers.records import record_masker
from explainers.maskers.region import RegionMasker
from explainers.maskers.token import TokenMasker
from explainers.metrics import BoolArray
from explainers.placebo import ENOUGH, Placebos, other_parts, other_words, same_area
from explainers.placebo_places import moved_shapes
from explainers.question import Question
from explainers.referee_part import Part
from explainers.superpixels import pixel_players
from models.adapter import HasTable, HasTokens
from models.case import FloatArray, Modality
from models.errors import ExplainError

Places: TypeAlias = npt.NDArray[np.int64]  # (n,) where sets stand in a batch
Progress: TypeAlias = Callable[[int, int], None]  # rows spent, rows in all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What the model answered.

    Attributes:
        full: Value of the case itself.
        baselines: (B,) their names.
        values: (n, B) value with each set hidden under each baseline.
        drawn: (n, D) the same with the values of one random record each.
        rows_per_set: Forward rows that one set takes.
        seconds_per_set: Wall time, shared out.
    """

    full: float
    baselines: tuple[str, ...]
    values: FloatArray
    drawn: FloatArray
    rows_per_set: int
    seconds_per_set: float


class Batch:
    """Sets to hide: (N,) True where hidden, N pixels of a film or N players."""

    def __init__(self) -> None:
        self._sets: list[BoolArray] = []
        self._place: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Different sets so far."""
        return len(self._sets)

    def add(self, hidden: BoolArray) -> Places:
        """Add (n, N) sets -> (n,) their places; a set that is there already is not added again."""
        return np.array([self._add(row) for row in hidden], dtype=np.int64)

    def _add(self, hidden: BoolArray) -> int:
        """The place of one set."""
        name = np.packbits(hidden).tobytes()
        if name not in self._place:
            self._place[name] = len(self._sets)
            self._sets.append(hidden)
        return self._place[name]

    def ask(
        self,
        game: MaskedPredictor,
        baselines: Sequence[Masker],
        drawn: Sequence[Masker],
        progress: Progress,
    ) -> Measured:
        """Ask the model about every set, one stream a masker.

        Args:
            game: The engine.
            baselines: B maskers.
            drawn: D maskers of one random record each.
            progress: Told rows spent and rows in all, a pass at a time.

        Raises:
            CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
        """
        started, maskers = time.perf_counter(), [*baselines, *drawn]
        full, before = float(game.value_full[0]), game.rows
        rows_per_set = sum(masker.n_draws for masker in maskers)
        values = np.empty((len(self), len(maskers)))
        for column, masker in enumerate(maskers):
            start = 0
            for _, found in game.stream(self._passes(game.runtime.max_rows, masker), masker):
                values[start : start + len(found), column] = found[:, 0].numpy()
                start += len(found)
                progress(game.rows - before, len(self) * rows_per_set)
        return Measured(
            full=full,
            baselines=tuple(masker.baseline.name for masker in baselines),
            values=values[:, : len(baselines)],
            drawn=values[:, len(baselines) :],
            rows_per_set=rows_per_set,
            seconds_per_set=(time.perf_counter() - started) / len(self),
        )

    def _passes(self, max_rows: int, masker: Masker) -> Iterator[torch.Tensor]:
        """Masks (m, N), 1 = present, a pass at a time."""
        step = max(1, max_rows // masker.n_draws)
        for start in range(0, len(self), step):
            yield torch.from_numpy(~np.stack(self._sets[start : start + step])).float()


def every_baseline(question: Question) -> list[Masker]:
    """One masker for each baseline of the modality; those of films take pixels for players."""
    return _MASKERS[question.case.modality](question)


def random_records(question: Question, count: int, draw: np.random.Generator) -> list[Masker]:
    """Maskers of records that put in the values of one training record each, drawn at random."""
    model = _table(question)
    known = model.sample[:N_BACKGROUND]
    drawn = draw.choice(len(known), size=min(count, len(known)), replace=False)
    encoded = model.encode_values(known[drawn])
    baseline = Baseline(name="random record", description="the values of one training record")
    return [
        BackgroundMasker(question.inputs, row[None], baseline=baseline, players=question.players)
        for row in encoded
    ]


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


def _table(question: Question) -> HasTable:
    """The model as one of records."""
    if not isinstance(question.model, HasTable):
        raise ExplainError(f"{question.model.card.title} does not say which columns it reads.")
    return question.model


def _of_film(question: Question) -> list[Masker]:
    """Every baseline of images, pixel by pixel."""
    height, width = question.players.element_shape
    pixels = pixel_players((height, width))
    found: list[Masker] = []
    for kind in BASELINES_OF["image"]:
        baseline, contents = image_baseline(cast("ImageBaseline", kind), question.inputs)
        found.append(RegionMasker(question.inputs, contents, baseline=baseline, players=pixels))
    return found


def _of_record(question: Question) -> list[Masker]:
    """Every baseline of records."""
    model, inputs, players = _table(question), question.inputs, question.players
    return [
        record_masker(model, inputs, kind=cast("TableBaseline", kind), players=players)
        for kind in BASELINES_OF["tabular"]
    ]


def _of_text(question: Question) -> list[Masker]:
    """Every baseline of texts."""
    model = question.model
    if not isinstance(model, HasTokens):
        raise ExplainError(f"{model.card.title} does not say which words its tokens come from.")
    return [
        TokenMasker(
            question.inputs,
            mask_id=model.mask_id,
            pad_id=model.pad_id,
            kind=cast("TextBaseline", kind),
            players=question.players,
        )
        for kind in BASELINES_OF["text"]
    ]


_MASKERS: Final[Mapping[Modality, Callable[[Question], list[Masker]]]] = {
    "image": _of_film,
    "tabular": _of_record,
    "text": _of_text,
}

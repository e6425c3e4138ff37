"""The referee: hide a part under every baseline and measure what the model does.

Methods say what a part is worth; here the model is asked. Beside the part, placebo parts of the
same size are hidden the same way: they tell a large change from what hiding anything would do.
All questions of one case are one batch on the engine: what several of them hide is asked once.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.maskers.base import Masker
from explainers.metrics import BoolArray
from explainers.placebo import Placebos
from explainers.question import Question
from explainers.referee_batch import (
    Batch,
    Measured,
    Places,
    Progress,
    every_baseline,
    placebos_of,
    random_records,
)
from explainers.referee_part import Part, whole
from explainers.referee_report import RefereeReport
from explainers.referee_sides import Sides, TwoSided, random_pairs
from models.errors import ExplainError

N_PLACEBOS: Final = 40
PART, ALONE, NOTHING, FIRST_PLACEBO = range(4)  # rows of what is hidden


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What one batch found.

    Attributes:
        parts: One report a part, in order.
        sides: One comparison a pair of sides, in order.
    """

    parts: tuple[RefereeReport, ...]
    sides: tuple[TwoSided, ...]


def referee(
    question: Question,
    parts: Sequence[Part | tuple[int, ...]],
    *,
    seed: int = 0,
    runtime: Runtime | None = None,
) -> tuple[RefereeReport, ...]:
    """Ask the model about parts of a case; see `ask_model`."""
    return ask_model(question, parts, seed=seed, runtime=runtime).parts


def ask_model(
    question: Question,
    parts: Sequence[Part | tuple[int, ...]] = (),
    sides: Sequence[Sides] = (),
    *,
    seed: int = 0,
    runtime: Runtime | None = None,
    n_placebos: int = N_PLACEBOS,
    progress: Progress = lambda _, __: None,
) -> Answers:
    """Ask the model about parts and pairs of parts of a case; for the question's first target.

    Args:
        question: What was explained; its own baseline is one of those used here.
        parts: Shapes on a film, or players to hide together, one tuple a part.
        sides: Pairs of parts to compare (`referee_sides.sides_of`).
        seed: Of the placebo parts.
        runtime: How to compute; None takes the device's default.
        n_placebos: Placebo parts for each part and random pairs for each pair, where there are.
        progress: Told rows spent and rows in all, a pass at a time.

    Raises:
        ExplainError: a part is empty, names players that do not exist, or is a shape on no film.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    asker = _Asker(question, seed, n_placebos)
    finishers = [
        *(asker.plan_part(_part_of(question, part)) for part in parts),
        *(asker.plan_sides(pair) for pair in sides),
    ]
    game = MaskedPredictor(question, runtime)
    found = asker.ask(game, progress) if finishers else None
    results = [] if found is None else [finish(found) for finish in finishers]
    return Answers(
        parts=tuple(r for r in results if isinstance(r, RefereeReport)),
        sides=tuple(r for r in results if isinstance(r, TwoSided)),
    )


class _Asker:
    """Plans what is to be hidden for all questions, then asks once."""

    def __init__(self, question: Question, seed: int, count: int) -> None:
        self.question, self.seed, self.count = question, seed, count
        self.batch = Batch()
        self.n_draws = 0  # records that stand in one at a time, where there are few parts

    def plan_part(self, part: Part) -> Callable[[Measured], RefereeReport]:
        """Put one part and its placebos into the batch; what is returned makes the report."""
        question, before = self.question, len(self.batch)
        own = self._row(part)
        everything = self._everything()
        placebos = placebos_of(question, part, own, self.count, self._draws("referee"))
        if question.case.modality == "tabular" and len(placebos.hidden):
            self.n_draws = max(self.n_draws, math.ceil(N_PLACEBOS / len(placebos.hidden)))
        where = self.batch.add(
            np.vstack([own, everything & ~own, everything, placebos.hidden]).astype(np.bool_)
        )
        n_new = len(self.batch) - before

        def finish(found: Measured) -> RefereeReport:
            return _report(self, part, where, placebos, n_new, found)

        return finish

    def plan_sides(self, pair: Sides) -> Callable[[Measured], TwoSided]:
        """Put both parts and random pairs into the batch."""
        before = len(self.batch)
        draw = self._draws("two sides")
        one, two = random_pairs(self.question.players, pair.parts, self.count, draw)
        where = self.batch.add(np.vstack([*(self._row(part) for part in pair.parts), one, two]))
        n_new = len(self.batch) - before

        def finish(found: Measured) -> TwoSided:
            return _comparison(self, pair, where, n_new, found)

        return finish

    def ask(self, game: MaskedPredictor, progress: Progress) -> Measured:
        """Ask the model about everything planned."""
        baselines, drawn = every_baseline(self.question), list[Masker]()
        if self.n_draws:
            drawn = random_records(self.question, self.n_draws, self._draws("random records"))
        return self.batch.ask(game, baselines, drawn, progress)

    def area(self, part: Part) -> float | None:
        """Share of the film that a part covers."""
        if self.question.case.modality != "image":
            return None
        return float(self._row(part).sum() / self._everything().sum())

    def _row(self, part: Part) -> BoolArray:
        """(N,) what hiding a part hides: pixels of a film, players elsewhere."""
        players = self.question.players
        if self.question.case.modality == "image":
            return part.hides(players)
        return np.isin(np.arange(players.count), part.players)

    def _everything(self) -> BoolArray:
        """(N,) all that can be hidden."""
        players = self.question.players
        if self.question.case.modality == "image":
            return players.membership >= 0
        return np.ones(players.count, dtype=np.bool_)

    def _draws(self, what: str) -> np.random.Generator:
        """Random numbers: the same for every part of a case, so that parts share placebos."""
        stream = generator_for(self.seed, what, self.question.case)
        return np.random.default_rng(stream.initial_seed())


def _part_of(question: Question, part: Part | tuple[int, ...]) -> Part:
    """A part as it is hidden; only films have shapes on them."""
    if not isinstance(part, Part):
        return whole(question.players, part)
    if part.elements is not None and question.case.modality != "image":
        raise ExplainError("A shape can be hidden on a film only.", "Choose parts of the case.")
    return part


def _report(
    asker: _Asker,
    part: Part,
    where: Places,
    placebos: Placebos,
    n_new: int,
    found: Measured,
) -> RefereeReport:
    """One part's numbers out of the batch's."""
    question, values, drawn = asker.question, found.values[where], found.drawn[where]
    return RefereeReport(
        case_digest=question.case.digest,
        players_digest=question.players.digest(),
        part=part.players,
        coverage=part.coverage,
        area=asker.area(part),
        elements=part.elements,
        target=question.targets[0],
        scale=question.scale,
        baselines=found.baselines,
        value_full=found.full,
        hiding=found.full - values[PART],
        keeping=values[ALONE] - values[NOTHING],
        effects=found.full - values[NOTHING],
        placebos=found.full - values[FIRST_PLACEBO:],
        placebo_kind=placebos.kind,
        n_possible=placebos.n_possible,
        overlap=placebos.overlap,
        alike=placebos.alike,
        own_draws=found.full - drawn[PART],
        other_draws=found.full - drawn[FIRST_PLACEBO:],
        rows=n_new * found.rows_per_set,
        seconds=n_new * found.seconds_per_set,
        seed=asker.seed,
    )


def _comparison(asker: _Asker, pair: Sides, where: Places, n_new: int, found: Measured) -> TwoSided:
    """One pair's numbers out of the batch's."""
    question, changes = asker.question, found.full - found.values[where]
    one, two = pair.parts
    return TwoSided(
        case_digest=question.case.digest,
        players_digest=question.players.digest(),
        methods=pair.methods,
        parts=(one.players, two.players),
        coverage=(one.coverage, two.coverage),
        k=pair.k,
        area=asker.area(one),
        target=question.targets[0],
        scale=question.scale,
        baselines=found.baselines,
        value_full=found.full,
        hiding=changes[:2],
        pairs=changes[2:].mean(axis=1).reshape(2, -1).T,
        rows=n_new * found.rows_per_set,
        seconds=n_new * found.seconds_per_set,
        seed=asker.seed,
    )

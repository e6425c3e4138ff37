"""The referee's plan: what is to be hidden for all questions of a case, and what was found of each.

Everything is put into one batch first, then asked.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from explainers.coalition_values import CoalitionValues
from explainers.consult import generator_for
from explainers.engine import MaskedPredictor
from explainers.maskers.base import Masker
from explainers.metrics import BoolArray
from explainers.placebo import Placebos
from explainers.question import Question
from explainers.referee_batch import Batch, Measured, Places, Progress, placebos_of
from explainers.referee_maskers import every_baseline, random_records
from explainers.referee_part import Part
from explainers.referee_report import RefereeReport
from explainers.referee_sides import Sides, TwoSided, random_pairs

N_PLACEBOS: Final = 40
PART, ALONE, NOTHING, FIRST_PLACEBO = range(4)  # rows of what is hidden


class Plan:
    """What is to be hidden for all questions of a case; asked once."""

    def __init__(self, question: Question, seed: int, count: int, *, everywhere: bool) -> None:
        self.question, self.seed, self.count = question, seed, count
        self.batch, self.baselines = Batch(), every_baseline(question)
        # What has a baseline of its own is compared under all that its modality has.
        names = [masker.baseline.name for masker in self.baselines]
        self.everywhere = everywhere or question.masker.baseline.name not in names
        self.n_draws = 0  # records that stand in one at a time, where there are few parts

    def plan_part(self, part: Part) -> Callable[[Measured], RefereeReport]:
        """Put one part and its placebos into the batch; what is returned makes the report."""
        question, before = self.question, len(self.batch)
        own = self._row(part)
        everything = self._everything()
        placebos = placebos_of(question, part, own, self.count, self._draws("referee"))
        if question.case.modality == "tabular" and len(placebos.hidden):
            self.n_draws = max(self.n_draws, math.ceil(N_PLACEBOS / len(placebos.hidden)))
        asked = self.batch.add(np.vstack([own, everything & ~own, everything]).astype(np.bool_))
        others = self.batch.add(placebos.hidden, everywhere=self.everywhere)
        where, new = np.concatenate([asked, others]), (before, len(self.batch))

        def finish(found: Measured) -> RefereeReport:
            return _report(self, part, where, placebos, new, found)

        return finish

    def plan_sides(self, pair: Sides) -> Callable[[Measured], TwoSided]:
        """Put both parts and random pairs into the batch."""
        before = len(self.batch)
        draw = self._draws("two sides")
        one, two = random_pairs(self.question.players, pair.parts, self.count, draw)
        where = self.batch.add(np.vstack([*(self._row(part) for part in pair.parts), one, two]))
        new = (before, len(self.batch))

        def finish(found: Measured) -> TwoSided:
            return _comparison(self, pair, where, new, found)

        return finish

    def ask(
        self, game: MaskedPredictor, progress: Progress, known: CoalitionValues | None
    ) -> Measured:
        """Ask the model about everything planned."""
        drawn = list[Masker]()
        if self.n_draws:
            drawn = random_records(self.question, self.n_draws, self._draws("random records"))
        return self.batch.ask(game, self.baselines, drawn, progress, known)

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


def _report(
    plan: Plan,
    part: Part,
    where: Places,
    placebos: Placebos,
    new: tuple[int, int],
    found: Measured,
) -> RefereeReport:
    """One part's numbers out of the batch's."""
    question, values, drawn = plan.question, found.values[where], found.drawn[where]
    rows, seconds = found.spent(*new)
    under = slice(None) if plan.everywhere or found.own is None else [found.own]
    return RefereeReport(
        case_digest=question.case.digest,
        players_digest=question.players.digest(),
        part=part.players,
        coverage=part.coverage,
        area=plan.area(part),
        elements=part.elements,
        target=question.targets[0],
        scale=question.scale,
        baselines=found.baselines,
        value_full=found.full,
        hiding=found.full - values[PART],
        keeping=values[ALONE] - values[NOTHING],
        effects=found.full - values[NOTHING],
        placebos=found.full - values[FIRST_PLACEBO:, under],
        placebo_baseline=None if plan.everywhere else question.masker.baseline.name,
        placebo_kind=placebos.kind,
        n_possible=placebos.n_possible,
        overlap=placebos.overlap,
        alike=placebos.alike,
        own_draws=found.full - drawn[PART],
        other_draws=found.full - drawn[FIRST_PLACEBO:],
        rows=rows,
        seconds=seconds,
        seed=plan.seed,
    )


def _comparison(
    plan: Plan, pair: Sides, where: Places, new: tuple[int, int], found: Measured
) -> TwoSided:
    """One pair's numbers out of the batch's."""
    question, changes = plan.question, found.full - found.values[where]
    rows, seconds = found.spent(*new)
    one, two = pair.parts
    return TwoSided(
        case_digest=question.case.digest,
        players_digest=question.players.digest(),
        methods=pair.methods,
        parts=(one.players, two.players),
        coverage=(one.coverage, two.coverage),
        k=pair.k,
        area=plan.area(one),
        target=question.targets[0],
        scale=question.scale,
        baselines=found.baselines,
        value_full=found.full,
        hiding=changes[:2],
        pairs=changes[2:].mean(axis=1).reshape(2, -1).T,
        rows=rows,
        seconds=seconds,
        seed=plan.seed,
    )

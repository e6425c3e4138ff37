"""Every cause, planted: each function yields real reports in which one thing is not alike."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from benchmarks import planted_defects as defects
from benchmarks import planted_questions as questions
from benchmarks.injected import Subject
from benchmarks.planting import Planted
from explainers.causes import CauseId

PLANTERS: Final[Mapping[CauseId, Callable[[Subject], Iterator[Planted]]]] = {
    "players": questions.players,
    "baseline": questions.baseline,
    "scale": questions.scale,
    "target": questions.target,
    "budget": defects.budget,
    "completeness": defects.completeness,
    "colours": defects.colours,
    "stale": defects.stale,
}

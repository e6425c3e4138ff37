"""Does a method look at the model? Its maps of the model beside those of randomised twins.

numpy only: views and the command line receive these types. docs/sanity.md states the rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeAlias

import numpy as np

from explainers.explanation import MethodId
from explainers.rank_similarity import Interval, interval_of, mean_of, resampled
from models.case import FloatArray, Modality

Light: TypeAlias = Literal["green", "amber", "red", "open"]
Level: TypeAlias = Literal["pixels", "parts"]
N_CASES: Final[dict[Modality, int]] = {"image": 6, "tabular": 24, "text": 6}  # for reference
# At each depth; rows of records are cheap, and networks of two or three layers differ much.
N_TWINS: Final[dict[Modality, int]] = {"image": 3, "tabular": 12, "text": 3}
N_DEPTHS: Final = 3
N_PARTS: Final = 25  # of a film: the same cells on every film, so that films can be compared
BUDGET: Final[Mapping[Modality, int]] = {"image": 200, "tabular": 210_000, "text": 200}
MOST_TIMES: Final = 5  # the budget, for a method that needs more on a case of many parts
SURVIVES: Final = 1 / 2  # red: surely more than this of what a re-run keeps
CHANGES: Final = 1 / 3  # green: surely less than this
LEAST_ROOM: Final = 0.1  # of correlation between floor and ceiling, below which nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much of the model is random in a twin.

    Attributes:
        name: In words, "the head".
        layers: Random layers, from the head down.
        share: Of all layers.
    """

    name: str
    layers: int
    share: float

    @property
    def decides(self) -> bool:
        """Whether the light depends on it: at least half of the layers are random."""
        return self.share >= 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class MethodSanity:
    """One method's maps of C cases compared with those of K twins at D depths.

    Similarity is the Spearman correlation of |values|; NaN where the model's map ranks nothing, 0
    where only the twin's does: nothing of the map is left.

    Attributes:
        method: Which.
        level: Compared pixel by pixel, or part by part where the method has no finer map.
        own: (D, C, K) of the model's map with the twin's map of the same case.
        other: (D, C, K) of the model's map with the twin's maps of other cases: the floor, which
            everything alike in all cases reaches (lungs are dark, edges are empty). 0 where
            cases have no parts in common (texts).
        ceiling: (C,) of the map with the method's own re-run under another seed; 1 where it is
            the same every time.
    """

    method: MethodId
    level: Level
    own: FloatArray
    other: FloatArray
    ceiling: FloatArray

    @cached_property
    def kept(self) -> FloatArray:
        """(D,) part of a map that survives: 0 as another case's, 1 as a re-run's."""
        return np.array([_kept(o, f, self.ceiling) for o, f in zip(self.own, self.other)])  # noqa: B905 - one shape

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """(D,) 95 % intervals of `kept`, over cases and twins."""
        _, n_cases, n_twins = self.own.shape
        cases, draws = resampled(n_cases, n_twins)
        found = []
        for own, other in zip(self.own, self.other, strict=True):
            ceiling = self.ceiling[cases[..., 0]]
            found.append(interval_of(_kept(own[cases, draws], other[cases, draws], ceiling)))
        return tuple(found)

    def light(self, depths: Sequence[Depth]) -> Light:
        """Red, amber, green or open; see docs/sanity.md.

        Args:
            depths: (D,) of the report.
        """
        deciding = [i for i, depth in zip(self.intervals, depths, strict=True) if depth.decides]
        lows, highs = [low for low, _ in deciding], [high for _, high in deciding]
        if any(low > SURVIVES for low in lows):
            return "red"
        if np.isnan([*lows, *highs]).any():
            return "open"
        return "green" if max(highs) < CHANGES else "amber"

    @property
    def floor(self) -> float:
        """Mean similarity with a fully randomised twin's maps of other cases."""
        return float(mean_of(self.other[-1]))

    @property
    def noise_ceiling(self) -> float:
        """Mean similarity with a re-run."""
        return float(mean_of(self.ceiling))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SanityReport:
    """What randomised twins of one model say about methods.

    Attributes:
        model_id: The model.
        weights_sha256: Of its weights.
        depths: (D,) from little to everything.
        n_cases: C.
        n_twins: K at each depth.
        methods: One entry a method that could be asked.
        refused: Method -> why it could not.
        rows: Model rows spent, the twins' included.
        seconds: Wall time.
    """

    model_id: str
    weights_sha256: str
    depths: tuple[Depth, ...]
    n_cases: int
    n_twins: int
    methods: tuple[MethodSanity, ...]
    refused: Mapping[str, str]
    rows: int
    seconds: float

    def of(self, method: MethodId) -> MethodSanity | None:
        """What was found about a method; None when it was not asked."""
        return next((m for m in self.methods if m.method == method), None)

    def light(self, method: MethodId) -> Light:
        """A method's light; open when it was not asked."""
        found = self.of(method)
        return "open" if found is None else found.light(self.depths)

    def lacks(self, methods: Sequence[MethodId]) -> tuple[MethodId, ...]:
        """Those of some methods that were not asked yet."""
        asked = {*(m.method for m in self.methods), *self.refused}
        return tuple(method for method in methods if method not in asked)

    def about(self, methods: Sequence[MethodId]) -> Self:
        """What was found about some of the methods, in their order."""
        found = [m for method in methods if (m := self.of(method)) is not None]
        refused = {name: why for name, why in self.refused.items() if name in methods}
        return replace(self, methods=tuple(found), refused=refused)

    def joined(self, other: Self) -> Self:
        """This and what was found later, of the same model and cases, about other methods."""
        return replace(
            self,
            methods=(*self.methods, *other.methods),
            refused={**self.refused, **other.refused},
            rows=self.rows + other.rows,
            seconds=self.seconds + other.seconds,
        )

    def to_document(self) -> dict[str, Any]:
        """Plain data for report.json; undefined numbers are None."""
        return {
            "model": self.model_id,
            "weights_sha256": self.weights_sha256,
            "depths": [{"name": d.name, "layers": d.layers, "share": d.share} for d in self.depths],
            "n_cases": self.n_cases,
            "n_twins": self.n_twins,
            "methods": [
                {
                    "method": m.method,
                    "light": m.light(self.depths),
                    "level": m.level,
                    "kept": _plain(m.kept),
                    "intervals": _plain(np.array(m.intervals)),
                    "own": _plain(m.own),
                    "other": _plain(m.other),
                    "ceiling": _plain(m.ceiling),
                }
                for m in self.methods
            ],
            "refused": dict(self.refused),
            "rows": self.rows,
            "seconds": self.seconds,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_document`."""
        return cls(
            model_id=document["model"],
            weights_sha256=document["weights_sha256"],
            depths=tuple(Depth(**depth) for depth in document["depths"]),
            n_cases=document["n_cases"],
            n_twins=document["n_twins"],
            methods=tuple(
                MethodSanity(
                    method=m["method"],
                    level=m["level"],
                    own=np.array(m["own"], dtype=np.float64),
                    other=np.array(m["other"], dtype=np.float64),
                    ceiling=np.array(m["ceiling"], dtype=np.float64),
                )
                for m in document["methods"]
            ),
            refused=dict(document["refused"]),
            rows=document["rows"],
            seconds=document["seconds"],
        )


def _kept(own: FloatArray, other: FloatArray, ceiling: FloatArray) -> FloatArray:
    """(mean own - mean other) / (mean ceiling - mean other) over the last axes (C, K), (C,)."""
    defined = np.isfinite(own) & np.isfinite(other)
    own, other = np.where(defined, own, np.nan), np.where(defined, other, np.nan)
    floor = mean_of(other, axis=(-2, -1))
    room = mean_of(ceiling, axis=(-1,)) - floor
    enough = room >= LEAST_ROOM
    part = (mean_of(own, axis=(-2, -1)) - floor) / np.where(enough, room, 1.0)
    return np.asarray(np.where(enough, part, np.nan))


def _plain(values: FloatArray) -> Any:  # noqa: ANN401 - nested lists of numbers
    """Nested lists, None where undefined."""
    if values.ndim > 1:
        return [_plain(row) for row in values]
    return [float(value) if np.isfinite(value) else None for value in values]

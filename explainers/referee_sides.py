"""Two-sided: what only one method names against what only another names. numpy and scipy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from explainers.explanation import Explanation, MethodId, Scale, Target
from explainers.metrics import BoolArray, default_k
from explainers.players import Players
from explainers.referee_part import Part, shape_on, whole
from models.case import FloatArray

NEGLIGIBLE: Final = 1e-6  # differences closer than this are equal: float32 differs between passes
FILM: Final = ("superpixel", "grid cell", "pixel")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """Two parts of equal size that share nothing.

    Attributes:
        methods: Who names the first part and not the second, and the other way round.
        parts: Equal numbers of players; on a film equal areas.
        k: Among how many strongest players of each method the parts are.
    """

    methods: tuple[MethodId, MethodId]
    parts: tuple[Part, Part]
    k: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoSided:
    """Both parts hidden, each alone, beside random pairs of parts of the same size.

    Attributes:
        case_digest: The case.
        players_digest: The cut that the parts belong to.
        methods: Who names which.
        parts: (2,) players of each; on a film the last of the larger one is cut to the area of the
            smaller.
        coverage: (2,) share of each player that is hidden.
        k: Among how many strongest players of each method the parts are.
        area: Share of the film that each part covers, None where not a film.
        target: The class explained.
        scale: "logit" (log-odds) or "probability".
        baselines: (B,) names of what stood in for what was hidden.
        value_full: Value of the case itself.
        hiding: (2, B) value_full - value with the part hidden.
        pairs: (M, 2) the same of random pairs, mean over the baselines.
        rows: Forward rows spent on it.
        seconds: Wall time.
        seed: The request's.
    """

    case_digest: str
    players_digest: str
    methods: tuple[MethodId, MethodId]
    parts: tuple[tuple[int, ...], tuple[int, ...]]
    coverage: tuple[tuple[float, ...], tuple[float, ...]]
    k: int
    area: float | None
    target: Target
    scale: Scale
    baselines: tuple[str, ...]
    value_full: float
    hiding: FloatArray
    pairs: FloatArray
    rows: int
    seconds: float
    seed: int

    @property
    def changes(self) -> tuple[float, float]:
        """Mean over baselines of hiding each part."""
        one, two = self.hiding.mean(axis=1)
        return float(one), float(two)

    @property
    def difference(self) -> float:
        """How much more the first part moves the value than the second, in either direction."""
        one, two = self.changes
        return abs(one) - abs(two)

    @property
    def pair_differences(self) -> FloatArray:
        """(M,) the same of random pairs."""
        return np.asarray(np.abs(self.pairs[:, 0]) - np.abs(self.pairs[:, 1]))

    @property
    def n_as_large(self) -> int:
        """Random pairs whose parts differ as much or more."""
        return int((np.abs(self.pair_differences) >= abs(self.difference) - NEGLIGIBLE).sum())

    @property
    def p_value(self) -> float:
        """(1 + n_as_large) / (1 + M); NaN without pairs."""
        return (1 + self.n_as_large) / (1 + len(self.pairs)) if len(self.pairs) else float("nan")


def sides_of(first: Explanation, second: Explanation, *, k: int | None = None) -> Sides | None:
    """The players that are among the k strongest of one method only; None where there are none.

    On a film the larger part is cut to the area of the smaller: its weakest regions lose their rim.

    Args:
        first: One method's answer.
        second: Another's, on the same players.
        k: None takes as many as carry half of what is said.
    """
    players, strengths = first.players, np.abs(np.stack([first.values, second.values]))
    size = min(k or default_k(strengths), players.count // 2)
    tops = [np.argsort(-strength, kind="stable")[:size] for strength in strengths]
    only = [top[~np.isin(top, other)] for top, other in (tops, tops[::-1])]
    if not len(only[0]):
        return None
    one, two = _parts(players, only)
    return Sides(methods=(first.method, second.method), parts=(one, two), k=size)


def _parts(players: Players, only: Sequence[npt.NDArray[np.int64]]) -> list[Part]:
    """Both parts at equal size; players are given strongest first."""
    if players.kind not in FILM:
        return [whole(players, own.tolist()) for own in only]
    area = min(int(players.sizes[own].sum()) for own in only)
    return [shape_on(players, _strongest(players, own, area)) for own in only]


def _strongest(players: Players, own: npt.NDArray[np.int64], area: int) -> BoolArray:
    """(E,) `area` elements of these players: in their order, within each the deepest first."""
    from scipy.ndimage import distance_transform_edt  # takes long to import: when it is asked for

    order = []
    for player in own:
        inside = players.membership == player
        depth = distance_transform_edt(np.pad(inside.reshape(players.element_shape), 1))
        places = np.flatnonzero(inside)
        order.append(places[np.argsort(-depth[1:-1, 1:-1].reshape(-1)[places], kind="stable")])
    chosen = np.zeros(players.membership.size, dtype=np.bool_)
    chosen[np.concatenate(order)[:area]] = True
    return chosen


def random_pairs(
    players: Players, parts: tuple[Part, Part], count: int, draw: np.random.Generator
) -> tuple[BoolArray, BoolArray]:
    """(M, N) twice: pairs of parts of the same size that share nothing, at random.

    Players in random order: the first ones, and those after them. N elements of a film, whose last
    region is cut to the area; elsewhere N players, and no pair comes twice, nor the pair asked
    about.
    """
    if players.kind in FILM:
        return _random_areas(players, int(parts[0].hides(players).sum()), count, draw)
    size, seen = len(parts[0].players), {frozenset(part.players for part in parts)}
    drawn: list[tuple[tuple[int, ...], ...]] = []
    for _ in range(10 * count):  # there may be fewer pairs than wanted
        shuffled = draw.permutation(players.count)
        halves = (shuffled[:size], shuffled[size : 2 * size])
        pair = tuple(tuple(sorted(half.tolist())) for half in halves)
        if len(drawn) < count and frozenset(pair) not in seen:
            seen.add(frozenset(pair))
            drawn.append(pair)
    hidden = np.zeros((2, len(drawn), players.count), dtype=np.bool_)
    for row, pair in enumerate(drawn):
        for side, members in enumerate(pair):
            hidden[side, row, list(members)] = True
    return hidden[0], hidden[1]


def _random_areas(
    players: Players, area: int, count: int, draw: np.random.Generator
) -> tuple[BoolArray, BoolArray]:
    """(M, E) twice: disjoint sets of regions in random order, each cut to the area."""
    owner = players.membership
    hidden = np.zeros((2, count, owner.size), dtype=np.bool_)
    for row in range(count):
        rank = np.append(draw.permutation(players.count), players.count)[owner]
        order = np.argsort(rank, kind="stable")
        hidden[0, row, order[:area]] = True
        taken = rank[order[area - 1]]  # the region that was cut stays out of the other part
        rest = order[rank[order] > taken][:area]
        rest = rest if len(rest) == area and owner[rest].min() >= 0 else order[area : 2 * area]
        hidden[1, row, rest] = True
    return hidden[0], hidden[1]

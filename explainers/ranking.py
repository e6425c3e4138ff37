"""Methods ranked on one model over many cases, and whether the ranking means anything. numpy only.

Scores of the same cases are compared with each other (paired), never with those of other cases:
films differ in how well anything can be explained. docs/sanity.md has the definitions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from explainers.explanation import MethodId
from explainers.naming import listed
from explainers.rank_similarity import N_BOOTSTRAP, Interval, interval_of
from models.case import FloatArray, Modality

N_CASES: Final = 12  # of two methods the p-value can be 2 / 2^12 at best: enough for all pairs
BUDGET: Final[Mapping[Modality, int]] = {"image": 400, "tabular": 210_000, "text": 400}
LEVEL: Final = 0.05
EXACT_CASES: Final = 12  # up to here all 2^N ways to swap two methods' scores are tried
N_DRAWS: Final = 10_000
LEAST_CASES: Final = 3
DIRECTION: Final = "mean rank: lower is better; score: higher is better"


@dataclass(frozen=True, kw_only=True, eq=False)
class MethodRanking:
    """Scores of M methods on N cases.

    Attributes:
        model_id: The model asked.
        measure: What the score is, in words.
        methods: (M,) ids.
        scores: (N, M), higher is better; NaN where a method has none. Means, ranks and the test of
            all methods take the cases on which every method has one, two methods are told apart by
            those on which both have.
        refused: Method -> why it was not asked.
        rows: Model rows spent.
        seconds: Wall time.
    """

    model_id: str
    measure: str
    methods: tuple[MethodId, ...]
    scores: FloatArray
    refused: Mapping[str, str]
    rows: int
    seconds: float

    @property
    def compared(self) -> FloatArray:
        """(n, M) scores of the cases on which every method has one."""
        kept: FloatArray = self.scores[np.isfinite(self.scores).all(axis=1)]
        return kept

    @property
    def n_cases(self) -> int:
        """Cases compared."""
        return len(self.compared)

    @cached_property
    def ranks(self) -> FloatArray:
        """(n, M) average ranks within each case, 1 = best."""
        return ranks_of(self.compared)

    @property
    def mean_ranks(self) -> FloatArray:
        """(M,) lower is better."""
        return np.asarray(self.ranks.mean(axis=0))

    @property
    def mean_scores(self) -> FloatArray:
        """(M,) higher is better."""
        return np.asarray(self.compared.mean(axis=0))

    @property
    def order(self) -> tuple[int, ...]:
        """Places of `methods`, the best mean rank first."""
        return tuple(int(i) for i in np.argsort(self.mean_ranks, kind="stable"))

    @cached_property
    def rank_intervals(self) -> tuple[Interval, ...]:
        """(M,) 95 % bootstrap intervals of the mean rank, whole cases resampled."""
        return self._intervals(self.ranks)

    @cached_property
    def score_intervals(self) -> tuple[Interval, ...]:
        """(M,) 95 % bootstrap intervals of the mean score."""
        return self._intervals(self.compared)

    @cached_property
    def p_value(self) -> float:
        """Of the hypothesis that all methods are alike on every case: Friedman, by permutation."""
        return friedman(self.ranks)

    @cached_property
    def pairs(self) -> dict[tuple[int, int], float]:
        """Two methods (i < j) -> p-value, adjusted for all pairs (Holm 1979).

        Over the cases on which both have a score: a third that has none takes nothing away.
        """
        found = list(combinations(range(len(self.methods)), 2))
        differences = [self.scores[:, i] - self.scores[:, j] for i, j in found]
        raw = [sign_flip(between[np.isfinite(between)]) for between in differences]
        return dict(zip(found, holm(raw), strict=True))

    def differ(self, one: int, two: int) -> bool:
        """Whether two methods can be told apart: overall, and as a pair."""
        pair = (min(one, two), max(one, two))
        return self.p_value <= LEVEL and self.pairs[pair] <= LEVEL

    def _intervals(self, table: FloatArray) -> tuple[Interval, ...]:
        """(M,) of the column means."""
        rng = np.random.default_rng(0)
        drawn = rng.integers(len(table), size=(N_BOOTSTRAP, len(table)))
        means = table[drawn].mean(axis=1)  # (B, M): every method on the same cases
        return tuple(interval_of(column) for column in means.T)

    def to_document(self) -> dict[str, Any]:
        """Plain data; undefined scores are None."""
        scores = [[v if np.isfinite(v) else None for v in row] for row in self.scores.tolist()]
        return {
            "model": self.model_id,
            "measure": self.measure,
            "direction": DIRECTION,
            "methods": list(self.methods),
            "scores": scores,
            "refused": dict(self.refused),
            "rows": self.rows,
            "seconds": self.seconds,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_document`."""
        return cls(
            model_id=document["model"],
            measure=document["measure"],
            methods=tuple(document["methods"]),
            scores=np.array(document["scores"], dtype=np.float64),
            refused=dict(document["refused"]),
            rows=document["rows"],
            seconds=document["seconds"],
        )


def verdict(found: MethodRanking, titles: Mapping[str, str]) -> str:
    """What the ranking amounts to, in words."""
    names = [titles.get(method, method) for method in found.methods]
    n_cases = found.n_cases
    if len(names) < 2 or n_cases < LEAST_CASES:
        return f"Nothing is ranked: {n_cases} cases on which {len(names)} methods have a score."
    pairs_told = [pair for pair in found.pairs if found.differ(*pair)]
    if not pairs_told and found.p_value <= LEVEL:
        return (
            f"The methods are not all alike on these {n_cases} cases, but no two of them can be "
            "told apart (more cases might)."
        )
    if not pairs_told:
        return (
            f"The ranking is not distinguishable from chance: on these {n_cases} cases no method "
            "is told from another (more cases might)."
        )
    first, *others = found.order
    above = [names[i] for i in others if found.differ(first, i)]
    level = [names[i] for i in others if not found.differ(first, i)]
    said = f"{names[first]} has the best mean rank on {n_cases} cases"
    if not above:
        return f"{said}, but no method below it is told from it; only others differ."
    beats = f"{said}, ahead of {listed(above)}"
    return f"{beats}; not told apart from {listed(level)}." if level else f"{beats}."


def ranks_of(scores: FloatArray) -> FloatArray:
    """(n, M) average ranks within rows, the highest score first; ties share their places."""
    above = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    same = (scores[:, None, :] == scores[:, :, None]).sum(axis=2)
    return np.asarray(above + (same + 1) / 2)


def friedman(ranks: FloatArray, *, seed: int = 0) -> float:
    """Permutation p-value of Friedman's statistic over ranks (n, M); NaN for fewer than two.

    Ranks change places within each case; the sum of squared rank sums is compared, so ties need no
    correction.

    Reference:
        Friedman, JASA 1937. Differs: the distribution is drawn, not the chi-squared limit, which
        is rough for a dozen cases.
    """
    if ranks.shape[0] < 2 or ranks.shape[1] < 2:
        return float("nan")
    rng = np.random.default_rng(seed)
    tiled = np.broadcast_to(ranks, (N_DRAWS, *ranks.shape))
    sums = rng.permuted(tiled, axis=2).sum(axis=1)
    drawn, seen = (sums**2).sum(axis=1), (ranks.sum(axis=0) ** 2).sum()
    return float((1 + (drawn >= seen - 1e-9).sum()) / (1 + N_DRAWS))


def sign_flip(differences: FloatArray, *, seed: int = 0) -> float:
    """Two-sided p-value that paired differences (n,) are symmetric about 0; 1 when all are 0.

    Reference:
        Fisher, The Design of Experiments, 1935: swap the two scores of a case, or do not.
    """
    n = len(differences)
    if not np.any(differences):
        return 1.0
    signs = _signs(n, seed)
    drawn = np.abs(signs @ differences)
    as_large = int((drawn >= abs(differences.sum()) * (1 - 1e-12)).sum())
    if n <= EXACT_CASES:
        return as_large / len(signs)
    return (1 + as_large) / (1 + len(signs))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that hold for all tests at once (Holm, Scand. J. Statist. 1979)."""
    order = np.argsort(p_values)
    factors = len(order) - np.arange(len(order))
    adjusted = np.minimum(np.maximum.accumulate(np.asarray(p_values)[order] * factors), 1.0)
    found = np.empty(len(order))
    found[order] = adjusted
    return [float(p) for p in found]


def _signs(n: int, seed: int) -> npt.NDArray[np.int64]:
    """(2^n, n) all signs, or so many drawn."""
    if n <= EXACT_CASES:
        bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    else:
        bits = np.random.default_rng(seed).integers(2, size=(N_DRAWS, n))
    return np.asarray(2 * bits - 1, dtype=np.int64)

"""Which features of a table go together: groups by correlation in the training sample."""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from models.adapter import HasTable
from models.case import FloatArray
from models.schema import Column

# Average linkage stops here: features share a group when they correlate at least this on average.
LEAST_CORRELATION: Final = 0.5
NAMED: Final = 3  # titles that a group's name lists in full; of more it lists all but the last two
FEWEST_RECORDS: Final = 10  # with both values known; fewer say nothing about a correlation


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureGroup:
    """Features that go together.

    Attributes:
        columns: Their places in the schema, ascending.
        correlation: Smallest correlation of two of them, in [0, 1]; 1 for a single feature.
    """

    columns: tuple[int, ...]
    correlation: float

    def name(self, columns: tuple[Column, ...]) -> str:
        """Display name, such as "Mean radius + mean perimeter (|r| = 0.99)"."""
        titles = [columns[f].title for f in self.columns]
        if len(titles) == 1:
            return titles[0]
        sign = "=" if len(titles) == 2 else "≥"
        if len(titles) > NAMED:
            titles = [*titles[: NAMED - 1], f"{len(titles) - NAMED + 1} more"]
        return f"{' + '.join(titles)} (|r| {sign} {self.correlation:.2f})"


def feature_groups(model: HasTable) -> tuple[FeatureGroup, ...]:
    """Cluster the columns by average linkage on 1 - correlation, in the order of first members."""
    together = correlations(model.sample, model.schema.columns)
    count = len(together)
    labels = np.ones(count, dtype=int)
    if count > 1:
        tree = linkage(squareform(1 - together, checks=False), method="average")
        labels = fcluster(tree, 1 - LEAST_CORRELATION, criterion="distance")
    members = [tuple(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)]
    return tuple(
        FeatureGroup(columns=group, correlation=float(together[np.ix_(group, group)].min()))
        for group in sorted(members)
    )


def correlations(sample: FloatArray, columns: tuple[Column, ...]) -> FloatArray:
    """(F, F) how closely columns of records (B, F) go together, 0 to 1, whatever their kinds.

    The first canonical correlation of ranks (numbers) and one-hot places (categories): |Spearman|
    of two numbers; of a number and a category the correlation ratio of its ranks; of two
    categories with two values each |phi|. Records that miss either value are left out.
    """
    together = np.eye(len(columns))
    known = ~np.isnan(sample)
    whole = [_basis(sample[known[:, f], f], column) for f, column in enumerate(columns)]
    for one, two in combinations(range(len(columns)), 2):
        both = known[:, one] & known[:, two]
        if both.sum() < FEWEST_RECORDS:
            continue
        bases = [  # missing values change the ranks of the others
            whole[f] if both.all() else _basis(sample[both, f], columns[f]) for f in (one, two)
        ]
        together[one, two] = together[two, one] = _largest_cosine(*bases)
    return together


def _basis(values: FloatArray, column: Column) -> FloatArray:
    """(n, d) orthonormal basis of all that a column can say, its mean left out; d may be 0."""
    if column.kind == "number":
        spanned = rankdata(values)[:, None]
    else:
        spanned = (values[:, None] == np.unique(values)).astype(np.float64)
    left, sizes, _ = np.linalg.svd(spanned - spanned.mean(axis=0), full_matrices=False)
    return np.asarray(left[:, sizes > 1e-9 * len(values)])


def _largest_cosine(one: FloatArray, two: FloatArray) -> float:
    """Cosine of the smallest angle between two spaces; 0 where one of them is empty."""
    if one.size == 0 or two.size == 0:
        return 0.0
    return float(np.linalg.svd(one.T @ two, compute_uv=False)[0].clip(0.0, 1.0))

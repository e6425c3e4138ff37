"""Hierarchies of players for Owen values, in scipy's linkage format. numpy and scipy only.

A tree over P players is an array (P - 1, 4): row r joins the nodes in its first two columns into
node P + r, at the height in the third; the fourth counts the players below. Nodes 0..P-1 are the
players, a row only names nodes above it, the last row is the root.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from explainers.players import Players
from models.case import FloatArray


@dataclass(slots=True)
class _Joiner:
    """Joins nodes into a tree, one row at a time."""

    count: int
    rows: list[tuple[float, float, float, float]] = field(default_factory=list)

    def size(self, node: int) -> int:
        """Players below a node."""
        return 1 if node < self.count else int(self.rows[node - self.count][3])

    def join(self, left: int, right: int) -> int:
        """Add the parent of two nodes, one level above the higher of them."""
        heights = [0.0 if n < self.count else self.rows[n - self.count][2] for n in (left, right)]
        self.rows.append((left, right, max(heights) + 1, self.size(left) + self.size(right)))
        return self.count + len(self.rows) - 1

    def join_run(self, nodes: list[int]) -> int:
        """Join a run of neighbours, cut again and again where the players are nearest halved."""
        if len(nodes) == 1:
            return nodes[0]
        before = np.cumsum([self.size(node) for node in nodes])
        cut = int(np.abs(2 * before[:-1] - before[-1]).argmin()) + 1
        return self.join(self.join_run(nodes[:cut]), self.join_run(nodes[cut:]))

    def join_places(self, nodes: npt.NDArray[np.int64], places: FloatArray) -> int:
        """Join players (n,) at `places` (P, 2), halved again and again across the longer side."""
        if len(nodes) == 1:
            return int(nodes[0])
        inside = places[nodes]
        axis = int(np.ptp(inside, axis=0).argmax())
        ordered = nodes[np.lexsort((nodes, inside[:, 1 - axis], inside[:, axis]))]
        half = len(nodes) // 2
        return self.join(
            self.join_places(ordered[:half], places), self.join_places(ordered[half:], places)
        )


def tree_of(players: Players, *, records: FloatArray | None = None) -> FloatArray:
    """Arrange players in a binary tree of what belongs together.

    - Words: neighbours are joined inside their sentence, then neighbouring sentences; every cut
      halves the words as nearly as it can, so that the tree is shallow.
    - Regions: the image is halved again and again across its longer side, by the regions' centres
      (as shap.maskers.Image halves its pixels).
    - Features: complete linkage on 1 - |rank correlation| of `records`; of players with several
      elements (one-hot places) the closest pair counts.

    Args:
        players: The leaves.
        records: (n, E) encoded records, for features only; without them neighbours are joined.

    Returns:
        (P - 1, 4) float64, see the module.
    """
    count = players.count
    if records is not None and count > 1:
        distances = squareform(_distances(records, players.membership, count), checks=False)
        return np.asarray(linkage(distances, method="complete"), dtype=np.float64)
    joiner = _Joiner(count)
    if len(players.element_shape) == 2:  # an image's height and width
        places = players.pool(np.indices(players.element_shape).astype(np.float64), how="mean").T
        joiner.join_places(np.arange(count), places)
    else:
        groups = np.array(players.groups or (0,) * count)
        runs = [np.flatnonzero(groups == group).tolist() for group in np.unique(groups)]
        joiner.join_run([joiner.join_run(run) for run in runs])
    return np.array(joiner.rows, dtype=np.float64).reshape(-1, 4)


def members_of(tree: FloatArray) -> npt.NDArray[np.bool_]:
    """(2P - 1, P) bool: which players lie below each node of a tree (P - 1, 4)."""
    count = len(tree) + 1
    members = np.eye(2 * count - 1, count, dtype=np.bool_)
    for row, (left, right) in enumerate(tree[:, :2].astype(np.int64)):
        members[count + row] = members[left] | members[right]
    return members


def count_coalitions(tree: FloatArray) -> int:
    """Coalitions that the Owen values of a tree (P - 1, 4) depend on, beside none and all.

    A node at depth d stands alone beside every choice of the d - 1 siblings of its ancestors: that
    makes 2^(d-1) coalitions, all different; 2 (P^2 - 1) / 3 in a balanced tree.
    """
    count = len(tree) + 1
    depth = [0] * (2 * count - 1)
    for row in reversed(range(len(tree))):
        for child in tree[row, :2].astype(np.int64):
            depth[child] = depth[count + row] + 1
    return sum(1 << (d - 1) for d in depth[:-1])


def _distances(records: FloatArray, membership: npt.NDArray[np.int32], count: int) -> FloatArray:
    """(P, P) 1 - the largest |rank correlation| of any two elements of two players."""
    ranks = rankdata(records, axis=0)
    centred = ranks - ranks.mean(axis=0)
    lengths = np.sqrt((centred**2).sum(axis=0))
    constant = lengths < 1e-9 * len(records)  # tells nothing of any other: correlation 0
    unit = centred / np.where(constant, np.inf, lengths)
    inside = np.flatnonzero(membership >= 0)
    owner = membership[inside]
    close = np.zeros((count, count))
    pairs = np.abs(unit[:, inside].T @ unit[:, inside])
    np.maximum.at(close, (owner[:, None], owner[None, :]), pairs)
    return np.asarray(1 - np.clip(close, 0, 1), dtype=np.float64)

"""Players: the parts of an input that are kept or removed as a whole. numpy only."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from models.case import FloatArray, digest_of

PlayerKind: TypeAlias = Literal[
    "superpixel", "grid cell", "pixel", "feature", "feature group", "word", "phrase", "sentence"
]
Pooling: TypeAlias = Literal["sum", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Players:
    """A partition of an input's elements.

    Attributes:
        membership: (E,) int32 in [-1, P): element -> player, -1 = never removed. Every id occurs.
        element_shape: Shape whose product is E, (h, w) for images.
        kind: What a player is, for display.
        names: (P,) names a reader can place; empty where a name would tell the content (words) or
            nothing (pixels): these are named by their number, counted from 1.
        word_spans: (P,) words [start, stop) of the text that each player is; empty elsewhere.
        groups: (P,) larger part that each player lies in (its sentence), from 0; empty where there
            is none.
        count: P, the number of players.
    """

    membership: npt.NDArray[np.int32]
    element_shape: tuple[int, ...]
    kind: PlayerKind
    names: tuple[str, ...] = ()
    word_spans: tuple[tuple[int, int], ...] = ()
    groups: tuple[int, ...] = ()
    count: int = field(init=False)

    def __post_init__(self) -> None:
        """Copy, check and freeze the membership.

        Raises:
            ValueError: ids are not contiguous from 0, or sizes do not fit.
        """
        membership = np.array(self.membership, dtype=np.int32).reshape(-1)
        if membership.size != int(np.prod(self.element_shape)):
            raise ValueError(f"{membership.size} elements do not fill {self.element_shape}")
        present = np.unique(membership[membership >= 0])
        if present.size == 0 or not np.array_equal(present, np.arange(present.size)):
            raise ValueError("player ids must be 0..P-1, each on at least one element")
        if membership.min() < -1:
            raise ValueError(f"there is no player {membership.min()}")
        for each in (self.names, self.word_spans, self.groups):
            if each and len(each) != present.size:
                raise ValueError(f"{len(each)} names, spans or groups for {present.size} players")
        membership.setflags(write=False)
        object.__setattr__(self, "membership", membership)
        object.__setattr__(self, "count", present.size)  # asked of every set of masks

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """(P,) elements of each player."""
        return np.bincount(self.membership[self.membership >= 0], minlength=self.count)

    def name(self, player: int) -> str:
        """Display name of one player."""
        return self.names[player] if self.names else f"{self.kind} {player + 1}"

    def digest(self) -> str:
        """SHA-256 hex of the partition: equal exactly when two partitions are."""
        return digest_of(repr(self.element_shape).encode(), self.membership.tobytes())

    def scatter(self, values: FloatArray, *, outside: float = 0.0) -> FloatArray:
        """Paint (P,) values onto elements -> `element_shape`; nobody's elements get `outside`."""
        painted = np.append(np.asarray(values, dtype=np.float64), outside)
        return np.asarray(painted[self.membership].reshape(self.element_shape))

    def pool(self, element_values: FloatArray, *, how: Pooling) -> FloatArray:
        """Gather element values (..., E or element_shape) into players (..., P), by sum or mean.

        Elements with membership -1 belong to nobody and are left out.
        """
        flat = np.asarray(element_values, dtype=np.float64)
        lead = flat.shape[: flat.ndim - len(self.element_shape)]
        if flat.shape[flat.ndim - len(self.element_shape) :] != self.element_shape:
            lead = flat.shape[:-1]
        flat = flat.reshape(-1, self.membership.size)
        inside = self.membership >= 0
        owner = self.membership[inside]
        sums = np.stack([np.bincount(owner, row[inside], self.count) for row in flat])
        pooled = sums / self.sizes if how == "mean" else sums
        return np.asarray(pooled.reshape(*lead, self.count), dtype=np.float64)

"""Coalitions that are spread out: each is, of a few drawn at random, the one least like the rest.

Coalitions drawn one by one resemble each other by chance, and then the effects of players cannot be
told apart by the answers to them: regression over n random ones of P players has n / (n - P) times
the error of as many that are uncorrelated. So of a few random coalitions of the wanted size that
one is taken whose squared correlations with all before it, players counted as +1 and -1, add up
to least. Nothing but earlier coalitions decides, so draws stay nested; and players are treated
alike, so every coalition of a size stays as likely as any other.
"""

import itertools
import math
from collections import deque
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy.linalg.blas import dger

from explainers.metrics import BoolArray
from models.case import FloatArray

CANDIDATES: Final = 8
LISTED: Final = 20_000  # coalitions of one size that are listed to draw from; of more, at random
FIRST_BLOCK: Final = 64  # drawn at random at once; every block is twice as large


def count_of_size(n_players: int, size: int) -> int:
    """Pairs {S, complement} that exist with |S| = size <= P / 2."""
    return math.comb(n_players, size) // (2 if 2 * size == n_players else 1)


def shuffled(n_players: int, size: int, generator: torch.Generator) -> BoolArray:
    """(m, P) all coalitions of one size in random order, of a pair only one."""
    members = _listed(n_players, size)
    order = torch.randperm(len(members), generator=generator).numpy()
    rows = np.zeros((len(members), n_players), dtype=bool)
    rows[np.arange(len(members))[:, None], members[order]] = True
    return _named(rows, size)


@lru_cache(maxsize=64)
def _listed(n_players: int, size: int) -> npt.NDArray[np.int16]:
    """(m, size) the players of all coalitions of one size, of a pair only one."""
    existing = count_of_size(n_players, size)
    combos = itertools.islice(itertools.combinations(range(n_players), size), existing)
    flat = np.fromiter(itertools.chain.from_iterable(combos), np.int16, existing * size)
    return flat.reshape(existing, size)


def at_random(n_players: int, size: int, count: int, generator: torch.Generator) -> BoolArray:
    """(count, P) random coalitions of one size; some may be equal or complementary."""
    keys = torch.rand(count, n_players, generator=generator).numpy()
    rows = keys <= np.partition(keys, size - 1, axis=1)[:, size - 1 : size]
    for tied in np.flatnonzero(np.count_nonzero(rows, axis=1) != size):  # the first of equals
        rows[tied, keys[tied].argsort(kind="stable")[size:]] = False
    return _named(rows, size)


def _named(rows: BoolArray, size: int) -> BoolArray:
    """Coalitions (m, P) of one size; of half the players, by the member that holds player 0."""
    return np.where(rows[:, :1], rows, ~rows) if 2 * size == rows.shape[1] else rows


class Deck:
    """Coalitions of one size in random order.

    Args:
        n_players: P.
        size: Players in each, at most P / 2.
        generator: What chance is left to.
    """

    def __init__(self, n_players: int, size: int, generator: torch.Generator) -> None:
        self._n_players, self._size, self._generator = n_players, size, generator
        self._listed = count_of_size(n_players, size) <= LISTED
        self._rows: BoolArray = np.zeros((0, n_players), dtype=bool)
        self._waiting: deque[int] = deque()
        if self._listed:
            self._add(shuffled(n_players, size, generator))

    def take(self, among: "Spread") -> BoolArray:
        """The next coalition (P,): the least like those it will be among, and none of them."""
        while True:
            found = self._candidates()
            masks = self._rows.take(found, axis=0)
            likeness = among.likeness(masks)
            best = int(likeness.argmin())
            if self._listed:  # the others wait for another turn; of more there are always new ones
                self._waiting.extend(found[:best] + found[best + 1 :])
            else:  # where nearly all were taken, the few left would never win
                while among.holds(masks[best]) and likeness[best] < np.inf:
                    likeness[best] = np.inf
                    best = int(likeness.argmin())
            taken: BoolArray = masks[best]
            if not among.holds(taken):
                return taken

    def _candidates(self) -> list[int]:
        """Rows of the next few that wait."""
        if len(self._waiting) < CANDIDATES and not self._listed:
            # Blocks do not depend on how many are wanted: draws are nested.
            count = max(FIRST_BLOCK, len(self._rows))
            self._add(at_random(self._n_players, self._size, count, self._generator))
        return [self._waiting.popleft() for _ in range(min(CANDIDATES, len(self._waiting)))]

    def _add(self, rows: BoolArray) -> None:
        """Put coalitions (m, P) at the end."""
        self._waiting.extend(range(len(self._rows), len(self._rows) + len(rows)))
        self._rows = np.concatenate([self._rows, rows])


class Spread:
    """The coalitions that were taken, as far as others are compared with them.

    A coalition v, of 0 and 1, of s players correlates with another w of t by
    v'(P w - t) / sqrt(s (P - s) t (P - t)). The weights 1 / t (P - t) of its squares are rounded:
    so all is done in whole numbers that a float64 holds exactly, and ties are ties on every
    machine.
    """

    def __init__(self, n_players: int) -> None:
        self._n_players = n_players
        self._squares = np.zeros((n_players, n_players), order="F")  # as BLAS changes it in place
        sizes = range(1, n_players)
        self._weights = [0, *(round(n_players**2 / (s * (n_players - s))) for s in sizes)]
        self._taken: set[bytes] = set()

    def holds(self, mask: BoolArray) -> bool:
        """Whether a coalition (P,) was taken."""
        return mask.tobytes() in self._taken

    def likeness(self, masks: BoolArray) -> FloatArray:
        """(m,) how much coalitions (m, P) of one size correlate with those taken."""
        rows = masks.astype(np.float64)
        squares = rows @ self._squares
        squares *= rows
        return np.asarray(np.add.reduce(squares, axis=1))

    def add(self, mask: BoolArray) -> None:
        """Take a coalition (P,)."""
        size = np.count_nonzero(mask)
        centred = mask * float(self._n_players)
        centred -= size
        dger(self._weights[size], centred, centred, a=self._squares, overwrite_a=1)
        self._taken.add(mask.tobytes())

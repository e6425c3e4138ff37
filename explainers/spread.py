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
from typing import Final

import numpy as np
import torch

from explainers.metrics import BoolArray
from explainers.orders import IntArray

CANDIDATES: Final = 8
LISTED: Final = 20_000  # coalitions of one size that are listed to draw from; of more, at random
FIRST_BLOCK: Final = 64  # drawn at random at once; every block is twice as large


def count_of_size(n_players: int, size: int) -> int:
    """Pairs {S, complement} that exist with |S| = size <= P / 2."""
    return math.comb(n_players, size) // (2 if 2 * size == n_players else 1)


def shuffled(n_players: int, size: int, generator: torch.Generator) -> BoolArray:
    """(m, P) all coalitions of one size in random order, of a pair only one."""
    existing = count_of_size(n_players, size)
    combos = itertools.islice(itertools.combinations(range(n_players), size), existing)
    flat = np.fromiter(itertools.chain.from_iterable(combos), np.int64, existing * size)
    order = torch.randperm(existing, generator=generator).numpy()
    return _masks(n_players, flat.reshape(existing, size)[order])


def at_random(n_players: int, size: int, count: int, generator: torch.Generator) -> BoolArray:
    """(count, P) random coalitions of one size; some may be equal or complementary."""
    keys = torch.rand(count, n_players, generator=generator).numpy()
    return _masks(n_players, keys.argsort(axis=1, kind="stable")[:, :size])


def _masks(n_players: int, members: IntArray) -> BoolArray:
    """(m, P) coalitions that are given as lists of players (m, size)."""
    rows = np.zeros((len(members), n_players), dtype=bool)
    np.put_along_axis(rows, members, values=True, axis=1)
    if 2 * members.shape[1] == n_players:  # name each pair by the member that holds player 0
        rows = np.where(rows[:, :1], rows, ~rows)
    return rows


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
            if len(self._waiting) < CANDIDATES and not self._listed:
                # Blocks do not depend on how many are wanted: draws are nested.
                count = max(FIRST_BLOCK, len(self._rows))
                self._add(at_random(self._n_players, self._size, count, self._generator))
            count = min(CANDIDATES, len(self._waiting))
            found = [self._waiting.popleft() for _ in range(count)]
            if not self._listed:  # where nearly all were taken, the few left would never win
                found = [row for row in found if not among.holds(self._rows[row])]
            if not found:
                continue
            best = found.pop(among.least_like(self._rows[found]))
            if self._listed:  # the others wait for another turn; of more there are always new ones
                self._waiting.extend(found)
            taken: BoolArray = self._rows[best]
            if not among.holds(taken):
                return taken

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
        self._squares = torch.zeros(n_players, n_players, dtype=torch.float64)
        self._taken: set[bytes] = set()

    def holds(self, mask: BoolArray) -> bool:
        """Whether a coalition (P,) was taken."""
        return mask.tobytes() in self._taken

    def least_like(self, masks: BoolArray) -> int:
        """Which of coalitions (m, P) of one size correlates least; the first of equals."""
        rows = masks.astype(np.float64)
        return int(((rows @ self._squares.numpy()) * rows).sum(axis=1).argmin())

    def add(self, mask: BoolArray) -> None:
        """Take a coalition (P,)."""
        count, size = self._n_players, int(mask.sum())
        centred = torch.from_numpy(count * mask.astype(np.float64) - size)
        weight = round(count**2 / (size * (count - size)))
        self._squares.addr_(centred, centred, alpha=weight)
        self._taken.add(mask.tobytes())

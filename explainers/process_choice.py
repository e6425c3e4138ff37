"""Which rates of a Gaussian process over coalitions make its answers most probable.

A grid: how rough the game is, times how much more freely players vary that matter more. From the
best of a few places one climbs on a part of the pairs, and from there on all of them. The choice
for one class depends on that class's answers alone, whatever else was asked with them.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import torch
from torch import Tensor

from explainers.gaussian_process import Conditioned, Parity, Process, condition, fit

Place: TypeAlias = tuple[int, int]  # in POWERS and ROUGHNESS

# Sums of the rates that are tried: about twice the number of players that interact at once.
ROUGHNESS: Final = (0.1, 0.5, 1.5, 3.0, 5.0, 8.0, 13.0)
# How much more freely players vary that matter more: rate ~ |value|^power.
POWERS: Final = (0.0, 0.7, 1.4)
PLACES: Final = tuple(itertools.product(range(len(POWERS)), range(len(ROUGHNESS))))
LEAST_RELEVANCE: Final = 1e-3  # of the largest: nobody is taken to be without any effect
MOST_SEARCHED: Final = 512  # pairs that choose the rates; the fit takes all of them
STARTS: Final = tuple(itertools.product(range(len(POWERS)), (1, 4)))
FIRST_LOOK: Final = 128  # pairs on which the climb starts, or so many a player if that is more
LOOK_A_PLAYER: Final = 3


def fit_best(signs: Tensor, goals: Tensor, values: Tensor, parity: Parity) -> Process | None:
    """The process whose rates, among a fixed few, make what was seen most probable.

    One climbs from neighbour to better neighbour: on a part of the pairs from the best of a few
    starts, then on all of them. Trying every place ends elsewhere in less than one of a hundred
    halves of a game.

    Args:
        signs: (n, P), the full coalition last.
        goals: (n,).
        values: (P,) what each player is about worth.
        parity: Which half.

    Returns:
        None where no rates give a system that can be solved.
    """
    part = Grid(signs, goals, values, parity, most=max(FIRST_LOOK, LOOK_A_PLAYER * len(values)))
    whole = part if part.step == 1 else Grid(signs, goals, values, parity, most=MOST_SEARCHED)
    start = part.best(STARTS) or whole.best(PLACES)
    best = None if start is None else whole.at(whole.climb(part.climb(start)))
    if best is None:
        return None
    if whole.step == 1:
        return best.process()
    return fit(signs, goals, best.rates, parity)


class Grid:
    """Processes by place (power, roughness) on the grid of rates, conditioned when looked at.

    Args:
        signs: (n, P).
        goals: (n,).
        values: (P,) what each player is about worth.
        parity: Which half.
        most: Pairs to look at, evenly spread.
    """

    def __init__(
        self, signs: Tensor, goals: Tensor, values: Tensor, parity: Parity, *, most: int
    ) -> None:
        self.step = -(-len(signs) // most)
        last = (len(signs) - 1) % self.step  # the full coalition is in every part
        self._signs, self._goals = signs[last :: self.step], goals[last :: self.step]
        self._parity: Parity = parity
        largest = values.abs().max()
        share = values.abs() / largest if float(largest) > 0 else torch.ones_like(values)
        self._relevance = share.clamp_min(LEAST_RELEVANCE)
        self._known: dict[Place, Conditioned | None] = {}

    def at(self, place: Place) -> Conditioned | None:
        """The process with the rates of one place."""
        if place not in self._known:
            power, roughness = place
            weights = self._relevance ** POWERS[power]
            rates = ROUGHNESS[roughness] * weights / weights.sum()
            found = condition(self._signs, self._goals, rates, self._parity)
            self._known[place] = found
        return self._known[place]

    def best(self, places: Iterable[Place]) -> Place | None:
        """Where the evidence is largest; None where nothing can be solved."""
        found = {place: one.evidence for place in places if (one := self.at(place)) is not None}
        return max(found, key=lambda place: found[place]) if found else None

    def climb(self, place: Place) -> Place:
        """From a place to the best of its neighbours, as long as one is better."""
        while True:
            better = self.best(_around(place))
            if better is None or better == place:
                return place
            place = better


def _around(place: Place) -> Iterator[Place]:
    """A place and those beside it on the grid."""
    power, roughness = place
    for near in (place, (power, roughness - 1), (power, roughness + 1),
                 (power - 1, roughness), (power + 1, roughness)):  # fmt: skip
        if 0 <= near[0] < len(POWERS) and 0 <= near[1] < len(ROUGHNESS):
            yield near

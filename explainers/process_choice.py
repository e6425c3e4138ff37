"""Which rates of a Gaussian process over coalitions make its answers most probable.

A grid: how rough the game is, times a shape: how much more freely players vary that matter more, or
on films how much more those act together that touch. From the best of a few places one climbs on a
part of the pairs, then on a larger one, then on all of them. The choice for one class depends on
that class's answers alone, whatever else was asked with them.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

import torch
from torch import Tensor

from explainers.gaussian_process import Conditioned, Parity, Process, condition, fit
from explainers.interactions import Joint

Place: TypeAlias = tuple[int, int]  # in shapes and ROUGHNESS
Shape: TypeAlias = tuple[float, float]

# Sums of the rates that are tried: about twice the number of players that interact at once.
ROUGHNESS: Final = (0.1, 0.5, 1.5, 3.0, 5.0, 8.0, 13.0)
# How much more freely players vary that matter more, rate ~ |value|^power; and the variance of sets
# of players that touch, over that which rates give to all sets of so many players.
SHAPES: Final[tuple[Shape, ...]] = ((0.0, 0.0), (0.7, 0.0), (1.4, 0.0))
SHAPES_BESIDE: Final[tuple[Shape, ...]] = ((0.7, 0.0), (0.0, 2.0), (0.0, 10.0))  # as many
PLACES: Final = tuple(itertools.product(range(len(SHAPES)), range(len(ROUGHNESS))))
LEAST_RELEVANCE: Final = 1e-3  # of the largest: nobody is taken to be without any effect
MOST_SEARCHED: Final = 512  # pairs that choose the rates; the fit takes all of them
STARTS: Final = tuple(itertools.product(range(len(SHAPES)), (1, 4)))
FIRST_LOOK: Final = 128  # pairs on which the climb starts, or so many a player if that is more
LOOK_A_PLAYER: Final = 3
SECOND_LOOK: Final = 256  # pairs that bring one near to the choice of all, at an eighth of the work
# Log likelihood by which a place falls short on fewer pairs so that it is not looked at on more.
# Ten would do if one of the places were true and every look held the one before (Ville's
# inequality: the ratio of likelihoods is a martingale); answers to films and texts sometimes
# overturn ten.
HOPELESS: Final = 50.0


def fit_best(
    signs: Tensor,
    goals: Tensor,
    values: Tensor,
    parity: Parity,
    joint: Joint | None = None,
    pause: Callable[[], None] = lambda: None,
) -> Process | None:
    """The process whose rates, among a fixed few, make what was seen most probable.

    One climbs from neighbour to better neighbour: on a part of the pairs from the best of a few
    starts, on a larger one, then on all of them; what falls far short is not tried again. Trying
    every place ends elsewhere in less than one of a hundred halves of a game.

    Args:
        signs: (n, P), the full coalition last.
        goals: (n,).
        values: (P,) what each player is about worth.
        parity: Which half.
        joint: Players that touch, as these pairs show them, where that is known.
        pause: Called before every place that is looked at, and before the fit to all pairs.

    Returns:
        None where no rates give a system that can be solved.
    """
    first = max(FIRST_LOOK, LOOK_A_PLAYER * len(values))
    grid = Grid(signs, goals, values, parity, joint, most=first, pause=pause)
    place = grid.best(STARTS)
    for most in (SECOND_LOOK, MOST_SEARCHED):
        if math.ceil(len(signs) / most) < grid.step:
            place = None if place is None else grid.climb(place)
            hopeless = grid.hopeless()
            grid = Grid(
                signs, goals, values, parity, joint, most=most, without=hopeless, pause=pause
            )
    place = grid.best(PLACES) if place is None else grid.climb(place)
    best = None if place is None else grid.at(place)
    if best is None:
        return None
    pause()
    if grid.step == 1:
        return best.process()
    if joint is None or best.joint is None:
        return fit(signs, goals, best.rates, parity)
    return fit(signs, goals, best.rates, parity, replace(joint, variance=best.joint.variance))


class Grid:
    """Processes by place (shape, roughness) on the grid, conditioned when looked at.

    Args:
        signs: (n, P).
        goals: (n,).
        values: (P,) what each player is about worth.
        parity: Which half.
        joint: Players that touch, as these pairs show them, where that is known.
        most: Pairs to look at, evenly spread.
        without: Places that a look at fewer pairs has ruled out.
        pause: Called before every place that is looked at.
    """

    def __init__(
        self,
        signs: Tensor,
        goals: Tensor,
        values: Tensor,
        parity: Parity,
        joint: Joint | None = None,
        *,
        most: int,
        without: frozenset[Place] = frozenset(),
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self.step = -(-len(signs) // most)
        last = (len(signs) - 1) % self.step  # the full coalition is in every part
        self._signs, self._goals = signs[last :: self.step], goals[last :: self.step]
        self._parity: Parity = parity
        self._joint = None if joint is None else joint.every(self.step, last)
        largest = values.abs().max()
        share = values.abs() / largest if float(largest) > 0 else torch.ones_like(values)
        self._relevance = share.clamp_min(LEAST_RELEVANCE)
        self._without, self._pause = without, pause
        self._evidence: dict[Place, float] = {}
        self._kept: tuple[Place, Conditioned] | None = None  # matrices of the others are let go

    def at(self, place: Place) -> Conditioned | None:
        """The process with the rates of one place."""
        if self._kept is not None and self._kept[0] == place:
            return self._kept[1]
        return self._conditioned(place)

    def hopeless(self) -> frozenset[Place]:
        """Places that fall so far short that more pairs will not bring them back."""
        best = max(self._evidence.values())
        short = (place for place, found in self._evidence.items() if found < best - HOPELESS)
        return self._without.union(short)

    def best(self, places: Iterable[Place]) -> Place | None:
        """Where the evidence is largest; None where nothing can be solved."""
        found = {place: self._evidence_at(place) for place in places}
        best = max(found, key=lambda place: found[place])
        return best if found[best] > -math.inf else None

    def _conditioned(self, place: Place) -> Conditioned | None:
        self._pause()
        shape, roughness = place
        power, share = (SHAPES if self._joint is None else SHAPES_BESIDE)[shape]
        weights = self._relevance**power
        rates = ROUGHNESS[roughness] * weights / weights.sum()
        joint = self._joint.weighing(share, rates) if self._joint and share > 0 else None
        return condition(self._signs, self._goals, rates, self._parity, joint)

    def _evidence_at(self, place: Place) -> float:
        """Of one place; it is conditioned when it is looked at for the first time."""
        if place not in self._evidence:
            found = self._conditioned(place)
            self._evidence[place] = -math.inf if found is None else found.evidence
            if found and (self._kept is None or found.evidence > self._kept[1].evidence):
                self._kept = place, found
        return self._evidence[place]

    def climb(self, place: Place) -> Place:
        """From a place to the best of its neighbours, as long as one is better."""
        while True:
            better = self.best(p for p in _around(place) if p == place or p not in self._without)
            if better is None or better == place:
                return place
            place = better


def _around(place: Place) -> Iterator[Place]:
    """A place and those beside it on the grid."""
    shape, roughness = place
    for near in (place, (shape, roughness - 1), (shape, roughness + 1),
                 (shape - 1, roughness), (shape + 1, roughness)):  # fmt: skip
        if 0 <= near[0] < len(SHAPES) and 0 <= near[1] < len(ROUGHNESS):
            yield near

"""Which coalitions to ask: paired draws without replacement for SHAP, antithetic ones for LIME.

The bank is one sample for both: its sizes lie half where the Shapley kernel has its mass and half
where fair coins fall.

A pair is a coalition and its complement. Masks are drawn with a CPU generator, so every device sees
the same coalitions. Draws are nested: the first k pairs of a sample are the sample of k pairs, so
that work can stop early, or go on, and be what was asked for with that many rows.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.bank_orders import N_ORDERS, draw_orders, pairs_on
from explainers.maskers.base import PlayerMasks
from explainers.metrics import BoolArray
from explainers.orders import FREE
from explainers.spread import (
    FIRST_BLOCK,
    LISTED,
    Deck,
    Spread,
    at_random,
    count_of_size,
    shuffled,
)

ON_ORDERS: Final = 1 / 16  # of a bank, beside what lies on random orders anyway
EXACT_BITS: Final = 53  # players whose coalitions a float64 tells apart as binary numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSample:
    """Pairs of coalitions, stratified by size.

    Attributes:
        masks: (n, P) float64, one coalition of each pair; the other is 1 - mask.
        stratum: (n,) int64, size class of the pair: min(size, P - size) - 1.
        weights: (n,) float64, Shapley-kernel mass each pair stands for; sums to 1.
        drawn: (S,) float64 pairs drawn in each size class.
        existing: (S,) float64 pairs that exist in each size class.
    """

    masks: PlayerMasks
    stratum: Tensor
    weights: Tensor
    drawn: Tensor
    existing: Tensor

    def first(self, count: int) -> "PairSample":
        """The first so many pairs: what drawing so many would have given."""
        n_players = self.masks.shape[1]
        return labelled_pairs(n_players, self.masks[:count], self.stratum[:count])


def pair_classes(n_players: int) -> tuple[list[int], list[float]]:
    """Size classes of pairs: how many pairs exist, and the Shapley-kernel mass of each class.

    Class s - 1 holds the pairs {S, complement} with |S| = s <= P / 2. The kernel of Lundberg & Lee
    2017, Theorem 2, gives all coalitions of size s the mass (P - 1) / (s (P - s)).
    """
    existing, mass = [], []
    for size in range(1, n_players // 2 + 1):
        middle = 2 * size == n_players
        existing.append(count_of_size(n_players, size))
        mass.append((n_players - 1) / (size * (n_players - size)) * (1.0 if middle else 2.0))
    return existing, [m / sum(mass) for m in mass]


def count_pairs(n_players: int) -> int:
    """Pairs of non-trivial complementary coalitions that exist: 2^(P-1) - 1."""
    return int(2 ** (n_players - 1) - 1)


def take_turns(n_pairs: int, existing: list[int], mass: list[float]) -> Tensor:
    """(n,) int64, the size class of each pair in the order of drawing.

    Two of each class come first, where they exist; error bars need them. Then the j-th pair of a
    class comes at time (j + 1/2) / mass: at every moment classes are drawn in proportion to their
    mass as nearly as whole numbers allow (Sainte-Lague's rule), and classes that are exhausted
    leave their share to the others.
    """
    most = np.array([min(each, n_pairs) for each in existing])
    weight = np.array(mass)

    def drawn_by(time: float) -> npt.NDArray[np.int64]:
        by_mass = np.floor(time * weight + 0.5).astype(np.int64)
        return np.asarray(np.minimum(np.maximum(by_mass, 2), most))

    time = float(n_pairs)
    while drawn_by(time).sum() < min(n_pairs, most.sum()):
        time *= 2.0
    counts = drawn_by(time)
    classes = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(classes)) - np.repeat(np.cumsum(counts) - counts, counts)
    due = np.where(place < 2, place - 2.0, (place + 0.5) / weight[classes])
    return torch.from_numpy(classes[np.lexsort((classes, due))[:n_pairs]])


def draw_pairs(n_players: int, n_pairs: int, generator: torch.Generator) -> PairSample:
    """Draw pairs without replacement, stratified by size; all of them when `n_pairs` suffices.

    Args:
        n_players: P >= 2.
        n_pairs: Pairs wanted, at least 2 per size class.
        generator: CPU generator.

    Reference:
        Covert & Lee 2021 (paired sampling); Musco & Witter 2025 (without replacement).
    """
    stratum = take_turns(n_pairs, *pair_classes(n_players))
    masks = torch.zeros(len(stratum), n_players, dtype=torch.float64)
    for s, own in enumerate(_generators(n_players, generator)):
        here = stratum == s
        masks[here] = coalitions_of_size(n_players, s + 1, int(here.sum()), own)
    return labelled_pairs(n_players, masks, stratum)


def draw_bank(
    n_players: int,
    n_pairs: int,
    generator: torch.Generator,
    *,
    coins: float = 0.5,
    orders: int = N_ORDERS,
) -> PairSample:
    """Draw the pairs that KernelSHAP, LIME and the faithfulness curves share.

    As `draw_pairs` does but for the sizes, `coins` of which lie where fair coins fall; for the
    pairs that random orders pass through (`bank_orders`): they are next in their classes once there
    are enough for a small bank, in which coalitions that hold each other would tell less; and for
    the others being spread out (`spread`). Within a size class every pair is as likely as any
    other. So the sample stands for any way of drawing that treats players alike, once its pairs
    are weighed by class.

    Args:
        n_players: P >= 2.
        n_pairs: Pairs wanted, at least 2 per size class.
        generator: CPU generator.
        coins: Share of the sizes where fair coins fall; the others are those of Shapley's kernel.
        orders: Random orders that the bank passes along, at most 10.
    """
    existing, mass = pair_classes(n_players)
    on_orders = pairs_on(draw_orders(n_players, generator)[:orders])
    wanted = [len(on_orders.get(s, ())) if s else 0 for s in range(len(existing))]
    mixed = [
        (1 - ON_ORDERS) * ((1 - coins) * m + coins * c) + ON_ORDERS * each / max(sum(wanted), 1)
        for m, c, each in zip(mass, coin_mass(n_players), wanted, strict=True)
    ]
    return _spread(n_players, take_turns(n_pairs, existing, mixed), generator, on_orders)


def coin_mass(n_players: int) -> list[float]:
    """Probability that fair coins fall on a pair of each size class: together 1 - 2^(1 - P)."""
    existing, _ = pair_classes(n_players)
    return [math.ldexp(float(pairs), 1 - n_players) for pairs in existing]


def _spread(
    n_players: int,
    stratum: Tensor,
    generator: torch.Generator,
    given: Mapping[int, PlayerMasks],
) -> PairSample:
    """Pairs of these size classes, in this order, each unlike those before it (`Spread`).

    `given` holds by class pairs that are next in their class after the first pairs of the bank.
    """
    decks = [Deck(n_players, s + 1, own) for s, own in enumerate(_generators(n_players, generator))]
    waiting = {s: deque(pairs.numpy().astype(bool)) for s, pairs in given.items()}
    masks, among = np.zeros((len(stratum), n_players), dtype=bool), Spread(n_players)
    for place, s in enumerate(stratum.tolist()):
        mask = _next(waiting.get(s), among) if place >= FREE * n_players else None
        masks[place] = mask = decks[s].take(among) if mask is None else mask
        among.add(mask)
    return labelled_pairs(n_players, torch.from_numpy(masks).double(), stratum)


def _generators(n_players: int, generator: torch.Generator) -> list[torch.Generator]:
    """One of its own for each size class."""
    seeds = torch.randint(2**62, (n_players // 2,), generator=generator).tolist()
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def _next(waiting: deque[BoolArray] | None, among: Spread) -> BoolArray | None:
    """The first that waits and was not taken yet, which waits no longer; None where all were."""
    while waiting:
        mask = waiting.popleft()
        if not among.holds(mask):
            return mask
    return None


def labelled_pairs(n_players: int, masks: PlayerMasks, stratum: Tensor) -> PairSample:
    """Label pairs with the kernel mass each stands for."""
    existing, mass = pair_classes(n_players)
    drawn = torch.bincount(stratum, minlength=len(existing)).double()
    weights = torch.tensor(mass, dtype=torch.float64)[stratum] / drawn[stratum]
    return PairSample(
        masks=masks,
        stratum=stratum,
        weights=weights / weights.sum(),
        drawn=drawn,
        existing=torch.tensor([float(n) for n in existing], dtype=torch.float64),
    )


def antithetic_pairs(n_players: int, n_pairs: int, generator: torch.Generator) -> PlayerMasks:
    """(n_pairs, P) float64 masks of independent fair coins; each stands beside its complement."""
    coins = torch.randint(0, 2, (n_pairs, n_players), generator=generator)
    return coins.double()


def all_coalitions(n_players: int) -> PlayerMasks:
    """(2^P, P) float64: every coalition; row r holds the bits of r, player 0 lowest."""
    codes = np.arange(2**n_players)[:, None]
    return torch.from_numpy(((codes >> np.arange(n_players)) & 1).astype(np.float64))


def coalitions_of_size(
    n_players: int, size: int, count: int, generator: torch.Generator
) -> PlayerMasks:
    """`count` coalitions of one size, no two equal or complementary, in random order."""
    if count_of_size(n_players, size) <= LISTED:
        return torch.from_numpy(shuffled(n_players, size, generator)[:count]).double()
    found = torch.zeros(0, n_players, dtype=torch.float64)
    block = FIRST_BLOCK
    while len(found) < count:  # blocks do not depend on the count: draws are nested
        more = torch.from_numpy(at_random(n_players, size, block, generator)).double()
        found = _distinct(torch.cat([found, more]))
        block *= 2
    return found[:count]


def _distinct(masks: PlayerMasks) -> PlayerMasks:
    """Rows without repetition, first occurrence first."""
    if masks.shape[1] <= EXACT_BITS:  # a number says the same, and is sorted ten times as fast
        names = (masks @ 2.0 ** torch.arange(masks.shape[1], dtype=masks.dtype)).numpy()
    else:
        names = np.packbits(masks.numpy().astype(bool), axis=1)
    _, first = np.unique(names, axis=0, return_index=True)
    return masks[torch.from_numpy(np.sort(first))]

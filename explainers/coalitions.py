"""Which coalitions to ask: paired draws without replacement for SHAP, antithetic ones for LIME.

The bank is one sample for both: its sizes lie half where the Shapley kernel has its mass and half
where fair coins fall.

A pair is a coalition and its complement. Masks are drawn with a CPU generator, so every device sees
the same coalitions.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explainers.maskers.base import PlayerMasks


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


def pair_classes(n_players: int) -> tuple[list[int], list[float]]:
    """Size classes of pairs: how many pairs exist, and the Shapley-kernel mass of each class.

    Class s - 1 holds the pairs {S, complement} with |S| = s <= P / 2. The kernel of Lundberg & Lee
    2017, Theorem 2, gives all coalitions of size s the mass (P - 1) / (s (P - s)).
    """
    existing, mass = [], []
    for size in range(1, n_players // 2 + 1):
        middle = 2 * size == n_players
        existing.append(math.comb(n_players, size) // (2 if middle else 1))
        mass.append((n_players - 1) / (size * (n_players - size)) * (1.0 if middle else 2.0))
    return existing, [m / sum(mass) for m in mass]


def count_pairs(n_players: int) -> int:
    """Pairs of non-trivial complementary coalitions that exist: 2^(P-1) - 1."""
    return int(2 ** (n_players - 1) - 1)


def allocate(n_pairs: int, existing: list[int], mass: list[float]) -> list[int]:
    """Share pairs over size classes in proportion to kernel mass, at least 2 each where they exist.

    Classes that exist fewer times than their share are taken whole and free the rest for others.
    """
    share = [min(2, most) for most in existing]
    spare = n_pairs - sum(share)
    open_classes = [s for s in range(len(existing)) if share[s] < existing[s]]
    while spare > 0 and open_classes:
        total = sum(mass[s] for s in open_classes)
        wanted = {s: spare * mass[s] / total for s in open_classes}
        gained = {s: min(existing[s] - share[s], int(wanted[s])) for s in open_classes}
        if not any(gained.values()):  # less than one each is left: largest wish first
            for s in sorted(open_classes, key=lambda s: -wanted[s])[:spare]:
                share[s] += 1
            break
        for s, extra in gained.items():
            share[s] += extra
        spare -= sum(gained.values())
        open_classes = [s for s in open_classes if share[s] < existing[s]]
    return share


def draw_pairs(n_players: int, n_pairs: int, generator: torch.Generator) -> PairSample:
    """Draw pairs without replacement, stratified by size; all of them when `n_pairs` suffices.

    Args:
        n_players: P >= 2.
        n_pairs: Pairs wanted, at least 2 per size class.
        generator: CPU generator.

    Reference:
        Covert & Lee 2021 (paired sampling); Musco & Witter 2025 (without replacement).
    """
    existing, mass = pair_classes(n_players)
    return _draw(n_players, allocate(n_pairs, existing, mass), generator)


def draw_bank(n_players: int, n_pairs: int, generator: torch.Generator) -> PairSample:
    """Draw the pairs that KernelSHAP and LIME share, as `draw_pairs` does but for the sizes.

    Within a size class every pair is as likely as any other. So the sample stands for any way of
    drawing that treats players alike, once its pairs are weighed by class.
    """
    existing, mass = pair_classes(n_players)
    mixed = [(m + c) / 2 for m, c in zip(mass, coin_mass(n_players), strict=True)]
    return _draw(n_players, allocate(n_pairs, existing, mixed), generator)


def coin_mass(n_players: int) -> list[float]:
    """Probability that fair coins fall on a pair of each size class: together 1 - 2^(1 - P)."""
    existing, _ = pair_classes(n_players)
    return [math.ldexp(float(pairs), 1 - n_players) for pairs in existing]


def _draw(n_players: int, counts: list[int], generator: torch.Generator) -> PairSample:
    """So many pairs of each size class, with the kernel mass each stands for."""
    existing, mass = pair_classes(n_players)
    masks, stratum, weights = [], [], []
    for s, count in enumerate(counts):
        masks.append(_coalitions(n_players, s + 1, count, generator))
        stratum.append(torch.full((count,), s))
        weights.append(torch.full((count,), mass[s] / count, dtype=torch.float64))
    return PairSample(
        masks=torch.cat(masks),
        stratum=torch.cat(stratum),
        weights=torch.cat(weights),
        drawn=torch.tensor(counts, dtype=torch.float64),
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


def _coalitions(n_players: int, size: int, count: int, generator: torch.Generator) -> PlayerMasks:
    """`count` different coalitions of one size, no two complementary, in random order."""
    middle = 2 * size == n_players
    existing = math.comb(n_players, size) // (2 if middle else 1)
    if count * 4 >= existing:  # dense: list them all and take a random part
        combos = list(itertools.islice(itertools.combinations(range(n_players), size), existing))
        chosen = torch.randperm(existing, generator=generator)[:count]
        members = torch.tensor(combos)[chosen]
        return torch.zeros(count, n_players, dtype=torch.float64).scatter_(1, members, 1.0)
    found = torch.zeros(0, n_players, dtype=torch.float64)
    while len(found) < count:
        order = torch.rand(count, n_players, generator=generator).argsort(dim=1)
        fresh = torch.zeros(count, n_players, dtype=torch.float64).scatter_(1, order[:, :size], 1.0)
        if middle:  # name each pair by the member that holds player 0
            fresh = torch.where(fresh[:, :1] == 1, fresh, 1 - fresh)
        found = _distinct(torch.cat([found, fresh]))
    return found[:count]


def _distinct(masks: PlayerMasks) -> PlayerMasks:
    """Rows without repetition, first occurrence first."""
    packed = np.packbits(masks.numpy().astype(bool), axis=1)
    _, first = np.unique(packed, axis=0, return_index=True)
    return masks[torch.from_numpy(np.sort(first))]

"""A verdict per player from the error bars of every method. numpy and scipy only.

A method says that a player matters when its share exceeds an equal share, tau = 1 / P. Two methods
part on it when one says so and the other gives little: at most tau and at most half as much, or at
most an eighth as much (contested); or when they take opposite sides with more than tau / 2 each
(conflict). Every statement is a one-sided test on normal errors; a flag needs all of its statements
(intersection-union test), and flags are controlled over players at a false discovery rate of 5 % in
all: a report that is the first look spends 3 % of it. docs/agreement.md derives the rules.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.metrics import BoolArray
from models.case import FloatArray

Verdict: TypeAlias = Literal["consensus", "contested", "conflict", "undecided", "quiet"]
ALPHA: Final = 0.05  # of wrong decisions, over all looks at one question
# How planned looks at growing budgets share it: the first is the ordinary report. The sum bounds
# what any rule for stopping can do, so nobody pays for looking again (alpha spending).
LEVELS: Final = (0.03, 0.01, 0.005, 0.0025)
LEVEL: Final = LEVELS[0]
# What is left is for ending before the planned rows are spent, after having looked.
EARLY_LOOKS: Final = 5
EARLY_LEVEL: Final = 0.0005
SCREEN: Final = 0.5  # p-values above it cannot become flags and are not counted
FAR: Final = 8.0  # times as much: then the smaller is little, even above tau
# Of the 5 % that "little" may be wrong, the part spent on the eighth: what is that far apart shows.
FAR_WEIGHT: Final = 0.1
IndexPairs: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.intp]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judgement:
    """Verdicts over P players.

    Attributes:
        verdicts: (P,).
        strength: (P,) in [0, 1): gap / (gap + tau) of the two methods that part most; 0 unless
            contested or in conflict.
        sides: (P, 2) the methods that part: larger and smaller when contested, for and against in
            conflict; largest and smallest |share| otherwise.
    """

    verdicts: tuple[Verdict, ...]
    strength: FloatArray
    sides: IndexPairs


def judge(
    shares: FloatArray, errors: FloatArray, signed: BoolArray, *, level: float = LEVEL
) -> Judgement:
    """Decide about every player.

    Args:
        shares: (M, P) finite, M >= 2.
        errors: (M, P) standard errors, 0 where deterministic.
        signed: (M,); unsigned methods vote on size only.
        level: False discoveries among flags, and each wrong "consensus" or "quiet", at most.
    """
    tau = 1 / shares.shape[1]
    matters = _p_matters(shares, errors, tau)
    contests = _p_contests(np.abs(shares), errors, matters, tau)
    p_conflict, p_contested = flag_p_values(shares, errors, signed, tau)
    cutoff = largest_discovery(np.minimum(p_contested, p_conflict), level)
    conflict = p_conflict <= cutoff
    contested = (p_contested <= cutoff) & ~conflict
    agreed = _p_consensus(shares, errors, signed, matters, tau) <= level
    quiet = p_below(np.abs(shares), errors, tau).max(axis=0) <= level
    words: list[Verdict] = ["conflict", "contested", "consensus", "quiet"]
    verdicts = np.select([conflict, contested, agreed, quiet], words, "undecided")
    sides = _sides(shares, signed, contests <= level, conflict, contested)
    players = np.arange(shares.shape[1])
    one, two = shares[sides[:, 0], players], shares[sides[:, 1], players]
    gap = np.where(conflict, one - two, np.abs(one) - np.abs(two))
    strength = np.where(conflict | contested, gap / (gap + tau), 0.0)
    return Judgement(verdicts=tuple(verdicts.tolist()), strength=strength, sides=sides)


def flag_p_values(
    shares: FloatArray, errors: FloatArray, signed: BoolArray, tau: float
) -> tuple[FloatArray, FloatArray]:
    """(P,) p-values of "in conflict" and of "contested".

    Where neither is true, the smaller of both is <= p with a probability of at most p: no flag
    without somebody who matters, and whoever truly supports him is never also on the other side.
    """
    n_methods = len(shares)
    matters = _p_matters(shares, errors, tau)
    contests = _p_contests(np.abs(shares), errors, matters, tau).min(axis=(0, 1))
    # The two orders of one pair exclude each other: unordered pairs are what there is to choose.
    contested = _best_of(n_methods * (n_methods - 1) // 2, contests)
    return _best_of(n_methods, _p_conflict(shares, errors, signed, matters, tau)), contested


def p_above(shares: FloatArray, errors: FloatArray, threshold: float | FloatArray) -> FloatArray:
    """P-values of "the true share exceeds the threshold"; 0 or 1 without error."""
    gap = shares - threshold
    return np.where(errors > 0, _below(-gap / _positive(errors)), np.where(gap > 0, 0.0, 1.0))


def p_below(shares: FloatArray, errors: FloatArray, threshold: float | FloatArray) -> FloatArray:
    """P-values of "the true share is at most the threshold"; 0 or 1 without error."""
    gap = shares - threshold
    return np.where(errors > 0, _below(gap / _positive(errors)), np.where(gap <= 0, 0.0, 1.0))


def largest_discovery(p_values: FloatArray, level: float = ALPHA) -> float:
    """Which p-values to reject at a false discovery rate of `level`: up to the returned one, or -1.

    Most players are far from any flag, with p-values near 1 that only cost power. So p-values above
    one half are dropped and the others doubled, before Benjamini and Hochberg's step-up.

    Reference:
        Benjamini & Hochberg, J. R. Stat. Soc. B 1995; Zhao, Small & Su, JASA 2019 (conditional
        p-values). Proven for independent players; benchmarks/verdicts.py measures it for dependent
        error bars.
    """
    ordered = np.sort(p_values[p_values <= SCREEN]) / SCREEN
    passes = ordered <= level * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    return float(ordered[passes].max(initial=-1.0)) * SCREEN


def _best_of(count: int, p_values: FloatArray) -> FloatArray:
    """P-value of the smallest of `count` independent p-values (Sidak 1967)."""
    return np.asarray(1 - (1 - p_values) ** count)


def _below(z: FloatArray) -> FloatArray:
    """Probability that a standard normal number is below z."""
    from scipy.special import ndtr  # takes long to import: not for a page without a report

    return np.asarray(ndtr(z))


def _positive(errors: FloatArray) -> FloatArray:
    """Errors with 0 replaced, where the caller does not use the result."""
    return np.where(errors > 0, errors, 1.0)


def _p_matters(shares: FloatArray, errors: FloatArray, tau: float) -> FloatArray:
    """(M, P): |share| exceeds tau. Both tails: noise enlarges sizes whatever the sign."""
    sizes = np.abs(shares)
    return np.minimum(p_above(sizes, errors, tau) + p_above(sizes, errors, -tau), 1.0)


def _p_contests(
    sizes: FloatArray, errors: FloatArray, matters: FloatArray, tau: float
) -> FloatArray:
    """(M, M, P): the first method says it matters, the second gives little.

    Little is <= tau and <= half of the first, or <= an eighth of the first; either will do, which
    a weighted Bonferroni makes up for.
    """
    half, far = (
        p_below(
            times * sizes[None] - sizes[:, None],
            np.sqrt(errors[:, None] ** 2 + times**2 * errors[None] ** 2),
            0.0,
        )
        for times in (2.0, FAR)
    )
    below = np.maximum(p_below(sizes, errors, tau)[None], half)
    little = np.minimum(below / (1 - FAR_WEIGHT), far / FAR_WEIGHT)
    found = np.minimum(np.maximum(matters[:, None], little), 1.0)
    found[np.arange(len(sizes)), np.arange(len(sizes))] = 1.0
    return np.asarray(found)


def _p_conflict(
    shares: FloatArray, errors: FloatArray, signed: BoolArray, matters: FloatArray, tau: float
) -> FloatArray:
    """(P,): somebody is above tau / 2, somebody below -tau / 2, somebody says it matters.

    Each takes the smallest of M p-values, which the caller makes up for.
    """
    votes = signed[:, None]
    pro = np.where(votes, p_above(shares, errors, tau / 2), 1.0)
    contra = np.where(votes, p_above(-shares, errors, tau / 2), 1.0)
    each = np.stack([matters.min(axis=0), pro.min(axis=0), contra.min(axis=0)])
    return np.asarray(each.max(axis=0))


def _p_consensus(
    shares: FloatArray, errors: FloatArray, signed: BoolArray, matters: FloatArray, tau: float
) -> FloatArray:
    """(P,): the largest says it matters and nobody parts from it, in size or in sign.

    "Does not part" is the opposite of contested: above tau and an eighth of the largest share, or
    above half of it.
    """
    sizes = np.abs(shares)
    players = np.arange(shares.shape[1])
    largest = sizes.argmax(axis=0)
    loudest_signed = np.where(signed[:, None], sizes, -1.0).argmax(axis=0)
    side = np.sign(shares[loudest_signed, players])
    along = np.where(signed[:, None], shares * side, sizes)
    half, far = (
        p_above(
            times * along - sizes[largest, players],
            np.sqrt(times**2 * errors**2 + errors[largest, players] ** 2),
            0.0,
        )
        for times in (2.0, FAR)
    )
    above = np.maximum(p_above(along, errors, tau), far)
    supports = 2 * np.minimum(above, half)  # either will do: Bonferroni
    # The largest was picked among M, and is not compared with itself.
    supports[largest, players] = len(shares) * matters[largest, players]
    return np.asarray(np.minimum(supports.max(axis=0), 1.0))


def _sides(
    shares: FloatArray,
    signed: BoolArray,
    parted: BoolArray,
    conflict: BoolArray,
    contested: BoolArray,
) -> IndexPairs:
    """(P, 2) the two methods a sentence about the player names; `parted` is (M, M, P)."""
    sizes = np.abs(shares)
    by_size = np.argsort(sizes, axis=0)
    sides = by_size[[-1, 0]].T.copy()
    votes = signed[:, None]
    opposite = np.stack(
        [
            np.where(votes, shares, -np.inf).argmax(axis=0),
            np.where(votes, shares, np.inf).argmin(axis=0),
        ],
        axis=1,
    )
    sides[conflict] = opposite[conflict]
    gaps = np.where(parted, sizes[:, None] - sizes[None], -np.inf)
    pairs = gaps.reshape(-1, shares.shape[1]).argmax(axis=0)
    parting = np.stack(np.unravel_index(pairs, parted.shape[:2]), axis=1)
    sides[contested] = parting[contested]
    return sides

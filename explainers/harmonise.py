"""Ask alike, and say how much of the disagreement that explained. numpy only.

The difference between two answers is half the summed |difference| of their shares: the part of the
evidence that lies elsewhere. What drawing again alone would give is taken off it, and nothing is
claimed within the noise. docs/comparability.md derives both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np

from explainers.causes import Cause, percent
from explainers.explanation import Explanation, MethodId
from explainers.maskers.names import PLAYERS_OF
from explainers.metrics import agree, default_k, rank
from explainers.players import Players
from explainers.report import BUDGET_OF, ConsultRequest, EvidenceReport
from explainers.shares import Evidence, gather
from models.case import FloatArray
from models.errors import IncomparableError

Z: Final = 1.96  # two-sided 95 %
TIMES: Final = 4  # as many model runs halve the error bars
MAX_BUDGET: Final = 5_000_000  # as the command line
Pair: TypeAlias = tuple[int, int]


def harmonised(
    mine: ConsultRequest,
    theirs: ConsultRequest | EvidenceReport,
    causes: Sequence[Cause] = (),
) -> ConsultRequest:
    """One request that asks the methods of both alike.

    Parts, baseline, scale, class and seed are those of `mine`; model runs at least those of either
    and of the modality's default, and four times as many for methods that `causes` call starved.

    Args:
        mine: The request that stands.
        theirs: Another request, or a report whose request is taken.
        causes: What was found; only starved methods matter.
    """
    other = theirs.request if isinstance(theirs, EvidenceReport) else theirs
    modality = next(kind for kind, cuts in PLAYERS_OF.items() if mine.players in cuts)
    methods = tuple(dict.fromkeys((*mine.methods, *other.methods)))
    usual = BUDGET_OF[modality]
    # A file may ask for any number of runs: no more than four times the usual on its account.
    least = max(mine.budget, min(other.budget, TIMES * usual), usual)
    starved = {name for cause in causes if cause.id == "budget" for name in cause.one}
    budgets = {m: max(mine.budget_of(m), least) for m, _ in mine.budgets}
    budgets |= {
        m: min(TIMES * max(least, mine.budget_of(m)), MAX_BUDGET) for m in methods if m in starved
    }
    own = dict(mine.budgets)  # may be spent whole, that of all is spent in proportion
    more = tuple((m, rows) for m, rows in budgets.items() if rows != least or m in own)
    return replace(mine, methods=methods, budget=least, budgets=more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two answers before and after they were asked alike.

    Attributes:
        methods: Their ids.
        before: Part of the evidence that lay elsewhere, in [0, 1]; NaN where it cannot be said.
        after: The same when asked alike.
        noise_before: What drawing again alone would give, in [0, 1].
        noise_after: The same when asked alike.
        error: Standard error of `before` - `after`.
        rank_before: Rank correlation; NaN where undefined.
        rank_after: The same when asked alike.
    """

    methods: tuple[MethodId, MethodId]
    before: float
    after: float
    noise_before: float
    noise_after: float
    error: float
    rank_before: float
    rank_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """How much of the disagreement came from how it was asked.

    Attributes:
        changes: One a pair.
        fraction: Part of the difference beyond noise that is gone, at most 1, negative where it
            grew; NaN where there was none beyond noise, or where it cannot be said.
        sentence: In words.
    """

    changes: tuple[Change, ...]
    fraction: float
    sentence: str


def explained(
    before: Sequence[Explanation],
    after: Sequence[Explanation],
    *,
    pairs: Sequence[Pair] | None = None,
) -> Explained:
    """Say how much of the disagreement is gone.

    Args:
        before: The answers as they were.
        after: The same methods asked alike, in the same order, all on the same players.
        pairs: Which are compared; None compares all.

    Raises:
        ValueError: not the same methods in the same order.
    """
    if [e.method for e in before] != [e.method for e in after] or not after:
        raise ValueError("before and after are not the same methods in the same order")
    onto = after[0].players
    chosen = tuple(combinations(range(len(after)), 2)) if pairs is None else tuple(pairs)
    changes = tuple(_change(before, after, pair, onto) for pair in chosen)
    excess, left, error = _sums(changes)
    is_real = bool(changes) and excess > Z * error
    fraction = (excess - left) / excess if is_real else np.nan
    return Explained(changes=changes, fraction=fraction, sentence=_sentence(changes))


def _change(
    before: Sequence[Explanation], after: Sequence[Explanation], pair: Pair, onto: Players
) -> Change:
    """One pair."""
    one, other = pair
    was, noise_was, error_was, rank_was = _difference(before[one], before[other], onto)
    now, noise_now, error_now, rank_now = _difference(after[one], after[other], onto)
    return Change(
        methods=(after[one].method, after[other].method),
        before=was,
        after=now,
        noise_before=noise_was,
        noise_after=noise_now,
        error=float(np.hypot(error_was, error_now)),
        rank_before=rank_was,
        rank_after=rank_now,
    )


def _difference(
    one: Explanation, other: Explanation, onto: Players
) -> tuple[float, float, float, float]:
    """Difference, what noise alone would give, standard error, rank correlation of two answers."""
    nothing = (np.nan,) * 4
    try:
        evidence = gather((one, other), onto)
    except IncomparableError:
        return nothing
    shares = evidence.shares
    if not np.isfinite(shares).all():
        return nothing
    if not evidence.signed.all():
        shares = np.abs(shares)
    spread = np.sqrt((evidence.share_errors**2).sum(axis=0))
    return (
        float(np.abs(shares[0] - shares[1]).sum() / 2),
        float(spread.sum() / np.sqrt(2 * np.pi)),  # E |N(0, s)| = s sqrt(2 / pi), halved
        float(np.linalg.norm(spread) / 2),
        _rank_correlation(evidence),
    )


def _rank_correlation(evidence: Evidence) -> float:
    """Rank correlation of the two by |value|."""
    ranking = rank(evidence.values, evidence.signed, default_k(evidence.values))
    found: FloatArray = agree(ranking.take(np.array([0])), ranking.take(np.array([1])))[
        "rank_correlation"
    ]
    return float(found[0])


def _sums(changes: Sequence[Change]) -> tuple[float, float, float]:
    """Difference beyond noise before, what is left of it, standard error of what is gone.

    Errors of pairs add up as if they were the same: pairs share answers.
    """
    known = [c for c in changes if np.isfinite(c.before) and np.isfinite(c.after)]
    return (
        sum(c.before - c.noise_before for c in known),
        sum(max(c.after - c.noise_after, 0.0) for c in known),
        sum(c.error for c in known),
    )


def _sentence(changes: Sequence[Change]) -> str:
    """What asking alike did, in words."""
    known = [c for c in changes if np.isfinite(c.before) and np.isfinite(c.after)]
    later = [c.after for c in changes if np.isfinite(c.after)]
    if not later:
        return "Asked alike, nothing can be compared: an answer gives no part any value."
    now = percent(float(np.mean(later)))
    if not known:
        return (
            "Before, they could not be set side by side at all. Asked alike, "
            f"{now} of their evidence lies elsewhere."
        )
    was = percent(float(np.mean([c.before for c in known])))
    moved = f"{was} of their evidence lay elsewhere before, {now} lies elsewhere now"
    excess, left, error = _sums(changes)
    if left - max(excess, 0.0) > Z * error:
        return f"Asked alike, they differ more, not less: {moved}."
    if excess <= Z * error:
        return f"They differed by no more than drawing again would give: {moved}."
    if excess - left <= Z * error:
        return f"Asked alike, the difference is what it was, as far as the noise allows: {moved}."
    gone = percent((excess - left) / excess)
    return f"Asked alike, {gone} of the difference is gone: {moved}."


def explained_reports(
    before: EvidenceReport, after: EvidenceReport, *, other: EvidenceReport | None = None
) -> Explained | None:
    """How much of the disagreement of a report, or of two reports, asking alike explained.

    Args:
        before: The report that was asked alike.
        after: The harmonised report.
        other: A second report, whose answers are compared with those of `before`; None compares
            the answers of `before` among themselves.

    Returns:
        None where fewer than two answers were given both before and after.
    """
    again = {e.method: e for e in after.explanations}
    mine = [e for e in before.explanations if e.method in again]
    theirs = [e for e in other.explanations if e.method in again] if other else []
    answers = [*mine, *theirs]
    pairs = [(i, len(mine) + j) for i in range(len(mine)) for j in range(len(theirs))]
    # What two reports say by the same method differs by the asking alone.
    same = [(i, j) for i, j in pairs if answers[i].method == answers[j].method]
    pairs = same or pairs
    if len(mine) < 2 - bool(other) or (other and not theirs):
        return None
    return explained(answers, [again[e.method] for e in answers], pairs=pairs if other else None)

"""Where methods agree, and whether a difference is real or noise. numpy and scipy only.

Agreement is not truth: nothing here says which method is right. The numbers come from metrics.py
(how alike), chance.py and noise.py (what that is
worth) and verdicts.py (which players are disputed).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explainers.chance import floors_and_bands
from explainers.explanation import Explanation, MethodId
from explainers.metrics import METRICS as METRICS
from explainers.metrics import BoolArray, Ranking, agree, default_k, rank
from explainers.metrics import MetricId as MetricId
from explainers.noise import ceilings
from explainers.players import Players
from explainers.shares import MAX_PLAYERS as MAX_PLAYERS
from explainers.shares import Evidence, common_players, gather, require_same_question
from explainers.verdicts import LEVEL, Judgement, judge
from explainers.verdicts import Verdict as Verdict
from explainers.wording import Vote, sentence
from models.case import FloatArray
from models.errors import IncomparableError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agreement:
    """How far M methods agree about P players.

    Attributes:
        methods: (M,) ids, in the order of every array below.
        players: The common players.
        k: How many top players the top-k metrics look at.
        shares: (M, P) values / sum |values|; NaN rows where a method found nothing.
        share_errors: (M, P) standard errors of `shares`, 0 where deterministic.
        ranks: (M, P) average ranks by |share|, 1 = largest.
        metrics: metric -> (M, M), symmetric, unit diagonal, NaN where undefined.
        chance_floor: metric -> (M, M), mean over all ways to hand the values to other players.
        chance_band: metric -> (M, M), 95 % of those ways stay at or below it.
        noise_ceiling: metric -> (M, M); diagonal: the method against a re-run of itself, else what
            the pair would reach on average if both meant the same. 1 without error bars.
        threshold: Share from which a player "matters": 1 / P, an equal share.
        verdicts: (P,) one word a player.
        reasons: (P,) one sentence a player, naming the methods; "" for quiet players.
        contested: (P,) in [0, 1), how strongly the methods part on this player:
            gap / (gap + 1 / P); 0 unless contested or in conflict.
        remarks: Sentences for the user, such as differing baselines.
        level: At which verdicts were judged: false discoveries among flags, wrong "consensus" or
            "quiet".
    """

    methods: tuple[MethodId, ...]
    players: Players
    k: int
    shares: FloatArray
    share_errors: FloatArray
    ranks: FloatArray
    metrics: Mapping[MetricId, FloatArray]
    chance_floor: Mapping[MetricId, FloatArray]
    chance_band: Mapping[MetricId, FloatArray]
    noise_ceiling: Mapping[MetricId, FloatArray]
    threshold: float
    verdicts: tuple[Verdict, ...]
    reasons: tuple[str, ...]
    contested: FloatArray
    remarks: tuple[str, ...] = ()
    level: float = LEVEL

    @property
    def votes(self) -> BoolArray:
        """(M,) methods that tell the players apart; the others have no vote."""
        return ~np.isnan(np.diagonal(self.metrics["feature_agreement"]))

    @property
    def signed(self) -> BoolArray:
        """(M,) methods whose values have a direction, of those that vote."""
        return ~np.isnan(np.diagonal(self.metrics["sign_agreement"]))


def compare(
    explanations: Sequence[Explanation],
    *,
    onto: Players | None = None,
    k: int | None = None,
    titles: Mapping[MethodId, str] | None = None,
    level: float = LEVEL,
) -> Agreement:
    """Compare explanations of the same Question.

    Args:
        explanations: Two or more; the same method may occur twice (two seeds).
        onto: Common players; None when all explanations share theirs.
        k: Size of the top, in [1, P]; None takes the k that carries half of the evidence.
        titles: Names for sentences, by method; ids otherwise.
        level: At which verdicts are judged, see `verdicts.LEVELS`.

    Raises:
        IncomparableError: fewer than two, or case, model, weights, target, scale or players differ,
            or k is out of range.
    """
    require_same_question(explanations)
    players = common_players(explanations, onto)
    evidence = gather(explanations, players)
    size = default_k(evidence.values) if k is None else k
    if not 1 <= size <= players.count:
        raise IncomparableError(
            f"The top {size} was asked for; between 1 and {players.count} are possible."
        )
    ranking = rank(evidence.values, evidence.signed, size)
    floors, bands = floors_and_bands(ranking)
    names = _names(explanations, titles or {})
    target = explanations[0].target.name
    noise = ceilings(evidence.values, evidence.value_errors, evidence.signed, size)
    verdicts, reasons, contested = _judged(evidence, ranking, names, target, level)
    return Agreement(
        methods=tuple(e.method for e in explanations),
        players=players,
        k=size,
        shares=evidence.shares,
        share_errors=evidence.share_errors,
        ranks=ranking.ranks,
        metrics=_matrices(ranking),
        chance_floor=floors,
        chance_band=bands,
        noise_ceiling={name: found.mean for name, found in noise.items()},
        threshold=1 / players.count,
        verdicts=verdicts,
        reasons=reasons,
        contested=contested,
        remarks=_remarks(explanations, ranking, names),
        level=level,
    )


def _names(explanations: Sequence[Explanation], titles: Mapping[MethodId, str]) -> list[str]:
    """A name a method; methods that occur twice are told apart by seed, or by place."""
    base = [titles.get(e.method, e.method) for e in explanations]
    seeded = [f"{name} (seed {e.seed})" for name, e in zip(base, explanations, strict=True)]
    once, by_seed = Counter(base), Counter(seeded)
    return [
        name if once[name] == 1 else label if by_seed[label] == 1 else f"{name} ({place})"
        for place, (name, label) in enumerate(zip(base, seeded, strict=True), start=1)
    ]


def _judged(
    evidence: Evidence, ranking: Ranking, names: Sequence[str], target: str, level: float
) -> tuple[tuple[Verdict, ...], tuple[str, ...], FloatArray]:
    """Verdicts, reasons and strengths; methods that rank nothing have no vote."""
    voters = np.flatnonzero(ranking.defined)
    n_players = evidence.shares.shape[1]
    if len(voters) < 2:
        reason = "Fewer than two methods tell the parts apart, so there is nothing to compare."
        return ("undecided",) * n_players, (reason,) * n_players, np.zeros(n_players)
    shares, errors = evidence.shares[voters], evidence.share_errors[voters]
    signed = evidence.signed[voters]
    judgement = judge(shares, errors, signed, level=level)
    called = [names[int(v)] for v in voters]
    reasons = tuple(
        _reason(judgement, p, shares[:, p], errors[:, p], signed, called, target)
        for p in range(n_players)
    )
    return judgement.verdicts, reasons, judgement.strength


def _reason(
    judgement: Judgement,
    player: int,
    shares: FloatArray,
    errors: FloatArray,
    signed: BoolArray,
    names: Sequence[str],
    target: str,
) -> str:
    """The sentence of one player."""
    votes = [
        Vote(name=name, share=float(share), error=float(error), signed=bool(sign))
        for name, share, error, sign in zip(names, shares, errors, signed, strict=True)
    ]
    one, two = judgement.sides[player]
    return sentence(judgement.verdicts[player], votes, (int(one), int(two)), target)


def _matrices(ranking: Ranking) -> dict[MetricId, FloatArray]:
    """The six metrics of every pair: metric -> (M, M)."""
    n_methods = len(ranking.first)
    matrices = {name: np.empty((n_methods, n_methods)) for name in METRICS}
    for i in range(n_methods):  # row by row: all pairs at once would hold M^2 P^2 numbers
        others = np.arange(i, n_methods)
        for name, found in agree(
            ranking.take(np.full_like(others, i)), ranking.take(others)
        ).items():
            matrices[name][i, i:] = matrices[name][i:, i] = found
    return matrices


def _remarks(
    explanations: Sequence[Explanation], ranking: Ranking, names: Sequence[str]
) -> tuple[str, ...]:
    """What limits the comparison: silent methods, differing baselines."""
    remarks = [
        f"{name} has no vote: it gives every part the same value."
        for name, defined in zip(names, ranking.defined, strict=True)
        if not defined
    ]
    fills: dict[str, list[str]] = {}
    for name, explanation in zip(names, explanations, strict=True):
        if explanation.baseline is not None:
            fills.setdefault(explanation.baseline.name, []).append(name)
    if len(fills) > 1:
        used = "; ".join(f"{', '.join(who)}: {fill}" for fill, who in fills.items())
        remarks.append(
            f"Absent parts were replaced differently ({used}): that alone can part them."
        )
    return tuple(remarks)

"""What is known while methods are at work, and what stopping now would cost. numpy and scipy only.

Errors of sampling methods shrink with the root of their rows, so that the verdicts of the planned
end can be foreseen from what the methods say now. Whoever stops after having looked is judged more
strictly than whoever goes on to the end (`verdicts.EARLY_LEVEL`): that is the price of stopping.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.explanation import Explanation, MethodId
from explainers.metrics import BoolArray, default_k
from explainers.report import MethodFailure
from explainers.shares import Evidence, gather
from explainers.top_k import certified_top_k
from explainers.verdicts import EARLY_LEVEL, EARLY_LOOKS, LEVEL, judge
from models.case import FloatArray

Stop: TypeAlias = Literal["spent", "decided", "5 s", "15 s", "60 s"]
STOPS: Final[Mapping[Stop, str]] = {
    "spent": "when all model runs are spent",
    "decided": "as soon as everything is decided",
    "5 s": "after 5 seconds",
    "15 s": "after 15 seconds",
    "60 s": "after a minute",
}
SECONDS: Final[Mapping[Stop, float]] = {"5 s": 5.0, "15 s": 15.0, "60 s": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interim:
    """What a method says so far.

    Attributes:
        explanation: As `explain` returns it with a budget of its rows.
        planned: Forward rows it will have spent in the end.
    """

    explanation: Explanation
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What stopping now would leave open.

    Attributes:
        n_players: P.
        open_now: Players without a verdict if the work ended now.
        open_then: About how many will have none if it goes on to the end.
    """

    n_players: int
    open_now: int
    open_then: int


def outlook(found: Sequence[Explanation], planned: Mapping[MethodId, int]) -> Outlook | None:
    """Compare ending now with going on.

    Args:
        found: What each method says now.
        planned: Rows each will have spent in the end.

    Returns:
        None where fewer than two methods tell the players apart: there will be no verdicts.
    """
    evidence = _voting(found)
    if evidence is None:
        return None
    left = np.array([e.rows / max(planned.get(e.method, e.rows), 1) for e in found])
    shrunk = evidence.share_errors * np.sqrt(np.minimum(left, 1.0))[:, None]
    voters = _voters(evidence)
    return Outlook(
        n_players=evidence.shares.shape[1],
        open_now=_n_open(evidence, evidence.share_errors, voters, EARLY_LEVEL),
        open_then=_n_open(evidence, shrunk, voters, LEVEL),
    )


@dataclass(slots=True)
class UntilDecided:
    """A rule for stopping: every verdict is decided, and every method's top is certain.

    Looks a bounded number of times, each time at twice the rows and at `EARLY_LEVEL`.
    """

    rows: int = 0
    looks: int = 0

    def __call__(self, found: Sequence[Explanation]) -> bool:
        """Whether to stop with these."""
        rows = sum(e.rows for e in found)
        if self.looks == EARLY_LOOKS or rows < 2 * self.rows:
            return False
        self.rows, self.looks = rows, self.looks + 1
        evidence = _voting(found)
        if evidence is None:
            return False
        voters = _voters(evidence)
        if _n_open(evidence, evidence.share_errors, voters, EARLY_LEVEL):
            return False
        k = default_k(evidence.values)
        return all(
            certified_top_k(shares, errors, k, error_rate=EARLY_LEVEL).complete
            for shares, errors in zip(
                evidence.shares[voters], evidence.share_errors[voters], strict=True
            )
            if errors.any()
        )


@dataclass(slots=True, kw_only=True)
class AfterSeconds:
    """A rule for stopping: so much time has gone by.

    Attributes:
        seconds: How much.
        clock: Now, in seconds.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def __call__(self, _: Sequence[Explanation]) -> bool:
        """Whether to stop now."""
        return self.clock() - self.started >= self.seconds


@dataclass(slots=True, kw_only=True)
class SoFar:
    """Follows what methods say, for the outlook and for what a stop left unspent.

    Attributes:
        methods: How many are asked.
        stopped: Rows of methods that were ended before their last round.
    """

    methods: int
    stopped: dict[MethodId, int] = field(default_factory=dict)
    _latest: dict[MethodId, Interim] = field(default_factory=dict)
    _failed: int = 0

    @property
    def all_heard(self) -> bool:
        """Whether every method has said something, or cannot."""
        return len(self._latest) + self._failed >= self.methods

    def after(self, answer: Interim | Explanation | MethodFailure) -> Outlook | None:
        """Take an answer; the outlook, once everybody has said something."""
        match answer:
            case MethodFailure():
                self._failed += 1
            case Interim():
                self._latest[answer.explanation.method] = answer
            case Explanation():
                self._end(answer)
        heard = self._latest.values()
        if not self.all_heard:
            return None
        if all(i.explanation.rows == i.planned for i in heard):
            return None
        planned = {i.explanation.method: i.planned for i in heard}
        return outlook([i.explanation for i in heard], planned)

    def _end(self, answer: Explanation) -> None:
        """A method's last word: its last round's, unless it was stopped."""
        known = self._latest.get(answer.method)
        if known is not None and known.explanation is answer:
            self.stopped[answer.method] = answer.rows
        self._latest[answer.method] = Interim(explanation=answer, planned=answer.rows)


def rule_for(stop: Stop) -> Callable[[Sequence[Explanation]], bool]:
    """A fresh rule: asked after every round whether to end with what there is."""
    if stop == "decided":
        return UntilDecided()
    if stop in SECONDS:
        return AfterSeconds(seconds=SECONDS[stop])
    return lambda _: False


def is_late(rule: Callable[[Sequence[Explanation]], bool]) -> bool:
    """Whether a rule that looks at the clock alone is due: no round needs to be waited for."""
    return isinstance(rule, AfterSeconds) and rule(())


def _voting(found: Sequence[Explanation]) -> Evidence | None:
    """What the methods say, on common players; None where there can be no verdicts."""
    if len(found) < 2 or len({e.players.digest() for e in found}) > 1:
        return None
    evidence = gather(found, found[0].players)
    return evidence if _voters(evidence).sum() > 1 else None


def _voters(evidence: Evidence) -> BoolArray:
    """(M,) methods that tell players apart."""
    return np.asarray(np.isfinite(evidence.shares).all(axis=1) & (np.ptp(evidence.values, 1) > 0))


def _n_open(evidence: Evidence, errors: FloatArray, voters: BoolArray, level: float) -> int:
    """Players that would be undecided with these errors."""
    found = judge(evidence.shares[voters], errors[voters], evidence.signed[voters], level=level)
    return found.verdicts.count("undecided")

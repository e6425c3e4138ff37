"""Which verdicts more model runs would decide, and how many runs that takes. numpy and scipy only.

Errors of sampling methods shrink with the root of the rows. A plan says which methods should spend
how much more, so that as many undecided players as possible are decided; the report made with it is
the next of a fixed number of looks, each judged at its own level (`verdicts.LEVELS`), so that
looking again does not make wrong decisions more frequent. The next request follows from the report
alone: the same case and seed lead to the same end however often the work was interrupted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from explainers.bank_remark import BANK
from explainers.explanation import Explanation, MethodId
from explainers.metrics import BoolArray
from explainers.report import ConsultRequest, EvidenceReport
from explainers.verdicts import EARLY_LEVEL, LEVELS, judge
from models.case import FloatArray

EARLY: Final = -1  # the look of a report that was ended before its planned rows were spent
LIMIT: Final = 16  # times the request's budget that a method may spend in one round
# Errors are planned smaller than the present estimate asks for: a player is then decided with a
# probability of 80 %, not of one half. (1.645 + 0.842) / 1.645, normal quantiles at 95 and 80 %.
MARGIN: Final = 1.51
STEP: Final = math.sqrt(2.0)  # factors that are tried
# Of the players that the limit could decide, what the first round aims at: the hardest one would
# send every method to the limit at once. Later rounds aim at all of them.
PART: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What the next round would spend and decide.

    Attributes:
        request: What to ask next; None where no round is left or none would help.
        rows: Model runs it takes.
        seconds: About how long, at the speed of the runs so far.
        most: Model runs that all rounds left can take together at most.
        undecided: Players that are undecided now.
        decidable: Those of them that are expected to be decided.
    """

    request: ConsultRequest | None
    rows: int
    seconds: float
    most: int
    undecided: tuple[int, ...]
    decidable: tuple[int, ...]

    @property
    def too_close(self) -> tuple[int, ...]:
        """Undecided players that the limit cannot decide, as far as can be foreseen."""
        return tuple(p for p in self.undecided if p not in self.decidable)


def level_of(look: int) -> float:
    """Level at which the verdicts of a look are judged; 0 is a report by itself.

    Raises:
        ValueError: there is no such look.
    """
    if look == EARLY:
        return EARLY_LEVEL
    if not 0 <= look < len(LEVELS):
        raise ValueError(f"look {look}: between 0 and {len(LEVELS) - 1} are planned")
    return LEVELS[look]


def plan(report: EvidenceReport) -> Plan | None:
    """What to ask next so that undecided players are decided.

    Returns:
        None where nothing is undecided, or nothing was compared.
    """
    agreement = report.agreement
    if agreement is None or "undecided" not in agreement.verdicts:
        return None
    undecided = tuple(i for i, v in enumerate(agreement.verdicts) if v == "undecided")
    rounds = len(LEVELS) - 1 - report.request.look
    votes = np.flatnonzero(agreement.votes)
    voters = [report.explanations[int(m)] for m in votes]
    factors, decided = np.ones(len(voters)), np.zeros(report.players.count, dtype=bool)
    if rounds > 0 and len(voters) > 1:
        factors, decided = forecast(
            agreement.shares[votes],
            agreement.share_errors[votes],
            agreement.signed[votes],
            level=level_of(report.request.look + 1),
            rows=np.array([e.rows for e in voters]),
            limits=np.array([_most_times(e, report.request.budget) for e in voters]),
            undecided=np.array(agreement.verdicts) == "undecided",
            part=PART if report.request.look == 0 else 1.0,
        )
    budgets = {
        e.method: math.ceil(f * e.rows) for e, f in zip(voters, factors, strict=True) if f > 1
    }
    budgets |= _alike([e.method for e in _on_bank(voters)], budgets)
    decidable = tuple(i for i in undecided if decided[i]) if budgets else ()
    return Plan(
        request=_next(report.request, budgets) if decidable else None,
        rows=_rows(voters, budgets) if decidable else 0,
        seconds=_seconds(voters, budgets) if decidable else 0.0,
        most=_most(voters, report.request.budget, rounds),
        undecided=undecided,
        decidable=decidable,
    )


def plan_line(step: Plan, parts: str) -> str:
    """What more model runs would decide, in one line for the command line.

    Args:
        step: From `plan`.
        parts: What players are called: "regions".
    """
    count = f"{len(step.undecided)} {parts} undecided"
    if step.request is None:
        return f"{count}: too close to call within the limit of model runs"
    return f"{count}: about {step.rows:,} more model runs could decide {len(step.decidable)}"


def forecast(
    shares: FloatArray,
    errors: FloatArray,
    signed: BoolArray,
    *,
    level: float,
    rows: FloatArray,
    limits: FloatArray,
    undecided: BoolArray,
    part: float = 1.0,
) -> tuple[FloatArray, BoolArray]:
    """How many times as much each method should spend, and who is decided then.

    First the least common factor that decides enough players; then every method, the costliest
    first, goes down to the least that still decides as many. A method whose error bars keep nobody
    undecided stays where it is.

    Args:
        shares: (M, P) as observed.
        errors: (M, P) their standard errors at the present rows.
        signed: (M,).
        level: Of the next look.
        rows: (M,) spent so far.
        limits: (M,) the largest factor of each method; 1 where more rows do not help.
        undecided: (P,) who is to be decided; the others should stay decided at the new level.
        part: Which part of those that the limits could decide is enough.

    Returns:
        Factors (M,), 1 for a method that is not asked again, and (P,) expected to be decided.
    """

    def decided(factors: FloatArray) -> BoolArray:
        spread = np.where(factors > 1, MARGIN / np.sqrt(factors), 1.0)
        found = judge(shares, errors * spread[:, None], signed, level=level)
        return np.asarray(np.array(found.verdicts) != "undecided")

    def suffices(factors: FloatArray) -> bool:
        found = decided(factors)
        kept = (found[~undecided] >= reach[~undecided]).all()
        return bool(kept and found[undecided].sum() >= part * reach[undecided].sum())

    # Below the square of the margin a method that is asked again is not expected to gain.
    n_steps = math.ceil(math.log(max(limits.max(), 1.0), STEP)) + 1
    steps = np.array([1.0, *(f for f in STEP ** np.arange(n_steps + 1) if f > MARGIN**2)])
    reach = decided(limits)
    common = next((f for f in steps if suffices(np.minimum(f, limits))), steps[-1])
    factors = np.minimum(common, limits)
    for method in np.argsort(-rows * factors, kind="stable"):
        for step in steps[steps < factors[method]]:
            trial = factors.copy()
            trial[method] = step
            if suffices(trial):
                factors = trial
                break
    return factors, decided(factors)


def _most_times(explanation: Explanation, budget: int) -> float:
    """How many times its present rows a method may spend; 1 where more rows do not help."""
    errors = explanation.std_error
    if errors is None or not errors.any() or explanation.rows == 0:
        return 1.0
    times = LIMIT * budget / explanation.rows
    return times if times > MARGIN**2 else 1.0


def _next(request: ConsultRequest, budgets: Mapping[MethodId, int]) -> ConsultRequest:
    """The same question, with larger budgets and one look further."""
    merged = {**dict(request.budgets), **budgets}
    ordered = tuple((m, merged[m]) for m in dict.fromkeys(request.methods) if m in merged)
    return replace(request, budgets=ordered, look=request.look + 1)


def _rows(voters: Sequence[Explanation], budgets: Mapping[MethodId, int]) -> int:
    """Model runs of all together: the coalitions of one bank are asked once."""
    bank = _on_bank(voters)
    most = max((budgets.get(e.method, 0) for e in bank), default=0)
    return most + sum(budgets[e.method] for e in voters if e not in bank and e.method in budgets)


def _seconds(voters: Sequence[Explanation], budgets: Mapping[MethodId, int]) -> float:
    """At the speed of the runs so far.

    Of methods that rest on one bank the first has spent the time of all, and whoever wants most of
    its coalitions will.
    """
    bank = _on_bank(voters)
    alone = [e for e in voters if e not in bank and e.method in budgets]
    slowest = max((e.seconds / e.rows for e in bank), default=0.0)
    most = max((budgets.get(e.method, 0) for e in bank), default=0)
    return most * slowest + sum(budgets[e.method] * e.seconds / e.rows for e in alone)


def _alike(sharing: Sequence[MethodId], budgets: Mapping[MethodId, int]) -> dict[MethodId, int]:
    """The largest for all that share a bank and want more of it: what one asks, the others know."""
    growing = [method for method in sharing if method in budgets]
    return dict.fromkeys(growing, max((budgets[method] for method in growing), default=0))


def _on_bank(voters: Sequence[Explanation]) -> list[Explanation]:
    """Those that rest on one bank of coalitions."""
    return [e for e in voters if e.settings.get("estimator") == BANK and e.std_error is not None]


def _most(voters: Sequence[Explanation], budget: int, rounds: int) -> int:
    """The last round spends the limit at most, each one before less by the square of the margin."""
    growing = sum(_most_times(e, budget) > 1 for e in voters)
    return math.ceil(growing * LIMIT * budget * sum(MARGIN ** (-2 * r) for r in range(rounds)))

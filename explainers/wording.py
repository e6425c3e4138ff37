"""Verdicts in plain words. Says what methods say, never who is right. Pure standard library."""

from collections.abc import Sequence
from dataclasses import dataclass

from explainers.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one method says about one player.

    Attributes:
        name: Title of the method.
        share: Share of its evidence, signed unless the method is unsigned.
        error: Standard error of the share.
        signed: Whether the sign means for or against.
    """

    name: str
    share: float
    error: float
    signed: bool


def percent(fraction: float) -> str:
    """A share without its sign: "12 %", "0.4 %", "under 0.1 %"."""
    value = abs(fraction) * 100
    if value < 0.1:
        return "0 %" if value == 0 else "under 0.1 %"
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.1f} %".replace(".0 %", " %")


def sentence(verdict: Verdict, votes: Sequence[Vote], sides: tuple[int, int], target: str) -> str:
    """One sentence about one player; "" when quiet.

    Args:
        verdict: What was decided.
        votes: One a method.
        sides: Which two votes part, or are the largest and the smallest.
        target: Name of the explained class.
    """
    one, two = votes[sides[0]], votes[sides[1]]
    if verdict == "conflict":
        return (
            f"{one.name} says it speaks for {target} ({percent(one.share)} of its evidence), "
            f"{two.name} says against ({percent(two.share)})."
        )
    if verdict == "contested":
        return f"{one.name} gives it {percent(one.share)} of its evidence, {_answer(one, two)}."
    if verdict == "consensus":
        return _together(votes, target)
    return _open(one, two) if verdict == "undecided" else ""


def _answer(one: Vote, two: Vote) -> str:
    """The other side of a contest, with its direction where that differs."""
    opposite = one.signed and two.signed and one.share * two.share < 0
    return f"{two.name} {percent(two.share)}{' in the opposite direction' if opposite else ''}"


def _together(votes: Sequence[Vote], target: str) -> str:
    """What all methods say alike."""
    shares = sorted(abs(vote.share) for vote in votes)
    signed = [vote for vote in votes if vote.signed]
    side = ""
    if signed:
        side = f", {'for' if signed[0].share > 0 else 'against'} {target}"
    low, high = percent(shares[0]), percent(shares[-1])
    span = low if low == high else f"{low} to {high}"
    who = "Both methods say" if len(votes) == 2 else f"All {len(votes)} methods say"
    return f"{who} it matters{side}: {span} of their evidence."


def _open(one: Vote, two: Vote) -> str:
    """What is not settled, the largest and the smallest with their errors.

    What is too close to call is whether each side clears an equal share, not that they differ.
    """
    first, second = (_with_error(vote) for vote in (one, two))
    return f"Too close to an equal share to call: {first} of its evidence, {second}."


def _with_error(vote: Vote) -> str:
    """Name, share and standard error, the latter only where there is one."""
    spread = f" ± {percent(vote.error)}" if vote.error > 0 else ""
    return f"{vote.name} gives {percent(vote.share)}{spread}"

"""What makes two answers incomparable, or different for the wrong reason: the types. No numpy.

Rules find them (rules_of_one.py, rules_of_two.py), comparability.py collects them, cause_words.py
says them; docs/comparability.md lists them with their thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

from explainers.numerals import numeral

CauseId: TypeAlias = Literal[
    "players",
    "baseline",
    "scale",
    "target",
    "budget",
    "completeness",
    "colours",
    "stale",
    "direction",
    "quantity",
    "resolution",
]
Severity: TypeAlias = Literal["incomparable", "explains part"]
Aspect: TypeAlias = Literal[
    "players.cut",
    "players.borders",
    "baseline.other",
    "baseline.undeclared",
    "baseline.none",
    "baseline.bins",
    "scale.other",
    "scale.undeclared",
    "target.other",
    "target.undeclared",
    "target.any",
    "budget.errors",
    "budget.unknown",
    "budget.groups",
    "completeness.gap",
    "colours.values",
    "colours.map",
    "colours.panels",
    "stale.case",
    "stale.model",
    "stale.output",
    "stale.answers",
    "stale.request",
    "stale.seed",
    "stale.values",
    "stale.schema",
    "stale.versions",
    "direction.unsigned",
    "quantity.slope",
    "resolution.grid",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason why answers cannot be compared, or differ without meaning anything different.

    Attributes:
        id: Which of the causes.
        severity: "incomparable": their numbers may not be compared at all. "explains part": they
            may be, but part of the difference comes from how they were asked.
        by_nature: Whether it lies in what the methods are, so that asking again changes nothing.
        one: Method ids on the one side.
        other: Method ids on the other side; empty where `one` is at fault whatever the other.
        sentence: What differs.
        why: Why it matters.
        remedy: What to do.
    """

    id: CauseId
    severity: Severity
    by_nature: bool
    one: tuple[str, ...]
    other: tuple[str, ...]
    sentence: str
    why: str
    remedy: str


def to_document(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    """The value of "comparability" in report.json."""
    return [asdict(c) | {"one": list(c.one), "other": list(c.other)} for c in causes]


def read(document: Sequence[Mapping[str, Any]]) -> tuple[Cause, ...]:
    """Read what `to_document` wrote.

    Raises:
        ValueError: a word that is none of ours.
        KeyError, TypeError: another layout.
    """
    return tuple(_cause(part) for part in document)


def _cause(part: Mapping[str, Any]) -> Cause:
    """One entry."""
    if part["id"] not in get_args(CauseId) or part["severity"] not in get_args(Severity):
        raise ValueError("a cause is none of those the schema allows")
    return Cause(
        id=part["id"],
        severity=part["severity"],
        by_nature=bool(part["by_nature"]),
        one=tuple(map(str, part["one"])),
        other=tuple(map(str, part["other"])),
        sentence=str(part["sentence"]),
        why=str(part["why"]),
        remedy=str(part["remedy"]),
    )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an aspect says and why.

    Attributes:
        severity: See Cause.
        sentence: {one}, {other} are names, {a}, {b} the facts of each side, {parts} regions.
        why: Why it matters.
        remedy: What to do.
        by_nature: See Cause.
    """

    severity: Severity
    sentence: str
    why: str
    remedy: str
    by_nature: bool = False

    def cause(
        self,
        aspect: Aspect,
        sides: tuple[tuple[str, ...], tuple[str, ...]],
        words: Mapping[str, str],
    ) -> Cause:
        """Fill in names and facts."""
        identity: CauseId = aspect.split(".")[0]  # type: ignore[assignment]  # tested for all
        return Cause(
            id=identity,
            severity=self.severity,
            by_nature=self.by_nature,
            one=sides[0],
            other=sides[1],
            sentence=_capital(self.sentence.format_map(words)),
            why=self.why.format_map(words),
            remedy=self.remedy.format_map(words),
        )


def _capital(sentence: str) -> str:
    """The sentence with a large first letter."""
    return sentence[:1].upper() + sentence[1:]


@dataclass(frozen=True, slots=True)
class Side:
    """An answer by name.

    Attributes:
        method: Its id; "" for a report as a whole.
        source: "" for the report at hand, else its name, "the other report".
    """

    method: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found, not yet in words.

    Attributes:
        aspect: Of which cause.
        one: The one side.
        other: The other side; None where `one` is at fault whatever the other.
        a: Fact of the one side, in words.
        b: Fact of the other side, or a second one.
        key: Tells findings apart that say the same in words.
    """

    aspect: Aspect
    one: Side
    other: Side | None
    a: str = ""
    b: str = ""
    key: str = ""


def number(value: float) -> str:
    """A value in three digits, with a true minus."""
    return numeral(value, ".3g")


def percent(fraction: float) -> str:
    """A fraction in whole percent, "over 100 %" where it is more."""
    return "over 100 %" if fraction > 1 else f"{100 * fraction:.0f} %"

"""Were the answers asked alike? Names what makes them incomparable or differ without a reason.

Two answers, all answers of one report, or those of two reports. numpy only. Whether a difference
is noise is another question: verdicts.py and noise.py. Rules: rules_of_one.py, rules_of_two.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

from explainers import rules_of_one, rules_of_two
from explainers.asked import Asked, Cards, asked_in, context_of, side
from explainers.cause_words import MEANINGS
from explainers.causes import Cause, Finding, Side
from explainers.explanation import MethodId
from explainers.naming import listed, parts_of
from explainers.report import ConsultRequest, EvidenceReport

THE_OTHER: Final = "the other report"
EFFECTLESS: Final = frozenset({"budget", "completeness"})  # meaningless where there is no effect
REQUEST_WORDS: Final[Mapping[str, str]] = {
    "methods": "methods",
    "target": "finding",
    "contrast": "contrast",
    "budget": "model runs",
    "budgets": "model runs by method",
    "seed": "seed",
    "scale": "unit",
    "baseline": "stand-in",
    "players": "parts",
    "n_players": "number of parts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands on the page now; a result found under anything else is stale.

    Attributes:
        case_digest: The open case.
        model_id: The chosen model.
        weights_sha256: Its weights.
        request: What the pickers say.
    """

    case_digest: str
    model_id: str
    weights_sha256: str
    request: ConsultRequest


def between(
    one: Asked, other: Asked, *, titles: Mapping[MethodId, str] | None = None
) -> tuple[Cause, ...]:
    """Causes that set two answers apart, what is wrong with either of them included.

    Args:
        one: An answer in its context.
        other: Another, of the same report or of another.
        titles: Method id -> name in sentences; ids otherwise.
    """
    findings = [*rules_of_one.of_one(one), *rules_of_one.of_one(other)]
    if one.context is not other.context:
        findings += rules_of_two.of_contexts(one.context, other.context)
        findings += rules_of_two.undeclared(one, other)
    findings += rules_of_two.of_two(one, other)
    return _in_words(findings, titles, one.context.request)


def in_report(
    report: EvidenceReport,
    cards: Cards,
    *,
    titles: Mapping[MethodId, str] | None = None,
    standing: Standing | None = None,
    colour_ends: Mapping[MethodId, float] | None = None,
) -> tuple[Cause, ...]:
    """Causes within one report, over all pairs of its answers.

    Args:
        report: What a consultation found.
        cards: Method id -> what the method promises.
        titles: Method id -> name in sentences; ids otherwise.
        standing: What stands on the page now; None where there is no page.
        colour_ends: Share at which each panel reaches full colour, where panels do not share one.
    """
    answers = asked_in(report, cards, colour_ends=colour_ends)
    findings = list(_all_pairs(answers))
    if standing is not None:
        findings += _outdated(report, standing)
    causes = _in_words(findings, titles, report.request)
    if report.nothing_to_explain:
        causes = tuple(cause for cause in causes if cause.id not in EFFECTLESS)
    return causes


def in_reports(
    here: EvidenceReport,
    there: EvidenceReport,
    cards: Cards,
    *,
    titles: Mapping[MethodId, str] | None = None,
    schema_version: str | None = None,
) -> tuple[Cause, ...]:
    """Causes that set two reports apart; what sets methods apart by nature is not repeated.

    Args:
        here: The report at hand.
        there: Another, read from a file.
        cards: Method id -> what the method promises.
        titles: Method id -> name in sentences; ids otherwise.
        schema_version: Of the other file; None is the present one.
    """
    mine, yours = context_of(here), context_of(there, source=THE_OTHER)
    if schema_version is not None:
        yours = context_of(there, source=THE_OTHER, schema_version=schema_version)
    findings = list(rules_of_two.of_contexts(mine, yours))
    ours, theirs = asked_in(here, cards, context=mine), asked_in(there, cards, context=yours)
    for asked in theirs:
        findings += rules_of_one.of_one(asked)
    if mine.case_digest == yours.case_digest:
        for one, other in product(ours, theirs):
            findings += rules_of_two.of_two(one, other)
            findings += rules_of_two.undeclared(one, other)
    voices = {voice for asked in (*ours, *theirs) for voice in _voices(asked)}
    causes = _in_words(findings, titles, here.request, frozenset(voices))
    return tuple(cause for cause in causes if not cause.by_nature)


def repairable(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Those that asking again could remove."""
    return tuple(cause for cause in causes if not cause.by_nature)


def asked_alike(request: ConsultRequest) -> str:
    """What is said when nothing was found."""
    parts = parts_of(request.players)
    return f"Asked alike: same {parts}, same baseline, same scale, same class."


def lines(causes: Sequence[Cause], request: ConsultRequest) -> Iterator[str]:
    """Causes for a screen of plain text, those that can be repaired first."""
    found = repairable(causes)
    if not found:
        yield asked_alike(request)
    for cause in found:
        word = "Incomparable" if cause.severity == "incomparable" else "Explains part"
        yield f"{word}: {cause.sentence} {cause.why} {cause.remedy}"
    yield from (f"By nature: {cause.sentence}" for cause in causes if cause.by_nature)


def _all_pairs(answers: Sequence[Asked]) -> Iterator[Finding]:
    """Findings of every answer and of every pair."""
    for asked in answers:
        yield from rules_of_one.of_one(asked)
    for one, other in combinations(answers, 2):
        yield from rules_of_two.of_two(one, other)


def _outdated(report: EvidenceReport, standing: Standing) -> Iterator[Finding]:
    """The report was found under another question than the one that stands on the page."""
    me = Side("", "this result")
    if report.case_digest != standing.case_digest:
        digests = (report.case_digest[:12], standing.case_digest[:12])
        yield Finding("stale.case", me, None, *digests)
    now = (standing.model_id, standing.weights_sha256)
    was = (report.model.id, report.model.weights_sha256)
    if was != now:
        words = (f"{name} with weights {weights[:12]}" for name, weights in (was, now))
        yield Finding("stale.model", me, None, *words)
    for name in standing.request.__dataclass_fields__:
        word = REQUEST_WORDS.get(name, name)
        before, after = getattr(report.request, name), getattr(standing.request, name)
        if before != after:
            facts = (f"{word} {_word(before)}", f"{word} {_word(after)}")
            yield Finding("stale.request", me, None, *facts)


def _word(value: object) -> str:
    """A field of a request in words."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _voices(asked: Asked) -> Iterator[tuple[bool, Side]]:
    """An answer among those that have parts, scale and class; and among those with a baseline."""
    yield False, side(asked)
    if asked.explanation.baseline is not None:
        yield True, side(asked)


def _in_words(
    findings: Iterable[Finding],
    titles: Mapping[MethodId, str] | None,
    request: ConsultRequest,
    voices: frozenset[tuple[bool, Side]] = frozenset(),
) -> tuple[Cause, ...]:
    """Findings that say the same of several methods become one cause; the gravest come first.

    Where all answers of a report are on one side, the report is named instead of them.
    """
    groups: dict[tuple[str, ...], tuple[Finding, list[Side], list[Side]]] = {}
    for finding in findings:
        alone = "" if finding.other is not None else f"{finding.one.method}|{finding.one.source}"
        sources = finding.one.source, "" if finding.other is None else finding.other.source
        key = (finding.aspect, finding.a, finding.b, finding.key, alone, *sources)
        _, ones, others = groups.setdefault(key, (finding, [], []))
        ones.append(finding.one)
        others += [] if finding.other is None else [finding.other]
    causes = []
    for finding, ones, others in groups.values():
        choir = {one for needs, one in voices if needs == finding.aspect.startswith("baseline")}
        words = {
            "one": _named(ones, titles, choir),
            "other": _named(others, titles, choir),
            "a": finding.a,
            "b": finding.b,
            "parts": parts_of(request.players),
        }
        sides = _methods(ones), _methods(others)
        causes.append(MEANINGS[finding.aspect].cause(finding.aspect, sides, words))
    order = {"incomparable": 0, "explains part": 1}
    return tuple(sorted(causes, key=lambda c: (c.by_nature, order[c.severity])))


def _methods(sides: Sequence[Side]) -> tuple[str, ...]:
    """Method ids, each once."""
    return tuple(dict.fromkeys(each.method for each in sides if each.method))


def _named(
    sides: Sequence[Side], titles: Mapping[MethodId, str] | None, choir: AbstractSet[Side]
) -> str:
    """Names in a sentence: "SHAP and LIME in the other report", "this report"."""
    known: Mapping[str, str] = dict(titles or {})  # type: ignore[arg-type]  # ids are strings
    names = [known.get(name, name) for name in _methods(sides)]
    source = sides[0].source if sides else ""
    everybody = {one for one in choir if one.source == source}
    if not names or (everybody and everybody <= set(sides)):
        return source or "this report"
    said = listed(names)
    return f"{said} in {source}" if source else said

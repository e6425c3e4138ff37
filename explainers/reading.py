"""What a report amounts to, in sentences a clinician can read aloud. numpy only.

Says what methods name and what the model was measured to do; never who is right, and nothing about
the patient.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.agreement import Agreement, Verdict
from explainers.faithfulness_report import Faithfulness
from explainers.maskers.names import PlayersId
from explainers.naming import listed, part_of, parts_of
from explainers.numerals import numeral
from explainers.referee_headline import headline
from explainers.referee_names import hidden_name
from explainers.referee_report import RefereeReport, by_error
from explainers.referee_wording import stands_out
from explainers.report import EvidenceReport
from explainers.wording import percent
from models.case import FloatArray

Subject: TypeAlias = Literal[
    "nothing to explain", "agreed", "parted", "open", "followed", "referee"
]
LABELS: Final[Mapping[Subject, str]] = {
    "nothing to explain": "Nothing to explain",
    "agreed": "Together",
    "parted": "Apart",
    "open": "Open",
    "followed": "Borne out",
    "referee": "Model asked",
}
SHOWN: Final = 3  # parts named in a sentence
ASKED: Final = 2  # answers of the referee that are read aloud
COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence of the reading.

    Attributes:
        subject: What it is about.
        text: The sentence.
    """

    subject: Subject
    text: str


def reading(
    report: EvidenceReport, *, names: Sequence[str], titles: Mapping[str, str]
) -> tuple[Line, ...]:
    """What the methods agree on, where they part and what is open; or that there is nothing.

    Args:
        report: What was found.
        names: (P,) what the parts are called where this is read.
        titles: Method id -> display name.
    """
    if report.nothing_to_explain:
        return tuple(
            Line(subject="nothing to explain", text=reason.sentence)
            for reason in report.nothing_to_explain
        )
    if report.agreement is None:
        return ()
    return tuple(_compared(report, report.agreement, names, titles))


def _compared(
    report: EvidenceReport,
    agreement: Agreement,
    names: Sequence[str],
    titles: Mapping[str, str],
) -> Iterator[Line]:
    """The lines of a comparison."""
    cut = report.request.players
    has_direction = {e.method: e.signed for e in report.explanations}
    signed = np.array([has_direction.get(method, False) for method in agreement.methods])
    sides = _sides(agreement.shares, signed)
    yield Line(subject="agreed", text=_agreed(agreement, sides, names, report, part_of(cut)))
    parted = _parted(agreement, names, [titles.get(m, m) for m in agreement.methods], cut)
    if parted:
        yield Line(subject="parted", text=parted)
    count = agreement.verdicts.count("undecided")
    if count:
        counted = f"{counted_of(count).capitalize()} {parts_of(cut) if count > 1 else part_of(cut)}"
        text = f"{counted} cannot be called: too close for the error bars as they are."
        yield Line(subject="open", text=text)
    yield from _tested(report, names, titles)


def _tested(
    report: EvidenceReport, names: Sequence[str], titles: Mapping[str, str]
) -> Iterator[Line]:
    """What the model itself did: along the methods' orders, and with parts hidden."""
    cut, target = report.request.players, report.target
    if report.faithfulness is not None:
        yield Line(subject="followed", text=_followed(report.faithfulness, titles))
    if not report.referee:
        return
    asked = [found for found in report.referee if isinstance(found, RefereeReport)]
    telling = [found for found in asked if stands_out(found)]
    contrast = None if target.contrast is None else report.model.classes[target.contrast]
    for found in telling[:ASKED]:
        answers = by_error(report.explanations, found)
        said = headline(
            found, answers, titles, part=part_of(cut), parts=parts_of(cut), contrast=contrast
        )
        named = _called(found, report, names)
        yield Line(subject="referee", text=f"{named[:1].upper()}{named[1:]}: {said}")
    rest = [_called(found, report, names) for found in asked if not stands_out(found)]
    if rest and len(telling) < ASKED:
        others = f"other {parts_of(cut)}{' of this size' if report.modality == 'image' else ''}"
        yield Line(subject="referee", text=_ordinary(rest[: ASKED - len(telling)], others))


def _ordinary(parts: Sequence[str], others: str) -> str:
    """One or two parts that move the answer no more than others do."""
    if len(parts) == 1:
        return f"Hiding {parts[0]} changes the answer no more than hiding {others} may."
    either = " nor hiding ".join(parts)
    return f"Neither hiding {either} changes the answer more than hiding {others} may."


def _called(found: RefereeReport, report: EvidenceReport, names: Sequence[str]) -> str:
    """A part that was asked about: what the methods agree on, or by name."""
    verdicts = () if report.agreement is None else report.agreement.verdicts
    agreed = {player for player, verdict in enumerate(verdicts) if verdict == "consensus"}
    if len(found.part) > 1 and set(found.part) == agreed:
        return "what they name together"
    return hidden_name(found, names, most=SHOWN)


def _followed(found: Faithfulness, titles: Mapping[str, str]) -> str:
    """Which methods' orders the model's answer follows better than random ones."""
    scores = sorted(
        ((found.mean_score(m), titles.get(m.method, m.method)) for m in found.methods),
        key=lambda scored: -scored[0],
    )
    known = [(score, title) for score, title in scores if score == score]  # NaN: no order at all
    if not known:
        return "The model's answer follows no order of the methods: none does better than another."
    ahead = [f"{title} ({score:.2f})" for score, title in known if score > found.edge]
    rest = [f"{title} ({numeral(score)})" for score, title in known if score <= found.edge]
    parts = []
    if ahead:
        parts.append(f"follows the order of {listed(ahead)}")
    if rest:
        parts.append(f"follows {listed(rest)} no better than it may follow a random order")
    return f"The model's answer {'; it '.join(parts)}. 1 is the best order known, 0 a random one."


def _agreed(
    agreement: Agreement,
    sides: FloatArray,
    names: Sequence[str],
    report: EvidenceReport,
    part: str,
) -> str:
    """What all methods name, with the direction where they have one."""
    found = _strongest(agreement, "consensus")
    who = _voters(agreement)
    if not found:
        return f"There is no {part} that {who[0].lower()}{who[1:]} name."
    sentences: list[str] = []
    for side, words in ((1, "As evidence for"), (-1, "As evidence against"), (0, "")):
        own = [names[p] for p in found if sides[p] == side]
        if own:
            about = f"{words} {report.target.name if not sentences else 'it'}, " if words else ""
            again = "they" if sentences else who[:1].lower() + who[1:]
            said = f"{about}{again} name {listed(own, most=SHOWN)}."
            sentences.append(said[:1].upper() + said[1:])
    return " ".join(sentences)


def _voters(agreement: Agreement) -> str:
    """Whose verdicts they are: methods that found nothing have no say."""
    count = int(agreement.votes.sum())
    some = " that found something" if count < len(agreement.methods) else ""
    return f"Both methods{some}" if count == 2 else f"All {count} methods{some}"


def _parted(
    agreement: Agreement, names: Sequence[str], titles: Sequence[str], cut: PlayersId
) -> str:
    """Where methods part, the widest gap first; "" where they do not."""
    said: list[str] = []
    conflicts, contests = (_strongest(agreement, v) for v in ("conflict", "contested"))
    if conflicts:
        shares = agreement.shares[:, conflicts[0]]
        high, low = int(shares.argmax()), int(shares.argmin())
        rest = f" (and on {len(conflicts) - 1} more)" if len(conflicts) > 1 else ""
        said.append(
            f"They point in opposite directions on {names[conflicts[0]]}{rest}: "
            f"{titles[high]} says for, {titles[low]} against."
        )
    if contests:
        sizes = np.abs(agreement.shares[:, contests[0]])
        high, low = int(sizes.argmax()), int(sizes.argmin())
        more = len(contests) - 1
        parts = part_of(cut) if more == 1 else parts_of(cut)
        others = f", and on {counted_of(more)} other {parts}" if more else ""
        said.append(
            f"They part most on {names[contests[0]]} ({titles[high]} puts {percent(sizes[high])} "
            f"of its evidence there, {titles[low]} {percent(sizes[low])}){others}."
        )
    return " ".join(said)


def _strongest(agreement: Agreement, verdict: Verdict) -> list[int]:
    """Players of one verdict: what methods agree on by size, what they part on by the gap."""
    players = [p for p, word in enumerate(agreement.verdicts) if word == verdict]
    shares = agreement.shares if verdict == "conflict" else np.abs(agreement.shares)
    weights = shares.mean(axis=0) if verdict == "consensus" else np.ptp(shares, axis=0)
    return sorted(players, key=lambda p: -float(weights[p]))


def _sides(shares: FloatArray, signed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> FloatArray:
    """(P,) 1 for, -1 against, 0 without any method that has a direction."""
    if not signed.any():
        return np.zeros(shares.shape[1])
    return np.asarray(np.sign(shares[signed].mean(axis=0)))


def counted_of(count: int) -> str:
    """A count in words up to nine."""
    return COUNTS[count] if count < len(COUNTS) else f"{count:,}"

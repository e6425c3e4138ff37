"""What a reader asked the model about a case, beside what was asked by default. numpy only."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from explainers.referee_report import RefereeReport
from explainers.referee_sides import TwoSided
from explainers.report import EvidenceReport

Finding: TypeAlias = RefereeReport | TwoSided


def with_answers(report: EvidenceReport, answers: Iterable[object]) -> EvidenceReport:
    """The report with the model's answers behind those it has, in order, none twice.

    Sampling until decided keeps them: they are about the model, not about the methods' budgets.

    Args:
        report: A finished consultation.
        answers: What the same model answered; anything else, and answers about another case, cut,
            class or scale, stay out.
    """
    found = list(report.referee)
    for answer in answers:
        if not isinstance(answer, RefereeReport | TwoSided) or not _fits(answer, report):
            continue
        if not any(_same(answer, known) for known in found):
            found.append(answer)
    return report if len(found) == len(report.referee) else replace(report, referee=tuple(found))


def _fits(answer: Finding, report: EvidenceReport) -> bool:
    """Whether both are about one question."""
    return (answer.case_digest, answer.players_digest, answer.target, answer.scale) == (
        report.case_digest,
        report.players.digest(),
        report.target,
        report.request.scale,
    )


def _same(one: Finding, two: Finding) -> bool:
    """Whether both tell of the same parts, and others beside them hidden in the same ways."""
    return _about(one) == _about(two)


def _about(found: Finding) -> tuple[object, ...]:
    """What was hidden, of a shape the pixels, and how others were."""
    if isinstance(found, TwoSided):
        return (found.methods, found.parts, found.coverage)
    drawn = None if found.elements is None else found.elements.tobytes()
    coverage = found.coverage or (1.0,) * len(found.part)
    return (found.part, coverage, drawn, found.placebo_baseline)

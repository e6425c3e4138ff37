"""A report with one cause planted in it, and how answers of other questions get into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.injected import CARDS, Subject
from explainers.causes import CauseId
from explainers.comparability import Standing, in_report, in_reports, repairable
from explainers.explanation import Explanation, MethodId
from explainers.report import EvidenceReport
from explainers.report_json import from_json, to_json

WRONG: Final = 2  # place of the answer that is replaced; KernelSHAP's is 1
STARVED: Final = 0.25  # of the evidence that really lay elsewhere in runs under other seeds
N_RUNS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A report with one cause in it.

    Attributes:
        cause: Which.
        how: In which way.
        before: The report without it.
        report: The report with it.
        there: A second report that differs by it; None where the cause is within `report`.
        standing: What stands in the pickers.
        colour_ends: Colour scale of each panel.
        schema_version: Of `there`.
    """

    cause: CauseId
    how: str
    before: EvidenceReport
    report: EvidenceReport
    there: EvidenceReport | None = None
    standing: Standing | None = None
    colour_ends: Mapping[MethodId, float] | None = None
    schema_version: str | None = None

    def named(self) -> frozenset[str]:
        """Ids of what the check finds and did not find before."""
        known = {(cause.id, cause.one) for cause in repairable(in_report(self.before, CARDS))}
        if self.there is not None:
            found = in_reports(self.report, self.there, CARDS, schema_version=self.schema_version)
        else:
            found = in_report(
                self.report, CARDS, standing=self.standing, colour_ends=self.colour_ends
            )
        return frozenset(
            cause.id for cause in repairable(found) if (cause.id, cause.one) not in known
        )


def swapped(report: EvidenceReport, answer: Explanation, place: int = WRONG) -> EvidenceReport:
    """The report with one answer replaced."""
    answers = list(report.explanations)
    answers[place] = answer
    return replace(report, explanations=tuple(answers))


def relabelled(answer: Explanation, report: EvidenceReport) -> Explanation:
    """An answer that claims to be about the report's question."""
    return replace(
        answer,
        case_digest=report.case_digest,
        model_id=report.model.id,
        weights_sha256=report.model.weights_sha256,
        target=report.target,
        scale=report.request.scale,
        baseline=report.baseline if answer.baseline is not None else None,
        seed=report.request.seed,
    )


def three_ways(
    cause: CauseId, how: str, subject: Subject, other: EvidenceReport
) -> Iterator[Planted]:
    """One answer of another report, openly and relabelled; and the other report as a whole."""
    mine, foreign = subject.report, other.explanations[WRONG]
    yield Planted(cause=cause, how=how, before=mine, report=swapped(mine, foreign))
    hidden = swapped(mine, relabelled(foreign, mine))
    yield Planted(cause=cause, how=f"{how}, relabelled", before=mine, report=hidden)
    read = from_json(to_json(other))
    yield Planted(cause=cause, how=f"{how}, two reports", before=mine, report=mine, there=read)

"""What the referee found, in the lines that the command line prints. numpy only."""

from collections.abc import Mapping, Sequence
from typing import Final

from explainers import referee_wording as wording
from explainers.naming import listed
from explainers.referee_headline import headline, nouns, sides_headline
from explainers.referee_json import Finding
from explainers.referee_limits import limits
from explainers.referee_names import hidden_name
from explainers.referee_report import by_error
from explainers.referee_sides import TwoSided
from explainers.report import EvidenceReport

CAVEAT: Final = (
    "Measured on the model, not on the patient: it says what this model's answer reacts to."
)


def lines(
    found: Sequence[Finding],
    report: EvidenceReport,
    titles: Mapping[str, str],
    names: Sequence[str],
    *,
    part: str,
    parts: str,
) -> tuple[str, ...]:
    """Lines for all findings: what was hidden, the headline, who was nearest; numbers at last.

    Args:
        found: Parts and two-sided comparisons.
        report: What they belong to.
        titles: Method id -> name shown.
        names: (P,) names of the players.
        part: What one player is called, "region".
        parts: What several are called.
    """
    contrast = None
    if report.target.contrast is not None:
        contrast = report.model.classes[report.target.contrast]
    told: list[str] = []
    for finding in found:
        if isinstance(finding, TwoSided):
            one, two = (listed([names[p] for p in own]) for own in finding.parts)
            told += [
                f"{titles.get(finding.methods[0], finding.methods[0])}: {one}",
                f"{titles.get(finding.methods[1], finding.methods[1])}: {two}",
                f"  {sides_headline(finding, titles, contrast=contrast)}",
            ]
            continue
        answers = by_error(report.explanations, finding)
        said = headline(finding, answers, titles, part=part, parts=parts, contrast=contrast)
        this, others = nouns(finding, part, parts)
        told += [
            f"{hidden_name(finding, names)}:",
            f"  {said}",
            f"  {wording.nearest(answers, finding, titles)}",
            f"  {wording.compared(finding, parts=others, contrast=contrast)} {limits(finding)}",
            f"  {wording.alone(finding, part=this)}",
        ]
    return (*told, CAVEAT) if told else ()

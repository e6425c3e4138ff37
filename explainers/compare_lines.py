"""What `python -m explainers FILE --compare OTHER.json` adds to the summary. numpy only."""

from collections.abc import Iterator, Mapping
from math import isfinite

from explainers.asked import Cards
from explainers.causes import percent
from explainers.comparability import in_reports, lines
from explainers.explanation import MethodId
from explainers.harmonise import explained
from explainers.report import EvidenceReport
from explainers.report_other import OtherReport


def compare_lines(
    here: EvidenceReport,
    other: OtherReport,
    cards: Cards,
    *,
    titles: Mapping[MethodId, str] | None = None,
) -> Iterator[str]:
    """Lines that compare a report with one from a file.

    Args:
        here: The report just made.
        other: What `read_other` read.
        cards: Method id -> what the method promises.
        titles: Method id -> display name; ids otherwise.
    """
    there = other.report
    if there.case_digest != here.case_digest:
        yield another_case(here, there)
        return
    causes = in_reports(here, there, cards, titles=titles, schema_version=other.schema_version)
    yield "Compared with the other report:"
    yield from (f"  {line}" for line in lines(causes, here.request))
    names: Mapping[str, str] = dict(titles or {})  # type: ignore[arg-type]  # ids are strings
    for name, part in _differences(here, there):
        yield f"  {names.get(name, name)}: {part} of its evidence lies elsewhere there."


def another_case(here: EvidenceReport, there: EvidenceReport) -> str:
    """The one sentence about a report of another case."""
    return (
        f"The other report is about another case (digest {there.case_digest[:12]}, here "
        f"{here.case_digest[:12]}): nothing is compared."
    )


def _differences(here: EvidenceReport, there: EvidenceReport) -> Iterator[tuple[str, str]]:
    """Method id -> part of its evidence that lies elsewhere, of methods that both have."""
    theirs = {e.method: e for e in there.explanations}
    for mine in here.explanations:
        if mine.method in theirs:
            (change,) = explained((theirs[mine.method], mine), (mine, mine)).changes
            known = isfinite(change.before)
            yield mine.method, percent(change.before) if known else "an unknown part"

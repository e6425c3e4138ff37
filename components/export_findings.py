"""What the model itself did, in the HTML report: referee, faithfulness, consensus, trials.

The sentences and rows are the page's. No streamlit.
"""

from collections.abc import Iterable, Mapping, Sequence

from components import faithfulness_rows, referee_rows, trial_rows
from components.markup import Markup, join, table, tag
from explainers import faithfulness_wording as wording
from explainers.cause_words import SEVERITIES
from explainers.comparability import asked_alike, repairable
from explainers.consensus_report import Consensus
from explainers.faithfulness_report import Faithfulness
from explainers.naming import listed, part_of, parts_of
from explainers.referee_lines import CAVEAT
from explainers.referee_names import hidden_name
from explainers.referee_report import RefereeReport, by_error
from explainers.referee_sides import TwoSided
from explainers.report import EvidenceReport
from explainers.sanity_wording import sentence
from explainers.trials import Trials


def referee_section(
    report: EvidenceReport, *, parts: Sequence[str], names: Mapping[str, str]
) -> Markup:
    """Everything the model was asked about parts of the case, each with its numbers.

    Args:
        report: What was found.
        parts: (P,) names of the parts.
        names: Method id -> display name.
    """
    if not report.referee:
        return Markup()
    told = [
        _sides(found, report, parts, names)
        if isinstance(found, TwoSided)
        else _part(found, report, parts, names)
        for found in report.referee
    ]
    return join(tag("h2", "The model itself, with parts hidden"), told, tag("p", CAVEAT))


def faithfulness_section(
    report: EvidenceReport, *, parts: Sequence[str], names: Mapping[str, str]
) -> Markup:
    """What the model does along each method's order, and what the methods are together."""
    found, combined = report.faithfulness, report.consensus
    if found is None:
        return Markup()
    cut = report.request.players
    part, several = part_of(cut), parts_of(cut)
    return join(
        tag("h2", "Does the model follow the methods?"),
        _paragraphs(wording.sentences(found, names, parts=several)),
        _rows("Scores of each order", faithfulness_rows.score_rows(found, combined, names)),
        _rows(_areas(found), faithfulness_rows.number_rows(found, names)),
        tag("p", faithfulness_rows.footnote(combined)),
        _paragraphs(faithfulness_rows.limits(found, names, part=part, parts=several)),
        _together(combined, report, parts, names),
    )


def comparability_section(report: EvidenceReport) -> Markup:
    """What sets the answers apart besides the methods; nothing with fewer than two answers."""
    if len(report.explanations) < 2:
        return Markup()
    rows = [
        (
            cause.sentence,
            "Lies in what the methods are" if cause.by_nature else SEVERITIES[cause.severity],
            cause.why,
            cause.remedy,
        )
        for cause in report.comparability
    ]
    head = ("What differs", "What it does", "Why it matters", "What to do")
    alike = "" if repairable(report.comparability) else tag("p", asked_alike(report.request))
    caption = "What sets the answers apart besides the evidence"
    causes = table(caption, head, rows, kind="causes") if rows else ""
    return join(tag("h2", "Were they asked alike?"), alike, causes)


def trials_section(report: EvidenceReport, names: Mapping[str, str]) -> Markup:
    """Randomised twins and stability, as far as they were asked for."""
    return join(_sanity(report, report.trials, names), _stability(report.trials, names))


def _part(
    found: RefereeReport, report: EvidenceReport, parts: Sequence[str], names: Mapping[str, str]
) -> Markup:
    """One part that was hidden."""
    answers = by_error(report.explanations, found)
    name = hidden_name(found, parts)
    return join(
        tag("h3", f"Hidden: {name}"),
        _paragraphs(referee_rows.sentences(found, answers, report, names)),
        _paragraphs(referee_rows.details(found, answers, report, names)),
        _rows("What each method foretold", referee_rows.foretold_rows(found, answers, names)),
        _rows("What the model did", referee_rows.baseline_rows(found)),
        _rows("Beside others", [referee_rows.placebo_row(found)]),
        tag("p", referee_rows.footnote(found)),
    )


def _sides(
    found: TwoSided, report: EvidenceReport, parts: Sequence[str], names: Mapping[str, str]
) -> Markup:
    """What only one method names against what only another names."""
    titles = [names.get(method, method) for method in found.methods]
    named = [
        f"{title} alone puts among its strongest: {listed([parts[p] for p in own])}."
        for title, own in zip(titles, found.parts, strict=True)
    ]
    return join(
        tag("h3", f"{titles[0]} against {titles[1]}"),
        _paragraphs([*named, referee_rows.sides_said(found, report, names)]),
        _rows("What the model did", referee_rows.sides_rows(found, names)),
        tag("p", referee_rows.sides_footnote(found)),
    )


def _areas(found: Faithfulness) -> str:
    """Caption of the areas, with the baseline."""
    return f"Areas under the curves, with random and best orders; hidden parts: {found.baseline}"


def _together(
    combined: Consensus | None,
    report: EvidenceReport,
    parts: Sequence[str],
    names: Mapping[str, str],
) -> Markup:
    """The aggregate when it is better than every method, with what it hides; else why not."""
    if combined is None or len(combined.methods) < 2:
        return Markup()
    said = [wording.verdict(combined, names), wording.weights(combined, names)]
    told = join(tag("h3", "The methods together"), _paragraphs(line for line in said if line))
    if not combined.is_shown:
        return told
    top = faithfulness_rows.top_rows(combined, parts, part=part_of(report.request.players))
    dissents = faithfulness_rows.minority(combined, report, parts, names)
    return join(
        told,
        _rows("Largest shares, weighted together", top),
        tag("h3", faithfulness_rows.MINORITY),
        tag("ul", (tag("li", line) for line in dissents)),
    )


def _sanity(report: EvidenceReport, trials: Trials, names: Mapping[str, str]) -> Markup:
    """What randomised twins of the model say about the methods."""
    if trials.sanity is None:
        return Markup()
    found = trials.sanity.about([e.method for e in report.explanations])
    said = [sentence(m, found, names.get(m.method, m.method)) for m in found.methods]
    refused = [f"{names.get(name, name)}: {why}" for name, why in found.refused.items()]
    return join(
        tag("h2", trial_rows.LOOKS),
        _paragraphs([*said, *refused]),
        trial_rows.sanity_html(found, names, own=trials.own),
        tag("p", trial_rows.LIMIT),
    )


def _stability(trials: Trials, names: Mapping[str, str]) -> Markup:
    """How much explanations change when nothing should change them."""
    if trials.stability is None:
        return Markup()
    rows = trial_rows.stability_rows(trials.stability, names)
    note = trial_rows.stability_note(trials.stability)
    return join(
        tag("h2", trial_rows.STABLE), _rows("Each method asked again", rows), tag("p", note)
    )


def _paragraphs(lines: Iterable[str]) -> Markup:
    """A paragraph a sentence."""
    return join(tag("p", line) for line in lines)


def _rows(caption: str, rows: Sequence[Mapping[str, str]]) -> Markup:
    """Rows by column name; a row without a column has an empty cell there."""
    head = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name, "") for name in head] for row in rows]
    return table(caption, head, cells) if rows else Markup()

"""The tables of the HTML report: record, parts, agreement, provenance. No streamlit."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from components.export_bars import share_bar
from components.figures.matrix import pairs, why_undefined
from components.figures.panels import DIMMED
from components.figures.words import (
    VERDICT_WORDS,
    metric_words,
    number_text,
    reason_text,
    share_text,
)
from components.markup import Markup, join, table, tag
from explainers.agreement import METRICS, Agreement, MetricId
from explainers.explanation import Explanation
from explainers.naming import part_of, parts_of, record_behind
from explainers.numerals import numeral
from explainers.reading import LABELS, reading
from explainers.report import EvidenceReport
from models.case import Payload, TabularPayload

NOT_TRUTH = "Agreement is not truth: methods can agree and be wrong together."


def record_table(record: TabularPayload) -> Markup:
    """Every value of a record, with its place among the training data."""
    rows = [(column.title, *_value(record, i)) for i, column in enumerate(record.schema.columns)]
    head = ("Feature", "Value", "Percentile of the training data")
    return join(tag("h2", "Record"), table("What the model was given", head, rows))


def parts_table(
    report: EvidenceReport,
    payload: Payload | None,
    *,
    parts: Sequence[str],
    names: Mapping[str, str],
) -> Markup:
    """Every part: its value where it is one, verdict, each method's share, and the reason.

    Args:
        report: What was found.
        payload: The case's content, None when it is to be left out.
        parts: (P,) names of the parts.
        names: Method id -> display name.
    """
    if not report.explanations:
        return Markup()
    shares = np.array([e.shares for e in report.explanations])
    peaks = np.nan_to_num(np.abs(shares)).max(axis=0)
    record = record_behind(report.players, payload)
    what = part_of(report.request.players).capitalize()
    values = ("Value", "Percentile") if record else ()
    head = (what, *values, "Verdict", *(names[e.method] for e in report.explanations), "Why")
    rows = [
        [parts[i], *(_value(record, i) if record else ()), *_judged(report, i, float(peaks.max()))]
        for i in np.argsort(-peaks, kind="stable")
    ]
    return join(
        tag("h2", parts_of(report.request.players).capitalize()),
        table(
            "Shares of each method's total, with standard errors; largest first",
            head,
            rows,
            kind="parts",
        ),
    )


def _value(record: TabularPayload, column: int) -> tuple[str, str]:
    """One value as a reader writes it, and its percentile; a dash where there is none."""
    described, value = record.schema.columns[column], float(record.values[column])
    if np.isnan(value) or not described.percentiles:
        return described.text(value), "–"
    return described.text(value), f"{described.percentile(value):.0f}"


def _judged(report: EvidenceReport, player: int, end: float) -> Iterator[str]:
    """Verdict, shares and reason of one part."""
    agreement = report.agreement
    yield VERDICT_WORDS[agreement.verdicts[player]] if agreement else "–"
    opacity = DIMMED if report.nothing_to_explain else 1.0
    yield from (_share(e, player, end, opacity) for e in report.explanations)
    yield reason_text(agreement, player) if agreement else ""


def _share(explanation: Explanation, player: int, end: float, opacity: float) -> Markup:
    """One method's share of one part, as a bar and in words."""
    share, error = explanation.shares[player], explanation.share_errors[player]
    bar = share_bar(share, error, end=end, signed=explanation.signed, opacity=opacity)
    return join(bar, share_text(share, error, signed=explanation.signed))


def first_reading(
    report: EvidenceReport, *, parts: Sequence[str], names: Mapping[str, str]
) -> Markup:
    """What to read first: what methods agree on and where they part, or why they are not compared.

    Args:
        report: What was found.
        parts: (P,) names of the parts.
        names: Method id -> display name.
    """
    lines = reading(report, names=parts, titles=names)
    said = (tag("p", tag("strong", f"{LABELS[line.subject]}: "), line.text) for line in lines)
    return join(said)


def agreement_table(agreement: Agreement | None, names: Mapping[str, str], parts: str) -> Markup:
    """Six metrics of every pair, with what chance and noise would give."""
    if agreement is None:
        return Markup()
    words = metric_words(parts)
    rows = [
        [
            f"{names[agreement.methods[a]]} / {names[agreement.methods[b]]}",
            *(_metric(agreement, metric, a, b, names) for metric in METRICS),
        ]
        for a, b in pairs(agreement)
    ]
    return join(
        tag("h2", "Agreement"),
        table(
            f"Top {agreement.k} {parts}; in brackets the means of chance and of two runs alike",
            ("Pair", *(words[metric] for metric in METRICS)),
            rows,
        ),
        tag("p", " ".join((*agreement.remarks, NOT_TRUTH))),
    )


def _metric(
    agreement: Agreement, metric: MetricId, a: int, b: int, names: Mapping[str, str]
) -> str:
    """One number beside chance and runs alike, or why there is none."""
    found = agreement.metrics[metric][a, b]
    if np.isnan(found):
        return f"undefined: {why_undefined(agreement, metric, a, b, titles=names)}"
    floor, ceiling = agreement.chance_floor[metric][a, b], agreement.noise_ceiling[metric][a, b]
    alike = "" if np.isnan(ceiling) else f", runs alike {number_text(ceiling)}"
    return f"{number_text(found)} (chance {number_text(floor)}{alike})"


def provenance(report: EvidenceReport, names: Mapping[str, str]) -> Markup:
    """What another machine needs to get the same numbers."""
    model, request = report.model, report.request
    facts = [
        ("case digest", report.case_digest),
        ("model", f"{model.id}, weights SHA-256 {model.weights_sha256}"),
        ("intended use", model.intended_use),
        ("limits", tag("ul", (tag("li", limit) for limit in model.limits))),
        ("baseline", f"{report.baseline.name}: {report.baseline.description}"),
        (parts_of(request.players), f"{report.players.count} ({report.players.kind})"),
        ("seed", str(request.seed)),
        ("model runs allowed", f"{request.budget:,} for each method"),
        *report.environment.items(),
    ]
    head = ("Method", "Model runs", "Seconds", "Left unexplained", "Settings")
    return join(
        tag("h2", "Provenance"),
        table("How each method was run", head, [_run(e, names) for e in report.explanations]),
        table("What was asked, of which model, with which software", (), facts, kind="facts"),
    )


def _run(explanation: Explanation, names: Mapping[str, str]) -> tuple[str, ...]:
    """How one method was run."""
    gap = explanation.completeness_gap
    return (
        f"{names[explanation.method]} ({explanation.method})",
        f"{explanation.rows:,}",
        f"{explanation.seconds:.2f}",
        "–" if gap is None else numeral(gap, "+.3g"),
        ", ".join(f"{name} {value}" for name, value in explanation.settings.items()) or "–",
    )

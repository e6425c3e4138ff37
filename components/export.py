"""The report as one HTML file: no scripts, no requests, opens offline, prints on A4. No streamlit.

Every word that goes in is escaped by `markup.tag`; a content security policy forbids everything but
its own style and the pictures inside the file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from components.export_figures import figures
from components.figures.words import (
    METRIC_WORDS,
    NOT_FOR_DIAGNOSIS,
    SCALE_WORDS,
    VERDICT_WORDS,
    number_text,
    share_text,
)
from components.markup import Markup, join, table, tag
from explainers.agreement import METRICS, Agreement
from explainers.explanation import Explanation
from explainers.report import EvidenceReport
from models.case import ImagePayload

POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE: Final = Path(__file__).parent / "assets" / "export.css"
NOT_TRUTH: Final = "Agreement is not truth: methods can agree and be wrong together."


def html_report(
    report: EvidenceReport,
    film: ImagePayload | None,
    *,
    titles: Mapping[str, str] | None = None,
) -> str:
    """Write a report as one page.

    Args:
        report: What was found.
        film: The film it is about; None leaves the pictures out.
        titles: method id -> display name; ids are shown where missing.

    Returns:
        A whole HTML document. With a film it holds its pixels and is as confidential as the film.
    """
    names: dict[str, str] = {m: m for m in report.request.methods} | dict(titles or {})
    head = (
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"Consilium report {report.case_digest[:12]}"),
        tag("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    body = (
        _opening(report),
        figures(report, film, names),
        _failures(report, names),
        _regions(report, names),
        _agreement(report.agreement, names),
        _provenance(report, names),
    )
    page = tag("html", tag("head", head), tag("body", tag("main", body)), attributes={"lang": "en"})
    return f"<!DOCTYPE html>\n{page}\n"


def _opening(report: EvidenceReport) -> Markup:
    """What the model says, its warning, and what was asked."""
    prediction, model = report.prediction, report.model
    rows = [
        (name, f"{100 * p:.1f} %", f"{z:+.2f}")
        for name, p, z in zip(
            prediction.classes, prediction.probabilities, report.log_odds, strict=True
        )
    ]
    point = f"{model.default_target} counts as present from {100 * model.operating_point:.1f} %"
    check = prediction.check
    warned = check is not None and not check.accepted
    return join(
        tag("h1", "Consilium report"),
        tag("p", f"{NOT_FOR_DIAGNOSIS}.", attributes={"class": "standing"}),
        tag("p", check.message, attributes={"class": "warning"}) if check and warned else "",
        tag("h2", "Prediction"),
        table(f"{model.title}; {point}", ("Class", "Probability", "Log-odds"), rows),
        tag("p", _asked(report)),
        tag("ul", (tag("li", remark) for remark in report.remarks)) if report.remarks else "",
    )


def _asked(report: EvidenceReport) -> str:
    """The question, in one sentence."""
    target = report.target
    contrast = "" if target.contrast is None else report.model.classes[target.contrast]
    against = f" rather than “{contrast}”" if contrast else ""
    return (
        f"Explained: why the model gives “{target.name}”{against}. Numbers are the "
        f"{SCALE_WORDS[report.request.scale]}; hidden regions show {report.baseline.description}."
    )


def _failures(report: EvidenceReport, names: Mapping[str, str]) -> Markup:
    """Methods that could not answer, and what limits those that did."""
    lines = [
        f"{names[e.method]}: {remark}" for e in report.explanations for remark in e.remarks
    ] + [f"{names[f.method]} gave no answer: {f.reason}" for f in report.failures]
    return tag("ul", (tag("li", line) for line in lines)) if lines else Markup()


def _regions(report: EvidenceReport, names: Mapping[str, str]) -> Markup:
    """Every region: verdict, reason, and each method's share."""
    if not report.explanations:
        return Markup()
    head = ("Region", "Verdict", *(names[e.method] for e in report.explanations), "Why")
    order = sorted(
        range(report.players.count),
        key=lambda i: -max(abs(e.shares[i]) if e.values.any() else 0 for e in report.explanations),
    )
    return join(
        tag("h2", "Regions"),
        table(
            "Shares of each method's total, with standard errors; largest first",
            head,
            [_region(report, player) for player in order],
            kind="regions",
        ),
    )


def _region(report: EvidenceReport, player: int) -> list[str]:
    """One row of the table of regions."""
    agreement = report.agreement
    verdict = VERDICT_WORDS[agreement.verdicts[player]] if agreement else "–"
    shares = [_share(explanation, player) for explanation in report.explanations]
    reason = agreement.reasons[player] if agreement else ""
    return [report.players.name(player), verdict, *shares, reason]


def _share(explanation: Explanation, player: int) -> str:
    """One method's share of one region; no plus sign where there is no direction."""
    text = share_text(explanation.shares[player], explanation.share_errors[player])
    return text if explanation.signed else text.removeprefix("+")


def _agreement(agreement: Agreement | None, names: Mapping[str, str]) -> Markup:
    """Six metrics of every pair, with what chance and noise would give."""
    if agreement is None:
        return Markup()
    count = len(agreement.methods)
    rows = []
    for i in range(count):
        for j in range(i + 1, count):
            pair = f"{names[agreement.methods[i]]} / {names[agreement.methods[j]]}"
            rows.append([pair, *_cells(agreement, i, j)])
    return join(
        tag("h2", "Agreement"),
        table(
            f"Top {agreement.k} regions; in brackets: by chance / at most, given noise",
            ("Pair", *(METRIC_WORDS[metric] for metric in METRICS)),
            rows,
        ),
        tag("p", " ".join((*agreement.remarks, NOT_TRUTH))),
    )


def _cells(agreement: Agreement, i: int, j: int) -> Iterator[str]:
    """The six metrics of one pair."""
    for metric in METRICS:
        found, floor, ceiling = (
            number_text(source[metric][i, j])
            for source in (agreement.metrics, agreement.chance_floor, agreement.noise_ceiling)
        )
        yield f"{found} ({floor} / {ceiling})"


def _provenance(report: EvidenceReport, names: Mapping[str, str]) -> Markup:
    """What another machine needs to get the same numbers."""
    model, request = report.model, report.request
    facts = [
        ("case digest", report.case_digest),
        ("model", f"{model.id}, weights SHA-256 {model.weights_sha256}"),
        ("intended use", model.intended_use),
        *(("limit", limit) for limit in model.limits),
        ("baseline", f"{report.baseline.name}: {report.baseline.description}"),
        ("regions", f"{report.players.count} ({report.players.kind})"),
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
        "–" if gap is None else f"{gap:+.3g}",
        ", ".join(f"{name} {value}" for name, value in explanation.settings.items()) or "–",
    )

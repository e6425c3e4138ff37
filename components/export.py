"""The report as one HTML file: no scripts, no requests, opens offline, prints on A4. No streamlit.

Every word that goes in is escaped by `markup.tag`; a content security policy forbids everything but
its own style and the pictures inside the file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from components.export_figures import film_figures
from components.export_findings import (
    comparability_section,
    faithfulness_section,
    referee_section,
    trials_section,
)
from components.export_tables import (
    agreement_table,
    first_reading,
    parts_table,
    provenance,
    record_table,
)
from components.export_text import text_figures
from components.figures.words import NOT_FOR_DIAGNOSIS, SCALE_WORDS
from components.markup import Markup, join, table, tag
from explainers.naming import part_names, parts_of, record_behind
from explainers.numerals import numeral
from explainers.report import EvidenceReport
from models.case import ImagePayload, Payload, TabularPayload, TextPayload

POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE: Final = Path(__file__).parent / "assets" / "export.css"


def html_report(
    report: EvidenceReport,
    payload: Payload | None,
    *,
    titles: Mapping[str, str] | None = None,
) -> str:
    """Write a report as one page.

    Args:
        report: What was found.
        payload: The film, record or text it is about; None leaves it out.
        titles: method id -> display name; ids are shown where missing.

    Returns:
        A whole HTML document. With a payload it holds the case and is as confidential as that.
    """
    asked = (*report.request.methods, *(e.method for e in report.explanations))
    names: dict[str, str] = {method: method for method in asked} | dict(titles or {})
    parts = part_names(report.players, payload)
    head = (
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"Consilium report {report.case_digest[:12]}"),
        tag("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    body = (
        _opening(report),
        first_reading(report, parts=parts, names=names),
        _case(report, payload, names),
        _failures(report, names),
        parts_table(report, payload, parts=parts, names=names),
        referee_section(report, parts=parts, names=names),
        agreement_table(report.agreement, names, parts_of(report.request.players)),
        comparability_section(report),
        faithfulness_section(report, parts=parts, names=names),
        trials_section(report, names),
        provenance(report, names),
    )
    page = tag("html", tag("head", head), tag("body", tag("main", body)), attributes={"lang": "en"})
    return f"<!DOCTYPE html>\n{page}\n"


def _opening(report: EvidenceReport) -> Markup:
    """What the model says, its warning, and what was asked."""
    prediction, model = report.prediction, report.model
    rows = [
        (name, f"{100 * p:.1f} %", numeral(z, "+.2f"))
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
        f"{SCALE_WORDS[report.request.scale]}; hidden {parts_of(report.request.players)} show "
        f"{report.baseline.description}."
    )


def _case(report: EvidenceReport, payload: Payload | None, names: Mapping[str, str]) -> Markup:
    """The case itself, with what each method says laid over it where that can be drawn."""
    match payload:
        case ImagePayload():
            return film_figures(report, payload, names)
        case TextPayload():
            return text_figures(report, payload, names)
        case TabularPayload() if record_behind(report.players, payload) is None:
            return record_table(payload)
    return Markup()  # a record's values stand beside the shares of its features


def _failures(report: EvidenceReport, names: Mapping[str, str]) -> Markup:
    """Methods that could not answer, and what limits those that did."""
    lines = [
        f"{names[e.method]}: {remark}" for e in report.explanations for remark in e.remarks
    ] + [f"{names[f.method]} gave no answer: {f.reason}" for f in report.failures]
    return tag("ul", (tag("li", line) for line in lines)) if lines else Markup()

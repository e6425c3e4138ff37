"""What another machine needs to get the same values: seed, model runs, device, versions."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from components.method_settings import settings_text
from components.notices import plain
from explainers.explanation import Explanation
from explainers.naming import part_of, parts_of
from explainers.numerals import numeral
from explainers.report import EvidenceReport

GAP: Final = "Missing from the sum"
GAP_HELP: Final = (
    "What the model's output changes by when everything is hidden, less the sum of this method's "
    "values. Where values add up by definition, next to nothing is missing."
)
UNITS = {"logit": "log-odds", "probability": "probability"}


def show(report: EvidenceReport, titles: Mapping[str, str]) -> None:
    """Draw the tables of one report.

    Args:
        report: What was found.
        titles: method id -> display name.
    """
    part = part_of(report.request.players)
    rows = [_row(explanation, titles, part) for explanation in report.explanations]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="How each method was run",
        column_config={GAP: st.column_config.TextColumn(help=GAP_HELP)},
    )
    facts, versions = st.columns(2)
    with facts:
        st.table(_facts(report), hide_header=True, alt="What was asked")
    with versions:
        st.table(dict(report.environment), hide_header=True, alt="Software and device")


def show_remarks(report: EvidenceReport, titles: Mapping[str, str]) -> None:
    """Draw what limits the reading of this report; nothing when nothing does."""
    remarks = remarks_of(report, titles)
    if remarks:
        st.caption("\n".join(f"- {plain(remark)}" for remark in remarks))


def remarks_of(report: EvidenceReport, titles: Mapping[str, str]) -> list[str]:
    """Remarks of the report and of each method, each once; the comparison shows its own."""
    own = [
        remark
        if titles.get(e.method, e.method) in remark
        else f"{titles.get(e.method, e.method)}: {remark}"
        for e in report.explanations
        for remark in e.remarks
    ]
    return list(dict.fromkeys([*report.remarks, *own]))


def _row(explanation: Explanation, titles: Mapping[str, str], part: str) -> dict[str, object]:
    """How one method was run."""
    baseline = explanation.baseline
    gap = explanation.completeness_gap
    return {
        "Method": titles.get(explanation.method, explanation.method),
        "Model runs": explanation.rows,
        "Seconds": round(explanation.seconds, 2),
        "Seed": explanation.seed,
        f"A hidden {part} shows": "(hides nothing)" if baseline is None else baseline.description,
        GAP: "" if gap is None else f"{numeral(gap, '+.3f')} {UNITS[explanation.scale]}",
        "Settings": settings_text(explanation.settings),
        "Device": explanation.device,
    }


def _facts(report: EvidenceReport) -> dict[str, str]:
    """What was asked of which model about which case."""
    request = report.request
    facts = {
        "case digest": report.case_digest[:16],
        "model": f"{report.model.id}, weights {report.model.weights_sha256[:16]}",
        "finding explained": report.target.name,
        "measured in": UNITS[request.scale],
        parts_of(request.players): f"{report.players.count} ({report.players.kind})",
        "baseline": report.baseline.description,
        "seed": str(request.seed),
        "model runs allowed": f"{request.budget:,} for each method",
    }
    return {name: plain(value) for name, value in facts.items()}

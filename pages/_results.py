"""What a consultation has found, drawn as it arrives: panels, what they amount to, downloads."""

from typing import Final

import streamlit as st

from components import (
    agreement_panel,
    downloads,
    panel_list,
    provenance_panel,
    region_table,
    viewer,
)
from components.controls import Offer
from components.figures.panels import film_view
from components.findings import Findings, Layout
from components.state import ConsultState
from explainers.report import EvidenceReport
from models.case import Case
from pages import _files

DIGEST_SHOWN: Final = 12


def show(state: ConsultState, case: Case, findings: Findings, offer: Offer) -> None:
    """Draw everything that is known; what the reader picks is outlined everywhere."""
    if findings.layout is None:
        return
    picked = _panels(state, case, findings, findings.layout, offer)
    if findings.report is not None:
        chosen = _below(state, findings.report, offer)
        picked = picked if chosen is None else chosen
        _take_away(case, findings.report, offer)
    if picked is not None and picked != state.selected:
        state.selected = picked
        st.rerun()


def _panels(
    state: ConsultState, case: Case, findings: Findings, layout: Layout, offer: Offer
) -> int | None:
    """The film and its panels; the region that was picked there in this run."""
    is_running = state.job is not None and not state.job.is_finished
    panels = panel_list.panels_of(state.request, findings, offer, is_running=is_running)
    return viewer.show(
        film_view(case.payload, frame=layout.frame, players=layout.players),
        panels,
        findings.report.agreement if findings.report else None,
        names=panel_list.region_names(layout.players),
        selected=state.selected,
        key=_viewer_key(state),
    )


def _below(state: ConsultState, report: EvidenceReport, offer: Offer) -> int | None:
    """Regions and agreement; the region whose row was chosen in this run."""
    if report.agreement is None:
        return None
    titles = panel_list.titles_of(offer)
    st.header("Regions that matter", anchor=False)
    picked = region_table.show(
        report.agreement,
        names=panel_list.region_names(report.players),
        titles=titles,
        selected=state.selected,
        key=f"regions_{state.n_opened}",
        viewer_key=_viewer_key(state),
    )
    st.header("How far the methods agree", anchor=False)
    agreement_panel.show(report.agreement, titles=titles, key=f"agreement_{state.n_opened}")
    return picked


def _take_away(case: Case, report: EvidenceReport, offer: Offer) -> None:
    """Downloads, and everything needed to get the same values again."""
    titles = panel_list.titles_of(offer)
    st.header("Take it away", anchor=False)
    stem = f"consilium-{report.case_digest[:DIGEST_SHOWN]}"
    downloads.show(_files.downloads_of(case, report, titles), stem=stem, key="download")
    st.header("How it was computed", anchor=False)
    provenance_panel.show(report, titles)


def _viewer_key(state: ConsultState) -> str:
    """One viewer a case: its zoom stays as long as the case is open."""
    return f"viewer_{state.n_opened}"

"""What a consultation has found, drawn as it arrives: panels, what they amount to, downloads."""

from collections.abc import Callable
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
from components.downloads import Download
from components.figures.panels import film_view
from components.findings import Findings
from components.jobs import Job
from components.state import ConsultState
from explainers.report import EvidenceReport
from models.case import Case
from pages import _files, _wiring

DIGEST_SHOWN: Final = 12


def show(state: ConsultState, case: Case, findings: Findings, offer: Offer) -> None:
    """Draw everything that is known; what the reader picks is outlined everywhere."""
    layout, report = findings.layout, findings.report
    if layout is None or state.job is None:
        return
    film = film_view(case.payload, frame=layout.frame, players=layout.players)
    running = not state.job.is_finished
    panels = panel_list.panels_of(state.request, findings, offer, is_running=running)
    agreement = report.agreement if report else None
    names = panel_list.region_names(layout.players)
    picked = viewer.show(
        film, panels, agreement, names=names, selected=state.selected, key=_viewer_key(state)
    )
    if report is not None:
        provenance_panel.show_remarks(report, panel_list.titles_of(offer))
        chosen = _below(state, report, offer)
        picked = picked if chosen is None else chosen
        titles = panel_list.titles_of(offer)
        _take_away(state, report, lambda: _files.write_all(case, report, film, panels, titles))
        st.header("How it was computed", anchor=False)
        provenance_panel.show(report, panel_list.titles_of(offer))
    if picked is not None and picked != state.selected:
        state.selected = picked
        st.rerun()


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


def _take_away(
    state: ConsultState, report: EvidenceReport, write: Callable[[], tuple[Download, ...]]
) -> None:
    """The files: written once a report, handed out as often as wanted."""

    def work(job: Job) -> None:
        for file in write():
            job.emit(file)

    if state.files is None:
        state.files = _wiring.clerk().submit(work)
    st.header("Take it away", anchor=False)
    stem = f"consilium-{report.case_digest[:DIGEST_SHOWN]}"
    downloads.show(state.files, stem=stem, key="download")


def _viewer_key(state: ConsultState) -> str:
    """One viewer a case: its zoom stays as long as the case is open."""
    return f"viewer_{state.n_opened}"

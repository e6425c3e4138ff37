"""What a consultation has found, drawn as it arrives: view, what it amounts to, downloads."""

from dataclasses import replace
from typing import Final

import streamlit as st

from components import agreement_panel, downloads, panel_list, provenance_panel, region_table
from components.findings import Findings
from components.jobs import Job
from components.offer import Offer
from components.scene import Scene
from components.state import ConsultState
from explainers.reading import Line, reading
from explainers.referee_own import with_answers
from explainers.referee_report import RefereeReport
from explainers.report import EvidenceReport
from models.case import Case
from pages import _comparability, _deciding, _faithfulness, _intake, _referee, _trials, _wiring
from pages._modality import ModalityView

DIGEST_SHOWN: Final = 12
NONE_PICKED: Final = -1


def show(view: ModalityView, state: ConsultState, scene: Scene) -> None:
    """Draw everything that is known; what the reader picks is marked everywhere."""
    picked = view.draw(scene)
    if scene.report is not None:
        chosen = _judge(state, scene, scene.report)
        picked = picked if chosen is None else chosen
        changed = view.more(state, scene, scene.report)
        if changed is not None:
            _intake.open_case(view, state, changed)
        if state.job is None or state.job.is_finished:  # the files hold all that will be known
            _take_away(view, state, scene, scene.report)
        st.header("How it was computed", anchor=False)
        provenance_panel.show(scene.report, scene.titles)
    selected = None if picked == NONE_PICKED else picked
    if picked is not None and selected != state.selected:
        state.selected = selected
        st.rerun()


def scene_of(
    view: ModalityView, state: ConsultState, case: Case, findings: Findings, offer: Offer
) -> Scene:
    """What views are drawn from; what the reader asked stands in the report as well."""
    report, scene_key = findings.report, f"view_{state.n_opened}"
    if report is not None:
        report = with_answers(report, state.answers)
        report = replace(report, trials=_trials.found(scene_key, case, report))
    layout, running = findings.layout, state.job is not None and not state.job.is_finished
    return Scene(
        case=case,
        request=state.request,
        layout=layout,
        prediction=findings.prediction,
        panels=panel_list.panels_of(state.request, findings, offer, is_running=running),
        report=report,
        names=() if layout is None else view.names(case, layout.players),
        titles=offer.titles,
        selected=state.selected,
        pictures=state.pictures,
        key=scene_key,
    )


def reading_of(scene: Scene, *, is_running: bool) -> tuple[Line, ...] | None:
    """What is to be read first; None while methods are at work."""
    if scene.report is not None:
        return reading(scene.report, names=scene.names, titles=scene.titles)
    return None if is_running else ()


def _judge(state: ConsultState, scene: Scene, report: EvidenceReport) -> int | None:
    """Remarks, the parts that matter and agreement; the part whose row was chosen in this run."""
    provenance_panel.show_remarks(report, scene.titles)
    if report.agreement is None:
        return None
    st.header(f"{scene.parts.capitalize()} that matter", anchor=False)
    picked = region_table.show(
        report.agreement,
        names=scene.names,
        titles=scene.titles,
        part=scene.part,
        selected=scene.selected,
        key=f"regions_{scene.key}",
        viewer_key=scene.key,
    )
    found = [each for each in report.referee if isinstance(each, RefereeReport)]
    own = [each for each in found if each in state.answers]
    asked = [each for each in found if each not in own]
    _deciding.show(state, scene, report)
    _referee.show(state, scene, report, asked, own)
    st.header("How far the methods agree", anchor=False)
    agreement_panel.show(
        report.agreement,
        titles=scene.titles,
        parts=scene.parts,
        key=f"agreement_{scene.key}",
        explanations=report.explanations,
    )
    _comparability.show(state, scene, report)
    _test(state, scene, report)
    return picked


def _test(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """Every method put to the test; by itself only what the worker has done already."""
    st.header("What the model bears out", anchor=False)
    if report.faithfulness is None or report.consensus is None:
        st.caption("The model has not been asked yet.")
        return
    _faithfulness.show(state, scene, report, (report.faithfulness, report.consensus))
    _trials.show(state, scene, report)


def _take_away(
    view: ModalityView, state: ConsultState, scene: Scene, report: EvidenceReport
) -> None:
    """The files: written anew when more was asked, handed out as often as wanted."""

    def work(job: Job) -> None:
        for file in view.files(scene, report):
            job.emit(file)

    held = (*report.referee, report.trials)
    if state.files is not None and held != state.held:
        state.files.cancel()
        state.files = None
    if state.files is None:
        state.files, state.held = _wiring.clerk().submit(work), held
    st.header("Take it away", anchor=False)
    stem = f"consilium-{report.case_digest[:DIGEST_SHOWN]}"
    downloads.show(state.files, stem=stem, key="download")

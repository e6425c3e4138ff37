"""Trials of the methods on the page: randomised twins of the model, and stability."""

from typing import TYPE_CHECKING, Final

import streamlit as st

from components import long_job, sanity_panel
from components.jobs import Job
from components.scene import Scene
from components.state import ConsultState
from explainers.explanation import MethodId
from explainers.report import EvidenceReport
from explainers.sanity_report import BUDGET, N_CASES, SanityReport
from explainers.stability_report import StabilityReport
from pages import _wiring
from pages._desk import Desk

if TYPE_CHECKING:
    from explainers.engine import Runtime

N_NOISY: Final = {"image": 3, "tabular": 3, "text": 0}


def show(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """Draw both trials; each asks the model when its button is pressed."""
    if not report.explanations:
        return
    desk, asked = _wiring.desk(state.model_id), report.request.key(scene.case, report.model)
    st.subheader(sanity_panel.LOOKS, anchor=False)
    st.caption(sanity_panel.LOOKS_MEANING)
    _show_sanity(desk, scene, report, key=f"{scene.key}.twins.{asked}")
    st.subheader(sanity_panel.STABLE, anchor=False)
    st.caption(sanity_panel.STABLE_MEANING)
    found = long_job.result_of(
        lambda: _stability(desk, scene, report),
        button="Ask each method again",
        words="Asking each method again.",
        planned=sanity_panel.runs_of_stability(report.explanations, N_NOISY[report.modality]),
        key=f"{scene.key}.stability.{asked}",
    )
    if isinstance(found, StabilityReport):
        sanity_panel.show_stability(found, scene.titles)


def _show_sanity(desk: Desk, scene: Scene, report: EvidenceReport, *, key: str) -> None:
    """The model as a whole, then the open case if wanted."""
    if "trees" in report.model.capabilities:
        st.caption(sanity_panel.NO_WEIGHTS)
        return
    methods = tuple(e.method for e in report.explanations)
    known = _known().get(report.model.weights_sha256)
    missing = methods if known is None else known.lacks(methods)
    if missing:
        answers = [e for e in report.explanations if e.method in missing]
        long_job.result_of(
            lambda: _sanity(desk, report, missing),
            button="Ask randomised copies of the model",
            words="Asking randomised copies of the model.",
            planned=sanity_panel.runs_of_sanity(answers, BUDGET[report.modality]),
            key=f"{key}.{missing}",
        )
        return
    found = _known()[report.model.weights_sha256].about(methods)
    own = long_job.result_of(
        lambda: _own(desk, scene, report, found),
        button="The same for this case",
        words="Asking them about this case.",
        planned=sanity_panel.runs_of_sanity(report.explanations, BUDGET[report.modality])
        // N_CASES,
        key=f"{key}.own",
    )
    sanity_panel.show_sanity(found, scene.titles, own=own if isinstance(own, tuple) else ())


@st.cache_resource(show_spinner=False)
def _known() -> dict[str, SanityReport]:
    """What was found about models by the digest of their weights: nothing of any user's case."""
    return {}


def _sanity(desk: Desk, report: EvidenceReport, methods: tuple[MethodId, ...]) -> Job:
    """Queue the trial of a model; each method is asked once a server."""

    def work(job: Job) -> None:
        from explainers.reference_cases import reference_cases
        from explainers.sanity import sanity

        cases = reference_cases(desk.model, N_CASES)
        found = sanity(desk.model, cases, methods, runtime=_runtime(desk, job))
        digest = report.model.weights_sha256
        known = _known().get(digest)
        _known()[digest] = found if known is None else known.joined(found)
        job.emit(found)

    return desk.queue.submit(work, weight=5.0)


def _own(desk: Desk, scene: Scene, report: EvidenceReport, found: SanityReport) -> Job:
    """Queue the same for one case."""

    def work(job: Job) -> None:
        from explainers.reference_cases import reference_cases
        from explainers.sanity import sanity_of_case

        own = sanity_of_case(
            desk.model,
            scene.case,
            found,
            reference_cases(desk.model, N_CASES),
            target=report.target.name,
            runtime=_runtime(desk, job),
        )
        job.emit(own)

    return desk.queue.submit(work, weight=2.0)


def _stability(desk: Desk, scene: Scene, report: EvidenceReport) -> Job:
    """Queue the second seed and the noisy copies."""

    def work(job: Job) -> None:
        from explainers.asking import ask
        from explainers.stability import stability

        question = ask(scene.case, desk.model, report.request)
        runtime = _runtime(desk, job)
        job.emit(stability(question, report.explanations, report.request, runtime=runtime))

    return desk.queue.submit(work, weight=2.0)


def _runtime(desk: Desk, job: Job) -> "Runtime":
    """Counts rows for the page and stops when asked to."""
    from explainers.engine import Runtime
    from models.devices import rows_per_pass

    rows = rows_per_pass(desk.model.device, desk.card.modality)
    return Runtime(max_rows=rows, on_rows=job.emit, cancelled=job.is_cancelled)

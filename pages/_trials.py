"""Trials of the methods on the page: randomised twins of the model, and stability."""

from typing import Final, TypeGuard

import streamlit as st

from components import long_job, sanity_panel, trial_rows
from components.jobs import Job
from components.scene import Scene
from components.state import ConsultState
from explainers.case_sanity import CaseSanity
from explainers.explanation import MethodId
from explainers.report import EvidenceReport
from explainers.sanity_report import N_CASES, SanityReport
from explainers.stability_report import StabilityReport
from explainers.trials import Trials
from models.case import Case
from pages import _wiring
from pages._desk import Desk

N_NOISY: Final = {"image": 3, "tabular": 3, "text": 0}


def show(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """Draw both trials; each asks the model when its button is pressed."""
    if not report.explanations:
        return
    desk = _wiring.desk(state.model_id)
    twins, stability = _keys(scene.key, scene.case, report)
    st.subheader(trial_rows.LOOKS, anchor=False)
    st.caption(sanity_panel.LOOKS_MEANING)
    _show_sanity(desk, scene, report, key=twins)
    st.subheader(trial_rows.STABLE, anchor=False)
    st.caption(sanity_panel.STABLE_MEANING)
    found = long_job.result_of(
        lambda: _stability(desk, scene, report),
        button="Ask each method again",
        words="Asking each method again.",
        planned=sanity_panel.runs_of_stability(report.explanations, N_NOISY[report.modality]),
        key=stability,
        speed=_wiring.speed_of(desk.model_id),
    )
    if isinstance(found, StabilityReport):
        sanity_panel.show_stability(found, scene.titles)


def found(scene_key: str, case: Case, report: EvidenceReport) -> Trials:
    """What is known so far, for the files.

    Args:
        scene_key: Prefix of the keys that jobs are kept under.
        case: What is open.
        report: Whose methods.
    """
    twins, stability = _keys(scene_key, case, report)
    methods = tuple(e.method for e in report.explanations)
    known = _known().get(report.model.weights_sha256)
    own, stable = _ended(f"{twins}.own"), _ended(stability)
    return Trials(
        sanity=None if known is None or known.lacks(methods) else known,
        own=own if _is_own(own) else (),
        stability=stable if isinstance(stable, StabilityReport) else None,
    )


def _keys(scene_key: str, case: Case, report: EvidenceReport) -> tuple[str, str]:
    """Session keys of both trials."""
    asked = report.request.key(case, report.model)
    return f"{scene_key}.twins.{asked}", f"{scene_key}.stability.{asked}"


def _ended(key: str) -> object | None:
    """What a job of this session found; None before that."""
    job: Job | None = st.session_state.get(key)
    return job.events[-1] if job is not None and job.state == "done" else None


def _is_own(found: object) -> TypeGuard[tuple[CaseSanity, ...]]:
    """Whether a finding is about the open case."""
    return isinstance(found, tuple) and all(isinstance(each, CaseSanity) for each in found)


def _show_sanity(desk: Desk, scene: Scene, report: EvidenceReport, *, key: str) -> None:
    """The model as a whole, then the open case if wanted."""
    if "trees" in report.model.capabilities:
        st.caption(sanity_panel.NO_WEIGHTS)
        return
    methods, speed = tuple(e.method for e in report.explanations), _wiring.speed_of(desk.model_id)
    known = _known().get(report.model.weights_sha256)
    missing = methods if known is None else known.lacks(methods)
    if missing:
        answers = [e for e in report.explanations if e.method in missing]
        long_job.result_of(
            lambda: _sanity(desk, report, missing),
            button="Ask randomised copies of the model",
            words="Asking randomised copies of the model.",
            planned=sanity_panel.runs_of_sanity(answers, report.modality),
            key=f"{key}.{missing}",
            speed=speed,
        )
        return
    found = _known()[report.model.weights_sha256].about(methods)
    own = long_job.result_of(
        lambda: _own(desk, scene, report, found),
        button="The same for this case",
        words="Asking them about this case.",
        planned=sanity_panel.runs_of_sanity(report.explanations, report.modality)
        // N_CASES[report.modality],
        key=f"{key}.own",
        speed=speed,
    )
    sanity_panel.show_sanity(found, scene.titles, own=own if _is_own(own) else ())


@st.cache_resource(show_spinner=False)
def _known() -> dict[str, SanityReport]:
    """What was found about models by the digest of their weights: nothing of any user's case."""
    return {}


def _sanity(desk: Desk, report: EvidenceReport, methods: tuple[MethodId, ...]) -> Job:
    """Queue the trial of a model; each method is asked once a server."""

    def work(job: Job) -> None:
        from explainers.reference_cases import reference_cases
        from explainers.sanity import sanity

        cases = reference_cases(desk.model, N_CASES[report.modality])
        found = sanity(desk.model, cases, methods, runtime=desk.runtime(job))
        digest = report.model.weights_sha256
        known = _known().get(digest)
        _known()[digest] = found if known is None else known.joined(found)
        job.emit(found)

    key = f"twins.{report.model.weights_sha256}.{methods}"  # of the model, not of a case
    return desk.shared.start(key, lambda: desk.queue.submit(work, weight=5.0))


def _own(desk: Desk, scene: Scene, report: EvidenceReport, found: SanityReport) -> Job:
    """Queue the same for one case."""

    def work(job: Job) -> None:
        from explainers.reference_cases import reference_cases
        from explainers.sanity import sanity_of_case

        own = sanity_of_case(
            desk.model,
            scene.case,
            found,
            reference_cases(desk.model, N_CASES[report.modality]),
            target=report.target.name,
            runtime=desk.runtime(job),
        )
        job.emit(own)

    return desk.queue.submit(work, weight=2.0)


def _stability(desk: Desk, scene: Scene, report: EvidenceReport) -> Job:
    """Queue the second seed and the noisy copies."""

    def work(job: Job) -> None:
        from explainers.asking import ask
        from explainers.stability import stability

        question = ask(scene.case, desk.model, report.request)
        runtime = desk.runtime(job)
        job.emit(stability(question, report.explanations, report.request, runtime=runtime))

    return desk.queue.submit(work, weight=2.0)

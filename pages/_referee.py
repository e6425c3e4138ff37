"""The referee on the page: parts asked about at once, and those the reader chooses."""

from collections.abc import Sequence

import streamlit as st

from components import referee_chooser, referee_panel, referee_sides_panel, viewer, waiting
from components.jobs import Job
from components.referee_chooser import Wanted
from components.scene import Scene
from components.state import ConsultState
from explainers.referee_part import Part
from explainers.referee_report import RefereeReport
from explainers.referee_sides import Sides, TwoSided
from explainers.report import EvidenceReport
from pages import _wiring


def show(
    state: ConsultState,
    scene: Scene,
    report: EvidenceReport,
    asked: Sequence[RefereeReport] = (),
    own: Sequence[RefereeReport] = (),
) -> None:
    """Draw the section; asks the model when a button is pressed.

    Args:
        state: Whose model is asked.
        scene: What is marked, and what parts are called.
        report: The finished consultation.
        asked: What was asked about without a button.
        own: What the reader asked about.
    """
    st.subheader(referee_panel.TITLE, anchor=False)
    referee_panel.show_asked(asked, report, scene)
    if scene.layout is None:
        return
    key = f"{scene.key}.referee.{report.request.key(scene.case, report.model)}"
    polygon = viewer.drawn(scene.key) if scene.case.modality == "image" else ()
    with st.container(key=viewer.ASK):
        wanted = referee_chooser.show(scene, scene.layout, polygon, key=key)
    shown = None if wanted is None else _known_answer(wanted, (*asked, *own))
    if wanted is not None and shown is not None:
        kept = f"{key}.known.{wanted.key}"
        referee_panel.show(shown, report, scene, name=wanted.name, key=kept)
    else:
        shown = _show_wanted(state, scene, report, wanted, key=key)
    referee_panel.show_earlier([each for each in own if each is not shown], report, scene)
    sides, kept = referee_sides_panel.asks(report, scene, key=key)
    if sides is not None:
        found = _result(state, scene, report, (), (sides,), key=kept)
        if isinstance(found, TwoSided):
            referee_sides_panel.show(found, report, scene, key=kept)


def _known_answer(wanted: Wanted, known: Sequence[RefereeReport]) -> RefereeReport | None:
    """What is known in full about whole parts; a shape has the key of its pixels.

    Others hidden in one way only, as by default, are no full answer: the reader may ask for it.
    """
    if wanted.part.elements is not None:
        return None
    same = (
        found
        for found in known
        if found.part == wanted.part.players
        and not found.is_shape
        and found.placebo_baseline is None
    )
    return next(same, None)


def _show_wanted(
    state: ConsultState,
    scene: Scene,
    report: EvidenceReport,
    wanted: Wanted | None,
    *,
    key: str,
) -> RefereeReport | None:
    """The button, and what came of it."""
    kept = f"{key}.part.{wanted.key}" if wanted is not None else key
    if not referee_panel.asks(wanted, scene, key=kept) or wanted is None:
        return None
    found = _result(state, scene, report, (wanted.part,), (), key=kept)
    if not isinstance(found, RefereeReport):
        return None
    referee_panel.show(found, report, scene, name=wanted.name, key=kept)
    return found


def _result(
    state: ConsultState,
    scene: Scene,
    report: EvidenceReport,
    parts: Sequence[Part],
    sides: Sequence[Sides],
    *,
    key: str,
) -> object | None:
    """The one finding of a job, None while it runs."""
    desk = _wiring.desk(state.model_id)

    def work(job: Job) -> None:
        from explainers.referee_request import ask_about

        found = ask_about(
            desk.model, scene.case, report.request, parts, sides, cancelled=job.is_cancelled
        )
        job.emit((*found.parts, *found.sides)[0])

    return waiting.result_of(
        lambda: state.ask(key, desk.queue.submit(work)),
        words="Hiding parts and asking again...",
        key=key,
    )

"""Clinical texts: how they come in, and the columns they are shown in."""

from typing import Final

import streamlit as st

from components import gallery, text_intake, text_view, upload
from components.scene import Scene
from components.state import Arrival, ConsultState, Source
from explainers.report import EvidenceReport
from models.case import Case
from pages import _cases, _files, _wiring
from pages._modality import ModalityView

WELCOME: Final = (
    "Consilium asks a model about a radiology report and lets three kinds of explanation say which "
    "words the answer rests on: saliency, SHAP and LIME, side by side and in the same units, with "
    "the words where they agree and where they part. Texts stay on the computer that runs "
    "Consilium."
)
FILE: Final = "Report as a file (TXT, DOCX, or a PDF with a text layer)"
A_ROW: Final = 4


def _file(source: Source, *, start_word: int = 0) -> Arrival:
    """A text to be read from a file."""
    return Arrival(read=lambda: _cases.decode_text(source, start_word), source=source)


def _take(state: ConsultState) -> Arrival | None:
    """A box to paste into, or a file."""
    paste, file = st.columns([3, 2], gap="large")
    with paste:
        text = text_intake.show_paste(key=f"text.paste.{state.n_opened}")
    with file:
        given = upload.show(FILE, tried=state.tried, key=f"text.file.{state.n_opened}")
    if text is not None:
        return Arrival(read=lambda: _cases.text_of(text))
    return None if given is None else _file(given)


def _samples(_: ConsultState) -> Arrival | None:
    """Reports to try."""
    chosen = gallery.show(_cases.report_tiles(), key="text.sample", a_row=A_ROW)
    return None if chosen is None else Arrival(read=lambda: _cases.sample_report(chosen))


def _facts(case: Case) -> list[str]:
    """How long the text is."""
    return [f"{len(case.document.words):,} words"]


def _details(_: ConsultState, case: Case) -> Arrival | None:
    """What reading it did."""
    text_intake.show_details(case)
    return None


def _draw(scene: Scene) -> int | None:
    """All findings, and the text once a method."""
    card = _wiring.card(_wiring.state("text").model_id)
    if scene.prediction is not None and card.head == "sigmoid":
        explained = scene.request.target or card.target_for(scene.prediction)
        text_intake.show_findings(scene.prediction, card, explained=explained)
    if scene.layout is None or not scene.layout.players.word_spans:
        st.text(scene.case.document.text)
        return None
    window = text_intake.window_words(scene.case.document, scene.layout.players)
    if window:
        st.warning(window, icon=None)
    return text_view.show(
        scene.case.document,
        scene.layout.players,
        scene.panels,
        scene.agreement,
        names=scene.names,
        selected=scene.selected,
        key=scene.key,
    )


def _more(state: ConsultState, scene: Scene, report: EvidenceReport) -> Arrival | None:
    """Another window of a long text."""
    case = scene.case
    start = text_intake.show_window(case.document, report.players, key=f"{scene.key}.window")
    if start is None:
        return None
    if state.source is not None:
        return _file(state.source, start_word=start)
    text = case.document.text
    return Arrival(read=lambda: _cases.text_of(text, name=case.name, start_word=start))


TEXT: Final = ModalityView(
    modality="text",
    title="One report, three explanations",
    welcome=WELCOME,
    take=_take,
    samples=_samples,
    facts=_facts,
    details=_details,
    draw=_draw,
    more=_more,
    files=_files.report_files,
)

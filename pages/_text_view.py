"""Clinical texts: how they come in, and how they are shown."""

from typing import Final

import streamlit as st

from components import plain_view
from components.downloads import Download
from components.scene import Scene
from components.state import Arrival, ConsultState
from explainers.report import EvidenceReport
from models.case import Case
from pages import _files, _wiring
from pages._modality import ModalityView

WELCOME: Final = (
    "Consilium asks a model about a radiology report and lets three kinds of explanation say which "
    "words the answer rests on: saliency, SHAP and LIME, side by side and in the same units, with "
    "the words where they agree and where they part. Texts stay on the computer that runs "
    "Consilium."
)


def _take(state: ConsultState) -> Arrival | None:
    """A box to paste into."""
    with st.form(f"text.{state.n_opened}"):
        text = st.text_area("Report", height=160, key=f"text.paste.{state.n_opened}")
        pressed = st.form_submit_button("Open", key=f"text.open.{state.n_opened}")
    return Arrival(read=lambda: _wiring.text_of(text)) if pressed else None


def _facts(case: Case) -> list[str]:
    """How long the text is."""
    return [f"{len(case.document.words):,} words"]


def _draw(scene: Scene) -> int | None:
    """The strongest words of every method."""
    plain_view.show(scene)
    return None


def _write(scene: Scene, report: EvidenceReport) -> tuple[Download, ...]:
    """Report and numbers."""
    return (_files.html_file(scene, report), *_files.table_files(scene, report))


TEXT: Final = ModalityView(
    modality="text",
    title="One report, three explanations",
    welcome=WELCOME,
    take=_take,
    facts=_facts,
    draw=_draw,
    files=_write,
)

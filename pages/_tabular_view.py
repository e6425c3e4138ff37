"""Tabular records: how they come in, and how they are shown."""

from typing import Final

import streamlit as st

from components import plain_view
from components.downloads import Download
from components.scene import Scene
from components.state import Arrival, ConsultState
from explainers.report import EvidenceReport
from models.card import ModelCard
from models.case import Case
from models.schema import Column
from pages import _files, _wiring
from pages._modality import ModalityView

WELCOME: Final = (
    "Consilium asks a model about one patient's record and lets three kinds of explanation say "
    "which values the answer rests on: saliency, SHAP and LIME, side by side and in the same "
    "units, with the features where they agree and where they part. Records stay on the computer "
    "that runs Consilium."
)


def _take(state: ConsultState) -> Arrival | None:
    """A form with one field a column, empty for a missing value."""
    schema = _wiring.schema(state.model_id)
    key = f"tabular.{state.model_id}.{state.n_opened}"
    with st.form(key):
        columns = st.columns(4)
        values = [
            _field(column, f"{key}.{column.name}", columns[index % 4])
            for index, column in enumerate(schema.columns)
        ]
        pressed = st.form_submit_button("Open", key=f"{key}.open")
    return Arrival(read=lambda: _wiring.record_of(state.model_id, values)) if pressed else None


def _field(column: Column, key: str, place: "st.delta_generator.DeltaGenerator") -> float | None:
    """One value; None is a missing one."""
    label = f"{column.title} ({column.unit})" if column.unit else column.title
    if column.kind == "number":
        middle = column.percentiles[len(column.percentiles) // 2]
        typed = place.number_input(label, value=middle, help=column.description or None, key=key)
        return None if typed is None else float(typed)
    names = list(column.categories)
    chosen = place.selectbox(label, names, index=0, help=column.description or None, key=key)
    return None if chosen is None else float(names.index(chosen))


def _facts(case: Case) -> list[str]:
    """Which row of the file it is."""
    record = case.record
    return [f"{len(record.values)} features"] + ([f"row {record.row}"] if record.row else [])


def _fits(card: ModelCard, case: Case) -> bool:
    """Models that read the same columns can be asked about the same record."""
    return _wiring.schema(card.id).names == case.record.schema.names


def _draw(scene: Scene) -> int | None:
    """The strongest features of every method."""
    plain_view.show(scene)
    return None


def _write(scene: Scene, report: EvidenceReport) -> tuple[Download, ...]:
    """Report and numbers."""
    return (_files.html_file(scene, report), *_files.table_files(scene, report))


TABULAR: Final = ModalityView(
    modality="tabular",
    title="One record, three explanations",
    welcome=WELCOME,
    take=_take,
    facts=_facts,
    draw=_draw,
    files=_write,
    fits=_fits,
)

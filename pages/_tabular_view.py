"""Tabular records: how they come in, and how they are shown."""

from typing import Final

import streamlit as st

from components import (
    gallery,
    overview_panel,
    record_form,
    record_intake,
    record_view,
    upload,
    waiting,
    what_if,
)
from components.scene import Scene
from components.state import Arrival, ConsultState, Source
from explainers.report import EvidenceReport
from explainers.table_views import IceCurve, Overview
from models.card import ModelCard
from models.case import Case
from pages import _cases, _files, _wiring
from pages._modality import ModalityView

WELCOME: Final = (
    "Consilium asks a model about one patient's record and lets three kinds of explanation say "
    "which values the answer rests on: saliency, SHAP and LIME, side by side and in the same "
    "units, with the features where they agree and where they part. Records stay on the computer "
    "that runs Consilium."
)
FILE: Final = "Records as a file (CSV or JSON, one row or many)"
TYPED: Final = "Type a record"
OPENED: Final = "Open a file"
ORIGIN: Final = "tabular.origin"
A_ROW: Final = 4


def _file(state: ConsultState, source: Source, *, row: int | None = None) -> Arrival:
    """A record to be read from a file."""
    model_id = state.model_id
    return Arrival(read=lambda: _cases.decode_table(model_id, source, row), source=source)


def _take(state: ConsultState) -> Arrival | None:
    """A file of records, or a form with one field a column."""
    key = f"tabular.{state.model_id}.{state.n_opened}"
    form, file = st.tabs(
        [TYPED, OPENED], default=TYPED if state.tried is None else OPENED, key=f"{key}.ways"
    )
    with file:
        row = _row(state, state.tried, now=None, key=key)
        given = upload.show(FILE, tried=state.tried, key=f"{key}.file")
        record_intake.show_template(
            _cases.schema(state.model_id), _cases.template(state.model_id), key=key
        )
    with form:
        schema = _cases.schema(state.model_id)
        values = record_form.show(schema, None, button="Explain this record", key=key)
    if given is not None:
        return _file(state, given)
    if row is not None and state.tried is not None:
        return _file(state, state.tried, row=row)
    if values is None:
        return None
    return Arrival(read=lambda: _cases.record_of(state.model_id, values))


def _samples(state: ConsultState) -> Arrival | None:
    """Records to try."""
    tiles = _cases.record_tiles(state.model_id)
    chosen = gallery.show(tiles, key=f"tabular.{state.model_id}.sample", a_row=A_ROW)
    return (
        None
        if chosen is None
        else Arrival(read=lambda: _cases.sample_record(state.model_id, chosen))
    )


def _row(state: ConsultState, source: Source | None, *, now: int | None, key: str) -> int | None:
    """Which record of a file of several, in the run in which one was chosen."""
    previews = () if source is None else _cases.table_rows(state.model_id, source)
    return record_intake.show_rows(previews, now=now, key=key)


def _details(state: ConsultState, case: Case) -> Arrival | None:
    """What reading it did; another row of the same file."""
    record_intake.show_details(case)
    key = f"tabular.row.{state.n_opened}"
    row = _row(state, state.source, now=case.record.row, key=key)
    return None if row is None or state.source is None else _file(state, state.source, row=row)


def _facts(case: Case) -> list[str]:
    """Which row of the file it is."""
    record = case.record
    return [f"{len(record.values)} features"] + ([f"row {record.row}"] if record.row else [])


def _fits(card: ModelCard, case: Case) -> bool:
    """Models that read the same columns can be asked about the same record."""
    return _cases.schema(card.id).names == case.record.schema.names


def _draw(scene: Scene) -> int | None:
    """Bars of all methods, and a waterfall."""
    record_view.show(scene)
    return None


def _more(state: ConsultState, scene: Scene, report: EvidenceReport) -> Arrival | None:
    """What the last change did, what if a value were another, and the model as a whole."""
    origin: what_if.Origin | None = st.session_state.get(ORIGIN)
    if (
        origin is not None
        and origin.changed_digest == scene.case.digest
        and what_if.show_before_after(origin, scene, report, key=f"{scene.key}.back")
    ):
        former = origin.case
        return Arrival(read=lambda: former)
    st.header("What if", anchor=False)
    change, curve = st.columns([3, 2], gap="large")
    with curve:
        _curve(state, scene, report)
    with change:
        changed = _changed(state, scene, report)
    st.header("The model as a whole", anchor=False)
    _overview(state)
    return changed


def _changed(state: ConsultState, scene: Scene, report: EvidenceReport) -> Arrival | None:
    """The same record with other values, in the run in which the user asked for it."""
    values = what_if.show_form(scene.case, key=f"{scene.key}.form")
    if values is None:
        return None

    def read() -> Case:
        former: what_if.Origin | None = st.session_state.get(ORIGIN)
        chained = former is not None and former.changed_digest == scene.case.digest
        kept, found = (former.case, former.report) if former and chained else (scene.case, report)
        case = _cases.record_of(state.model_id, values, name=f"{kept.name}, changed")
        st.session_state[ORIGIN] = what_if.Origin(
            case=kept, report=found, changed_digest=case.digest
        )
        return case

    return Arrival(read=read)


def _curve(state: ConsultState, scene: Scene, report: EvidenceReport) -> None:
    """The curve of one feature, of all curves asked together."""
    curves = waiting.result_of(
        lambda: _wiring.ice_curves(state.model_id, scene.case, report.target.name),
        words="Asking the model about other values...",
        key=f"{scene.key}.{state.model_id}.{report.target.index}.curves",
    )
    if isinstance(curves, tuple) and all(isinstance(curve, IceCurve) for curve in curves):
        what_if.show_curve(curves, scene, target=report.target.name)


def _overview(state: ConsultState) -> None:
    """What the model relies on, once somebody wants to know."""
    key = f"overview.{state.model_id}"
    if key not in st.session_state:
        st.caption("Explains many training records, shuffles every column, and fits a small tree.")
        if not st.button("Look at the model as a whole", key=f"{key}.go"):
            return
    found = waiting.result_of(
        lambda: _wiring.overview(state.model_id),
        words="Asking the model about its training records...",
        key=key,
    )
    if isinstance(found, Overview):
        overview_panel.show(found, _cases.schema(state.model_id), key=key)


TABULAR: Final = ModalityView(
    modality="tabular",
    title="One record, three explanations",
    welcome=WELCOME,
    take=_take,
    samples=_samples,
    facts=_facts,
    details=_details,
    draw=_draw,
    more=_more,
    files=_files.report_files,
    fits=_fits,
)

"""The record page over the built-in models: type, open a file, change a value, bad files."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput

from components.job import Job
from components.record_form import MISSING
from components.state import ConsultState
from explainers.report import ConsultRequest
from models.catalog import catalog
from models.inputs.table_template import template_csv
from models.table_card import schema_of
from pages import _wiring
from tests.pages.conftest import PATIENCE, _wait_for, words

PAGE = Path(__file__).parents[2] / "pages" / "tabular.py"
QUICK = ConsultRequest(
    methods=("integrated_gradients", "exact_shapley", "lime_tabular"),
    budget=30_000,
    baseline="background",
    players="features",
)


@pytest.fixture
def app() -> Iterator[AppTest]:
    """The page, asking the built-in network for little."""
    for cached in (_wiring.desk, _wiring.clerk, _wiring.methods):
        cached.clear()
    at = AppTest.from_file(str(PAGE), default_timeout=PATIENCE)
    at.session_state["consult.tabular"] = ConsultState(model_id="recurrence", request=QUICK)
    yield at
    _wiring.desk("recurrence").queue.close()
    _wiring.clerk().close()
    for cached in (_wiring.desk, _wiring.clerk, _wiring.methods):
        cached.clear()


def state_of(at: AppTest) -> ConsultState:
    state = at.session_state["consult.tabular"]
    assert isinstance(state, ConsultState)
    return state


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [b for b in at.button if b.label == label]
    return button.click().run()


def settle(at: AppTest) -> AppTest:
    """Wait for consultation, curves and files, as the polling fragments do."""
    job = state_of(at).job
    assert job is not None
    _wait_for(job)
    at.run()
    for key in list(at.session_state.keys()):
        if isinstance(at.session_state[key], Job):
            _wait_for(at.session_state[key])
    files = state_of(at).files
    assert files is not None
    _wait_for(files)
    return at.run()


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    at.file_uploader[0].set_value((name, data, "text/csv"))
    return at.run()


def _last(at: AppTest, label: str) -> NumberInput:
    """The what-if field: the form of another record comes first on the page."""
    return [n for n in at.number_input if n.label.startswith(label)][-1]


def template() -> str:
    return template_csv(schema_of(catalog()["recurrence"].document))


def test_first_view_offers_models_a_form_a_file_and_a_template(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert app.title[0].value == "One record, three explanations"
    assert "Not for diagnosis" in words(app)
    assert len(app.number_input) + len(app.selectbox) >= 8
    assert len(app.file_uploader) == 1
    assert "Template to fill in (CSV)" in [b.label for b in app.get("download_button")]


def test_typed_record_is_explained_by_all_methods(app: AppTest) -> None:
    settle(press(app.run(), "Explain this record"))
    assert not app.exception
    report = state_of(app).job.events[-1]
    assert [e.method for e in report.explanations] == list(QUICK.methods)
    assert [h.value for h in app.header][2:4] == [
        "Features that matter",
        "How far the methods agree",
    ]
    assert {"What if", "The model as a whole"} <= {h.value for h in app.header}
    labels = [b.label for b in app.get("download_button")]
    assert "Features (CSV)" in labels
    assert "Report (HTML)" in labels


def test_a_missing_value_is_asked_about_as_missing(app: AppTest) -> None:
    app.run()
    grade = next(n for n in app.selectbox if n.label == "Grade")
    grade.set_value("missing")
    settle(press(app, "Explain this record"))
    assert np.isnan(state_of(app).case.record.values).sum() == 1
    assert not app.exception


def test_template_loads_back(app: AppTest) -> None:
    settle(upload(app.run(), "record.csv", template().encode()))
    assert not app.exception
    assert state_of(app).case.name == "record.csv"


def test_file_of_several_records_asks_for_the_row(app: AppTest) -> None:
    text = template()
    lines = text.splitlines()
    changed = ",".join(["71", *lines[-1].split(",")[1:]])
    upload(app.run(), "records.csv", "\r\n".join([*lines, changed]).encode())
    assert state_of(app).case is None
    assert "2 records" in words(app)
    (picker,) = [s for s in app.selectbox if s.label.startswith("Row of the file")]
    picker.set_value(1)
    settle(press(app, "Open this row"))
    assert state_of(app).case.record.row == 2
    assert state_of(app).case.record.values[0] == 71
    assert not app.exception


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "table"),
        (b"age,age\n1,2\n", "age"),
        (b"height\n180\n", "column"),
    ],
)
def test_bad_file_gets_one_sentence_and_nothing_is_lost(
    app: AppTest, data: bytes, said: str
) -> None:
    upload(app.run(), "bad.csv", data)
    assert not app.exception
    assert state_of(app).case is None
    assert state_of(app).notice is not None
    assert said in state_of(app).notice.message.lower() + state_of(app).notice.hint.lower()
    settle(press(app, "Explain this record"))
    assert state_of(app).case is not None


def test_changed_value_moves_the_answer_and_can_be_taken_back(app: AppTest) -> None:
    settle(press(app.run(), "Explain this record"))
    before = state_of(app).job.events[-1].prediction.probabilities[1]
    first = state_of(app).case.digest
    _last(app, "Positive").set_value(25.0)
    settle(press(app, "Ask again with these values"))
    after = state_of(app).job.events[-1].prediction.probabilities[1]
    assert after > before
    assert "What the change did" in [s.value for s in app.subheader]
    settle(press(app, "Back to the record as opened"))
    assert state_of(app).case.digest == first
    assert "What the change did" not in [s.value for s in app.subheader]


def test_emptied_number_is_missing_and_a_chain_of_changes_is_told_whole(app: AppTest) -> None:
    settle(press(app.run(), "Explain this record"))
    # With a default of its own the browser's field would spring back to it when emptied.
    fields = [n for n in app.number_input if n.placeholder == MISSING]
    assert len(fields) >= 4
    assert not any(n.proto.HasField("default") for n in fields)
    _last(app, "Age").set_value(None)
    settle(press(app, "Ask again with these values"))
    _last(app, "Positive").set_value(25.0)
    settle(press(app, "Ask again with these values"))
    assert not app.exception
    assert state_of(app).case.name == "Typed record, changed"
    (said,) = [t.value for t in app.text if t.value.startswith("Changed:")]
    assert "Age 54 years → missing" in said
    assert "→ 25" in said


def test_another_model_of_the_same_columns_can_be_asked(app: AppTest) -> None:
    settle(press(app.run(), "Explain this record"))
    (picker,) = [s for s in app.selectbox if s.label == "Model"]
    assert "recurrence-trees" in picker.options or len(picker.options) == 3
    picker.set_value("recurrence-trees").run()
    press(app, "Explain")
    settle(app)
    report = state_of(app).job.events[-1]
    assert report.model.id == "recurrence-trees"
    assert report.explanations[0].method == "occlusion"
    assert not app.exception
    _wiring.desk("recurrence-trees").queue.close()


def test_values_never_reach_files_for_programs(app: AppTest) -> None:
    app.run()
    receptor = next(n for n in app.number_input if n.label.startswith("Progesterone"))
    receptor.set_value(4987.0)
    settle(press(app, "Explain this record"))
    files = {d.suffix: d.data for d in state_of(app).files.events}
    value = re.compile(rb"(?<![\d.])4987(?![\d.])")
    assert not value.search(files[".json"])
    assert not value.search(files[".csv"])
    assert value.search(files[".html"])

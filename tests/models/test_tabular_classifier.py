"""The adapters keep the promises of their protocols, and folders that do not fit are refused."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shap
import torch
import yaml

from models.adapter import HasLinearForm, HasTable, HasTrees
from models.boosted_trees import TREES_NAME, TreesTable, load_trees
from models.case import Case, image_case
from models.catalog import BUILTIN, catalog
from models.errors import InputError, SchemaError, WeightsError
from models.inputs.tabular import record_case
from models.table_card import SAMPLE_NAME
from models.tabular_adapters import LinearTable, TabularClassifier
from models.tabular_classifier import load_tabular_classifier
from models.weights import CARD_NAME, WEIGHTS_NAME, sha256_of

IDS = ("recurrence", "recurrence-trees", "recurrence-logistic", "wisconsin")
CPU = torch.device("cpu")
GONE = "(taken away)"


@pytest.fixture(scope="module", params=IDS)
def model(request: pytest.FixtureRequest) -> TabularClassifier:
    loaded = catalog().load(request.param, CPU)
    assert isinstance(loaded, TabularClassifier)
    return loaded


@pytest.fixture(scope="module")
def trees() -> TreesTable:
    loaded = catalog().load("recurrence-trees", CPU)
    assert isinstance(loaded, TreesTable)
    return loaded


def first_record(model: TabularClassifier) -> Case:
    return record_case(model.sample[0].tolist(), model.schema, name="first")


def test_powers_are_those_on_the_card(model: TabularClassifier) -> None:
    powers = model.card.capabilities
    assert isinstance(model, HasTable)
    assert isinstance(model, HasTrees) == ("trees" in powers)
    assert isinstance(model, HasLinearForm) == ("linear" in powers)
    inputs = model.encode_values(model.sample[:4]).requires_grad_()
    logits = model.logits(inputs)
    assert logits.requires_grad == ("gradient" in powers)
    if logits.requires_grad:
        (gradient,) = torch.autograd.grad(logits[:, 1].sum(), inputs)
        assert bool((gradient != 0).any())


def test_shapes_follow_the_card(model: TabularClassifier) -> None:
    width = model.card.input_shape[0]
    assert model.element_columns.shape == (width,)
    assert sorted(set(model.element_columns.tolist())) == list(range(len(model.schema.columns)))
    assert model.encode(first_record(model)).shape == (1, width)
    assert model.logits(model.encode_values(model.sample[:0])).shape == (0, 2)
    assert model.card.classes.index(model.card.default_target) == 1


def test_prediction_is_the_softmax_of_the_logits_of_one_row(model: TabularClassifier) -> None:
    record = first_record(model)
    prediction = model.predict(record)
    rows = model.logits(model.encode_values(model.sample))
    np.testing.assert_allclose(prediction.logits, rows[0], atol=1e-5)
    np.testing.assert_allclose(rows.sum(dim=1), 0, atol=1e-5)
    assert prediction.probabilities.sum() == pytest.approx(1)
    assert prediction.check is not None
    assert prediction.check.accepted


def test_sample_is_complete_training_data_in_random_order(model: TabularClassifier) -> None:
    assert np.isfinite(model.sample).all()
    assert not model.sample.flags.writeable
    for index, column in enumerate(model.schema.columns):
        values = model.sample[:, index]
        if column.kind == "number":
            assert values.min() >= column.low
            assert values.max() <= column.high
            assert np.any(np.diff(values) < 0)
        else:
            assert set(values.tolist()) == set(range(len(column.categories)))


def test_missing_is_an_answer_of_its_own(model: TabularClassifier) -> None:
    records = np.tile(np.median(model.sample, axis=0), (len(model.schema.columns) + 1, 1))
    np.fill_diagonal(records[1:], np.nan)
    logits = model.logits(model.encode_values(records))[:, 1]
    assert bool(torch.isfinite(logits).all())
    # Trees need not use all columns.
    assert (
        int((logits[1:] != logits[0]).sum()) >= len(model.schema.columns) / 2
    )  # trees need not use all


def test_linear_form_is_the_logits() -> None:
    model = catalog().load("recurrence-logistic", CPU)
    assert isinstance(model, LinearTable)
    weights, bias = model.linear_form()
    inputs = torch.randn(64, *model.card.input_shape, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(inputs @ weights.T + bias, model.logits(inputs))


@pytest.mark.parametrize("background", [None, 100])
def test_tree_shap_sums_to_the_logits(trees: TreesTable, background: int | None) -> None:
    records = trees.sample[:40].copy()
    records[::3, 4] = np.nan
    inputs = trees.encode_values(records).numpy()
    data = None if background is None else trees.encode_values(trees.sample[:background]).numpy()
    explainer = shap.TreeExplainer(trees.trees(), data=data)
    margins = explainer.shap_values(inputs).sum(axis=1) + explainer.expected_value
    logits = trees.logits(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(trees.margins_to_logits(margins), logits, atol=2e-5)


def test_contributions_to_margins_add_up_as_logits(trees: TreesTable) -> None:
    first, second = np.array([0.3, -1.0]), np.array([0.2, 4.0])
    parts = trees.margins_to_logits(first) + trees.margins_to_logits(second)
    np.testing.assert_allclose(parts, trees.margins_to_logits(first + second))


def test_loading_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    load_tabular_classifier(BUILTIN / "recurrence", CPU)
    assert torch.equal(before, torch.get_rng_state())


def test_records_of_other_columns_and_other_cases_are_refused(model: TabularClassifier) -> None:
    other = catalog().load("recurrence" if model.card.id == "wisconsin" else "wisconsin", CPU)
    assert isinstance(other, TabularClassifier)
    with pytest.raises(SchemaError, match="other columns"):
        model.predict(first_record(other))
    with pytest.raises(InputError, match="image"):
        model.encode(image_case(np.zeros((8, 8), np.float32), name="film"))


def test_one_record_can_be_asked_of_all_three_models() -> None:
    models = [catalog().load(model_id, CPU) for model_id in IDS[:3]]
    assert isinstance(models[0], TabularClassifier)
    record = first_record(models[0])
    assert len({model.predict(record).probabilities[1] for model in models}) == 3


def write_model(folder: Path, change: dict[str, Any], model_id: str = "recurrence") -> Path:
    """A built-in model with values of its card changed, or taken away; keys are dotted paths."""
    document = deepcopy(catalog()[model_id].document)
    for path, value in change.items():
        *parents, last = path.split(".")
        inner = document
        for key in parents:
            inner = inner[int(key)] if isinstance(inner, list) else inner[key]
        if value is GONE:
            del inner[last]
        else:
            inner[last] = value
    (folder / CARD_NAME).write_text(yaml.safe_dump(document))
    for name in (WEIGHTS_NAME, TREES_NAME, SAMPLE_NAME):
        if (BUILTIN / model_id / name).exists():
            (folder / name).write_bytes((BUILTIN / model_id / name).read_bytes())
    return folder


@pytest.mark.parametrize("model_id", IDS)
def test_an_unchanged_copy_loads(tmp_path: Path, model_id: str) -> None:
    model = load_tabular_classifier(write_model(tmp_path, {}, model_id), CPU)
    assert model.card.digest == catalog()[model_id].digest


@pytest.mark.parametrize("model_id", IDS)
@pytest.mark.parametrize("which", ["weights", "sample"])
def test_changed_files_refuse_to_load(tmp_path: Path, model_id: str, which: str) -> None:
    folder = write_model(tmp_path, {}, model_id)
    weights = TREES_NAME if (folder / TREES_NAME).exists() else WEIGHTS_NAME
    path = folder / (weights if which == "weights" else SAMPLE_NAME)
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=rf"{path.name} has SHA-256"):
        load_tabular_classifier(folder, CPU)
    path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        load_tabular_classifier(folder, CPU)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"architecture": GONE}, "lacks 'architecture'"),
        ({"architecture.name": "forest"}, "architecture is 'forest'"),
        ({"architecture.name": "linear"}, "cannot be used"),
        ({"architecture.settings.hidden": [32]}, "cannot be used"),
        ({"architecture.settings.hidden": ["wide"]}, "cannot be used"),
        ({"temperature": 0}, "temperature is 0"),
        ({"temperature": GONE}, "lacks 'temperature'"),
        ({"input_check": GONE}, "lacks 'input_check'"),
        ({"sample": GONE}, "lacks 'sample'"),
        ({"schema": []}, "no columns"),
        ({"schema.0.kind": "text"}, "of the kind 'text'"),
        ({"schema.0.percentiles": [1.0, 2.0]}, "101 rising percentiles"),
        ({"schema.0.percentiles": [float("nan")] * 101}, "101 rising percentiles"),
        ({"schema.1.categories": ["one"]}, "two or more categories"),
        ({"schema.0.name": "years"}, "differ: age, years"),
        ({"schema.1.name": "menopause"}, "other columns than the schema"),
        ({"schema.0.colour": "red"}, "colour"),
        ({"preprocessing.parameters.age.deviation": 0}, "scale nothing"),
        ({"preprocessing.parameters.age.transform": "sqrt"}, "transform is 'sqrt'"),
        ({"input_shape": [20]}, "input shape"),
        ({"head": "sigmoid"}, "softmax"),
        ({"classes": ["a", "b", "recurrence or death within 3 years"]}, "two classes"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_card_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(WeightsError, match=words):
        load_tabular_classifier(write_model(tmp_path, change), CPU)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"learner": {}}', b"\xff\xfe", b"hello"])
def test_a_damaged_ensemble_is_refused_without_harm(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / TREES_NAME
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="not a readable ensemble"):
        load_trees(path, sha256_of(path))


def test_trees_of_another_width_are_refused(tmp_path: Path) -> None:
    change = {
        "input_shape": [20],
        "schema.1.categories": ["a", "b"],
        "schema.2.categories": ["<=20", ">20"],
    }
    folder = write_model(tmp_path, change, "recurrence-trees")
    with pytest.raises(WeightsError, match="cannot be run"):
        load_tabular_classifier(folder, CPU)


def test_a_network_loads_without_the_library_of_trees() -> None:
    code = (
        "import sys; from models.catalog import catalog; catalog().load('recurrence');"
        "sys.exit('xgboost' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=BUILTIN.parents[1], check=True)

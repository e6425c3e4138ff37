"""The shipped report model: what its card says, its check, and what it tells apart."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from models.builtin.report_check import check_rates
from models.builtin.report_data import Report
from models.builtin.report_labels import TAGS
from models.builtin.report_metrics import PROBES, measure_finding, probe, score, sigmoid
from models.catalog import BUILTIN
from models.inputs.text import text_case
from models.samples import reports
from models.text_classifier import TextClassifier, load_text_classifier

FOLDER = BUILTIN / "report"
MIB = 2**20


@pytest.fixture(scope="module")
def model() -> TextClassifier:
    return load_text_classifier(FOLDER, torch.device("cpu"))


def written(text: str, findings: set[str]) -> Report:
    labels = np.array([float(name in findings) for name in TAGS])
    return Report(id=text, history="", findings=text, impression="", labels=labels)


def test_it_is_small(model: TextClassifier) -> None:
    parameters = sum(parameter.numel() for parameter in model.network.parameters())
    assert parameters == model.card.document["architecture"]["parameters"] < 6e6
    assert (FOLDER / "model.safetensors").stat().st_size < 24 * MIB


def test_the_card_names_every_file_that_decides(model: TextClassifier) -> None:
    document = model.card.document
    named = document["files"] | {
        "model.safetensors": document["weights_sha256"],
        "check.safetensors": document["input_check"]["sha256"],
    }
    assert {path.name for path in FOLDER.iterdir()} == {*named, "card.yaml"}
    for name, sha256 in named.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == sha256


def test_the_network_names_the_findings_of_the_card(model: TextClassifier) -> None:
    assert tuple(model.network.config.id2label.values()) == model.card.classes
    assert {"normal", "opacity or pneumonia", "pleural effusion", "cardiomegaly"} <= set(
        model.card.classes
    )


def test_the_card_has_every_figure_with_its_interval(model: TextClassifier) -> None:
    figures = model.card.document["metrics"]["findings"]
    assert set(figures) == set(model.card.classes)
    for found in figures.values():
        for name in ("auroc", "calibration_error", "brier", "sensitivity", "specificity"):
            low, high = found[name]["ci95"]
            assert low <= found[name]["value"] <= high or name == "calibration_error"


def test_the_card_s_probe_figures_are_reproduced(model: TextClassifier) -> None:
    found = probe(model, model.card.document["operating_points"])
    assert found["findings"] == model.card.document["probes"]["findings"]
    assert found["all"] == model.card.document["probes"]["all"]


def test_the_card_s_check_figures_are_reproduced(model: TextClassifier) -> None:
    found = check_rates(model, [])
    for name in ("self_written_reports_refused", "other_texts_refused", "wrongly_accepted"):
        assert found[name] == model.card.document["input_check"][name]


def test_figures_are_measured_as_the_card_says(model: TextClassifier) -> None:
    """On self-written sentences: the training data are not part of the repository."""
    probes = yaml.safe_load(PROBES.read_text())["findings"]
    found = [
        written(text, {name} if kind == "asserted" else set())
        for name, kinds in probes.items()
        for kind, texts in kinds.items()
        for text in texts
    ]
    scored = score(model, [r for r in found for _ in range(2)])
    k = model.card.classes.index("pleural effusion")
    positive, probabilities = scored.labels[:, k] == 1, sigmoid(scored.logits)[:, k]
    figures = measure_finding(scored.labels[:, k], probabilities, 0.5, scored.ids)
    pairs = probabilities[positive][:, None] - probabilities[~positive]
    assert figures["positives"] == 2 * len(probes["pleural effusion"]["asserted"])
    assert figures["auroc"]["value"] == pytest.approx(
        (pairs > 0).mean() + (pairs == 0).mean() / 2, abs=5e-4
    )
    assert figures["sensitivity"]["value"] == pytest.approx(
        (probabilities[positive] >= 0.5).mean(), abs=5e-4
    )


def test_asserted_findings_are_told_from_denied_ones(model: TextClassifier) -> None:
    right, of = map(int, model.card.document["probes"]["all"]["ordered"].split(" of "))
    assert right / of > 0.9


@pytest.mark.parametrize(
    ("sample", "finding"),
    [
        ("effusion-cardiomegaly", "pleural effusion"),
        ("effusion-cardiomegaly", "cardiomegaly"),
        ("pneumonia", "opacity or pneumonia"),
        ("normal", "normal"),
        ("negations", "fracture"),
    ],
)
def test_samples_show_what_they_promise(model: TextClassifier, sample: str, finding: str) -> None:
    prediction = model.predict(reports.load(sample))
    point = model.card.document["operating_points"][finding]
    assert prediction.probabilities[prediction.classes.index(finding)] >= point
    assert prediction.check is not None
    assert prediction.check.accepted


def test_a_recipe_is_warned_about(model: TextClassifier) -> None:
    check = model.predict(reports.load("no-report")).check
    assert check is not None
    assert not check.accepted
    assert "does not look like" in check.message


def test_the_long_sample_does_not_fit_and_its_end_does(model: TextClassifier) -> None:
    case = reports.load("long")
    read, words = model.n_words_read(case), len(case.document.words)
    assert read < words
    end = text_case(case.document.text, name="end", start_word=words - read)
    k = model.card.classes.index("opacity or pneumonia")
    assert model.predict(end).probabilities[k] > model.predict(case).probabilities[k]


def test_no_text_of_the_training_data_is_in_the_repository() -> None:
    """The vocabulary holds pieces of words, in no order that a text could be read from."""
    tokens = (FOLDER / "tokenizer.json").read_text()
    assert '"merges"' not in tokens
    names = [path.name for path in Path(FOLDER).parent.rglob("*") if path.is_file()]
    assert not [name for name in names if name.endswith((".tgz", ".xml", ".txt", ".whl"))]

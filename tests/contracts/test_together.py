"""All methods of a modality in one consultation."""

import dataclasses

import numpy as np
import pytest

from explainers.consult import consult
from explainers.explanation import MethodId
from explainers.maskers.names import N_BACKGROUND
from explainers.methods import METHODS
from explainers.report import ConsultRequest, EvidenceReport, default_request
from explainers.report_json import to_json
from models.case import Modality
from tests.contracts.subjects import SUBJECTS, smooth_score

each = pytest.mark.parametrize("modality", SUBJECTS)


def request_of(modality: Modality, *methods: MethodId) -> ConsultRequest:
    question = SUBJECTS[modality].smooth().question
    asked = default_request(question.model.card)
    draws = N_BACKGROUND if modality == "tabular" else 1
    budget = SUBJECTS[modality].masks * draws
    return dataclasses.replace(asked, methods=methods, n_players=9, budget=budget)


def methods_of(modality: Modality) -> tuple[MethodId, ...]:
    return tuple(method.card.id for method in METHODS if modality in method.card.modalities)


def consulted(modality: Modality, *methods: MethodId) -> EvidenceReport:
    subject = SUBJECTS[modality]
    question = subject.question(smooth_score(subject.n_players), None)
    request = request_of(modality, *methods)
    return consult(question.case, question.model, request, max_rows=4096)


@pytest.fixture(scope="module")
def all_of() -> dict[Modality, EvidenceReport]:
    return {modality: consulted(modality, *methods_of(modality)) for modality in SUBJECTS}


@each
def test_every_method_answers_unless_the_model_lacks_what_it_needs(
    all_of: dict[Modality, EvidenceReport], modality: Modality
) -> None:
    report = all_of[modality]
    offered = report.model.capabilities
    unable = {
        m.card.id for m in METHODS if modality in m.card.modalities and m.card.needs - offered
    }
    if modality == "image":
        unable.add("guided_backprop")  # this subject has no ReLU; RECTIFIED has
    assert {failure.method for failure in report.failures} == unable
    assert {e.method for e in report.explanations} == set(methods_of(modality)) - unable
    assert report.agreement is not None


@each
def test_values_do_not_depend_on_company_and_order(
    all_of: dict[Modality, EvidenceReport], modality: Modality
) -> None:
    picked: tuple[MethodId, ...] = ("lime", "occlusion", "kernel_shap")
    alone = {e.method: e for e in consulted(modality, *picked).explanations}
    company = {e.method: e for e in all_of[modality].explanations}
    for method in picked:
        assert alone[method].values.tobytes() == company[method].values.tobytes()


@each
def test_shapley_methods_name_the_same_values(
    all_of: dict[Modality, EvidenceReport], modality: Modality
) -> None:
    found = {e.method: e for e in all_of[modality].explanations}
    exact = found["exact_shapley"].values
    np.testing.assert_allclose(found["kernel_shap"].values, exact, atol=1e-6)
    sampled = found["permutation_shap"]
    assert sampled.std_error is not None
    assert (np.abs(sampled.values - exact) <= 5 * sampled.std_error + 1e-6).all()


@each
def test_report_holds_no_content_of_the_case(
    all_of: dict[Modality, EvidenceReport], modality: Modality
) -> None:
    written = to_json(all_of[modality])
    case = SUBJECTS[modality].smooth().question.case
    assert case.name not in written
    if modality == "text":
        document = case.document
        ours = {"is", "left", "No", "size"}  # words of sentences and keys
        words = {document.word(i) for i in range(len(document.words))} - ours
        assert not [word for word in words if f" {word}" in written or f'"{word}' in written]
    if modality == "tabular":
        assert not [v for v in (71.0, 38.0, 11.5) if f" {v}," in written or f" {v}]" in written]

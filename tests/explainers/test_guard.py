"""Where there is nothing to explain, nothing is compared, and one sentence says why."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explainers.agreement import compare
from explainers.consult import consult
from explainers.explanation import Scale
from explainers.guard import Cause, nothing_to_explain
from explainers.report import ConsultRequest, EvidenceReport, default_request
from explainers.summary import summary
from models.case import Modality, image_case
from models.prediction import InputCheck, Prediction
from tests import reports
from tests.components import scenes
from tests.contracts.subjects import SUBJECTS
from tests.toys import SIDE, ToyImageModel, linear_model, planted_model, toy_case

ASKED = ConsultRequest(
    methods=("gradient", "kernel_shap", "lime"),
    budget=200,
    n_players=9,
    players="grid",
    baseline="black",
)
CLASSES = ("well", "sick")


def random_network(seed: int, *, layers: int) -> ToyImageModel:
    """A small network as its constructor left it: nobody ever trained it."""
    with torch.random.fork_rng():
        torch.random.default_generator.manual_seed(seed)
        body = [
            layer for i in range(layers) for layer in (nn.Linear(16 if i else 36, 16), nn.ReLU())
        ]
        network = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), *body, nn.Linear(16, 1))
    for weights in network.parameters():
        weights.requires_grad = False
    return ToyImageModel(lambda x: network(x)[:, 0])


def ramp(*, bias: float = 0.0) -> ToyImageModel:
    """A model with evidence for and against."""
    return linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE), bias=bias)


def planted() -> ToyImageModel:
    """Sees only a square of the film."""
    mask = np.zeros((SIDE, SIDE))
    mask[4:12, 4:12] = 1
    return planted_model(mask)


def causes(report: EvidenceReport) -> list[Cause]:
    """The rules that spoke; what goes with them holds for every report."""
    assert (report.agreement is None) == bool(report.nothing_to_explain)
    text = summary(report)
    for reason in report.nothing_to_explain:
        assert f"Nothing to explain {reason.sentence}" in " ".join(text.split())
        assert reason.sentence.count(". ") == 0  # one sentence
    assert ("rank correlation" in text) == (not report.nothing_to_explain)
    return [reason.cause for reason in report.nothing_to_explain]


@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_what_there_is_to_explain_is_compared(scale: Scale) -> None:
    assert causes(consult(toy_case(), planted(), replace(ASKED, scale=scale))) == []


@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_constant_model_has_no_agreement(scale: Scale) -> None:
    def score(x: Tensor) -> Tensor:
        return 0.7 + 0 * x.sum(dim=(1, 2, 3))

    assert causes(consult(toy_case(), ToyImageModel(score), replace(ASKED, scale=scale))) == [
        "no effect"
    ]


@pytest.mark.parametrize("modality", SUBJECTS)
def test_constant_model_of_any_modality_is_said_in_its_own_words(modality: Modality) -> None:
    subject = SUBJECTS[modality]
    question = subject.question(lambda amounts: 0.3 + 0 * amounts.sum(dim=1), None)
    asked = replace(default_request(question.model.card), n_players=9, budget=2000)
    report = consult(question.case, question.model, asked, max_rows=4096)
    assert causes(report) == ["no effect"]
    word = {"image": "regions", "tabular": "features", "text": "words"}[modality]
    assert f" {word} " in report.nothing_to_explain[0].sentence


def test_rounding_of_a_constant_model_is_no_evidence() -> None:
    def score(x: Tensor) -> Tensor:  # 5 + x - x in float32: what is left is rounding
        moved = 5.3 + 1e3 * x.sum(dim=(1, 2, 3))
        return moved - 1e3 * x.sum(dim=(1, 2, 3))

    report = consult(toy_case(), ToyImageModel(score), ASKED)
    assert max(np.abs(e.values).max() for e in report.explanations) > 0
    assert causes(report) == ["no effect"]


@pytest.mark.parametrize("layers", [4, 8])
@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_network_with_random_weights_has_no_agreement(layers: int, scale: Scale) -> None:
    for seed in range(3):
        model = random_network(seed, layers=layers)
        report = consult(toy_case(seed), model, replace(ASKED, scale=scale))
        assert causes(report) == ["no effect"]
        assert "less than one percentage point" in report.nothing_to_explain[0].sentence
        # Which is just as well: methods agree on what an untrained network does.
        assert "consensus" in compare(report.explanations).verdicts


def test_small_but_visible_effect_is_explained() -> None:
    model = planted()
    faint = ToyImageModel(lambda x: 0.05 * model.score(x))
    report = consult(toy_case(), faint, ASKED)
    moved = [e.value_full - e.value_empty for e in report.explanations if e.value_empty is not None]
    assert 0.04 < abs(moved[0]) < 0.5
    assert causes(report) == []


def test_effects_that_cancel_are_explained() -> None:
    left, right = np.zeros((2, SIDE, SIDE))
    left[:, : SIDE // 2], right[:, SIDE // 2 :] = 1, 1
    case = image_case(np.full((SIDE, SIDE), 0.5, np.float32), name="grey")
    both = torch.from_numpy((left - right).astype(np.float32))[None] / 100
    report = consult(case, linear_model(both, bias=0.5), ASKED)
    moved = [e.value_full - e.value_empty for e in report.explanations if e.value_empty is not None]
    assert abs(moved[0]) < 1e-6  # all of it moves nothing, each half a lot
    assert causes(report) == []


def test_methods_that_hide_nothing_are_judged_by_their_maps() -> None:
    alone = replace(ASKED, methods=("gradient",))
    assert causes_of_one(consult(toy_case(), planted(), alone)) == []
    silent = consult(toy_case(), random_network(0, layers=8), alone)
    assert causes_of_one(silent) == ["no effect"]


def causes_of_one(report: EvidenceReport) -> list[Cause]:
    return [reason.cause for reason in report.nothing_to_explain]


@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_class_that_the_model_rules_out_is_not_explained(scale: Scale) -> None:
    asked = replace(ASKED, scale=scale)
    here = float(consult(toy_case(), ramp(), ASKED).prediction.logits[1] * 2)
    for probability, expected in ((0.0005, ["improbable"]), (0.002, [])):
        bias = float(np.log(probability / (1 - probability))) - here
        report = consult(toy_case(), ramp(bias=bias), asked)
        np.testing.assert_allclose(report.prediction.probabilities[1], probability, rtol=1e-4)
        assert causes(report) == expected
    bias = float(np.log(0.0005)) - here
    (reason,) = consult(toy_case(), ramp(bias=bias), asked).nothing_to_explain
    assert "“present” a probability below 0.1 %" in reason.sentence
    assert "ask about “absent”" in reason.sentence


def test_refused_case_has_no_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    model, predict = planted(), ToyImageModel.predict
    refusal = InputCheck(accepted=False, message="This is no film.", scores=())
    monkeypatch.setattr(
        ToyImageModel, "predict", lambda m, case: replace(predict(m, case), check=refusal)
    )
    report = consult(toy_case(), model, ASKED)
    assert causes(report) == ["refused"]
    assert len(report.explanations) == 3  # the answers themselves are kept


def decide(*values: np.ndarray, error: np.ndarray | None) -> list[Cause]:
    """Causes for sampling methods with these values, nothing else being amiss."""
    answers = [
        scenes.answer("lime", v, std_error=error, value_full=2.0, value_empty=-1.0) for v in values
    ]
    prediction = Prediction(
        classes=CLASSES, logits=np.array([-0.7, 0.7]), probabilities=np.array([0.2, 0.8])
    )
    found = nothing_to_explain(
        answers,
        prediction=prediction,
        target=reports.explanation("lime").target,
        scale="logit",
        parts="regions",
    )
    return [reason.cause for reason in found]


def test_values_within_their_errors_are_no_evidence() -> None:
    random = np.random.default_rng(0)
    error = np.full(16, 0.3)
    noise = [
        decide(0.3 * random.normal(size=16), 0.3 * random.normal(size=16), error=error)
        for _ in range(400)
    ]
    assert noise.count(["within error"]) >= 0.93 * len(noise)  # 95 % by construction
    one_stands_out = 0.3 * random.normal(size=16)
    one_stands_out[3] = 3.0
    assert decide(0 * one_stands_out, one_stands_out, error=error) == []
    assert decide(0.1 * np.ones(16), error=None) == []  # without error bars small is not unsure


def test_nothing_answered_says_nothing_of_effects() -> None:
    assert decide(error=None) == []

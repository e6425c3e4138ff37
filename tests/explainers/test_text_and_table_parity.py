"""Texts and records: our methods against lime, shap and captum, which mask and average themselves.

`reference_lime` and `reference_shap` hand the packages our game; here they see texts and records.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from captum import attr
from lime.lime_text import LimeTextExplainer
from shap import KernelExplainer
from torch import Tensor

from explainers.asking import ask
from explainers.consult import generator_for
from explainers.methods.base import Method
from explainers.methods.gradient_x_input import GradientXInput
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime, fit_surrogate
from explainers.methods.reference_lime import ReferenceLime
from explainers.methods.reference_shap import ReferenceShap
from explainers.question import Question
from explainers.report import default_request
from models.adapter import HasTable
from models.case import Case, TabularPayload
from models.catalog import catalog
from tests.toys import game_for, generator
from tests.toys_table import (
    RECORD,
    ToyTableModel,
    smooth_score,
    table_case,
    table_question_for,
    toy_sample,
)
from tests.toys_text import (
    LONG_TEXT,
    N_TOKENS,
    TEXT,
    ToyTextModel,
    text_question_for,
    token_weights,
    toy_text_case,
)

STEPS = 32


def mixed_text_model() -> ToyTextModel:
    """Curved, every word weighing, and "no" turning the sign of "pneumothorax"."""
    weights = torch.randn(N_TOKENS, generator=generator(5)).double()
    what, no = token_weights({"pneumothorax": 1.5}), token_weights({"no": 1.0})
    return ToyTextModel(
        lambda x: 3 * torch.tanh(0.3 * (x @ weights) - 2 * (x @ what) * (x @ no) + 0.2)
    )


def text_question(text: str = TEXT) -> Question:
    return text_question_for(mixed_text_model(), toy_text_case(text))


def table_question() -> Question:
    return table_question_for(ToyTableModel(smooth_score), table_case())


QUESTIONS: dict[str, Callable[[], Question]] = {
    "text": text_question,
    "long text": lambda: text_question(LONG_TEXT),
    "record": table_question,
}
PAIRS: list[tuple[Method, Method, str]] = [
    (KernelShap(masks=400, estimator="regression"), ReferenceShap(masks=400), "text"),
    (KernelShap(masks=400, estimator="regression"), ReferenceShap(masks=400), "long text"),
    (KernelShap(masks=400, estimator="regression"), ReferenceShap(masks=400), "record"),
    (Lime(masks=400, estimator="regression"), ReferenceLime(masks=400), "text"),
    (Lime(masks=400, estimator="regression"), ReferenceLime(masks=400), "long text"),
]


@pytest.mark.parametrize(("ours", "theirs", "kind"), PAIRS)
def test_packages_given_our_coalitions(ours: Method, theirs: Method, kind: str) -> None:
    question = QUESTIONS[kind]()
    budget = 400 * question.masker.n_draws
    found, expected = (
        method.explain(
            game_for(question),
            budget=budget,
            generator=generator_for(5, method.draws_as, question.case),
        )[0].values
        for method in (ours, theirs)
    )
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


def test_references_share_their_streams() -> None:
    assert ReferenceLime().draws_as == Lime().draws_as
    assert ReferenceShap().draws_as == KernelShap().draws_as


def test_lime_for_texts_equals_the_package_on_its_own_texts() -> None:
    """It cuts, draws and deletes itself; we are told only which texts it asked about."""
    model, asked = mixed_text_model(), []

    def answers(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        cases: list[Case] = [toy_text_case(text) for text in texts]
        scores = [model.logits(model.encode(case))[0].diff() for case in cases]
        return np.array([[float(-score), float(score)] for score in scores])

    explainer = LimeTextExplainer(random_state=3)
    theirs = explainer.explain_instance(TEXT, answers, labels=(1,), num_features=9, num_samples=80)
    expected = np.zeros(9)
    for player, weight in theirs.local_exp[1]:
        expected[player] = weight
    words = re.findall(r"\w+", TEXT)
    masks = torch.tensor([[float(w in re.findall(r"\w+", text)) for w in words] for text in asked])
    assert len(masks) == 80
    game = game_for(text_question_for(model, toy_text_case(), baseline="deletion"))
    fit = fit_surrogate(
        masks[1:, None].double(),
        game(masks[1:])[:, None],
        game.value_full,
        kernel_width=Lime().kernel_width,
        penalty=Lime().penalty,
    )
    np.testing.assert_allclose(fit.values[0].numpy(), expected, atol=1e-6 * np.abs(expected).max())


def test_kernel_shap_equals_the_package_on_records_and_background() -> None:
    """It puts raw records together itself and averages over ten of them."""
    model = ToyTableModel(smooth_score)
    complete = toy_sample()[~np.isnan(toy_sample()).any(axis=1)][:10]

    def answers(records: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return smooth_score(model.encode_values(np.asarray(records))).numpy()

    theirs = KernelExplainer(answers, complete).shap_values(
        RECORD, nsamples=200, l1_reg=False, silent=True
    )
    question = table_question_for(model, table_case(), background=model.encode_values(complete))
    ours = KernelShap().explain(game_for(question), budget=10_000, generator=generator())[0]
    assert ours.settings["enumerated"] is True
    np.testing.assert_allclose(ours.values, theirs, atol=1e-6 * np.abs(theirs).max())


def log_odds(question: Question) -> Callable[[Tensor], Tensor]:
    """The explained number as captum asks for it: points (n, *point_shape) -> (n,)."""
    return lambda points: question.explained(question.logits_at(points))[:, 0]


def on_players(question: Question, theirs: Tensor) -> np.ndarray:
    flat = question.on_elements(theirs.detach().double()[:, None])[:, 0].numpy()
    return question.players.pool(flat, how="sum").mean(axis=0)


@pytest.mark.parametrize("kind", QUESTIONS)
def test_integrated_gradients_equal_captum_on_every_path(kind: str) -> None:
    question = QUESTIONS[kind]()
    origins = question.origins
    theirs = attr.IntegratedGradients(log_odds(question)).attribute(
        question.point.expand_as(origins).contiguous(),
        baselines=origins,
        n_steps=STEPS,
        method="riemann_middle",
        internal_batch_size=len(origins),
    )
    found = IntegratedGradients(steps=STEPS, record_steps=STEPS).explain(
        game_for(question), budget=STEPS * len(origins), generator=generator()
    )[0]
    expected = on_players(question, theirs)
    np.testing.assert_allclose(found.values, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["recurrence", "wisconsin"])
def test_few_steps_from_many_records_are_near_enough(name: str) -> None:
    model = catalog().load(name)
    assert isinstance(model, HasTable)
    request = default_request(model.card)
    for row in (0, 7, 40):
        payload = TabularPayload(values=model.sample[row], schema=model.schema)
        case = Case(digest=payload.content_digest(), name=f"record {row}", payload=payload)
        question = ask(case, model, request)
        few, many = (
            method.explain(game_for(question, max_rows=8192), budget=10**6, generator=generator())
            for method in (IntegratedGradients(), IntegratedGradients(record_steps=1024))
        )
        assert few[0].rows == 8 * question.masker.n_draws
        error = np.abs(few[0].values - many[0].values).max()
        assert error < 0.002 * np.abs(many[0].values).max()


@pytest.mark.parametrize("kind", QUESTIONS)
def test_gradient_x_input_equals_captum_gradient_times_distance(kind: str) -> None:
    question = QUESTIONS[kind]()
    point = question.point
    gradient = attr.Saliency(log_odds(question)).attribute(
        point.clone().requires_grad_(), abs=False
    )
    found = GradientXInput().explain(game_for(question), budget=1, generator=generator())[0]
    expected = on_players(question, gradient * (point - question.origins.mean(dim=0)))
    np.testing.assert_allclose(found.values, expected, atol=1e-4 * np.abs(expected).max())


def test_gradients_of_a_linear_text_are_its_weights() -> None:
    weights = {"small": 1.0, "effusion": -2.0, "pneumothorax": 0.5}
    model = ToyTextModel(lambda x: x @ token_weights(weights) + 0.3)
    game = game_for(text_question_for(model, toy_text_case()))
    expected = [1.0, 0, -2.0, 0, 0.5, 0, 0, 0, 0]
    for method in (GradientXInput(), IntegratedGradients(), KernelShap()):
        found = method.explain(game, budget=1000, generator=generator())[0]
        np.testing.assert_allclose(found.values, expected, atol=1e-6)

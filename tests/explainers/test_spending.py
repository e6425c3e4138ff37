"""A method asked for more spends more; what it cannot use it is not given."""

import numpy as np
import torch

from benchmarks.toy import toy_question
from explainers.engine import MaskedPredictor
from explainers.estimators import LEAST_PATHS
from explainers.explanation import MethodId
from explainers.methods import methods_named
from explainers.methods.many_words import MASKS
from explainers.players import Players
from explainers.report import BUDGET_OF, ConsultRequest
from explainers.spending import allowed, enlarged
from tests.toys_table import ToyTableModel, smooth_score, table_case, table_question_for, toy_sample
from tests.toys_text import LONG_TEXT, linear_text_model, text_question_for, toy_text_case


def rows_of(name: MethodId, rows: int) -> int:
    question = toy_question(3, n_players=12)
    (method,) = methods_named((name,))
    larger = enlarged(method, question, rows)
    game = MaskedPredictor(question)
    found = larger.explain(game, budget=rows, generator=torch.Generator().manual_seed(0))[0]
    assert found.rows <= larger.rows_needed(question, rows) <= rows
    return found.rows


def test_sampling_methods_spend_what_they_are_given() -> None:
    for name in ("lime", "rise", "gradient_shap", "smooth_grad"):
        assert rows_of(name, 3200) == 3200
    assert rows_of("kernel_shap", 3200) == 3200  # of 4,094 coalitions that exist


def test_a_larger_budget_is_spent_by_all_that_sample() -> None:
    """Otherwise asking for more would change nothing but what is allowed."""
    question, usual = toy_question(3, n_players=12), BUDGET_OF["image"]
    methods = methods_named(("gradient", "kernel_shap", "lime", "rise"))
    for times in (1, 3):
        request = ConsultRequest(budget=times * usual)
        ready = [allowed(method, question, request) for method in methods]
        spent = [method.rows_needed(question, times * usual) for method in ready]
        assert spent[0] == 1
        assert spent[1:3] == [times * usual] * 2
        assert times * usual - 16 < spent[3] <= times * usual
    assert allowed(methods[1], question, ConsultRequest(budget=200)) == methods[1]
    own = ConsultRequest(budget=3 * usual, budgets=(("lime", 1200),))
    assert allowed(methods[2], question, own).rows_needed(question, 1200) == 1200


def test_many_words_are_asked_about_in_proportion() -> None:
    (kernel,) = methods_named(("kernel_shap",))
    question = text_question_for(linear_text_model({"effusion": 2.0}), toy_text_case(LONG_TEXT))
    budget = 2 * BUDGET_OF["text"]
    request = ConsultRequest(budget=budget)
    assert allowed(kernel, question, request).rows_needed(question, budget) == 2 * MASKS


def test_a_method_is_never_made_smaller() -> None:
    (lime,) = methods_named(("lime",))
    assert enlarged(lime, toy_question(3, n_players=12), 10) == lime


def test_a_method_without_samples_stays_as_it_is() -> None:
    (gradient,) = methods_named(("gradient",))
    assert enlarged(gradient, toy_question(3, n_players=12), 10_000) == gradient


def test_who_goes_on_keeps_the_estimator() -> None:
    """Of records: a switch on the way made bars wider with eight times the rows."""
    (kernel,) = methods_named(("kernel_shap",))
    model = ToyTableModel(smooth_score)
    asked = table_question_for(
        model,
        table_case(),
        players=Players(membership=np.arange(12), element_shape=(12,), kind="feature"),
        background=model.encode_values(toy_sample()[:LEAST_PATHS]),
    )
    few, many = 60 * LEAST_PATHS, 1000 * LEAST_PATHS
    errors = []
    for request in (
        ConsultRequest(budget=few),
        ConsultRequest(budget=few, budgets=(("kernel_shap", many),)),
    ):
        rows = request.budget_of("kernel_shap")
        method = allowed(kernel, asked, request)
        generator = torch.Generator().manual_seed(0)
        (found,) = method.explain(MaskedPredictor(asked), budget=rows, generator=generator)
        assert found.settings["estimator"] == "joint design"
        assert found.std_error is not None
        errors.append(found.std_error.max())
    assert errors[1] < errors[0] / 2
    (by_itself,) = methods_named(("kernel_shap",))
    assert by_itself.choice(asked, many).name == "gaussian process"

"""A method asked for more spends more; what it cannot use it is not given."""

import torch

from benchmarks.toy import toy_question
from explainers.engine import MaskedPredictor
from explainers.explanation import MethodId
from explainers.methods import methods_named
from explainers.spending import enlarged


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


def test_a_method_is_never_made_smaller() -> None:
    (lime,) = methods_named(("lime",))
    assert enlarged(lime, toy_question(3, n_players=12), 10) == lime


def test_a_method_without_samples_stays_as_it_is() -> None:
    (gradient,) = methods_named(("gradient",))
    assert enlarged(gradient, toy_question(3, n_players=12), 10_000) == gradient

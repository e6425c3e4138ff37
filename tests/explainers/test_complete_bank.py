"""Where all coalitions are asked at once, they are asked as exact Shapley values ask them."""

import numpy as np
import pytest
import torch

from explainers.coalitions import count_pairs, draw_pairs, pair_classes
from explainers.complete_bank import every_pair
from explainers.engine import MaskedPredictor
from explainers.memory import Memory
from explainers.methods.base import Method
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.spending import rows_saved
from tests.toys import generator
from tests.toys_table import linear_table_model, table_case, table_question_for


@pytest.mark.parametrize("n_players", [2, 3, 6, 7])
def test_every_pair_is_all_that_could_be_drawn(n_players: int) -> None:
    every, drawn = every_pair(n_players), draw_pairs(n_players, count_pairs(n_players), generator())
    assert every.drawn.tolist() == every.existing.tolist() == pair_classes(n_players)[0]
    both = torch.cat([every.masks, 1 - every.masks])
    assert len(both.unique(dim=0)) == 2 * count_pairs(n_players)
    sizes = every.masks.sum(dim=1)
    assert torch.equal(every.stratum + 1, torch.minimum(sizes, n_players - sizes).long())
    assert torch.allclose(every.weights.sort().values, drawn.weights.sort().values, rtol=1e-12)


def test_a_record_is_asked_once_by_all_three() -> None:
    question = table_question_for(linear_table_model(), table_case())
    game = MaskedPredictor(question, memory=Memory())
    budget = 2 * count_pairs(game.n_players) * game.row_cost

    def ask(method: Method) -> np.ndarray:
        found = method.explain(game, budget=budget, generator=generator())[0]
        assert found.rows == budget
        return found.values

    exact = ask(ExactShapley())
    spent = game.rows
    asked: list[tuple[Method, int]] = [(m, budget) for m in (ExactShapley(), KernelShap(), Lime())]
    assert rows_saved(asked, question) == 2 * budget
    kernel, lime = ask(KernelShap()), ask(Lime())
    assert game.rows == spent
    np.testing.assert_allclose(kernel, exact, atol=1e-9)
    alone = Lime().explain(MaskedPredictor(question), budget=budget, generator=generator(7))[0]
    assert alone.values.tobytes() == lime.tobytes()

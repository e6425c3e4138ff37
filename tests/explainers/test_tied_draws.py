"""Random numbers that are equal by chance: every machine must put them in the same order.

Of 24-bit numbers a few are. Sorts that are not stable leave them in an order of the processor's.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.bank_orders import draw_orders
from explainers.engine import MaskedPredictor
from explainers.methods import permutation_shap
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.permutation_shap import LEAST_ORDERS, PermutationShap, ask_once
from explainers.spread import at_random
from explainers.superpixels import image_players
from tests.toys import SIDE, game_for, generator, linear_model, question_for, toy_case

WEIGHTS = torch.randn(1, SIDE, SIDE, generator=generator(1)).double()


@pytest.fixture
def _all_tied(monkeypatch: pytest.MonkeyPatch) -> None:
    draw: Callable[..., Tensor] = torch.rand
    monkeypatch.setattr(torch, "rand", lambda *size, **named: draw(*size, **named) * 0)


@pytest.mark.usefixtures("_all_tied")
def test_orders_of_a_bank() -> None:
    assert (draw_orders(100, generator()) == np.arange(100)).all()


@pytest.mark.usefixtures("_all_tied")
def test_coalitions_of_a_size() -> None:
    assert (at_random(40, 7, 3, generator()) == (np.arange(40) < 7)).all()


@pytest.mark.usefixtures("_all_tied")
def test_orders_of_permutation_shap(monkeypatch: pytest.MonkeyPatch) -> None:
    case, asked = toy_case(), list[Tensor]()
    cells = image_players(case.film.pixels, kind="grid", count=36)
    game = game_for(question_for(linear_model(WEIGHTS), case, players=cells))

    def once(game: MaskedPredictor, masks: Tensor) -> Tensor:
        asked.append(masks)
        return ask_once(game, masks)

    monkeypatch.setattr(permutation_shap, "ask_once", once)
    budget = LEAST_ORDERS * 2 * (cells.count - 1)
    PermutationShap().explain(game, budget=budget, generator=generator())
    first = torch.ones(cells.count, cells.count).tril()[:-1].double()
    assert torch.equal(asked[0][: len(first)], first), "one player after the other"


def test_draws_of_gradient_shap(request: pytest.FixtureRequest) -> None:
    draws = torch.rand(100, 1, SIDE, SIDE, generator=generator(2))
    question = question_for(linear_model(WEIGHTS), toy_case(), baseline=draws)
    request.getfixturevalue("_all_tied")
    found = GradientShap(samples=32).explain(game_for(question), budget=32, generator=generator())[
        0
    ]
    terms = WEIGHTS * (question.inputs - draws[: GradientShap.group].mean(dim=0)).double()[0]
    exact = question.players.pool(terms.reshape(1, 1, -1).numpy(), how="sum")[0, 0]
    np.testing.assert_allclose(found.values, exact, rtol=1e-5, atol=1e-7)

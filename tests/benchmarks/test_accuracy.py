"""The accuracy benchmark: everybody asks the same game, and the page says what was found."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import accuracy
from benchmarks.accuracy_games import Remembered, Solved, lime_estimand
from benchmarks.accuracy_peers import LIME, SHAPLEY, asked, lime_package
from benchmarks.toy_games import GAMES
from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.lime import Lime
from tests.toys import generator


@pytest.fixture(scope="module")
def case() -> Solved:
    question = GAMES["text"](3)
    answers = MaskedPredictor(question)(all_coalitions(12))
    game = Remembered(question, answers)
    exact = ExactShapley().explain(game, budget=10**4, generator=generator())[0]
    return Solved(
        kind="text-12",
        name="toy",
        game=lambda: Remembered(question, answers),
        shapley=exact.values,
        enumerated=True,
    )


def test_a_remembered_game_is_the_game(case: Solved) -> None:
    game, real = case.game(), MaskedPredictor(GAMES["text"](3))
    masks = torch.randint(0, 2, (50, 12), generator=generator(1)).double()
    torch.testing.assert_close(game(masks), real(masks), atol=1e-5, rtol=0)
    torch.testing.assert_close(game.value_empty, real.value_empty, atol=1e-5, rtol=0)
    assert game.rows == 50
    assert asked(game)(masks[0].numpy()).shape == (1,)


@pytest.mark.parametrize("name", [n for n in SHAPLEY if n.startswith(("ours", "captum"))])
def test_estimators_come_close_and_keep_to_the_budget(case: Solved, name: str) -> None:
    game = case.game()
    found = SHAPLEY[name](game, 600, 0)
    assert accuracy.relative(found, case.shapley) < 0.1
    assert game.rows <= 600 + 2 * 12  # captum asks both ends again with every order


def test_lime_tends_to_its_estimand(case: Solved) -> None:
    truth = lime_estimand(case.game(), 600)
    complete = Lime(masks=4094).explain(case.game(), budget=5000, generator=generator())[0]
    np.testing.assert_allclose(complete.values, lime_estimand(case.game(), 4094), atol=1e-9)
    for name, estimate in LIME.items():
        assert accuracy.relative(estimate(case.game(), 600, 1), truth) < 0.1, name
    assert lime_package is LIME["lime: LimeImageExplainer"]


def test_results_reach_file_and_page(
    case: Solved, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page, out = tmp_path / "accuracy.md", tmp_path / "out" / "accuracy.json"
    page.write_text(f"before\n{accuracy.BEGIN}\nold\n{accuracy.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(accuracy, "PAGE", page)
    monkeypatch.setattr(accuracy, "OUT", out)
    monkeypatch.setattr(accuracy, "solved", lambda _, count: iter([case] * count))
    ours = {name: e for name, e in SHAPLEY.items() if name.startswith("ours: KernelSHAP")}
    monkeypatch.setattr(accuracy, "shapley_estimators", lambda _: ours)
    monkeypatch.setattr(accuracy, "LIME", {})
    assert accuracy.main(["--kinds", "text-12", "--cases", "1", "--runs", "2"]) == 0
    written = json.loads(out.read_text(encoding="utf-8"))["kinds"]["text-12"]
    assert (written["cases"], written["runs"]) == (1, 2)
    assert written["error"]["SHAP"].keys() == ours.keys()
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "(1 cases, 2 runs each)" in text
    assert "| ours: KernelSHAP (Gaussian process) | " in text
    assert text.count("**") == 2 * 4  # the best of each budget


def test_the_page_has_room_for_the_tables() -> None:
    text = accuracy.PAGE.read_text(encoding="utf-8")
    assert text.count(accuracy.BEGIN) == text.count(accuracy.END) == 1

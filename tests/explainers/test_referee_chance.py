"""The referee flags nothing by chance."""

import numpy as np
import pytest
import torch

from tests.explainers.test_referee import ask_one
from tests.toys import (
    SIDE,
    generator,
    linear_model,
    planted_model,
    question_for,
    toy_case,
)
from tests.toys_table import (
    ToyTableModel,
    linear_table_model,
    planted_score,
    table_case,
    table_question_for,
)
from tests.toys_text import (
    LONG_TEXT,
    N_TOKENS,
    ToyTextModel,
    planted_text_model,
    text_question_for,
    toy_text_case,
)

IGNORING = {
    "image": lambda: question_for(planted_model(np.eye(SIDE)), toy_case(), n_players=9),
    "tabular": lambda: table_question_for(ToyTableModel(planted_score("age")), table_case()),
    "text": lambda: text_question_for(planted_text_model("heart"), toy_text_case()),
}


def uniformity(p_values: list[float], levels: tuple[float, ...]) -> list[float]:
    """How far the share of p-values up to each level is from it, in standard errors."""
    found, n = np.array(p_values), len(p_values)
    return [
        (float((found <= level + 1e-9).mean()) - level) / np.sqrt(level * (1 - level) / n)
        for level in levels
    ]


def test_p_values_of_regions_no_different_from_others_are_uniform() -> None:
    found = []
    for seed in range(100):
        weights = torch.randn(1, SIDE, SIDE, generator=generator(seed)).double()
        question = question_for(linear_model(weights), toy_case(seed), n_players=36)
        found.append(ask_one(question, seed % question.players.count, seed=seed).p_value)
    assert np.abs(uniformity(found, (2 / 41, 4 / 41, 10 / 41, 20 / 41, 30 / 41))).max() < 3


def test_p_values_of_words_no_different_from_others_are_uniform() -> None:
    found = []
    text = LONG_TEXT.replace("is normal", "normal")  # a word that comes twice ties with itself
    for seed in range(200):
        weights = torch.randn(N_TOKENS, generator=generator(seed)).double()
        model = ToyTextModel(lambda amounts, w=weights: amounts @ w)  # type: ignore[misc]
        question = text_question_for(model, toy_text_case(text))
        found.append(ask_one(question, seed % question.players.count, seed=seed).p_value)
    count = question.players.count
    levels = tuple(k / count for k in (1, 2, count // 4, count // 2))
    assert np.abs(uniformity(found, levels)).max() < 3


def test_p_values_of_features_no_different_from_others_are_uniform() -> None:
    found = [
        ask_one(table_question_for(linear_table_model(seed), table_case()), seed % 5).p_value
        for seed in range(40)
    ]
    assert set(np.round(found, 9)) == {0.2, 0.4, 0.6, 0.8, 1.0}
    assert np.abs(uniformity(found, (0.2, 0.4, 0.6, 0.8))).max() < 3


@pytest.mark.parametrize("modality", IGNORING)
def test_a_part_that_the_model_ignores_changes_nothing_and_stands_out_from_nothing(
    modality: str,
) -> None:
    found = ask_one(IGNORING[modality](), 2)
    assert found.change == pytest.approx(0, abs=1e-9)
    kept = [k for name, k in zip(found.baselines, found.keeping, strict=True) if name[:4] != "cond"]
    assert kept == pytest.approx([0] * len(kept), abs=1e-9)  # what it foretells of others may count
    assert found.p_value == 1


def test_random_values_do_not_make_the_p_value_small() -> None:
    question = table_question_for(ToyTableModel(planted_score("nodes")), table_case())
    found = ask_one(question, 2)
    assert found.n_random_as_large == 0
    assert found.p_value == pytest.approx(1 / 5)  # five features, however many draws

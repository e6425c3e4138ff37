"""The estimator follows from counts and modality, and every choice says why."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.subjects import builtin, question_about
from benchmarks.toy import toy_question
from explainers import fit_size
from explainers.estimators import (
    ESTIMATORS,
    LEAST_PATHS,
    MOST_CHEAP_PAIRS,
    MOST_PAIRS,
    choose,
)
from explainers.explanation import Baseline
from explainers.fit_size import most_pairs
from explainers.maskers.background import BackgroundMasker
from explainers.methods.budgets import MOST_BANK
from explainers.methods.kernel_shap import KernelShap
from explainers.players import Players
from models.case import Modality
from models.errors import UnsupportedMethodError
from tests.toys_table import LinearTableModel, linear_table_model, table_case, table_question_for


@pytest.mark.parametrize(
    ("n_players", "n_pairs", "modality", "expected"),
    [
        (36, 500, "image", "gaussian process"),
        (45, 500, "text", "gaussian process"),
        (30, MOST_CHEAP_PAIRS, "tabular", "gaussian process"),
        (30, MOST_CHEAP_PAIRS + 1, "tabular", "gaussian process"),
        (30, MOST_CHEAP_PAIRS + 1, "text", "gaussian process"),
        (9, 255, "image", "enumeration"),
        (9, 254, "image", "gaussian process"),
        (8, 500, "tabular", "enumeration"),
        (300, MOST_PAIRS + 1, "text", "gaussian process"),
        (1, 500, "image", "regression"),
    ],
)
def test_chosen_by_modality_players_and_pairs(
    n_players: int, n_pairs: int, modality: Modality, expected: str
) -> None:
    assert choose(n_players=n_players, n_pairs=n_pairs, modality=modality).name == expected


def test_what_is_asked_for_is_used_where_it_can_be() -> None:
    assert choose(n_players=30, n_pairs=99, modality="image", wanted="regression").name == (
        "regression"
    )
    asked = {"modality": "tabular", "wanted": "gaussian process"}
    assert choose(n_players=30, n_pairs=99, **asked).name == "gaussian process"
    assert choose(n_players=30, n_pairs=MOST_PAIRS + 1, **asked).name == "gaussian process"
    assert choose(n_players=5, n_pairs=15, **asked).name == "enumeration"


def test_a_process_is_fitted_to_so_many_pairs_at_most() -> None:
    fitted = [
        choose(n_players=30, n_pairs=10_000, modality="image", most=most)
        for most in (MOST_PAIRS, MOST_CHEAP_PAIRS)
    ]
    assert [choice.most for choice in fitted] == [MOST_PAIRS, MOST_CHEAP_PAIRS]
    assert "5,000" in fitted[0].reason
    assert "1,000" in fitted[1].reason


def test_the_dearer_a_row_the_more_pairs_a_process_is_fitted_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film, record = toy_question(0), table_question_for(linear_table_model(), table_case())
    costs = iter([10**4, 2 * 10**6, 10**9])
    monkeypatch.setattr(fit_size, "operations", lambda *_: next(costs))
    assert [most_pairs(film, 9_000) for _ in range(3)] == [MOST_CHEAP_PAIRS, 1000, MOST_PAIRS]
    # Where the cost is not known the modality tells; of few pairs nobody need count.
    monkeypatch.setattr(fit_size, "operations", lambda *_: 0)
    assert most_pairs(film, 9_000) == MOST_PAIRS
    assert most_pairs(record, 9_000) == MOST_CHEAP_PAIRS
    assert most_pairs(film, MOST_CHEAP_PAIRS) == MOST_CHEAP_PAIRS


def test_rows_of_films_and_texts_that_come_with_the_program_are_dear() -> None:
    for name in ("xray", "report"):
        assert most_pairs(question_about(builtin(name)), 9_000) == MOST_PAIRS


def test_every_choice_gives_a_reason() -> None:
    sizes = itertools.product((1, 9, 36), (20, 500, 9999), ("image", "tabular"), ESTIMATORS)
    for n_players, n_pairs, modality, wanted in sizes:
        found = choose(
            n_players=n_players, n_pairs=n_pairs, modality=modality, wanted=wanted, n_paths=100
        )
        assert found.reason.endswith(".")


@pytest.mark.parametrize(
    ("n_pairs", "n_paths", "expected"),
    [
        (75, LEAST_PATHS, "joint design"),
        (75, LEAST_PATHS - 1, "gaussian process"),
        (76, LEAST_PATHS, "gaussian process"),
        (20, 2 * LEAST_PATHS, "joint design"),
    ],
)
def test_few_pairs_before_many_records_are_drawn_with_them(
    n_pairs: int, n_paths: int, expected: str
) -> None:
    found = choose(n_players=30, n_pairs=n_pairs, modality="tabular", n_paths=n_paths)
    assert found.name == expected
    assert found.draws_own == (expected == "joint design")


def test_the_joint_design_is_had_on_request_where_there_are_paths() -> None:
    asked = {"n_players": 30, "n_pairs": 900, "modality": "tabular", "wanted": "joint design"}
    assert choose(**asked, n_paths=1).name == "joint design"
    assert choose(**(asked | {"n_players": 5}), n_paths=1).name == "enumeration"
    with pytest.raises(UnsupportedMethodError, match="joint design"):
        choose(**asked)


def test_an_unknown_estimator_is_refused() -> None:
    with pytest.raises(ValueError, match="gaussian process"):
        choose(n_players=9, n_pairs=99, modality="image", wanted="kriging")


def test_a_bank_has_an_end_however_much_is_allowed() -> None:
    """Millions of pairs would take a minute to draw and hundreds of megabytes to keep."""
    inputs = torch.zeros(1, 30)
    owners = np.arange(30, dtype=np.int32)
    players = Players(membership=owners, element_shape=owners.shape, kind="feature")
    masker = BackgroundMasker(
        inputs, inputs + 1, baseline=Baseline(name="ones", description="ones"), players=players
    )
    model = LinearTableModel(torch.ones(30))
    asked = replace(table_question_for(model, table_case()), inputs=inputs, masker=masker)
    assert KernelShap(masks=10**7).n_pairs(asked, 10**7) == MOST_BANK

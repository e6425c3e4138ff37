"""What values mean, for every method and modality. One id per method, modality and check."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.explanation import Target
from explainers.methods import METHODS
from explainers.methods.base import Method
from tests.contracts.subjects import (
    READS_ANSWERS,
    TEXTS,
    Subject,
    each_of,
    linear_score,
    smooth_answer,
)
from tests.toys import game_for, generator

# Smooth masks leak across borders; a penalised fit on sampled masks keeps some noise.
DUMMY_SLACK = {"rise": 0.5, "lime": 0.2, "lime_tabular": 0.2, "reference_lime": 0.2}


@each_of(m for m in METHODS if m.card.complete)
def test_complete_methods_add_up(method: Method, subject: Subject) -> None:
    found = smooth_answer(method, subject)
    gap = found.completeness_gap
    assert gap is not None
    effect = abs(found.value_full - float(found.value_empty or 0.0))
    noise = 0.0 if found.std_error is None else 4 * float(np.sqrt((found.std_error**2).sum()))
    assert abs(gap) <= max(0.01 * effect, noise, 1e-6)


# Feature-map methods average gradients over places: they do not promise the dummy axiom.
@each_of(m for m in READS_ANSWERS if "feature_maps" not in m.card.needs)
def test_dummy_player_gets_zero(method: Method, subject: Subject) -> None:
    weights = dict.fromkeys(range(1, subject.n_players), 1.0)  # the first is not read
    found = subject.explain(method, subject.game(linear_score(weights, subject.n_players)))
    allowed = DUMMY_SLACK.get(method.card.id, 1e-6)
    assert abs(found.values[0]) <= allowed * np.abs(found.values).max()


# Words are there or not, so two of them can be alike; cells and columns differ in content.
@pytest.mark.parametrize(
    "method", [m for m in READS_ANSWERS if "text" in m.card.modalities], ids=lambda m: m.card.id
)
def test_words_that_are_treated_alike_get_the_same(method: Method) -> None:
    def score(amounts: Tensor) -> Tensor:  # words 3 and 4, one sentence, one of two tokens
        alike = amounts[:, 3] + amounts[:, 4]
        return torch.tanh(alike * (1 + amounts[:, 0]) - amounts[:, 8]) + amounts[:, 3:5].prod(dim=1)

    found = TEXTS.explain(method, TEXTS.game(score))
    noise = 0.0 if found.std_error is None else 4.5 * float(np.hypot(*found.std_error[3:5]))
    slack = 1e-6 if method.card.id != "reference_lime" else 0.2  # samples, without an error bar
    assert abs(found.values[3] - found.values[4]) <= slack * np.abs(found.values).max() + noise


@each_of(METHODS)
def test_planted_player_ranks_first(method: Method, subject: Subject) -> None:
    def score(amounts: Tensor) -> Tensor:
        return 8 * amounts[:, subject.planted] - 4

    found = subject.explain(method, subject.game(score, reads=subject.planted))
    assert int(np.argmax(found.values)) == subject.planted


@each_of(m for m in METHODS if m.card.signed)
def test_evidence_against_is_negative(method: Method, subject: Subject) -> None:
    last = subject.n_players - 1
    found = subject.explain(
        method, subject.game(linear_score({0: 6.0, last: -6.0}, subject.n_players))
    )
    assert found.values[0] > 0 > found.values[last]
    assert int(np.argmax(np.abs(found.values))) in (0, last)


@each_of(m for m in METHODS if m.card.signed)
def test_opposite_class_gets_opposite_values(method: Method, subject: Subject) -> None:
    both = (Target(index=1, name="present"), Target(index=0, name="absent"))
    game = game_for(replace(subject.smooth().question, targets=both))
    budget, draws = subject.budget, subject.n_draws
    present, absent = method.explain(game, budget=budget, generator=generator())
    np.testing.assert_allclose(present.values, -absent.values, atol=1e-6)
    # Both classes came out of the same forward passes: beside them, the case and the baseline.
    assert game.rows <= method.rows_needed(game.question, budget) + 1 + draws


@each_of(m for m in METHODS if not m.card.signed)
def test_methods_without_sign_never_speak_against(method: Method, subject: Subject) -> None:
    assert (smooth_answer(method, subject).values >= 0).all()


@each_of(READS_ANSWERS)
def test_constant_model_gets_zero_and_a_remark(method: Method, subject: Subject) -> None:
    found = subject.explain(method, subject.game(lambda amounts: 0 * amounts.sum(dim=1) + 1.0))
    np.testing.assert_allclose(found.values, 0, atol=1e-9)
    if not np.any(found.values):
        assert any("nothing that matters" in remark for remark in found.remarks)


@pytest.mark.parametrize("strength", [0.3, 3.0])
@each_of(m for m in METHODS if m.card.complete and m.card.kind == "additive")
def test_additive_model_is_paid_its_terms(
    method: Method, subject: Subject, strength: float
) -> None:
    weights = {player: strength * (player - 1.5) for player in range(subject.n_players)}
    game = subject.game(linear_score(weights, subject.n_players))
    found = subject.explain(method, game)
    alone = 1 - torch.eye(subject.n_players, dtype=torch.float64)
    terms = (game.value_full - game(alone))[:, 0].numpy()
    noise = 0.0 if found.std_error is None else 4.5 * found.std_error
    tolerance = noise + 1e-5 * np.abs(terms).max()
    # Boosted trees imitate a sum with splits that interact: there the terms are not all.
    if subject.answers_by_score or "linear" in method.card.needs:
        assert (np.abs(found.values - terms) <= tolerance).all()

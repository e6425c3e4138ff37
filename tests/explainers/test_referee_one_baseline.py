"""Parts asked about by default: others are hidden under the question's own baseline alone."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.coalition_values import CoalitionValues
from explainers.engine import MaskedPredictor
from explainers.memory import Memory
from explainers.referee import ask_model
from explainers.referee_batch import coalitions
from explainers.referee_headline import headline
from explainers.referee_json import read, to_document
from explainers.referee_limits import limits
from explainers.referee_wording import compared, differs, stands_out
from tests.contracts.subjects import SUBJECTS, Subject
from tests.explainers.test_referee import EVERY_SUBJECT, smooth_question
from tests.explainers.test_referee_chance import uniformity
from tests.explainers.test_referee_wording import found_with
from tests.toys import SIDE, generator, linear_model, question_for, toy_case


def test_p_values_of_regions_no_different_from_others_are_uniform() -> None:
    found = []
    for seed in range(100):
        weights = torch.randn(1, SIDE, SIDE, generator=generator(seed)).double()
        question = question_for(linear_model(weights), toy_case(seed), n_players=36)
        part = (seed % question.players.count,)
        (report,) = ask_model(question, [part], seed=seed, own_baseline_only=True).parts
        found.append(report.p_value)
    assert np.abs(uniformity(found, (2 / 41, 4 / 41, 10 / 41, 20 / 41, 30 / 41))).max() < 3


@EVERY_SUBJECT
def test_others_may_be_hidden_under_the_questions_baseline_alone(subject: Subject) -> None:
    question = smooth_question(subject)
    parts = [(subject.planted,), (0, 1)]
    everywhere = ask_model(question, parts).parts
    alone = ask_model(question, parts, own_baseline_only=True).parts
    own = question.masker.baseline.name
    for one, other in zip(alone, everywhere, strict=True):
        column = other.baselines.index(own)
        np.testing.assert_allclose(one.hiding, other.hiding, atol=1e-6)
        np.testing.assert_allclose(one.keeping, other.keeping, atol=1e-6)
        np.testing.assert_allclose(one.placebos[:, 0], other.placebos[:, column], atol=1e-6)
        assert (one.placebo_baseline, other.placebo_baseline) == (own, None)
        assert one.compared == one.hiding[column]
        assert other.compared == other.change
        as_large = np.abs(one.placebo_changes) >= abs(one.compared) - 1e-6
        assert one.p_value == (1 + as_large.sum()) / (1 + len(as_large))
        assert one.rows < other.rows


@EVERY_SUBJECT
def test_what_is_known_is_not_asked_again(subject: Subject) -> None:
    question, memory = smooth_question(subject), Memory()
    n_players = question.players.count
    leave_one_out = 1.0 - torch.eye(n_players, dtype=torch.float64)
    MaskedPredictor(question, memory=memory).shared(leave_one_out)
    plain = ask_model(question, [(0,)]).parts[0]
    values = CoalitionValues(MaskedPredictor(question, memory=memory))
    before = values.game.rows
    saved = ask_model(question, [(0,)], values=values).parts[0]
    assert values.game.rows - before == saved.rows
    # A background of its own, as this table's, is not what the referee puts in under that name.
    own_background = subject.name.startswith("tabular")
    assert saved.rows == plain.rows if own_background else saved.rows <= plain.rows - 2
    np.testing.assert_allclose(saved.hiding, plain.hiding, atol=1e-6)
    np.testing.assert_allclose(saved.placebos, plain.placebos, atol=1e-6)


def test_a_part_of_a_region_is_no_coalition() -> None:
    question = smooth_question(SUBJECTS["image"])
    players = question.players
    hidden = np.zeros((3, players.membership.size), dtype=bool)
    hidden[0] = players.membership == 1
    hidden[1] = np.isin(players.membership, (0, 2))
    hidden[2, np.flatnonzero(players.membership == 1)[:-1]] = True
    masks, whole = coalitions(players, hidden)
    assert whole.tolist() == [True, True, False]
    assert np.flatnonzero(~masks[0]).tolist() == [1]
    assert np.flatnonzero(~masks[1]).tolist() == [0, 2]


# Hidden under a and b; others under a alone, where this one does next to nothing.
ELSEWHERE = replace(
    found_with(0.91, [0.90, 0.40], [0.85] * 10 + [0.905] * 30),
    placebo_baseline="a",
    placebos=found_with(0.91, [0.5], [0.85] * 10 + [0.905] * 30).placebos,
)


def test_a_part_is_compared_as_the_others_were_hidden() -> None:
    assert ELSEWHERE.compared == ELSEWHERE.hiding[0]
    assert ELSEWHERE.n_as_large == 10
    assert not stands_out(ELSEWHERE)
    assert not differs(ELSEWHERE)
    under_both = replace(ELSEWHERE, placebo_baseline="b")
    assert under_both.n_as_large == 0
    assert differs(under_both)


def test_sentences_say_in_which_way_others_were_hidden() -> None:
    said = compared(ELSEWHERE, parts="regions")
    assert "of 40 hidden with “a” alone, 10 change it as much or more" in said
    first = headline(ELSEWHERE, [], {}, part="region", parts="regions")
    assert first.startswith("Hiding this region (a) lowers P(pneumonia) from 0.91 to 0.90;")
    blurred = replace(ELSEWHERE, placebo_baseline="blur", baselines=("blur", "b"))
    assert headline(blurred, [], {}, part="region", parts="regions").startswith(
        "Hiding this region (blurred) lowers"
    )
    assert "; hiding other regions of this size the same way changes it by 0.06 at most" in first
    bound = limits(ELSEWHERE)
    assert "They were hidden with “a” alone, as the methods were asked." in bound
    assert "moves the answer by \N{MINUS SIGN}0.12 in log-odds, which is what p compares" in bound
    everywhere = found_with(0.91, [0.90, 0.40], [0.85] * 40)
    assert "alone" not in compared(everywhere, parts="regions") + limits(everywhere)


def test_it_comes_back_from_json_and_older_files_were_hidden_in_every_way() -> None:
    document = json.loads(json.dumps(to_document(ELSEWHERE), allow_nan=False))
    assert document["compared_change"] == ELSEWHERE.compared
    again = read(document)
    assert again.p_value == ELSEWHERE.p_value
    older = json.loads(json.dumps(to_document(found_with(0.91, [0.9, 0.4], [0.85] * 40))))
    del older["placebo_baseline"], older["compared_change"]
    assert read(older).p_value == 1 / 41
    with pytest.raises(ValueError, match="another baseline"):
        read(document | {"placebo_baseline": "c"})

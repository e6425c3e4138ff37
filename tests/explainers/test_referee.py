"""The referee measures what a brute-force recomputation does, and flags nothing by chance."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from explainers.asking import ask
from explainers.explanation import Explanation, MethodId
from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.methods import METHODS
from explainers.question import Question
from explainers.referee import N_PLACEBOS, referee
from explainers.referee_headline import headline
from explainers.referee_report import RefereeReport, by_error, foretold_by
from explainers.report import ConsultRequest
from models.case import image_case
from models.errors import IncomparableError
from tests.contracts.subjects import SUBJECTS, Subject, smooth_score
from tests.toys import (
    SIDE,
    game_for,
    generator,
    linear_model,
    planted_model,
    question_for,
    toy_case,
)
from tests.toys_table import (
    RECORD,
    ToyTableModel,
    linear_table_model,
    planted_score,
    table_case,
    table_question_for,
)
from tests.toys_text import (
    MASK,
    PAD,
    ToyTextModel,
    linear_text_model,
    planted_text_model,
    text_question_for,
    toy_text_case,
)

EVERY_SUBJECT = pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda s: s.name)
METHOD = {method.card.id: method for method in METHODS}


def smooth_question(subject: Subject) -> Question:
    return subject.question(smooth_score(subject.n_players), None)


def ask_one(question: Question, *part: int, seed: int = 0) -> RefereeReport:
    (found,) = referee(question, [part], seed=seed)
    return found


def value(question: Question, inputs: torch.Tensor) -> float:
    """Mean explained value of prepared inputs, without masker and engine."""
    with torch.no_grad():
        return float(question.explained(question.model.logits(inputs).double())[:, 0].mean())


def film_without(question: Question, kind: str, hidden: np.ndarray) -> torch.Tensor:
    contents = image_baseline(kind, question.inputs)[1]  # type: ignore[arg-type]
    where = torch.from_numpy(hidden.reshape(SIDE, SIDE))
    return torch.where(where, contents, question.inputs)


def record_without(question: Question, kind: str, hidden: np.ndarray) -> torch.Tensor:
    """Columns of raw records, mixed before they are encoded."""
    model = question.model
    assert isinstance(model, ToyTableModel)
    if kind == "background":
        others = model.sample[:100].copy()
    else:
        others = np.nanmedian(model.sample, axis=0, keepdims=True)
        grades, counts = np.unique(model.sample[:, 3], return_counts=True)
        others[0, 3] = grades[counts.argmax()]
    others[:, ~hidden] = RECORD[~hidden]
    return model.encode_values(others)


def text_without(question: Question, kind: str, hidden: np.ndarray) -> torch.Tensor:
    owner = question.players.membership
    tokens = question.inputs[0].tolist()
    gone = [player >= 0 and bool(hidden[player]) for player in owner]
    if kind == "deletion":
        left = [token for token, absent in zip(tokens, gone, strict=True) if not absent]
        return torch.tensor([left + [PAD] * sum(gone)])
    stand_in = MASK if kind == "mask" else PAD
    return torch.tensor([[stand_in if a else t for t, a in zip(tokens, gone, strict=True)]])


WITHOUT: dict[str, Callable[[Question, str, np.ndarray], torch.Tensor]] = {
    "image": film_without,
    "tabular": record_without,
    "text": text_without,
}


@EVERY_SUBJECT
def test_changes_equal_a_recomputation_by_hand(subject: Subject) -> None:
    question = smooth_question(subject)
    part, players = (1, 3), question.players
    found = ask_one(question, *part)
    owner = players.membership if subject.modality == "image" else np.arange(players.count)
    own = np.isin(owner, part)
    without = WITHOUT[subject.modality]
    full = value(question, question.inputs)
    assert found.baselines == tuple(BASELINES_OF[subject.modality])
    assert len(found.baselines) >= 3
    assert found.value_full == pytest.approx(full, abs=1e-6)
    for b, kind in enumerate(found.baselines):
        if kind == "conditional":  # its neighbours are those of a consultation, next test
            continue
        hidden, alone = (value(question, without(question, kind, h)) for h in (own, ~own))
        nothing = value(question, without(question, kind, np.ones_like(own)))
        assert found.hiding[b] == pytest.approx(full - hidden, abs=1e-6)
        assert found.keeping[b] == pytest.approx(alone - nothing, abs=1e-6)
        assert found.effects[b] == pytest.approx(full - nothing, abs=1e-6)


@EVERY_SUBJECT
def test_changes_are_those_of_a_consultation_under_each_baseline(subject: Subject) -> None:
    case, model = (smooth := smooth_question(subject)).case, smooth.model
    found = None
    for kind in BASELINES_OF[subject.modality]:
        cut = next(iter(PLAYERS_OF[subject.modality]))
        request = ConsultRequest(target="present", baseline=kind, players=cut, n_players=10)
        game = game_for(ask(case, model, request))
        masks = torch.ones(2, game.n_players)
        masks[0, 2] = 0
        without, full = game(masks)[:, 0].tolist()
        found = found or ask_one(game.question, 2)
        measured = found.hiding[found.baselines.index(kind)]
        assert measured == pytest.approx(full - without, abs=1e-6)


def test_placebos_equal_a_recomputation_by_hand() -> None:
    question = text_question_for(ToyTextModel(lambda a: torch.tanh(a.sum(1))), toy_text_case())
    found = ask_one(question, 0)
    words = [player for player in range(question.players.count) if player != 0]
    assert len(found.placebos) == len(words) == found.n_possible
    expected = []
    for word in words:
        hidden = np.arange(question.players.count) == word
        inputs = text_without(question, "padding", hidden)
        expected.append(value(question, question.inputs) - value(question, inputs))
    measured = found.placebos[:, found.baselines.index("padding")]
    assert np.sort(measured) == pytest.approx(np.sort(expected), abs=1e-6)


def test_an_image_has_at_least_thirty_placebos() -> None:
    question = question_for(planted_model(np.eye(SIDE)), toy_case(), n_players=16)
    found = ask_one(question, 5)
    assert len(found.placebos) == N_PLACEBOS >= 30
    assert found.placebo_kind == "moved shapes"


IGNORING = {
    "image": lambda: question_for(planted_model(np.eye(SIDE)), toy_case(), n_players=9),
    "tabular": lambda: table_question_for(ToyTableModel(planted_score("age")), table_case()),
    "text": lambda: text_question_for(planted_text_model("heart"), toy_text_case()),
}


def planted_question(modality: str) -> tuple[Question, int]:
    """A model that reads one part only, and that part."""
    if modality == "image":
        cell = np.zeros((SIDE, SIDE))
        cell[8:16, 16:24] = 1  # cell 5 of nine
        film = image_case(np.where(cell > 0, 0.9, 0.1 * toy_case().film.pixels), name="bright tag")
        return question_for(planted_model(cell), film, n_players=9), 5
    if modality == "tabular":
        return table_question_for(ToyTableModel(planted_score("nodes")), table_case()), 2
    return text_question_for(planted_text_model("effusion"), toy_text_case()), 2


@pytest.mark.parametrize("modality", IGNORING)
def test_the_method_that_names_the_shortcut_is_nearest(modality: str) -> None:
    question, shortcut = planted_question(modality)
    game = game_for(question)

    def said(method: MethodId) -> Explanation:
        budget = 3000 * question.masker.n_draws
        return METHOD[method].explain(game, budget=budget, generator=generator())[0]

    names_it = said("occlusion")
    elsewhere = replace(said("lime"), values=np.roll(names_it.values, 1))
    nowhere = replace(said("kernel_shap"), values=np.zeros_like(names_it.values))
    found = ask_one(question, shortcut)
    answers = by_error([elsewhere, nowhere, names_it], found)
    assert answers[0].method == "occlusion"
    assert answers[0].error < 0.7 * answers[1].error
    assert abs(found.change) > 1
    assert found.n_as_large == 0
    told = headline(found, answers, {}, part="part", parts="parts")
    assert "occlusion said so, " in told
    assert told.endswith(" did not.")


def test_what_is_foretold_is_the_sum_or_the_share_of_the_effect() -> None:
    question = question_for(linear_model(torch.rand(1, SIDE, SIDE).double()), toy_case())
    (answer,) = METHOD["occlusion"].explain(game_for(question), budget=100, generator=generator())
    values = np.array([3.0, -1, 2, 0, 0, 0, 0, 0, 4])
    found = ask_one(question, 0, 1)
    assert foretold_by(replace(answer, values=values), found).change == 2
    unsigned = replace(answer, values=np.abs(values), signed=False, kind="density")
    shared = foretold_by(unsigned, found)
    assert shared.rule == "share of the effect"
    assert shared.change == pytest.approx(0.4 * found.effect)
    assert shared.error == pytest.approx(abs(0.4 * found.effect - found.change))
    black = found.hiding[found.baselines.index("black")]  # what the question hides with
    assert shared.own_error == pytest.approx(abs(0.4 * found.effect - black))
    assert np.isnan(foretold_by(replace(unsigned, baseline=None), found).own_error)
    silent = replace(unsigned, values=np.zeros(9))
    assert np.isnan(foretold_by(silent, found).change)
    assert next(a.rule for a in by_error([silent, answer], found)) == "sum"


def test_an_explanation_of_another_question_is_refused() -> None:
    question = IGNORING["text"]()
    (answer,) = METHOD["occlusion"].explain(game_for(question), budget=100, generator=generator())
    found = ask_one(question, 0)
    for changed in ({"scale": "probability"}, {"case_digest": "f" * 64}):
        with pytest.raises(IncomparableError):
            foretold_by(replace(answer, **changed), found)  # type: ignore[arg-type]


def test_linear_words_change_by_their_weight_whatever_the_baseline() -> None:
    question = text_question_for(linear_text_model({"effusion": 2.5}), toy_text_case())
    found = ask_one(question, 2)
    assert found.hiding == pytest.approx([2.5] * 3, abs=1e-6)
    assert found.keeping == pytest.approx([2.5] * 3, abs=1e-6)
    assert found.p_value == pytest.approx(1 / 9)


def test_other_features_take_random_values_at_least_thirty_times() -> None:
    question = table_question_for(linear_table_model(3), table_case())
    found = ask_one(question, 1)
    model = question.model
    assert isinstance(model, ToyTableModel)
    assert found.n_random == found.other_draws.size == 40 >= 30
    assert found.own_draws.shape == (10,)
    assert found.n_random_as_large == (np.abs(found.other_draws) >= abs(found.change) - 1e-6).sum()
    # Each is what a training record's value does to the record: recomputed from raw values.
    full = value(question, question.inputs)
    expected = []
    for feature in (0, 2, 3, 4):
        mixed = np.repeat(RECORD[None], 100, axis=0)
        mixed[:, feature] = model.sample[:100, feature]
        expected += [full - value(question, row[None]) for row in model.encode_values(mixed)]
    away = np.abs(found.other_draws.reshape(-1, 1) - np.array(expected)).min(axis=1)
    assert away.max() < 1e-6

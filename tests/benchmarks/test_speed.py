"""The speed benchmark asks the packages the same questions as us, and counts what they ask."""

import numpy as np
import pytest
import torch

from benchmarks.consultation import CASES, STEPS, ratio, waits
from benchmarks.contenders import CONTENDERS, table, text
from benchmarks.speed import bare, measure
from benchmarks.subjects import SUBJECTS, builtin, case_for, first_words, free_table, question_about
from explainers.engine import MaskedPredictor
from explainers.question import Question
from tests.toys_text import LONG_TEXT, linear_text_model, text_question_for, toy_text_case


@pytest.fixture(scope="module")
def records() -> Question:
    return question_about(free_table())


@pytest.fixture
def words() -> Question:
    model = linear_text_model({"effusion": 2.0, "size": -1.0})
    return text_question_for(model, toy_text_case(LONG_TEXT))


def test_a_table_of_sources_is_the_game(records: Question) -> None:
    answers, case, background, spent = table.as_table(records, 64)
    game, count = MaskedPredictor(records), records.players.count
    mask = np.arange(count) % 2
    mixed = np.where(mask == 1, case, background)
    found = [answers(case)[0], answers(background).mean(), answers(mixed).mean()]
    wanted = [game.value_full, game.value_empty, game(torch.from_numpy(mask[None]).double())]
    assert np.allclose(found, [float(w.squeeze()) for w in wanted], atol=1e-6)
    assert spent() == 1 + 2 * len(background)


def test_a_table_of_words_is_the_game(words: Question) -> None:
    answers, case, background, spent = text.as_table(words, 4)
    game = MaskedPredictor(words)
    assert np.allclose(answers(case), game.value_full)
    assert np.allclose(answers(background), game.value_empty)
    assert spent() == 2


@pytest.mark.parametrize("name", [n for n, c in CONTENDERS["tabular"].items() if not c.gradient])
def test_every_contender_of_tables_counts_its_rows(name: str) -> None:
    found = measure("free", name, 40, 1)
    assert found is None or (found["rows"] > 0 and found["seconds"] > 0)
    assert (found is None) == (name == "TreeSHAP ours")


@pytest.mark.parametrize("name", ["LIME lime", "KernelSHAP shap", "Partition shap"])
def test_packages_ask_about_words_as_often_as_told(words: Question, name: str) -> None:
    rows = CONTENDERS["text"][name].work(words, 60, 8)
    assert 50 <= rows <= 64


def test_the_limit_is_as_many_rows_and_no_more(
    records: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    logits = records.model.logits
    monkeypatch.setattr(records.model, "logits", lambda x: seen.append(len(x)) or logits(x))
    bare(records, 70, 32, gradient=False)
    assert seen == [32, 32, 6]


def test_texts_have_the_words_asked_for() -> None:
    assert len(first_words(80).document.words) == 80


def test_a_consultation_is_timed_in_its_order() -> None:
    model = SUBJECTS["recurrence"][1]()
    found, _ = waits(case_for(model), model)
    times = [found[step] for step in STEPS]
    assert 0 < times[0] < times[1] < times[2]


@pytest.mark.parametrize("name", ["film", "text"])
def test_a_whole_consultation_takes_a_quarter_more_rows_than_its_dearest_method(name: str) -> None:
    model_id, make = CASES[name]
    model = builtin(model_id)
    _, rows = waits(make(model), model)
    assert rows["asked"] > 100
    assert ratio(rows) <= 1.25

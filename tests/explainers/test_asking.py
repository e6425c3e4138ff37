"""From a request to a Question: what is refused by name, and what players a text has."""

from dataclasses import replace

import numpy as np
import pytest

from explainers.asking import ask
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.question import Question
from explainers.report import ConsultRequest, default_request
from models.adapter import ModelAdapter
from models.case import Case, Modality
from models.errors import ExplainError, InputError
from tests.toys import ToyImageModel, toy_case
from tests.toys_table import ToyTableModel, smooth_score, table_case
from tests.toys_text import (
    LONG_TEXT,
    TEXT,
    ToyTextModel,
    linear_text_model,
    planted_text_model,
    toy_text_case,
)

WORLDS: dict[Modality, tuple[Case, ModelAdapter]] = {
    "image": (toy_case(), ToyImageModel(lambda x: x.mean(dim=(1, 2, 3)))),
    "tabular": (table_case(), ToyTableModel(smooth_score)),
    "text": (toy_text_case(), planted_text_model("effusion")),
}
MODALITIES = pytest.mark.parametrize("modality", WORLDS)
PAIRS = pytest.mark.parametrize(
    ("modality", "other"), [(a, b) for a in WORLDS for b in WORLDS if a != b]
)


def request_for(model: ModelAdapter) -> ConsultRequest:
    return default_request(model.card)


def asked_about(text: str, *, n_words: int = 100, start_word: int = 0, **of: str) -> Question:
    model = ToyTextModel(lambda x: x.sum(dim=1), n_words=n_words)
    case = toy_text_case(text, start_word=start_word)
    return ask(case, model, replace(request_for(model), **of))  # type: ignore[arg-type]


@MODALITIES
def test_default_request_is_understood(modality: Modality) -> None:
    case, model = WORLDS[modality]
    question = ask(case, model, request_for(model))
    assert question.masker.baseline.name == next(iter(BASELINES_OF[modality]))
    assert question.targets[0].name == "present"


@PAIRS
def test_baseline_of_another_modality_is_refused(modality: Modality, other: Modality) -> None:
    case, model = WORLDS[modality]
    baseline = next(iter(BASELINES_OF[other]))
    with pytest.raises(ExplainError, match=f"no baseline '{baseline}' for {modality}") as refused:
        ask(case, model, replace(request_for(model), baseline=baseline))
    assert all(name in refused.value.hint for name in BASELINES_OF[modality])


@PAIRS
def test_cut_of_another_modality_is_refused(modality: Modality, other: Modality) -> None:
    case, model = WORLDS[modality]
    players = next(iter(PLAYERS_OF[other]))
    with pytest.raises(ExplainError, match=f"'{players}' for {modality}") as refused:
        ask(case, model, replace(request_for(model), players=players))
    assert all(name in refused.value.hint for name in PLAYERS_OF[modality])


@PAIRS
def test_case_of_another_modality_is_refused(modality: Modality, other: Modality) -> None:
    case, model = WORLDS[other][0], WORLDS[modality][1]
    with pytest.raises(InputError, match=f"takes {modality} cases, not {other} cases"):
        ask(case, model, request_for(model))


def test_word_of_two_tokens_is_one_player_and_full_stops_are_nobody_s() -> None:
    players = asked_about("No pneumothorax. Heart.").players  # [CLS] no pneu ##mo . heart . [SEP]
    assert players.membership.tolist() == [-1, 0, 1, 1, -1, 2, -1, -1]
    assert players.sizes.tolist() == [1, 2, 1]
    assert players.groups == (0, 0, 1)


def test_window_of_a_long_text_has_the_words_that_are_read() -> None:
    players = asked_about(LONG_TEXT, n_words=4, start_word=10).players
    assert players.count == 4
    assert players.word_spans == ((10, 11), (11, 12), (12, 13), (13, 14))
    assert players.names == ("word 11", "word 12", "word 13", "word 14")
    words = toy_text_case(LONG_TEXT).document
    assert words.word(11) == "pneumothorax"
    assert players.sizes.tolist() == [1, 2, 1, 1]


def test_sentences_of_a_window_are_those_parts_of_them_that_are_read() -> None:
    players = asked_about(TEXT, n_words=3, start_word=2, players="sentences").players
    assert players.word_spans == ((2, 3), (3, 5))  # effusion | no pneumothorax
    assert players.kind == "sentence"
    assert players.groups == (0, 1)


def test_words_without_tokens_are_no_players() -> None:
    model = linear_text_model({})
    whole = model.token_words
    # The second word has no token of its own, as a lone accent may not.
    model.token_words = lambda case: np.where(whole(case) == 1, -1, whole(case))  # type: ignore[method-assign]
    players = ask(toy_text_case("Small left effusion."), model, request_for(model)).players
    assert players.word_spans == ((0, 1), (2, 3))
    assert players.membership.tolist() == [-1, 0, -1, 1, -1, -1]


def test_text_without_words_is_refused() -> None:
    with pytest.raises(ExplainError, match="no word"):
        asked_about("...")


@pytest.mark.parametrize("cut", PLAYERS_OF["text"])
def test_names_of_players_hold_nothing_of_the_text(cut: str) -> None:
    names = " ".join(asked_about(LONG_TEXT, players=cut).players.names).lower().split()
    document = toy_text_case(LONG_TEXT).document
    words = {document.word(index).lower() for index in range(len(document.words))}
    assert words.isdisjoint(names)


def test_key_of_a_question_tells_texts_windows_cuts_and_baselines_apart() -> None:
    keys = [
        asked_about(TEXT).key,
        asked_about(LONG_TEXT).key,
        asked_about(LONG_TEXT, n_words=4).key,
        asked_about(LONG_TEXT, n_words=4, start_word=1).key,
        asked_about(TEXT, players="sentences").key,
        asked_about(TEXT, baseline="deletion").key,
        asked_about(TEXT, baseline="padding").key,
    ]
    assert len(set(keys)) == len(keys)
    assert asked_about(TEXT).key == keys[0]


@pytest.mark.parametrize("modality", ["tabular", "text"])
def test_model_that_does_not_say_what_it_reads_is_refused(modality: Modality) -> None:
    case, model = WORLDS[modality]

    class Silent:
        """Answers, but does not say what it read."""

        card, encode, predict = model.card, model.encode, model.predict

    with pytest.raises(ExplainError, match="does not say which"):
        ask(case, Silent(), request_for(model))  # type: ignore[arg-type]

"""Words, phrases and sentences of plain reports."""

import numpy as np
import pytest

from explainers.maskers.names import TextCut
from explainers.negation import CUES, ENDS, PSEUDO
from explainers.players import Players
from explainers.word_players import word_players
from models.case import TextPayload
from models.errors import ExplainError
from models.inputs.text_words import find_words, number_sentences


def payload_of(text: str) -> TextPayload:
    words = find_words(text)
    return TextPayload(text=text, words=words, sentence_of=number_sentences(text, words))


def cut(text: str, kind: TextCut = "phrases") -> tuple[TextPayload, Players]:
    """Every word is one token, between two special ones."""
    payload = payload_of(text)
    tokens = np.concatenate([[-1], np.arange(len(payload.words)), [-1]]).astype(np.int32)
    return payload, word_players(payload, tokens, kind=kind)


def parts(text: str, kind: TextCut = "phrases") -> list[str]:
    payload, players = cut(text, kind)
    spans = [[payload.word(index) for index in range(*span)] for span in players.word_spans]
    return [" ".join(words) for words in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No effusion or pneumothorax.", ["No effusion or pneumothorax"]),
        ("There is no pleural effusion.", ["There", "is", "no pleural effusion"]),
        ("Lungs are free of consolidation", ["Lungs", "are", "free of consolidation"]),
        ("Negative for pneumonia; heart large", ["Negative for pneumonia", "heart", "large"]),
        ("He denies cough but has fever", ["He", "denies cough", "but", "has", "fever"]),
        ("No mass, large heart", ["No mass", "large", "heart"]),
        ("No nodule/mass seen", ["No nodule mass seen"]),
        ("No left-sided effusion.", ["No left-sided effusion"]),
        ("Absence of edema although congested", ["Absence of edema", "although", "congested"]),
        ("Effusion without fever, no cough", ["Effusion", "without fever", "no cough"]),
        ("Denies fever and has no cough", ["Denies fever and has", "no cough"]),
        ("It doesn’t show edema", ["It", "doesn’t show edema"]),
    ],
)
def test_negation_is_one_player_with_what_it_negates(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_negation_reaches_five_words_behind_the_whole_phrase() -> None:
    found = parts("No evidence of one two three four five six seven")
    assert found == ["No evidence of one two three four five", "six", "seven"]


@pytest.mark.parametrize("text", ["No change in size", "Not only large", "No interval change"])
def test_words_that_only_look_like_a_negation_stay_alone(text: str) -> None:
    assert parts(text) == text.split()


def test_negation_ends_with_its_sentence() -> None:
    assert parts("No effusion. Heart large\nNo mass") == [
        "No effusion",
        "Heart",
        "large",
        "No mass",
    ]


def test_negation_ends_where_the_window_of_the_model_does() -> None:
    payload = payload_of("No effusion or mass")
    tokens = np.array([-1, 0, 1, 1, -1], dtype=np.int32)  # reads two words, one in two tokens
    players = word_players(payload, tokens, kind="phrases")
    assert players.word_spans == ((0, 2),)
    assert players.membership.tolist() == [-1, 0, 0, 0, -1]


def test_phrases_are_named_by_place_and_never_by_content() -> None:
    players = cut("Heart is large. No effusion seen.")[1]
    assert players.kind == "phrase"
    assert players.names == ("word 1", "word 2", "word 3", "phrase, words 4–6")
    assert players.groups == (0, 0, 0, 1)


def test_text_without_negation_is_cut_into_its_words() -> None:
    text = "Heart size is normal. Lungs are clear."
    assert parts(text) == parts(text, "words")


@pytest.mark.parametrize("kind", ["words", "phrases", "sentences"])
def test_every_cut_covers_all_words_in_order(kind: TextCut) -> None:
    text = "Small effusion. No pneumothorax, but cardiomegaly. Old fractures; no change."
    payload, players = cut(text, kind)
    covered = [index for start, stop in players.word_spans for index in range(start, stop)]
    assert covered == list(range(len(payload.words)))
    assert len(players.groups) == players.count
    assert list(players.groups) == sorted(players.groups)


def test_text_of_which_no_word_is_read_is_refused() -> None:
    with pytest.raises(ExplainError, match="no word"):
        word_players(payload_of("..."), np.array([-1, -1], dtype=np.int32), kind="phrases")


def test_lists_of_phrases_are_lower_case_and_do_not_contradict() -> None:
    assert not CUES & PSEUDO
    assert not (CUES | PSEUDO) & ENDS
    assert all(word == word.lower() for phrase in CUES | PSEUDO | ENDS for word in phrase)

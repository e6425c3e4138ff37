"""Parts to ask about: the disputed ones, the named ones, the typed ones."""

from dataclasses import replace

import numpy as np
import pytest

from explainers.guard import NothingToExplain
from explainers.referee_choice import contested_parts, least_agreeing, part_named, typed
from explainers.report import EvidenceReport
from models.case import TextPayload
from models.errors import ExplainError
from tests.reports import PLAYERS, agreement, report
from tests.toys_text import planted_text_model, text_question_for, toy_text_case

QUESTION = text_question_for(planted_text_model("heart"), toy_text_case())
WORDS = QUESTION.players  # small left effusion no pneumothorax heart size is normal


def document(text: str | None = None) -> TextPayload:
    payload = (toy_text_case() if text is None else toy_text_case(text)).payload
    assert isinstance(payload, TextPayload)
    return payload


def judged(
    verdicts: tuple[str, ...], contested: list[float], shares: list[float]
) -> EvidenceReport:
    compared = replace(
        agreement(),
        verdicts=verdicts,  # type: ignore[arg-type]
        contested=np.array(contested),
        shares=np.array([shares, shares]),
    )
    return report(agreement=compared, nothing_to_explain=())


def test_the_most_disputed_parts_come_first() -> None:
    found = judged(("contested", "conflict", "contested"), [0.3, 0.9, 0.5], [0.2, 0.3, 0.5])
    assert contested_parts(found) == ((1,), (2,), (0,))
    assert contested_parts(found, 1) == ((1,),)


def test_without_a_dispute_the_part_that_all_agree_on_is_asked_about() -> None:
    shares = [0.2, -0.3, 0.5]
    found = judged(("consensus", "consensus", "quiet"), [0, 0, np.nan], shares)
    assert contested_parts(found) == ((1,),)
    assert contested_parts(judged(("quiet",) * 3, [0, 0, 0], shares)) == ((2,),)


def test_nothing_is_asked_where_there_is_nothing_to_explain_or_to_compare() -> None:
    found = judged(("contested", "quiet", "quiet"), [0.3, 0, 0], [1, 0, 0])
    reason = NothingToExplain(cause="refused", sentence="No.")
    assert contested_parts(replace(found, nothing_to_explain=(reason,))) == ()
    assert contested_parts(replace(found, agreement=None)) == ()
    assert contested_parts(judged(("quiet",) * 3, [0, 0, 0], [np.nan] * 3)) == ()


def test_the_pair_that_agrees_least_is_found() -> None:
    found = report()
    pair = least_agreeing(found)
    assert pair is not None
    assert [e.method for e in pair] == [e.method for e in found.explanations[:2]]
    assert least_agreeing(replace(found, agreement=None)) is None


def test_parts_are_named_by_name_or_by_their_number_in_the_report() -> None:
    assert part_named("2", PLAYERS, None) == (2,)
    assert part_named("Patient's LEFT, lower", PLAYERS, None) == (1,)
    assert part_named("2 + patient's left, lower", PLAYERS, None) == (1, 2)
    for wrong in ("3", "heart", ""):
        with pytest.raises(ExplainError, match="no part"):
            part_named(wrong, PLAYERS, None)


def test_words_are_found_where_they_stand() -> None:
    payload = document()
    assert typed("effusion", payload, WORDS) == (2,)
    assert typed("HEART   size", payload, WORDS) == (5, 6)
    assert part_named("left effusion", WORDS, payload) == (1, 2)
    assert part_named("word 3", WORDS, payload) == (2,)
    with pytest.raises(ExplainError, match="does not hold"):
        typed("effus", payload, WORDS)
    with pytest.raises(ExplainError, match="no word"):
        typed("  ", payload, WORDS)


def test_a_word_that_comes_twice_is_found_twice() -> None:
    case = toy_text_case("Small effusion. No effusion. Heart.")
    players = text_question_for(planted_text_model("heart"), case).players
    assert isinstance(case.payload, TextPayload)
    assert typed("effusion", case.payload, players) == (1, 3)


def test_no_word_of_the_text_stands_in_an_error() -> None:
    with pytest.raises(ExplainError) as caught:
        typed("secret name", document(), WORDS)
    assert "secret" not in str(caught.value)

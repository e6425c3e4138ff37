"""Facts and settings are said in words, not in the terms of files and code."""

import pytest

from components.case_facts import in_words
from components.controls import told_apart
from components.method_settings import settings_text


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("Orientation", "L\\F", "right edge: patient's left; lower edge: patient's feet"),
        (
            "Orientation",
            "RA\\F",
            "right edge: patient's right and front; lower edge: patient's feet",
        ),
        ("Orientation", "not stated", "not stated"),
        ("Size", "2048 x 1760 pixels", "1760 × 2048 pixels"),  # stored as rows x columns
        ("Kind", "PNG", "PNG"),
    ],
)
def test_header_facts_are_readable(label: str, value: str, words: str) -> None:
    assert in_words(label, value) == words


def test_how_values_were_worked_out_is_said_with_its_reason() -> None:
    told = {"estimator": "gaussian process", "estimator_reason": "Answers are dear."}
    assert settings_text(told) == "worked out by: gaussian process; why: Answers are dear."


def test_settings_are_readable() -> None:
    assert settings_text({"masks": 1000, "enumerated": False, "kernel_width": 0.25}) == (
        "combinations asked: 1,000; every combination asked: no; kernel width: 0.25"
    )


def test_models_of_one_question_are_told_apart_by_their_kind() -> None:
    titles = {
        "a": "Risk within 3 years (neural network)",
        "b": "Risk within 3 years (boosted trees)",
    }
    assert told_apart(titles) == {"a": "Neural network", "b": "Boosted trees"}


@pytest.mark.parametrize("other", ["Mass (trees)", "Risk"])
def test_models_of_several_questions_keep_their_titles(other: str) -> None:
    titles = {"a": "Risk (neural network)", "b": other}
    assert told_apart(titles) == titles

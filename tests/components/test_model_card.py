"""Any card's document becomes tables and sentences."""

import pytest

from components.model_card import are_alike, cell, is_flat, words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"value": 0.8123, "ci95": [0.74, 0.87]}, "0.812 (0.74 to 0.87)"),
        ([0.1, 0.2], "0.1 to 0.2"),
        ([1, 224, 224], "1, 224, 224"),
        (True, "yes"),
        (None, "not known"),
        ([32, 16], "32, 16"),
        (3, "3"),
        (5004.0, "5,004"),
        ("blur", "blur"),
    ],
)
def test_values_that_fit_a_cell(value: object, text: str) -> None:
    assert is_flat(value)
    assert cell(value) == text


@pytest.mark.parametrize("value", [{"a": 1}, ["sentence", "another"], [1, 2, 3, 4]])
def test_values_that_need_a_place_of_their_own(value: object) -> None:
    assert not is_flat(value)


def test_groups_with_the_same_figures_share_a_table() -> None:
    figure = {"value": 0.5, "ci95": [0.4, 0.6]}
    assert are_alike([{"films": 3, "auroc": figure}, {"films": 4, "auroc": figure}])
    assert not are_alike([{"films": 3}, {"cases": 4}])
    assert not are_alike([{"films": 3}])
    assert not are_alike([{"films": {"a": 1}}, {"films": {"a": 2}}])


@pytest.mark.parametrize(
    ("field", "heading"), [("not_for", "What it is not for"), ("input_check", "Input check")]
)
def test_fields_are_named_in_words(field: str, heading: str) -> None:
    assert words(field) == heading


def test_a_long_row_of_numbers_in_a_cell_shows_its_ends() -> None:
    assert cell([24.0, *range(25, 90)]) == "66 values, 24 to 89"

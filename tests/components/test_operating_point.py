"""The price of the operating point in plain words, from the card's own figures."""

from dataclasses import replace
from typing import Any

import pytest

from components.operating_point import in_ten, rate_sentence
from models.card import ModelCard
from models.catalog import catalog

XRAY = catalog()["xray"]


def card(**metrics: object) -> ModelCard:
    return replace(XRAY, document={"metrics": metrics})


def figures(sensitivity: float, specificity: float) -> dict[str, Any]:
    return {"sensitivity": {"value": sensitivity}, "specificity": {"value": specificity}}


def test_above_the_point_false_alarms_are_told_below_it_missed_findings() -> None:
    given = card(groups={"adults": figures(0.87, 0.62), "children": figures(0.9, 0.9)})
    assert rate_sentence(given, above=True) == (
        "In the model's test data (adults), about 4 in 10 films without the finding are above this "
        "point, too."
    )
    assert "about 1 in 10 films with the finding are below" in rate_sentence(given, above=False)


def test_rates_of_the_operating_point_come_first_also_as_plain_numbers() -> None:
    rates = {"adults, PA": {"sensitivity": 0.8, "specificity": 0.7}}
    given = card(operating_point_rates=rates, groups={"adults": figures(0.87, 0.62)})
    assert "(adults, PA), about 3 in 10" in rate_sentence(given, above=True)


@pytest.mark.parametrize("metrics", [{}, {"groups": {"adults": {"films": 3}}}, {"groups": None}])
def test_nothing_is_said_without_figures(metrics: dict[str, Any]) -> None:
    assert rate_sentence(card(**metrics), above=True) == ""


def test_the_built_in_card_has_such_figures() -> None:
    assert "films without the finding" in rate_sentence(XRAY, above=True)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.0, "0 in 100"),
        (0.02, "2 in 100"),
        (0.051, "1 in 10"),
        (0.378, "4 in 10"),
        (0.94, "9 in 10"),
    ],
)
def test_rates_are_counts_of_ten(rate: float, words: str) -> None:
    assert in_ten(rate) == words

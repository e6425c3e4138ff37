"""The price of the operating point in plain words, from the card's own figures."""

from dataclasses import replace
from typing import Any

import pytest

from components.operating_point import in_ten, operating_point, rate_sentence
from models.card import ModelCard
from models.catalog import catalog

XRAY = catalog()["xray"]
TARGET = XRAY.default_target


def card(**metrics: object) -> ModelCard:
    return replace(XRAY, document={"metrics": metrics})


def figures(sensitivity: float, specificity: float) -> dict[str, Any]:
    return {"sensitivity": {"value": sensitivity}, "specificity": {"value": specificity}}


def test_above_the_point_false_alarms_are_told_below_it_missed_findings() -> None:
    given = card(groups={"adults": figures(0.87, 0.62), "children": figures(0.9, 0.9)})
    assert rate_sentence(given, TARGET, above=True) == (
        "In the model's test data (adults), about 4 in 10 films without the finding are above this "
        "point, too."
    )
    assert "about 1 in 10 films with the finding are below" in rate_sentence(
        given, TARGET, above=False
    )


def test_rates_of_the_operating_point_come_first_also_as_plain_numbers() -> None:
    rates = {"adults, PA": {"sensitivity": 0.8, "specificity": 0.7}}
    given = card(operating_point_rates=rates, groups={"adults": figures(0.87, 0.62)})
    assert "(adults, PA), about 3 in 10" in rate_sentence(given, TARGET, above=True)


def test_test_data_are_not_called_so_twice() -> None:
    given = catalog()["recurrence"]
    said = rate_sentence(given, given.default_target, above=True)
    assert said.startswith("In the model's test data (Rotterdam), about ")


@pytest.mark.parametrize("metrics", [{}, {"groups": {"adults": {"films": 3}}}, {"groups": None}])
def test_nothing_is_said_without_figures(metrics: dict[str, Any]) -> None:
    assert rate_sentence(card(**metrics), TARGET, above=True) == ""


def test_the_built_in_card_has_such_figures() -> None:
    assert "films without the finding" in rate_sentence(XRAY, TARGET, above=True)


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


def test_models_of_several_findings_have_figures_for_each() -> None:
    found = {TARGET: figures(0.9, 0.8), "effusion": figures(0.7, 0.9)}
    given = replace(card(findings=found), classes=(TARGET, "effusion"), head="sigmoid")
    points = {**given.document, "operating_points": {TARGET: 0.1, "effusion": 0.05}}
    given = replace(given, document=points)
    assert operating_point(given, "effusion") == 0.05
    assert operating_point(given, TARGET) == XRAY.operating_point
    assert rate_sentence(given, "effusion", above=False).startswith(
        "In the model's test data, about 3 in 10 films with the finding"
    )


def test_a_class_without_an_operating_point_has_none() -> None:
    assert operating_point(XRAY, "normal") is None

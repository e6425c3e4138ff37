"""Progress in words: position in the queue, model runs, time left."""

from dataclasses import dataclass

import pytest

from components.progress import Standing, fraction, sentence
from explainers.explanation import MethodId


@dataclass(frozen=True)
class Count:
    rows: int
    planned: int
    method: MethodId | None = "lime"


def standing(**changes: object) -> Standing:
    start = {"n_ahead": 0, "is_running": True, "progress": None, "method": "", "seconds": 0.0}
    return Standing(**(start | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (standing(is_running=False, n_ahead=1), "Waiting for one other consultation to finish"),
        (standing(is_running=False, n_ahead=3), "Waiting for 3 others to finish"),
        (standing(is_running=False), "Starting"),
        (standing(), "Loading the model and reading the film"),
        (standing(progress=Count(50, 200), method="LIME"), "LIME: 50 of 200 model runs"),
        (
            standing(progress=Count(50, 200), seconds=10.0),
            "50 of 200 model runs, about 30 s left",
        ),
        (
            standing(progress=Count(10, 200), seconds=10.0),
            "10 of 200 model runs, about 4 min left",
        ),
    ],
)
def test_sentence_says_where_it_stands(given: Standing, words: str) -> None:
    assert sentence(given) == words


@pytest.mark.parametrize(("count", "share"), [(None, 0.0), (Count(1, 4), 0.25), (Count(9, 0), 1.0)])
def test_fraction_stays_between_none_and_all(count: Count | None, share: float) -> None:
    assert fraction(standing(progress=count)) == share

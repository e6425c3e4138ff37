"""Records unlike the training data are told."""

import numpy as np

from models.prediction import InputCheck
from models.table_check import check_record
from tests.models.test_table_encoding import SCHEMA


def check(record: list[float]) -> InputCheck:
    return check_record(np.array(record), SCHEMA, missing_limit=1)


def test_an_ordinary_record_is_accepted() -> None:
    found = check([60, 1, 0])
    assert found.accepted
    assert not found.message


def test_one_missing_value_is_accepted_and_two_are_not() -> None:
    assert check([60, np.nan, 0]).accepted
    assert check([np.nan, np.nan, 0]).message.endswith("2 of 3 values missing.")


def test_a_number_outside_the_range_is_named_with_its_distance() -> None:
    found = check([150, 1, 0])
    assert not found.accepted
    assert found.message.endswith("range of the training records: Age.")
    assert ("age", 0.5, 0.0) in found.scores

"""Records become inputs in which missing is a value, and come back."""

import numpy as np
import pytest

from models.errors import SchemaError
from models.schema import Column, TableSchema
from models.table_encoding import Scaling, TableEncoding

SCHEMA = TableSchema(
    columns=(
        Column(name="age", title="Age", kind="number", percentiles=tuple(map(float, range(101)))),
        Column(name="grade", title="Grade", kind="category", categories=("1", "2", "3")),
        Column(name="count", title="Count", kind="number", percentiles=(0.0,) * 101),
    )
)
SCALINGS = {
    "age": Scaling(transform="none", mean=50.0, deviation=10.0),
    "count": Scaling(transform="log1p", mean=1.0, deviation=0.5),
}
ENCODING = TableEncoding(SCHEMA, SCALINGS)


def test_encoded_by_hand() -> None:
    records = np.array([[60.0, 2.0, np.e**2 - 1], [np.nan, np.nan, np.nan]])
    expected = [[1, 0, 0, 0, 1, 0, 2, 0], [0, 1, 0, 0, 0, 1, 0, 1]]
    np.testing.assert_allclose(ENCODING.encode(records), expected, rtol=1e-6)
    assert ENCODING.element_columns.tolist() == [0, 0, 1, 1, 1, 1, 2, 2]
    assert ENCODING.element_names == (
        *("age", "age missing", "grade=1", "grade=2", "grade=3", "grade missing"),
        *("count", "count missing"),
    )


def test_decoding_gives_the_records_back() -> None:
    generator = np.random.default_rng(3)
    columns = (
        generator.normal(50, 9, 300),
        generator.integers(0, 3, 300),
        generator.exponential(99, 300),
    )
    records = np.stack(columns, axis=1)
    records[generator.random(records.shape) < 0.2] = np.nan
    back = ENCODING.decode(ENCODING.encode(records))
    np.testing.assert_array_equal(np.isnan(back), np.isnan(records))
    np.testing.assert_allclose(back, records, rtol=1e-5, atol=1e-4)


def test_missing_differs_from_the_mean() -> None:
    missing, mean = ENCODING.encode(np.array([[np.nan, 0, 0], [50.0, 0, 0]]))
    assert missing[0] == mean[0] == 0
    assert missing[1] != mean[1]


@pytest.mark.parametrize(
    "record",
    [
        [50, 3, 1],
        [50, -1, 1],
        [50, 0.5, 1],
        [np.inf, 0, 1],
        [50, 0, -1],
        [50, 0],
        [50, 0, 1, 1],
    ],
    ids=str,
)
def test_what_cannot_be_encoded_is_refused(record: list[float]) -> None:
    with pytest.raises(SchemaError):
        ENCODING.encode(np.array([record], dtype=float))


@pytest.mark.parametrize(
    "change", [{"deviation": 0.0}, {"deviation": float("nan")}, {"transform": "sqrt"}]
)
def test_a_scaling_that_scales_nothing_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"scale|transform"):
        Scaling(**({"transform": "none", "mean": 0.0, "deviation": 1.0} | change))  # type: ignore[arg-type]


def test_every_number_needs_its_scaling() -> None:
    with pytest.raises(ValueError, match="count"):
        TableEncoding(SCHEMA, {"age": SCALINGS["age"]})

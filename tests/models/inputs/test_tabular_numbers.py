"""Numbers in tables: units, decimal commas, templates, and values typed instead of sent."""

from collections.abc import Callable

import pytest

from models.errors import SchemaError
from models.inputs.table_template import template_csv
from models.inputs.tabular import record_case
from models.schema import TableSchema
from tests.models.inputs.table_builders import HEADER, ROW, VALUES, read, with_cell


def test_a_number_outside_the_training_data_is_remarked_without_it(schema: TableSchema) -> None:
    case = read(with_cell("age", "97"), schema)
    assert case.remarks == ("Age lies outside the training data (24 to 90 years).",)


@pytest.mark.parametrize(
    ("cell", "index"), [("5", 0), ("20", 0), ("20.5", 1), ("50 mm", 1), ("51", 2), ("120", 2)]
)
def test_a_size_in_mm_falls_into_its_class_with_a_remark(
    schema: TableSchema, cell: str, index: int
) -> None:
    case = read(with_cell("size", cell), schema)
    assert case.record.values[schema.index("size")] == index
    assert case.remarks == ("Tumour size: a number was put into the model's classes.",)


def test_a_size_in_mm_may_have_a_decimal_comma(schema: TableSchema) -> None:
    case = read(with_cell("size", "20.5").replace(",", ";").replace("20.5", "20,5"), schema)
    assert case.record.values[schema.index("size")] == 1
    assert "Decimal commas were read as decimal points." in case.remarks


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.replace(",", ";")])
def test_the_template_loads_back(schema: TableSchema, change: Callable[[str], str]) -> None:
    case = read(change(template_csv(schema)), schema)
    assert case.remarks == ()
    assert case.record.values[0] == 54
    for column in schema.columns:
        assert f"# {column.name}: {column.title}" in template_csv(schema)


def test_the_template_of_decimal_columns_loads_back(wisconsin: TableSchema) -> None:
    assert read(template_csv(wisconsin), wisconsin).remarks == ()


def decimal_table(schema: TableSchema, change: Callable[[str], str], separator: str) -> str:
    """A record of medians, the first of them as changed."""
    cells = [f"{column.percentiles[50]:.6g}" for column in schema.columns]
    cells = [change(cells[0]), *(c.replace(".", ",") if separator == ";" else c for c in cells[1:])]
    return separator.join(schema.names) + "\n" + separator.join(cells)


def test_decimal_commas_are_read_and_remarked(wisconsin: TableSchema) -> None:
    points = read(decimal_table(wisconsin, str, ","), wisconsin)
    commas = read(decimal_table(wisconsin, lambda c: c.replace(".", ","), ";"), wisconsin)
    assert commas.digest == points.digest
    assert commas.remarks == ("Decimal commas were read as decimal points.",)
    quoted = read(decimal_table(wisconsin, lambda _: "13.37", ","), wisconsin)
    with pytest.raises(SchemaError, match="same row"):
        read(decimal_table(wisconsin, lambda _: '"13,37"', ","), wisconsin)
    assert quoted.record.values[0] == 13.37


def test_decimal_points_and_commas_in_one_row_are_refused(wisconsin: TableSchema) -> None:
    with pytest.raises(SchemaError, match=r"Row 1, column 'mean_texture'.*same row"):
        read(decimal_table(wisconsin, lambda _: "13.37", ";"), wisconsin)


def test_a_number_in_another_unit_is_refused_both_ways(wisconsin: TableSchema) -> None:
    for cell, word in (("1337", "large"), ("0.1337", "small")):
        with pytest.raises(SchemaError, match=f"'mean_radius': .*ten times too {word}"):
            read(decimal_table(wisconsin, lambda _: cell, ","), wisconsin)  # noqa: B023 - used at once


def test_typed_values_make_the_same_case_as_a_file(schema: TableSchema) -> None:
    case = record_case(VALUES, schema, name="typed")
    assert case.digest == read(f"{HEADER}\n{ROW}\n", schema).digest
    missing = record_case([*VALUES[:-1], None], schema, name="typed")
    assert missing.digest == read(with_cell("hormon", ""), schema).digest
    assert missing.remarks == ("Missing: Hormonal treatment.",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({7: 2}, "'hormon': no such category"),
        ({7: 0.5}, "'hormon': no such category"),
        ({0: float("inf")}, "'age'"),
        ({0: 2000}, "'age'.*ten times"),
        ({4: 1.5}, "'nodes'.*whole"),
    ],
)
def test_typed_values_are_checked_as_those_of_a_file(
    schema: TableSchema, change: dict[int, float], words: str
) -> None:
    values = [change.get(index, value) for index, value in enumerate(VALUES)]
    with pytest.raises(SchemaError, match=f"Column {words}"):
        record_case(values, schema, name="typed")


def test_too_few_typed_values_are_refused(schema: TableSchema) -> None:
    with pytest.raises(SchemaError, match="7 values for 8 columns"):
        record_case(VALUES[1:], schema, name="typed")

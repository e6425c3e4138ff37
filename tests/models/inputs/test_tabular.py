"""Tables as people send them: read as they are meant, or refused in one sentence."""

import json

import numpy as np
import pytest

from models.errors import ConsiliumError, DecodeError, RowChoiceError, SchemaError, TooLargeError
from models.inputs.table_file import TableLimits
from models.inputs.tabular import decode_table, table_rows
from models.schema import TableSchema
from tests.models.inputs.table_builders import HEADER, PRIVATE, RECORD, ROW, VALUES, read, with_cell

READABLE: dict[str, str | bytes] = {
    "plain": f"{HEADER}\n{ROW}\n",
    "no line end": f"{HEADER}\n{ROW}",
    "CRLF": f"{HEADER}\r\n{ROW}\r\n",
    "old Mac line ends": f"{HEADER}\r{ROW}\r",
    "BOM": f"\ufeff{HEADER}\n{ROW}\n",
    "semicolons": f"{HEADER}\n{ROW}\n".replace(",", ";"),
    "tabs": f"{HEADER}\n{ROW}\n".replace(",", "\t"),
    "bars": f"{HEADER}\n{ROW}\n".replace(",", "|"),
    "spreadsheet hint": f"sep=;\r\n{HEADER}\r\n{ROW}\r\n".replace(",", ";"),
    "UTF-16": f"{HEADER}\n{ROW}\n".encode("utf-16"),
    "UTF-16 without mark": f"{HEADER}\n{ROW}\n".encode("utf-16-le"),
    "Latin-1 in another column": f"{HEADER},Größe\n{ROW},groß\n".encode("latin-1"),
    "quoted": '"' + HEADER.replace(",", '","') + '"\n"' + ROW.replace(",", '","') + '"\n',
    "spaces": f"{HEADER}\n{ROW}\n".replace(",", " , "),
    "other case and titles": f"AGE,Menopausal status,Size,GRADE,Nodes,PgR,ER,Hormon\n{ROW}",
    "units in the header": f"{HEADER}\n{ROW}".replace("age,", "age (years),"),
    "blank lines and comments": f"# by hand\n\n{HEADER}\n,,,,,,,\n# a note\n{ROW}\n\n",
    "empty cells behind": f"{HEADER},,\n{ROW},,\n",
    "other order": "hormon,er,pgr,nodes,grade,size,meno,age\n0,61,41,2,3,20-50,1,54",
    "named categories": f"{HEADER}\n54,Postmenopausal,20–50 mm,3,2,41,61,NO",
    "beginnings and truth": f"{HEADER}\n54,post,20 - 50,3,2,41,61,false",
    "units in cells": f"{HEADER}\n54 years,1,20-50mm,3,2,41 fmol/l,61,0",
    "decimals of nothing": f"{HEADER}\n54.0,1.0,20-50,3,2.,4.1e1,+61,0",
    "JSON object": json.dumps(RECORD),
    "JSON list": "\n " + json.dumps([RECORD | {"grade": "3", "hormon": False, "more": None}]),
}


@pytest.mark.parametrize("kind", READABLE)
def test_every_way_to_write_the_same_record_gives_the_same_case(
    schema: TableSchema, kind: str
) -> None:
    case = read(READABLE[kind], schema)
    assert case.record.values.tolist() == VALUES
    assert case.digest == read(READABLE["plain"], schema).digest
    assert (case.record.row, case.record.n_rows) == (1, 1)


@pytest.mark.parametrize(
    "cell", ["", " ", "NA", "n/a", "NaN", "null", "?", "-", "—", "None", "#N/A", "unknown"]
)
@pytest.mark.parametrize("column", ["er", "size", "hormon"])
def test_a_missing_value_stays_missing_and_is_told(
    schema: TableSchema, column: str, cell: str
) -> None:
    case = read(with_cell(column, cell), schema)
    missing = np.isnan(case.record.values)
    assert missing.sum() == 1
    assert missing[schema.index(column)]
    assert case.remarks == (f"Missing: {schema.columns[schema.index(column)].title}.",)


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("age", "many", "not a number"),
        ("age", PRIVATE, "ten times too large.*years"),
        ("age", "0.5", "whole"),
        ("age", "54.5", "whole"),
        ("age", "-54", "negative"),
        ("age", "1e999", "too large for any"),
        ("age", "54 months", "not a number"),
        ("nodes", "2-3", "not a number"),
        ("nodes", "1_0", "not a number"),
        ("nodes", "٣", "not a number"),
        ("nodes", "inf", "not a number"),
        ("nodes", "=1+1", "formula"),
        ("nodes", "@SUM(A1)", "formula"),
        ("nodes", "+A1", "not a number"),
        ("pgr", '"1,234"', "thousands"),
        ("pgr", "1.234", "thousands"),
        ("pgr", "1 234", "not a number"),
        ("pgr", "1'234", "not a number"),
        ("pgr", PRIVATE + "00", "another unit.*fmol/l"),
        ("size", "2.5", "another unit.*<=20, 20-50, >50 .mm."),
        ("size", "2", "another unit"),
        ("size", "900", "another unit"),
        ("size", "big", "none of the categories.*<=20, 20-50, >50 .mm."),
        ("grade", "1", "none of the categories.*Allowed: 2, 3"),
        ("grade", "0", "none of the categories"),
        ("meno", "2", "none of the categories"),
        ("meno", "9" * 400, "none of the categories"),
        ("meno", "p", "none of the categories"),
        ("hormon", PRIVATE, "none of the categories.*no, yes"),
        ("hormon", "<script>alert(1)</script>", "none of the categories"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_naming_row_and_column(
    schema: TableSchema, column: str, cell: str, words: str
) -> None:
    with pytest.raises(SchemaError, match=rf"(?i)Row 1, column '{column}': .*{words}") as caught:
        read(with_cell(column, cell), schema)
    assert cell.strip('"') not in str(caught.value) or len(cell) < 3
    assert caught.value.hint


REFUSED: dict[str, tuple[str | bytes, type[ConsiliumError], str]] = {
    "empty": (b"", DecodeError, "empty"),
    "spaces only": (b" \n\n ", DecodeError, "empty"),
    "header only": (HEADER, DecodeError, "no records"),
    "comments only": ("# nothing", DecodeError, "no header"),
    "no header": (ROW, DecodeError, "no records"),
    "no header, two rows": (f"{ROW}\n{ROW}", SchemaError, "none of the model's columns"),
    "binary": (bytes(range(256)) * 4, DecodeError, "binary"),
    "workbook": (b"PK\x03\x04" + bytes(50), DecodeError, "Excel"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(50), DecodeError, "Excel"),
    "PDF": (b"%PDF-1.7 ...", DecodeError, "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), DecodeError, "PNG"),
    "broken UTF-16": (b"\xff\xfe" + b"a\x00b", DecodeError, "UTF-16"),
    "duplicate header": (f"{HEADER},Age\n{ROW},54", SchemaError, "'age'.*2 times"),
    "title and name": (f"{HEADER},Tumour size\n{ROW},54", SchemaError, "'size'.*2 times"),
    "missing column": (f"{HEADER}\n{ROW}".replace("er,", "estrogen,"), SchemaError, "'er'"),
    "missing columns": ("age,grade\n54,3", SchemaError, "'meno', 'size'"),
    "other unit in header": (f"{HEADER}\n{ROW}".replace("size", "size [cm]"), SchemaError, "mm"),
    "ragged, short": (f"{HEADER}\n54,1", DecodeError, "Row 1 has 2 values.*8 columns"),
    "ragged, decimal comma": (f"{HEADER}\n{ROW},5", DecodeError, "Row 1 has 9 values"),
    "open quote": (f'{HEADER}\n"{ROW}', DecodeError, "quotation mark"),
    "quote inside": (f'{HEADER}\n"54"x,1,20-50,3,2,41,61,0', DecodeError, "quotation mark"),
    "endless cell": (f"{HEADER}\n" + "9" * 200_000, DecodeError, "too long"),
    "broken JSON": ('{"age": 54', DecodeError, "JSON"),
    "deep JSON": ("[" * 100_000, DecodeError, "JSON"),
    "JSON of numbers": ("[1, 2]", DecodeError, "Entry 1"),
    "JSON columns": ('{"age": {"0": 54}}', DecodeError, "Row 1"),
    "JSON twice": ('{"age": 54, "age": 55}', ConsiliumError, "twice"),
    "JSON, empty": ("[]", DecodeError, "no records"),
    "JSON, long number": ('{"age": ' + "9" * 5000 + "}", DecodeError, "JSON"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_of_this_model_is_refused(schema: TableSchema, kind: str) -> None:
    data, error, words = REFUSED[kind]
    with pytest.raises(error, match=words) as caught:
        read(data, schema)
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (TableLimits(max_bytes=20), "0 MiB"),
        (TableLimits(max_rows=1), "more than 1 records"),
        (TableLimits(max_columns=7), "at most 7"),
    ],
)
def test_limits_are_kept(schema: TableSchema, limits: TableLimits, words: str) -> None:
    data = f"{HEADER}\n{ROW}\n{ROW}".encode()
    with pytest.raises(TooLargeError, match=words):
        decode_table(data, name="x", schema=schema, row=1, limits=limits)


def test_of_several_records_one_must_be_chosen(schema: TableSchema) -> None:
    text = f"{HEADER}\n{ROW}\n\n# note\n60,0,<=20,2,0,5,9,1\n"
    for row in (None, 0, 3):
        with pytest.raises(RowChoiceError, match=r"2 records.*1 to 2"):
            read(text, schema, row)
    chosen = read(text, schema, 2)
    assert chosen.record.values.tolist() == [60, 0, 0, 0, 0, 5, 9, 1]
    assert (chosen.record.row, chosen.record.n_rows) == (2, 2)


def test_a_bad_record_does_not_spoil_its_neighbours(schema: TableSchema) -> None:
    text = f"{HEADER}\n54,1\n{ROW}\n"
    assert read(text, schema, 2).record.values.tolist() == VALUES
    with pytest.raises(DecodeError, match="Row 1"):
        read(text, schema, 1)


def test_rows_are_listed_with_a_short_preview(schema: TableSchema) -> None:
    rows = table_rows(f"pid,{HEADER}\n9,{ROW}\n8,{'x' * 99},1\n".encode(), schema=schema)
    assert rows.count == 2
    assert rows.previews[0] == "age 54, meno 1, size 20-50, grade 3, nodes 2"
    assert rows.previews[1] == f"age {'x' * 24}..., meno 1"


def test_columns_of_no_use_are_left_out_without_naming_them(schema: TableSchema) -> None:
    case = read(f"pid,{HEADER},Jane Doe\n9,{ROW},{PRIVATE}", schema)
    assert case.remarks == ("2 columns that the model does not use were left out.",)
    assert case.digest == read(READABLE["plain"], schema).digest


def test_nothing_of_a_record_is_logged(
    schema: TableSchema, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    decode_table(with_cell("pgr", "1237").encode(), name="Jane Doe.csv", schema=schema)
    assert "digest=" in caplog.text
    assert "1237" not in caplog.text.replace(read(with_cell("pgr", "1237"), schema).digest, "")
    assert "Jane" not in caplog.text

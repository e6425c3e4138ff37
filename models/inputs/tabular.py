"""Table -> Case: CSV or JSON of one or many records, or typed values. No torch.

Rows are counted from 1 below the header, comments and empty lines left out: the numbers of
`table_rows`, of the command line's --row and of every message.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.case import Case, TabularPayload
from models.errors import DecodeError, RowChoiceError, SchemaError
from models.inputs.table_cells import CellReader, refusal
from models.inputs.table_file import TABLE_LIMITS, Table, TableLimits, header_key, read_table
from models.inputs.table_units import check_number, outside_range
from models.schema import Column, TableSchema

PREVIEW_COLUMNS: Final = 5
PREVIEW_CHARACTERS: Final = 24
_UNIT: Final = re.compile(r"[(\[]([^)\]]*)[)\]]\s*$")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowList:
    """What a row chooser shows. For display only: previews hold values.

    Attributes:
        previews: One line a record, for example "age 54, meno 1, size 20-50, grade 3, nodes 2".
    """

    previews: tuple[str, ...]

    @property
    def count(self) -> int:
        """Records in the table."""
        return len(self.previews)


def table_rows(data: bytes, *, schema: TableSchema, limits: TableLimits = TABLE_LIMITS) -> RowList:
    """The records of a table, for choosing one; their values are not checked yet.

    Raises:
        DecodeError: No readable table; the sentence says why.
        SchemaError: Its header does not fit the model's columns.
        TooLargeError: Over a limit.
    """
    table = read_table(data, schema.names, limits=limits)
    places = _places(table, schema)[:PREVIEW_COLUMNS]
    names = schema.names
    previews = (
        ", ".join(
            f"{name} {_short(cells[place])}"
            for name, place in zip(names, places, strict=False)
            if place < len(cells) and cells[place]
        )
        for cells in table.rows
    )
    return RowList(previews=tuple(previews))


def decode_table(
    data: bytes,
    *,
    name: str,
    schema: TableSchema,
    row: int | None = None,
    limits: TableLimits = TABLE_LIMITS,
) -> Case:
    """Decode one record of a CSV or JSON file.

    Args:
        data: The whole file. What it is, its content says, never its name.
        name: As the user knows it; shown again, never logged or keyed on.
        schema: Columns of the model that will be asked.
        row: Which record, from 1; None takes the only one.
        limits: What reading may cost.

    Returns:
        A Case of one record; its remarks name what was made of the file, without values.

    Raises:
        DecodeError: No readable table, or a row of another length than the header.
        SchemaError: Header or values do not fit; the sentence names row and column.
        TooLargeError: Over a limit.
        RowChoiceError: Several records and none, or one that does not exist, was chosen.
    """
    table = read_table(data, schema.names, limits=limits)
    places = _places(table, schema)
    number = _choose(row, len(table.rows))
    cells = table.rows[number - 1]
    if len(cells) != len(table.header):
        raise DecodeError(
            f"Row {number} has {len(cells)} values, the header names {len(table.header)} columns.",
            "Put quotation marks around a value that holds the separator, such as a decimal comma.",
        )
    reader = CellReader(row=number, comma_separated=table.comma_separated)
    values = [
        reader.read(cells[place], column)
        for place, column in zip(places, schema.columns, strict=True)
    ]
    payload = TabularPayload(
        values=np.array(values), schema=schema, row=number, n_rows=len(table.rows)
    )
    remarks = (*table.remarks, *_left_out(table, schema), *reader.remarks)
    case = _case(payload, name=name, remarks=remarks)
    logger.info("decoded kind=table digest=%s rows=%d", case.digest, len(table.rows))
    return case


def record_case(
    values: Sequence[float | None],
    schema: TableSchema,
    *,
    name: str,
    remarks: tuple[str, ...] = (),
) -> Case:
    """Make a Case of typed values, in the order of the columns.

    Args:
        values: (F,) numbers, categories as indices; None or NaN = missing.
        schema: Columns of the model that will be asked.
        name: As shown to the user.
        remarks: Sentences to keep with it.

    Raises:
        SchemaError: Not one value a column, no such category, or a number that cannot be right.
    """
    if len(values) != len(schema.columns):
        raise SchemaError(
            f"There are {len(values)} values for {len(schema.columns)} columns.",
            "Give one value a column; leave it empty where it is not known.",
        )
    known = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    for value, column in zip(known.tolist(), schema.columns, strict=True):
        if not np.isnan(value):
            _check(value, column)
    return _case(TabularPayload(values=known, schema=schema), name=name, remarks=remarks)


def _case(payload: TabularPayload, *, name: str, remarks: tuple[str, ...]) -> Case:
    """The case, with what its values give to remark."""
    pairs = list(zip(payload.values.tolist(), payload.schema.columns, strict=True))
    outside = [outside_range(value, column) for value, column in pairs]
    missing = [column.title for value, column in pairs if np.isnan(value)]
    said = (f"Missing: {', '.join(missing)}.",) if missing else ()
    return Case(
        digest=payload.content_digest(),
        name=name,
        payload=payload,
        remarks=(*remarks, *said, *filter(None, outside)),
    )


def _check(value: float, column: Column) -> None:
    """SchemaError unless the column takes this known value."""
    if column.kind == "number":
        reason = check_number(value, column)
        if reason:
            raise refusal(None, column, *reason)
    elif value not in range(len(column.categories)):
        allowed = ", ".join(column.categories)
        raise refusal(None, column, "no such category", f"Allowed: {allowed}.")


def _choose(row: int | None, n_rows: int) -> int:
    """The row to read, from 1."""
    if row is None and n_rows == 1:
        return 1
    if row is None or not 1 <= row <= n_rows:
        raise RowChoiceError(n_rows)
    return row


def _places(table: Table, schema: TableSchema) -> list[int]:
    """(F,) where in the table each column of the schema stands.

    Raises:
        SchemaError: A column is missing, stands there twice or in another unit.
    """
    keys = [header_key(name) for name in table.header]
    places = []
    for column in schema.columns:
        own = {header_key(column.name), header_key(column.title)}
        found = [place for place, key in enumerate(keys) if key in own]
        if len(found) > 1:
            raise SchemaError(
                f"The column {column.name!r} stands in the header {len(found)} times.",
                "Keep one of them.",
            )
        places += found[:1] or [-1]
    absent = [name for name, place in zip(schema.names, places, strict=True) if place < 0]
    if absent:
        raise _lacking(absent, schema)
    for place, column in zip(places, schema.columns, strict=True):
        _check_unit(table.header[place], column)
    return places


def _lacking(absent: list[str], schema: TableSchema) -> SchemaError:
    """What to say of columns that the header does not name."""
    if len(absent) == len(schema.columns):
        return SchemaError(
            "The first row names none of the model's columns.",
            f"They are: {', '.join(schema.names)}.",
        )
    noun = "the column" if len(absent) == 1 else "the columns"
    return SchemaError(
        f"The header lacks {noun} {', '.join(map(repr, absent))}.",
        "Add what is lacking and leave its cells empty where the values are not known.",
    )


def _check_unit(header: str, column: Column) -> None:
    """SchemaError when the header names another unit in brackets."""
    stated = _UNIT.search(header)
    if stated and column.unit and stated[1].strip().casefold() != column.unit.casefold():
        raise SchemaError(
            f"The header of the column {column.name!r} names another unit than {column.unit}.",
            "Convert the values, or take the unit out of the header if it is the same.",
        )


def _left_out(table: Table, schema: TableSchema) -> tuple[str, ...]:
    """A remark on columns that the model does not have. Not named: anything may stand there."""
    extra = len(table.header) - len(schema.columns)
    if not extra:
        return ()
    noun = (
        "1 column that the model does not use was"
        if extra == 1
        else (f"{extra} columns that the model does not use were")
    )
    return (f"{noun} left out.",)


def _short(cell: str) -> str:
    """The beginning of a cell."""
    return cell if len(cell) <= PREVIEW_CHARACTERS else f"{cell[:PREVIEW_CHARACTERS]}..."

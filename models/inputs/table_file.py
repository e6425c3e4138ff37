"""Bytes of a table -> header and rows of cells, all text: CSV in its many forms, or JSON.

A table is read in this process: Python's own readers, within `TableLimits`. What a cell means, and
for which column, is not decided here.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from models.errors import DecodeError, InputError, TooLargeError
from models.inputs.limits import MIB
from models.inputs.text_encoding import read_plain

ACCEPTED: Final = "CSV (separated by commas, semicolons, tabs or bars) and JSON are accepted."
COMMENT: Final = "#"
_DELIMITERS: Final = ",;\t|"
_EXCEL_HINT: Final = re.compile(r"sep=(.)")  # first line that spreadsheets write and obey
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or another Office file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x1f\x8b", "a gzip archive"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLimits:
    """Bounds that hold for every uploaded table.

    Attributes:
        max_bytes: Size of the file.
        max_rows: Records in it.
        max_columns: Columns, including those that the model does not know.
    """

    max_bytes: int = 8 * MIB
    max_rows: int = 20_000
    max_columns: int = 1_000


TABLE_LIMITS: Final = TableLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as text, outer spaces removed.

    Attributes:
        header: Names of the columns as the file has them.
        rows: One tuple a record; of the header's length unless the file is ragged.
        comma_separated: Whether commas separate the values, so that one inside is suspect.
        remarks: What reading did or could not tell, in sentences for the user.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    comma_separated: bool
    remarks: tuple[str, ...] = ()


def read_table(data: bytes, known: Sequence[str], *, limits: TableLimits = TABLE_LIMITS) -> Table:
    """Read a file of records.

    Args:
        data: The whole file. What it is, its content says, never its name.
        known: Names that the header should hold; the delimiter that finds most of them is taken.
        limits: What reading may cost.

    Raises:
        DecodeError: No readable table; the sentence says why.
        TooLargeError: Over a limit.
    """
    if len(data) > limits.max_bytes:
        raise TooLargeError(
            f"The file has {len(data) / MIB:,.1f} MiB; at most {limits.max_bytes / MIB:,.0f} MiB "
            "are accepted for a table.",
            "Export fewer records.",
        )
    text, remarks = _text(data)
    is_json = text.lstrip()[:1] in ("{", "[")
    table = _json(text, limits) if is_json else _csv(text, known, limits)
    if len(table.header) > limits.max_columns:
        raise TooLargeError(
            f"The table has {len(table.header):,} columns; at most {limits.max_columns:,} are "
            "accepted.",
            "Export the model's columns alone.",
        )
    if not table.rows:
        raise DecodeError("The table has a header but no records.", "Add at least one row.")
    return replace(table, remarks=remarks)


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decoded text and what is to be remarked about it."""
    if not data.strip():
        raise DecodeError("The file is empty.", ACCEPTED)
    for magic, words in _OTHERS:
        if data.startswith(magic):
            raise DecodeError(f"The file is {words}.", "Save the table as CSV.")
    try:
        document = read_plain(data)
    except DecodeError as error:
        raise DecodeError(error.message, ACCEPTED) from error
    return document.text.removeprefix("\ufeff"), document.remarks


def _csv(text: str, known: Sequence[str], limits: TableLimits) -> Table:
    """Header and records of delimited text."""
    first, _, rest = text.partition("\n")
    hint = _EXCEL_HINT.fullmatch(first.strip("\r\"' "))
    body = rest if hint else text
    delimiter = hint[1] if hint else _delimiter(body, known)
    lines = _lines(body, delimiter)
    header = next(lines, ())
    if not any(header):
        raise DecodeError("The file holds no header.", "Its first row must name the columns.")
    rows: list[tuple[str, ...]] = []
    for cells in lines:
        rows.append(_trimmed(cells, len(header)))
        _check_rows(len(rows), limits)
    return Table(header=header, rows=tuple(rows), comma_separated=delimiter == ",")


def _lines(text: str, delimiter: str) -> Iterator[tuple[str, ...]]:
    """Lines with cells in them, comments left out.

    Raises:
        DecodeError: A quotation mark is out of place, or a cell is beyond csv's own limit.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise DecodeError(
                f"Line {reader.line_num} of the file cannot be read: a quotation mark is never "
                "closed or stands inside a value, or a value is far too long.",
                "Save the table as CSV again.",
            ) from error
        if any(cells) and not cells[0].startswith(COMMENT):
            yield cells


def _delimiter(text: str, known: Sequence[str]) -> str:
    """The delimiter under which the header holds most of the known names."""

    def found(delimiter: str) -> int:
        try:
            header = next(_lines(text, delimiter), ())
        except DecodeError:
            return -1
        return len(set(map(header_key, header)) & set(map(header_key, known)))

    return max(_DELIMITERS, key=found)


def header_key(name: str) -> str:
    """A column's name without its unit in brackets; case, spaces, dots and hyphens do not count."""
    bare = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name)
    return re.sub(r"[\s_.\-]+", "_", bare.strip()).casefold()


def _trimmed(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Without the empty cells behind the last column that spreadsheets leave."""
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    return cells


def _check_rows(count: int, limits: TableLimits) -> None:
    if count > limits.max_rows:
        raise TooLargeError(
            f"The table has more than {limits.max_rows:,} records, the most that are accepted.",
            "Export fewer records.",
        )


def _json(text: str, limits: TableLimits) -> Table:
    """Header and records of a JSON object, or of a list of them."""
    try:
        content = json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise DecodeError("The JSON file is nested too deeply.", "Give flat records.") from error
    except ValueError as error:
        raise DecodeError(
            "The file begins like JSON but is not readable JSON.", ACCEPTED
        ) from error
    records = content if isinstance(content, list) else [content]
    _check_rows(len(records), limits)
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DecodeError(
                f"Entry {number} of the JSON file is not a record.",
                "Give an object of column names and values, or a list of such objects.",
            )
    names = tuple(dict.fromkeys(name for record in records for name in record))
    rows = (
        tuple(_cell(record.get(name), number) for name in names)
        for number, record in enumerate(records, start=1)
    )
    return Table(header=names, rows=tuple(rows), comma_separated=True)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; refused when a name occurs twice, which Python would not tell."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise InputError("A record of the JSON file names a column twice.", "Keep one of them.")
    return dict(pairs)


def _cell(value: object, number: int) -> str:
    """A JSON value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float):
        return repr(value)
    raise DecodeError(
        f"Row {number} holds a list or an object where one value is expected.",
        "Give an object of column names and single values.",
    )

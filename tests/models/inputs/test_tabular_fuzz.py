"""Seeded mutations of good tables: every one ends in a case or a named error.

CONSILIUM_FUZZ_ROUNDS sets their number; the seed of each round is its number.
"""

import os
import random

import numpy as np
import pytest

from models.case import Case
from models.catalog import catalog
from models.errors import InputError
from models.inputs.table_template import template_csv
from models.inputs.tabular import decode_table, table_rows
from models.schema import TableSchema
from models.table_card import schema_of

ROUNDS = int(os.environ.get("CONSILIUM_FUZZ_ROUNDS", "500"))
HOSTILE = (
    *(b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"="),
    *(b"1e999", b"-", b"1,234", b"nan", b"[", b"{", b"}", b"\\ud800", b"9" * 400, b"sep=,", b"#"),
)


@pytest.fixture(scope="module")
def schema() -> TableSchema:
    return schema_of(catalog()["recurrence"].document)


def seeds(schema: TableSchema) -> list[bytes]:
    """The template in several forms, and as JSON."""
    text = template_csv(schema)
    pairs = '"age": 54, "meno": 1, "size": "20-50", "grade": 3, "nodes": 2, "pgr": 1, "er": null'
    return [
        text.encode(),
        text.replace(",", ";").encode("utf-16"),
        text.replace(",", "\t").encode("latin-1"),
        f'[{{{pairs}, "hormon": false}}]'.encode(),
    ]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes put in, taken out, doubled or changed at up to four places."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) + 1)
        stop = min(len(changed), at + chance.randint(0, 9))
        if chance.random() < 0.5:
            changed[at:stop] = chance.choice(HOSTILE)
        elif chance.random() < 0.5:
            changed[at:stop] = changed[at:stop] * 2
        else:
            changed[at:stop] = chance.randbytes(stop - at)
    return bytes(changed)


def test_every_mutation_ends_in_a_case_or_a_named_error(schema: TableSchema) -> None:
    outcomes: set[str] = set()
    for number in range(ROUNDS):
        chance = random.Random(number)
        data = mutated(chance.choice(seeds(schema)), chance)
        try:
            table_rows(data, schema=schema)
            case = decode_table(data, name="fuzzed", schema=schema, row=1)
        except InputError as error:
            outcomes.add(type(error).__name__)
        else:
            check(case)
            outcomes.add("Case")
    assert {"Case", "DecodeError", "SchemaError"} <= outcomes


def check(case: Case) -> None:
    """What every record promises."""
    for value, column in zip(case.record.values, case.record.schema.columns, strict=True):
        if column.kind == "category":
            assert np.isnan(value) or value in range(len(column.categories))
        else:
            assert np.isnan(value) or (np.isfinite(value) and value >= 0)

"""The records that the tabular models are trained and validated on, and how they are split."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_breast_cancer

from models.case import FloatArray
from models.schema import TableSchema

DATA: Final = Path(__file__).parent / "data"
HORIZON_DAYS: Final = 3 * 365.25
SPLIT_SEED: Final = 2026
TEST_SHARE: Final = 0.25
FOLDS: Final = 5
Row: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cohort:
    """Records with their outcome.

    Attributes:
        values: (N, F) in the order of the schema, categories as indices, NaN = missing.
        labels: (N,) 1.0 where the second class holds.
        ids: (N,) row of the file, from 1.
    """

    values: FloatArray
    labels: FloatArray
    ids: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """N."""
        return len(self.labels)

    def part(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Cohort":
        """Some of the records."""
        return Cohort(values=self.values[chosen], labels=self.labels[chosen], ids=self.ids[chosen])


def split(cohort: Cohort) -> tuple[Cohort, Cohort]:
    """Development and test records in random order, with equal shares of events.

    Each record is another patient.
    """
    development, test = [], []
    generator = np.random.default_rng(SPLIT_SEED)
    for label in (0.0, 1.0):
        members = generator.permutation(np.flatnonzero(cohort.labels == label))
        n_test = round(TEST_SHARE * len(members))
        test.append(members[:n_test])
        development.append(members[n_test:])
    first, second = (generator.permutation(np.concatenate(p)) for p in (development, test))
    return cohort.part(first), cohort.part(second)


def folds(cohort: Cohort) -> Iterator[tuple[Cohort, npt.NDArray[np.bool_]]]:
    """For each of `FOLDS` folds: the records outside it, and which (N,) are inside."""
    numbers = np.arange(len(cohort)) % FOLDS  # the records are in random order already
    for fold in range(FOLDS):
        inside = numbers == fold
        yield cohort.part(~inside), inside


def read_rotterdam(schema: TableSchema) -> Cohort:
    """The women of the Rotterdam tumour bank whose outcome at three years is known.

    An event is a recurrence or a death within three years; without one, follow-up for recurrence
    must last as long.
    """
    values, labels, ids = [], [], []
    for number, row in enumerate(_rows("rotterdam.csv"), start=1):
        recurrence, death = float(row["rtime"]), float(row["dtime"])
        event = (row["recur"] == "1" and recurrence <= HORIZON_DAYS) or (
            row["death"] == "1" and death <= HORIZON_DAYS
        )
        if event or recurrence >= HORIZON_DAYS:
            values.append(_values(row, schema))
            labels.append(float(event))
            ids.append(number)
    return Cohort(values=np.array(values), labels=np.array(labels), ids=np.array(ids))


def read_gbsg(schema: TableSchema, *, grade_1_as: str | None = None) -> Cohort:
    """The women of the GBSG trial whose outcome at three years is known.

    Args:
        schema: Of the recurrence models.
        grade_1_as: Grade that stands for grade 1, which no woman in Rotterdam has; None: missing.
    """
    values, labels, ids = [], [], []
    for number, row in enumerate(_rows("gbsg.csv"), start=1):
        days, event = float(row["rfstime"]), row["status"] == "1"
        if days >= HORIZON_DAYS or event:
            values.append(_values(harmonised(row, grade_1_as=grade_1_as), schema))
            labels.append(float(event and days <= HORIZON_DAYS))
            ids.append(number)
    return Cohort(values=np.array(values), labels=np.array(labels), ids=np.array(ids))


def harmonised(row: Row, *, grade_1_as: str | None = None) -> Row:
    """A GBSG row in the terms of Rotterdam: classes of size, and no grade 1."""
    size_mm = float(row["size"])
    size = "<=20" if size_mm <= 20 else "20-50" if size_mm <= 50 else ">50"
    grade = (grade_1_as or "") if row["grade"] == "1" else row["grade"]
    return {**row, "size": size, "grade": grade}


def read_wisconsin() -> Cohort:
    """The masses of the Wisconsin data set in the file's order; label 1 is malignant."""
    bunch = load_breast_cancer()  # its target is 0 for malignant
    values = np.asarray(bunch.data, dtype=np.float64)
    return Cohort(values=values, labels=1.0 - bunch.target, ids=np.arange(1, len(values) + 1))


def _rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the committed files."""
    with (DATA / name).open(encoding="ascii", newline="") as stream:
        return list(csv.DictReader(stream))


def _values(row: Row, schema: TableSchema) -> list[float]:
    """One record; categories by name, or by index where the file has 0 and 1."""
    values = []
    for column in schema.columns:
        cell = row[column.name]
        named = column.kind == "category" and cell in column.categories
        values.append(
            float("nan")
            if cell == ""
            else float(column.categories.index(cell))
            if named
            else float(cell)
        )
    return values

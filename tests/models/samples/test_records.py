"""Sample records are what they say they are: public rows that no model was trained on."""

import csv
from pathlib import Path

import numpy as np
import pytest

from models.builtin.table_data import DATA, Cohort, harmonised, read_wisconsin, split
from models.builtin.train_recurrence import EXTERNAL, TEST, recurrence_study
from models.catalog import catalog
from models.errors import InputError
from models.samples.records import RecordSample, load, samples
from models.schema import TableSchema
from models.table_card import schema_of

RECURRENCE = schema_of(catalog()["recurrence"].document)
WISCONSIN = schema_of(catalog()["wisconsin"].document)
CASES = [(sample, schema) for schema in (RECURRENCE, WISCONSIN) for sample in samples(schema)]


@pytest.fixture(scope="module")
def unseen() -> dict[str, Cohort]:
    """Records by file that no shipped model was trained on."""
    study = recurrence_study()
    _, wisconsin = split(read_wisconsin())
    return {
        "rotterdam.csv": study.groups[TEST],
        "gbsg.csv": study.groups[EXTERNAL],
        "breast cancer data of scikit-learn": wisconsin,
    }


def file_and_row(sample: RecordSample) -> tuple[str, int]:
    """The source as file and row, from 1."""
    name, place = sample.source.split(";")[0].split(", ")
    return name, int(place.split()[1])


@pytest.mark.parametrize(("sample", "schema"), CASES, ids=lambda v: getattr(v, "id", ""))
def test_a_sample_is_the_row_it_names_and_was_not_trained_on(
    unseen: dict[str, Cohort], sample: RecordSample, schema: TableSchema
) -> None:
    name, row = file_and_row(sample)
    found = np.flatnonzero(unseen[name].ids == row)
    assert len(found) == 1
    values = load(sample.id, schema).record.values
    given = ~np.isnan(values)
    np.testing.assert_array_equal(values[given], unseen[name].values[found[0]][given])
    assert ("taken out" in sample.source) or (name == "gbsg.csv") or given.all()


@pytest.mark.parametrize("sample", samples(RECURRENCE), ids=lambda sample: sample.id)
def test_what_is_said_to_have_happened_did(sample: RecordSample) -> None:
    name, row = file_and_row(sample)
    with Path(DATA / name).open(newline="") as stream:
        facts = list(csv.DictReader(stream))[row - 1]
    days, event = (
        (float(facts["rtime"]), facts["recur"] == "1")
        if "rtime" in facts
        else (float(facts["rfstime"]), facts["status"] == "1")
    )
    within = event and days <= 3 * 365.25
    assert (
        "nothing came back within three years" in " ".join(sample.description.split())
    ) != within
    assert f"A woman of {facts['age']}" in sample.description


def test_ids_are_unique_and_an_unknown_one_lists_them() -> None:
    ids = [sample.id for sample, _ in CASES]
    assert len(ids) == len(set(ids)) >= 8
    with pytest.raises(InputError, match="low-risk"):
        load("benign", RECURRENCE)


def test_a_model_of_other_columns_has_no_samples() -> None:
    assert samples(TableSchema(columns=RECURRENCE.columns[1:])) == ()


def test_a_grade_that_the_models_do_not_know_counts_as_missing() -> None:
    row = {"size": "50", "grade": "1"}
    assert harmonised(row) == {"size": "20-50", "grade": ""}
    assert np.isnan(load("trial", RECURRENCE).record.values[RECURRENCE.index("grade")])

"""Outcome, harmonisation and split of the tables are those of their README."""

from pathlib import Path

import numpy as np
import pytest

from models.builtin.table_data import DATA, folds, harmonised, read_wisconsin, split
from models.builtin.train_recurrence import EXTERNAL, TEST, Study, recurrence_study
from models.builtin.train_wisconsin import wisconsin_study


@pytest.fixture(scope="module")
def study() -> Study:
    return recurrence_study()


def test_rotterdam_has_the_known_outcomes(study: Study) -> None:
    test = study.groups[TEST]
    labels = np.concatenate([study.development.labels, test.labels])
    assert len(labels) == 2944
    assert labels.mean() == pytest.approx(0.313, abs=0.0005)


def test_the_trial_has_the_known_outcomes(study: Study) -> None:
    assert len(study.groups[EXTERNAL]) == 555
    assert study.groups[EXTERNAL].labels.mean() == pytest.approx(0.404, abs=0.0005)


def test_committed_tables_are_the_shared_ones(shared_data: Path) -> None:
    for name in ("rotterdam.csv", "gbsg.csv"):
        assert (DATA / name).read_bytes() == (shared_data / "tabular" / name).read_bytes()


def test_split_parts_are_disjoint_whole_and_alike(study: Study) -> None:
    development, test = study.development, study.groups[TEST]
    assert not set(development.ids) & set(test.ids)
    assert len(test) == pytest.approx(0.25 * 2944, abs=1)
    assert development.labels.mean() == pytest.approx(test.labels.mean(), abs=0.002)


def test_folds_hold_every_record_out_once(study: Study) -> None:
    held = np.zeros(len(study.development), dtype=int)
    for others, inside in folds(study.development):
        assert len(others) + inside.sum() == len(study.development)
        assert not set(others.ids) & set(study.development.ids[inside])
        held += inside
    assert set(held.tolist()) == {1}


@pytest.mark.parametrize(
    ("size", "cls"),
    [("3", "<=20"), ("20", "<=20"), ("21", "20-50"), ("50", "20-50"), ("51", ">50")],
)
def test_sizes_in_mm_fall_into_the_classes_of_rotterdam(size: str, cls: str) -> None:
    assert harmonised({"size": size, "grade": "2"})["size"] == cls


def test_grade_1_of_the_trial_is_missing_and_nothing_else(study: Study) -> None:
    missing = np.isnan(study.groups[EXTERNAL].values)
    assert missing.any(axis=0).tolist() == [c.name == "grade" for c in study.schema.columns]
    as_2 = study.groups[f"{EXTERNAL}, grade 1 taken as grade 2"].values
    assert not np.isnan(as_2).any()


def test_malignant_is_the_second_class_of_wisconsin() -> None:
    cohort = read_wisconsin()
    assert len(cohort) == 569
    assert cohort.labels.sum() == 212
    study = wisconsin_study()
    area = study.schema.index("mean_area")
    assert cohort.values[cohort.labels == 1, area].mean() > cohort.values[:, area].mean()


def test_percentiles_and_scalings_come_from_the_development_records(study: Study) -> None:
    age = study.schema.columns[study.schema.index("age")]
    values = study.development.values[:, study.schema.index("age")]
    assert (age.low, age.high) == (values.min(), values.max())
    encoded = study.encoding.encode(study.development.values)
    numbers = [study.encoding.element_names.index(name) for name in ("age", "nodes", "pgr", "er")]
    np.testing.assert_allclose(encoded[:, numbers].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(encoded[:, numbers].std(axis=0), 1, atol=1e-5)


def test_splitting_twice_gives_the_same() -> None:
    first, second = (split(read_wisconsin())[1].ids for _ in range(2))
    assert first.tolist() == second.tolist()

"""The sample texts: varied, and each one readable."""

import pytest

from models.errors import InputError
from models.samples import reports


def test_ids_are_unique_and_everything_is_said() -> None:
    samples = reports.samples()
    assert len({sample.id for sample in samples}) == len(samples) >= 6
    for sample in samples:
        assert sample.title
        assert sample.description.endswith((".", "?"))


@pytest.mark.parametrize("sample", reports.samples(), ids=lambda sample: sample.id)
def test_a_sample_is_shown_as_written(sample: reports.ReportSample) -> None:
    case = reports.load(sample.id)
    assert case.document.text == sample.text
    assert case.name == sample.title
    assert case.remarks == ()


def test_one_is_long_and_one_holds_markup() -> None:
    assert len(reports.load("long").document.words) > 250
    assert "<script>" in reports.load("markup").document.text


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(InputError, match="no sample 'x'"):
        reports.load("x")

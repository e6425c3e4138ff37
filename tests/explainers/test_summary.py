"""One screen of plain text: nothing missing, nothing run together."""

from dataclasses import replace
from itertools import pairwise
from unicodedata import normalize

import numpy as np
import pytest

from explainers.summary import summary
from explainers.text_table import aligned, width
from tests import reports


def test_summary_shows_warnings_failures_and_no_control_characters() -> None:
    text = summary(reports.report(remarks=("evil \x1b[2J remark",)))
    assert "WARNING     This is no film." in text
    assert "rise  failed: The budget is too small." in text
    assert "evil ?[2J remark" in text


def test_summary_of_a_report_without_answers_has_no_table() -> None:
    text = summary(reports.report(explanations=(), agreement=None))
    assert "Region" not in text
    assert "80.0 %" in text


def test_log_odds_are_those_of_the_probability() -> None:
    report = reports.report()
    assert np.allclose(report.log_odds, [-1.4, 1.4])  # logits of two classes are -0.7 and 0.7
    assert "sick: 80.0 % (log-odds +1.40, at or above the operating point of 30.0 %)" in summary(
        report
    )
    apart = replace(report, model=replace(report.model, head="sigmoid"))
    assert np.allclose(apart.log_odds, [-0.7, 0.7])


@pytest.mark.parametrize(
    "name", ["a", "n" * 200, "leukocyte count " * 9, "病変" * 30, "e\u0301" * 50]
)
def test_names_of_any_width_stay_in_their_column(name: str) -> None:
    lines = list(aligned([["Region", "Verdict", "lime"], [name, "quiet", "+1.0 %"]], n_left=2))
    column = width(lines[0][: lines[0].index("Verdict")])
    assert all(width(line) < column for line in lines[2:])
    assert lines[1].endswith("+1.0 %")
    first = lines[1][: lines[1].index("quiet")]
    assert width(first) == column
    assert max(map(width, lines)) < 70
    kept = first + "".join(lines[2:])
    assert "".join(kept.split()) == "".join(normalize("NFC", name).split())


def test_every_row_of_a_table_is_as_wide_as_the_widest() -> None:
    rows = [["method", "1 rows", "0.00 s"], ["m" * 30, "123,456,789 rows", "1234.00 s"]]
    lines = list(aligned(rows, n_left=1))
    assert all(len(one) == len(other) for one, other in pairwise(lines))
    assert "m 123,456,789 rows" not in lines[1]
    assert "  123,456,789 rows" in lines[1]


def test_regions_with_long_names_are_listed_whole() -> None:
    names = ("patient's right, lower, outer, behind the heart and below the diaphragm", "b", "c")
    text = summary(reports.report(players=replace(reports.PLAYERS, names=names)))
    row = next(line for line in text.splitlines() if line.startswith("patient's right"))
    assert "  contested  +100.0" in row
    assert "\n  behind the heart and below the\n  diaphragm\n" in text

"""The table of regions: complete, exact, and harmless in a spreadsheet."""

import csv
import io

import pytest

from explainers.report_csv import regions_csv, safe_cell
from tests import reports


def rows(**changed: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(regions_csv(reports.report(**changed)))))


def test_one_row_a_player_with_verdict_and_every_method() -> None:
    table = rows()
    assert [row["player"] for row in table] == ["0", "1", "2"]
    assert [row["verdict"] for row in table] == ["contested", "quiet", "undecided"]
    assert float(table[0]["lime_value"]) == 1 / 3
    assert float(table[2]["lime_std_error"]) == 2**-60
    assert float(table[0]["lime_share"]) == 1.0
    lime = next(e for e in reports.report().explanations if e.method == "lime")
    assert float(table[0]["lime_share_error"]) == lime.share_errors[0]


def test_undefined_numbers_are_empty_cells() -> None:
    row = rows()[0]
    assert row["grad_cam_std_error"] == ""  # deterministic
    assert row["grad_cam_share"] == ""  # found nothing: 0 / 0


def test_without_comparison_verdicts_are_empty() -> None:
    assert {row["verdict"] for row in rows(agreement=None)} == {""}


def test_text_cells_cannot_become_formulas() -> None:
    table = rows()
    assert table[0]["name"] == "'=HYPERLINK(1)"
    assert table[0]["reason"] == "'-LIME says so, Grad-CAM does not."
    assert table[1]["name"] == "patient's left, lower"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1"])
def test_every_formula_start_is_guarded(text: str) -> None:
    assert safe_cell(text) == f"'{text}"

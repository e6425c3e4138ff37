"""Results that are kept, and the part of a page that is written from them."""

from pathlib import Path

import pytest

from benchmarks.speed import page
from benchmarks.subjects import SUBJECTS, TITLES
from benchmarks.written import machine, merged, replace_part, table

RESULT = {
    "subject": "free",
    "contender": "LIME ours",
    "rows": 5001,
    "wall_ratio": None,
    "cpu_ratio": None,
    "seconds": 0.0041,
    "cpu_seconds": 0.0039,
    "repeats": 5,
    "growth_mb": 0.4,
    **machine(),
}


def test_a_part_is_replaced_and_nothing_else() -> None:
    text = "before\n<!-- speed -->\nold\n<!-- end of speed -->\nafter\n"
    found = replace_part(text, "speed", "new\n")
    assert found == "before\n<!-- speed -->\n\nnew\n\n<!-- end of speed -->\nafter\n"
    assert replace_part(found, "speed", "new\n") == found


@pytest.mark.parametrize("text", ["", "<!-- speed -->\n", "<!-- end of speed -->"])
def test_a_page_without_the_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no part"):
        replace_part(text, "speed", "new")


def test_later_results_take_the_place_of_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "out" / "speed.json"
    merged(path, [{"name": "a", "value": 1}, {"name": "b", "value": 2}], lambda r: r["name"])
    found = merged(path, [{"name": "a", "value": 3}], lambda r: r["name"])
    assert found == [{"name": "a", "value": 3}, {"name": "b", "value": 2}]


def test_every_subject_has_a_title_and_only_measured_ones_a_table() -> None:
    assert set(TITLES) == set(SUBJECTS)
    text = page([RESULT])
    assert TITLES["free"] in text
    assert TITLES["xray"] not in text
    assert "| LIME ours | 5,001 |  |  | 4.1 | 3.9 | 0 |" in text


def test_a_table_has_a_line_a_row() -> None:
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"

"""The command line on records and texts: their own words on the screen, none of them in the files.

A name that stands in the file must reach no log, report or table.
"""

import csv
import io
import json
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from explainers.consult import TITLES
from explainers.explanation import MethodId
from explainers.report import EvidenceReport, default_request
from explainers.report_json import from_json, to_json
from models.inputs.tabular import decode_table
from models.inputs.text import decode_text
from models.table_card import schema_of
from tests.toy_catalog import toys
from tests.whole import timeless, whole

Run = Callable[..., tuple[int, str, str]]
TEXT = "Small left effusion. No pneumothorax.\nHeart size is normal."
TABLE = "age,size,nodes,grade,marker\n71,38,6,high,11.5\n54,20,0,low,\n"
EXACT = ("--methods", "exact_shapley,occlusion,lime", "--budget", "4000")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "Canary^Jane.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def women(tmp_path: Path) -> Path:
    path = tmp_path / "Canary^Jane.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def report_of(path: Path) -> EvidenceReport:
    return from_json(path.read_text(encoding="utf-8"))


def test_words_of_a_text_are_quoted_on_the_screen_and_in_the_page_alone(
    run: Run, text: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    out, table, page = (tmp_path / name for name in ("r.json", "r.csv", "r.html"))
    status, shown, err = run(text, *EXACT, "--out", out, "--csv", table, "--html", page, "--maps")
    assert (status, err) == (0, "")
    rows = [line for line in shown.splitlines() if line.startswith("word ")]
    assert rows[0].startswith("word 3 “effusion”")
    assert rows[1].startswith("word 9 “normal”")
    assert "+66.7 %" in rows[0]
    assert "Word  " in shown
    for written in (out.read_text(encoding="utf-8"), table.read_text(encoding="utf-8")):
        assert "word 3" in written
        assert not [word for word in ("effusion", "pneumothorax", "Heart") if word in written]
    assert "effusion" in page.read_text(encoding="utf-8")
    assert "Canary" not in shown + caplog.text + out.read_text() + page.read_text()
    assert "effusion" not in caplog.text


def test_the_model_reads_from_the_word_asked_for(run: Run, text: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    status, shown, _ = run(text, *EXACT, "--start-word", 4, "--out", out)
    assert status == 0
    report = report_of(out)
    assert report.players.names[0] == "word 4"
    assert report.remarks[0].startswith("The model reads words 4 to 9 of 9, not the others")
    assert report.remarks[0] in shown
    status, _, err = run(text, "--start-word", 10)
    assert status == 2
    assert "Choose a word from 1 to 9." in err


def test_a_text_can_be_cut_into_sentences(run: Run, text: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    status, shown, _ = run(text, *EXACT, "--regions", "sentences", "--out", out)
    assert status == 0
    assert report_of(out).players.count == 3
    assert "Sentence  " in shown
    assert "effusion”" in shown  # wrapped


def test_values_of_a_record_stand_on_the_screen_and_in_the_page_alone(
    run: Run, women: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    out, table, page = (tmp_path / name for name in ("r.json", "r.csv", "r.html"))
    rest = ("--row", 1, "--out", out, "--csv", table, "--html", page)
    status, shown, err = run(women, *EXACT, *rest)
    assert (status, err) == (0, "")
    screen = shown.split("Followed by the model")[0]
    found = {line.split()[0]: line.split()[1] for line in screen.splitlines() if " " in line}
    assert (found["Feature"], found["Age"], found["Grade"]) == ("Value", "71", "high")
    report = report_of(out)
    assert report.players.names == ("Age", "Size", "Nodes", "Grade", "Marker")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert [row["name"] for row in rows] == list(report.players.names)
    for written in (out.read_text(encoding="utf-8"), table.read_text(encoding="utf-8")):
        assert "11.5" not in written
        # As a value: curves have a key of that name.
        assert not re.search(r':\s*"high"|,high\b', written)
    assert "<td>11.5</td>" in page.read_text(encoding="utf-8")
    assert "Canary" not in shown + caplog.text + out.read_text() + page.read_text()


def test_rows_are_counted_from_one_below_the_header(run: Run, women: Path) -> None:
    shown = [run(women, *EXACT, "--row", row)[1] for row in (1, 2)]
    for number, (age, text) in enumerate(zip(("71", "54"), shown, strict=True), start=1):
        assert f", row {number} of 2\n" in text
        assert ["Age", age] in [line.split()[:2] for line in text.splitlines()]
    status, _, err = run(women, *EXACT)
    assert status == 2
    assert "--row 1 to --row 2" in err
    assert run(women, *EXACT, "--row", 3)[0] == 2


@pytest.mark.parametrize("kind", ["text", "women"])
def test_the_report_is_the_one_that_consult_makes(
    kind: str, run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(kind)
    out = tmp_path / "r.json"
    row = ("--row", 2) if kind == "women" else ()
    assert run(path, *EXACT, "--seed", 3, *row, "--out", out)[0] == 0
    model = toys()["toy-text" if kind == "text" else "toy-table"]
    if kind == "text":
        case = decode_text(path.read_bytes(), name="another name")
    else:
        schema = schema_of(model.card.document)
        case = decode_table(path.read_bytes(), name="another name", schema=schema, row=2)
    methods: tuple[MethodId, ...] = ("exact_shapley", "occlusion", "lime")
    asked = replace(default_request(model.card), methods=methods, budget=4000, seed=3)
    both = [
        json.loads(out.read_text()),
        json.loads(to_json(whole(case, model, asked), titles=dict(TITLES.items()))),
    ]
    assert timeless(both[0]) == timeless(both[1])


def test_defaults_of_every_modality_answer(run: Run, women: Path, text: Path) -> None:
    for arguments in ((women, "--row", 1), (text,)):
        status, shown, err = run(*arguments)
        assert (status, err) == (0, ""), err
        assert "lime" in shown

"""The command line: the same report as everywhere, one screen, one sentence for every refusal."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explainers import cli
from explainers.consult import consult
from explainers.methods import METHODS
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import from_json, to_json
from explainers.summary import summary
from models.card import ModelCard
from models.case import Case
from models.errors import FrameChoiceError, ModelError
from models.inputs.image import decode_image
from models.inputs.limits import LIMITS
from tests import reports
from tests.toys import SIDE, ToyImageModel, linear_model, toy_case

ROOT = Path(__file__).parents[2]
CANARY = "Canary^Jane.png"
QUICK = ("--methods", "grad_cam,kernel_shap,lime", "--budget", "64", "--players", "6")


class ToyCatalog(Mapping[str, ModelCard]):
    """One model, as models.catalog offers it."""

    def __init__(self) -> None:
        self.model = linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE))

    def __getitem__(self, model_id: str) -> ModelCard:
        if model_id != "toy":
            raise ModelError(f"There is no model {model_id!r}.", "Known models: toy.")
        return self.model.card

    def __iter__(self) -> Iterator[str]:
        return iter(["toy"])

    def __len__(self) -> int:
        return 1

    def load(self, model_id: str) -> ToyImageModel:
        self[model_id]
        return self.model


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / CANARY
    levels = (toy_case().payload.pixels * 255).astype("uint8")
    Image.fromarray(levels).save(path)
    return path


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command line on the toy model -> (status, stdout, stderr)."""
    monkeypatch.setattr(cli, "catalog", ToyCatalog)

    def html(report: EvidenceReport, case: Case) -> str:
        return f"page of {report.case_digest} {case.digest}"

    def call(*arguments: object) -> tuple[int, str, str]:
        status = cli.main([str(a) for a in arguments], html=html)
        out, err = capsys.readouterr()
        return status, out, err

    return call


Run = Callable[..., tuple[int, str, str]]


def test_report_is_the_one_that_consult_makes(run: Run, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    status, _, err = run(film, "--model", "toy", *QUICK, "--seed", 5, "--out", out, "--maps")
    assert (status, err) == (0, "")
    case = decode_image(film.read_bytes(), name="other name")
    request = ConsultRequest(budget=64, n_players=6, seed=5)
    direct = consult(case, ToyCatalog().model, request)
    written = json.loads(out.read_text(encoding="utf-8"))
    expected = json.loads(to_json(direct, with_maps=True))
    for document in (written, expected):
        for explanation in document["explanations"]:
            del explanation["seconds"]
    assert written == expected


def test_every_choice_reaches_the_request(run: Run, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    choices = {
        "--target": "absent",
        "--contrast": "present",
        "--methods": "lime,occlusion,lime",
        "--budget": 50,
        "--seed": 9,
        "--players": 4,
        "--regions": "grid",
        "--baseline": "mean",
        "--scale": "probability",
        "--out": out,
    }
    status, _, err = run(film, *(part for pair in choices.items() for part in pair))
    assert (status, err) == (0, "")
    assert from_json(out.read_text(encoding="utf-8")).request == ConsultRequest(
        methods=("lime", "occlusion"),
        target="absent",
        contrast="present",
        budget=50,
        seed=9,
        n_players=4,
        players="grid",
        baseline="mean",
        scale="probability",
    )


def test_summary_fits_a_screen_and_says_what_matters(run: Run, film: Path) -> None:
    status, out, _ = run(film, *QUICK)
    lines = out.splitlines()
    assert status == 0
    assert lines[0].startswith("Not for diagnosis")
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 150
    for words in ("Toy model", "operating point", "kernel_shap", "rows", "±", "not truth"):
        assert words in out
    assert "Canary" not in out


def test_csv_and_page_are_written_when_asked_for(run: Run, film: Path, tmp_path: Path) -> None:
    table, page = tmp_path / "regions.csv", tmp_path / "report.html"
    status, _, _ = run(film, *QUICK, "--csv", table, "--html", page)
    assert status == 0
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    assert header.startswith("player,name,verdict,reason,grad_cam_value")
    assert len(rows) >= 4
    assert page.read_text(encoding="utf-8").startswith("page of ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "No file was named"),
        (("--frobnicate",), "Unrecognized arguments: --frobnicate"),
        (("FILM", "--model", "toi"), "There is no model 'toi'. Known models: toy."),
        (("FILM", "--methods", "guess"), "There is no method 'guess'. Known methods: grad_cam"),
        (("FILM", "--methods", ","), "no method is named"),
        (("FILM", "--target", "nobody"), "has no class 'nobody'. It has: 'absent', 'present'."),
        (("FILM", "--target", "present", "--contrast", "present"), "compared with itself"),
        (("FILM", "--budget", "0"), "'0' is not a whole number from 1 to 50,000"),
        (("FILM", "--budget", "50001"), "from 1 to 50,000"),
        (("FILM", "--budget", "1e3"), "'1e3' is not a whole number"),
        (("FILM", "--budget", "9" * 5000), "from 1 to 50,000"),
        (("FILM", "--players", "1"), "from 2 to 400"),
        (("FILM", "--players", "401"), "from 2 to 400"),
        (("FILM", "--seed", "-1"), "--seed"),
        (("FILM", "--baseline", "white"), "invalid choice: 'white'"),
        (("FILM", "--modality", "tabular"), "invalid choice: 'tabular'"),
        (("FILM", "--row", "3"), "--row names a row of a table"),
        (("FILM", "--window", "7"), "--window 7 names none of the file's 0 windows"),
        (("FILM", "--frame", "1"), "--frame 1 names none of the file's 1 frames"),
        (("FILM.missing",), "does not exist"),
        (("FOLDER",), "not a file"),
        (("FILM", "--out", "FOLDER/no/report.json"), "cannot be written: no such folder"),
        (("FILM", "--csv", "FOLDER"), "cannot be written"),
        (("FILM", "--out", "FILM"), "would overwrite FILE"),
        (("FILM", "--methods", "rise", "--budget", "1"), "No method could answer. RISE needs"),
    ],
)
def test_refusals_are_one_sentence_and_status_2(
    run: Run, film: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = film.read_bytes()
    places = {"FILM": str(film), "FOLDER": str(film.parent)}
    given = [
        a.replace("FILM", places["FILM"]).replace("FOLDER", places["FOLDER"]) for a in arguments
    ]
    status, _, err = run(*given)
    assert status == 2
    assert words in err
    assert err.count("\n") == 1
    assert film.read_bytes() == before


def test_an_unreadable_film_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / CANARY
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    status, out, err = run(path)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "Canary" not in err


def test_size_is_checked_before_a_byte_is_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.dcm"
    with path.open("wb") as handle:
        handle.truncate(LIMITS.max_bytes + 1)  # sparse: takes no room
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file was read"))
    status, _, err = run(path)
    assert status == 2
    assert "at most 64 MiB" in err


def test_choice_of_frame_is_asked_for_by_option(
    run: Run, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def several(*_: object, **__: object) -> Case:
        raise FrameChoiceError(3)

    monkeypatch.setattr("models.inputs.image.decode_image", several)
    status, _, err = run(film)
    assert status == 2
    assert "--frame 0 to --frame 2" in err


def test_ctrl_c_ends_with_130_and_writes_nothing(
    run: Run, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> EvidenceReport:
        raise KeyboardInterrupt

    monkeypatch.setattr("explainers.consult.consult", interrupted)
    out = tmp_path / "report.json"
    assert run(film, "--out", out) == (130, "", "Stopped.\n")
    assert not out.exists()


def test_progress_is_shown_on_a_terminal_only(
    run: Run, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(film, *QUICK)[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "kernel_shap: " in run(film, *QUICK)[2]


def test_lists_name_every_model_and_method(run: Run) -> None:
    status, out, _ = run("--list-models")
    assert (status, out) == (0, "toy                   image: Toy model (absent, present)\n")
    _, out, _ = run("--list-methods")
    assert [line.split()[0] for line in out.splitlines()] == [m.card.id for m in METHODS]


def test_summary_shows_warnings_failures_and_no_control_characters() -> None:
    text = summary(reports.report(remarks=("evil \x1b[2J remark",)))
    assert "WARNING     This is no film." in text
    assert "rise                  failed: The budget is too small." in text
    assert "evil ?[2J remark" in text


def test_summary_of_a_report_without_answers_has_no_table() -> None:
    text = summary(reports.report(explanations=(), agreement=None))
    assert "Region" not in text
    assert "80.0 %" in text


def test_program_itself_refuses_with_status_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "explainers", "--budget", "x"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_log_odds_are_those_of_the_probability() -> None:
    report = reports.report()
    assert np.allclose(report.log_odds, [-1.4, 1.4])  # logits of two classes are -0.7 and 0.7
    assert "sick: 80.0 % (log-odds +1.40, at or above the operating point of 30.0 %)" in summary(
        report
    )
    apart = replace(report, model=replace(report.model, head="sigmoid"))
    assert np.allclose(apart.log_odds, [-0.7, 0.7])

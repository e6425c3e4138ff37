"""The command line says in one sentence what it will not do, and why."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from explainers.report import EvidenceReport
from models.case import Case
from models.errors import FrameChoiceError
from models.inputs.limits import LIMITS

ROOT = Path(__file__).parents[3]
CANARY = "Canary^Jane.png"
Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "No file was named"),
        (("--frobnicate",), "Unrecognized arguments: --frobnicate"),
        (
            ("FILM", "--model", "toi"),
            "There is no model 'toi'. Known models: toy, toy-table, toy-text.",
        ),
        (("FILM", "--methods", "guess"), "There is no method 'guess'. Known methods: grad_cam"),
        (("FILM", "--methods", ","), "no method is named"),
        (("FILM", "--target", "nobody"), "has no class 'nobody'. It has: 'absent', 'present'."),
        (("FILM", "--target", "present", "--contrast", "present"), "compared with itself"),
        (("FILM", "--budget", "0"), "'0' is not a whole number from 1 to 5,000,000"),
        (("FILM", "--budget", "5000001"), "from 1 to 5,000,000"),
        (("FILM", "--budget", "1e3"), "'1e3' is not a whole number"),
        (("FILM", "--budget", "9" * 5000), "from 1 to 5,000,000"),
        (("FILM", "--players", "1"), "from 2 to 400"),
        (("FILM", "--players", "401"), "from 2 to 400"),
        (("FILM", "--seed", "-1"), "--seed"),
        (
            ("FILM", "--baseline", "white"),
            "--baseline 'white' does not exist for images. There are: blur, mean",
        ),
        (("FILM", "--modality", "sound"), "invalid choice: 'sound'"),
        (
            ("FILM", "--modality", "text", "--model", "toy"),
            "The model 'toy' does not take texts. These do: toy-text.",
        ),
        (("FILM", "--row", "3"), "--row is for tables, but this is an image. Leave it out."),
        (("FILM", "--start-word", "3"), "--start-word is for texts, but this is an image."),
        (("FILM", "--row", "0"), "'0' is not a whole number from 1"),
        (("FILM", "--window", "7"), "--window 7 names none of the file's 0 windows"),
        (("FILM", "--frame", "1"), "--frame 1 names none of the file's 1 frames"),
        (("FILM.missing",), "Canary^Jane.png.missing' does not exist or is not a file."),
        (("FOLDER",), "not a file"),
        (("FILM", "--out", "FOLDER/no/report.json"), "cannot be written: no such folder"),
        (("FILM", "--csv", "FOLDER"), "cannot be written"),
        (("FILM", "--out", "FILM"), "is the file to read and would be overwritten"),
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

    monkeypatch.setattr("explainers.cli_steps.consult", interrupted)
    out = tmp_path / "report.json"
    assert run(film, "--out", out) == (130, "", "Stopped.\n")
    assert not out.exists()


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

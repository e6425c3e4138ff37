"""The command line: the same report as everywhere, one screen, a status for scripts."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from explainers import outlook
from explainers.cli_options import parser
from explainers.consult import TITLES
from explainers.deciding import EARLY
from explainers.methods import METHODS
from explainers.report import ConsultRequest
from explainers.report_json import from_json, to_json
from explainers.verdicts import EARLY_LEVEL
from models.inputs.image import decode_image
from tests.toys import SIDE, linear_model
from tests.whole import timeless, whole

QUICK = ("--methods", "grad_cam,kernel_shap,lime", "--budget", "64", "--players", "6")
Run = Callable[..., tuple[int, str, str]]


def test_report_is_the_one_that_consult_makes(run: Run, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    status, _, err = run(film, "--model", "toy", *QUICK, "--seed", 5, "--out", out, "--maps")
    assert (status, err) == (0, "")
    case = decode_image(film.read_bytes(), name="other name")
    request = ConsultRequest(budget=64, n_players=6, seed=5)
    model = linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE))
    direct = whole(case, model, request)
    written = json.loads(out.read_text(encoding="utf-8"))
    expected = json.loads(to_json(direct, with_maps=True, titles=dict(TITLES.items())))
    assert timeless(written) == timeless(expected)


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
    for words in ("Toy model", "operating point", "kernel_shap", "model runs", "not truth"):
        assert words in out
    assert "Canary" not in out


def test_what_one_screen_leaves_out_can_be_asked_for(run: Run, film: Path) -> None:
    _, screen, _ = run(film, *QUICK)
    _, details, _ = run(film, *QUICK, "--details")
    for words in ("Followed by the model", "Nearest is", "By nature"):
        assert words in details
        assert words not in screen
    assert set(screen.splitlines()) - set(details.splitlines()) <= {
        line
        for line in screen.splitlines()
        if " s" in line  # times differ
    }


def test_a_part_is_hidden_when_named(run: Run, film: Path) -> None:
    status, shown, _ = run(film, *QUICK, "--ask", "1", "--ask", "0 + 2")
    assert status == 0
    assert shown.count("Hiding this") >= 2
    status, _, err = run(film, *QUICK, "--ask", "left foot")
    assert status == 2
    assert "There is no part 'left foot'" in err


def test_the_model_is_left_alone_when_told_so(run: Run, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    assert run(film, *QUICK, "--quick", "--out", out)[0] == 0
    report = from_json(out.read_text(encoding="utf-8"))
    assert report.faithfulness is None
    assert report.referee == ()


def test_another_report_is_compared_with(run: Run, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    assert run(film, *QUICK, "--quick", "--baseline", "black", "--out", out)[0] == 0
    status, shown, _ = run(film, *QUICK, "--quick", "--compare", out)
    assert status == 0
    assert "Compared with the other report" in shown
    assert "black" in shown
    (tmp_path / "no.json").write_text("{", encoding="utf-8")
    status, shown, err = run(film, *QUICK, "--compare", tmp_path / "no.json")
    assert (status, shown) == (2, "")
    assert err.count("\n") == 1


def test_a_run_can_be_ended_early(
    run: Run, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "SECONDS", {"5 s": 0.0})
    out, much = tmp_path / "report.json", ("--budget", "600", "--players", "16")
    methods = ("--methods", "kernel_shap,lime")
    assert run(film, *methods, *much, "--quick", "--stop", "5 s", "--out", out)[0] == 0
    report = from_json(out.read_text(encoding="utf-8"))
    assert report.request.look == EARLY
    assert report.agreement is not None
    assert report.agreement.level == EARLY_LEVEL
    assert all(e.rows < 600 for e in report.explanations)
    assert run(film, "--stop", "sometime")[0] == 2


def test_sampling_goes_on_until_decided(run: Run, film: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    assert run(film, *QUICK, "--quick", "--decide", "--out", out)[0] == 0
    report = from_json(out.read_text(encoding="utf-8"))
    assert report.request.look > 0 or (
        report.agreement is not None and "undecided" not in report.agreement.verdicts
    )


def test_csv_and_page_are_written_when_asked_for(run: Run, film: Path, tmp_path: Path) -> None:
    table, page = tmp_path / "regions.csv", tmp_path / "report.html"
    status, _, _ = run(film, *QUICK, "--csv", table, "--html", page)
    assert status == 0
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    assert header.startswith("player,name,verdict,reason,grad_cam_value")
    assert len(rows) >= 4
    assert "<h2>Film and explanations</h2>" in page.read_text(encoding="utf-8")


def test_progress_is_shown_on_a_terminal_only(
    run: Run, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(film, *QUICK)[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "kernel_shap: " in run(film, *QUICK)[2]


def test_lists_name_every_model_and_method(run: Run) -> None:
    status, out, _ = run("--list-models")
    assert status == 0
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["toy", "images"],
        ["toy-table", "tables"],
        ["toy-text", "texts"],
    ]
    assert "Toy model (absent, present)" in out
    _, out, _ = run("--list-methods")
    assert [line.split()[0] for line in out.splitlines()] == [m.card.id for m in METHODS]
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert shown["kernel_shap"].startswith("images, tables, texts KernelSHAP: ")
    assert shown["grad_cam"].startswith("images Grad-CAM: ")
    assert shown["grad_cam"].endswith("Needs a model with feature maps and gradient.")


def test_status_tells_whether_all_some_or_no_methods_answered(
    run: Run, film: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.json"
    rest = ("--budget", "64", "--players", "6", "--out", out)
    assert run(film, "--methods", "grad_cam,lime", *rest)[0] == 0
    status, shown, err = run(film, "--methods", "grad_cam,rise,lime", *rest)
    assert (status, err) == (3, "1 of 3 methods failed: rise.\n")
    assert "rise  failed: RISE needs at least" in shown
    report = from_json(out.read_text(encoding="utf-8"))
    assert [e.method for e in report.explanations] == ["grad_cam", "lime"]
    assert [f.method for f in report.failures] == ["rise"]
    assert run(film, "--methods", "rise", *rest)[0] == 2


def test_help_names_every_exit_status() -> None:
    told = parser().format_help().partition("exit status:")[2]
    assert [line.split()[0] for line in told.strip().splitlines()] == ["0", "2", "3", "130"]

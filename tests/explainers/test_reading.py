"""The reading: what a comparison amounts to, in sentences that claim no more than was found."""

import re
from dataclasses import replace

import numpy as np
import pytest

from explainers.guard import NothingToExplain
from explainers.naming import listed
from explainers.reading import Line, reading
from explainers.referee_names import hidden_name
from explainers.referee_report import RefereeReport
from explainers.report import EvidenceReport
from models.case import FloatArray
from tests import reports
from tests.components import scenes
from tests.explainers.test_referee_wording import found_with

NAMES = scenes.PLAYERS.names


def report_of(*answers: object) -> EvidenceReport:
    found = answers or scenes.answers()
    return reports.report(
        explanations=found,
        players=scenes.PLAYERS,
        agreement=scenes.agreement(found),  # type: ignore[arg-type]
    )


def read(report: EvidenceReport) -> dict[str, str]:
    return {line.subject: line.text for line in reading(report, names=NAMES, titles=scenes.TITLES)}


def test_what_all_name_is_said_with_its_direction() -> None:
    said = read(report_of())["agreed"]
    assert said == f"As evidence for sick, all 3 methods name {NAMES[5]}."


def test_evidence_against_the_class_is_said_to_be_against() -> None:
    values = scenes.peaks(p5=-1.0)
    both = (scenes.answer("kernel_shap", values), scenes.answer("lime", values))
    said = read(report_of(*both))["agreed"]
    assert said == f"As evidence against sick, both methods name {NAMES[5]}."


def test_what_is_for_and_what_is_against_have_a_sentence_each() -> None:
    values = scenes.peaks(p5=1.0, p2=-0.9, p9=-0.8)
    both = (scenes.answer("kernel_shap", values), scenes.answer("lime", values))
    assert read(report_of(*both))["agreed"] == (
        f"As evidence for sick, both methods name {NAMES[5]}. "
        f"As evidence against it, they name {NAMES[2]}; and {NAMES[9]}."
    )


def test_methods_without_a_direction_give_none() -> None:
    values = np.abs(scenes.peaks(p5=1.0))
    both = (
        scenes.answer("grad_cam", values, signed=False),
        scenes.answer("rise", values, signed=False),
    )
    assert read(report_of(*both))["agreed"] == f"Both methods name {NAMES[5]}."


def test_a_conflict_names_who_is_for_and_who_against() -> None:
    said = read(report_of())["parted"]
    assert said.startswith(f"They point in opposite directions on {NAMES[10]}: SHAP says for, LIME")


@pytest.mark.parametrize("swapped", [False, True])
def test_a_contest_names_the_widest_gap_first(swapped: bool) -> None:  # noqa: FBT001
    one, two = scenes.peaks(p5=1.0, p2=0.9, p9=0.5), scenes.peaks(p5=1.0)
    values = (two, one) if swapped else (one, two)
    both = [scenes.answer(m, v) for m, v in zip(("kernel_shap", "lime"), values, strict=True)]
    said = read(report_of(*both))["parted"]
    most, least = ("LIME", "SHAP") if swapped else ("SHAP", "LIME")
    assert re.fullmatch(
        rf"They part most on {NAMES[2]} \({most} puts \d+ % of its evidence there, {least} "
        rf"[\d.]+ %\), and on one other region\.",
        said,
    )


def test_nothing_in_common_is_said() -> None:
    both = (
        scenes.answer("kernel_shap", scenes.peaks(p2=1.0)),
        scenes.answer("lime", scenes.peaks(p9=1.0)),
    )
    assert read(report_of(*both))["agreed"] == "There is no region that both methods name."


def test_what_error_bars_leave_open_is_counted() -> None:
    errors = np.full(16, 0.03)
    both = [
        scenes.answer(m, scenes.peaks(p5=1.0, p2=0.08, p3=0.08), std_error=errors)
        for m in ("kernel_shap", "lime")
    ]
    report = report_of(*both)
    assert report.agreement is not None
    count = report.agreement.verdicts.count("undecided")
    assert count >= 2
    assert "regions cannot be called" in read(report)["open"]


def test_nothing_to_explain_leaves_no_other_sentence() -> None:
    reason = NothingToExplain(cause="no effect", sentence="None of the regions moves it.")
    report = replace(report_of(), agreement=None, nothing_to_explain=(reason,))
    assert reading(report, names=NAMES, titles={}) == (
        Line(subject="nothing to explain", text=reason.sentence),
    )


def test_one_method_alone_is_not_read() -> None:
    report = replace(report_of(), agreement=None)
    assert reading(report, names=NAMES, titles={}) == ()


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_many_names_are_cut_to_three(count: int) -> None:
    values: FloatArray = np.full(16, 1e-4)
    values[:count] = 1.0
    both = (scenes.answer("kernel_shap", values), scenes.answer("lime", values))
    said = read(report_of(*both))["agreed"]
    assert sum(name in said for name in NAMES) == min(count, 3)
    assert (f"{count - 3} more" in said) == (count > 3)


def test_a_method_that_found_nothing_is_not_said_to_name_anything() -> None:
    report = report_of(
        scenes.answer("grad_cam", np.zeros(16), signed=False, kind="density"),
        scenes.answer("kernel_shap", scenes.peaks(p5=1.0)),
        scenes.answer("lime", scenes.peaks(p5=1.0)),
    )
    said = read(report)["agreed"]
    assert said == (f"As evidence for sick, both methods that found something name {NAMES[5]}.")


def hidden(**changed: object) -> RefereeReport:
    """The answer about one part; 30 others move the model more."""
    return replace(found_with(0.91, [0.9], [0.7] * 30), **changed)  # type: ignore[arg-type]


def test_parts_that_do_no_more_than_others_share_a_sentence_without_loose_ends() -> None:
    report = replace(report_of(), referee=(hidden(part=(2,)), hidden(part=(9,))))
    assert read(report)["referee"] == (
        f"Neither hiding {NAMES[2]} nor hiding {NAMES[9]} changes the answer more than hiding "
        "other regions of this size may."
    )
    assert read(replace(report, referee=report.referee[:1]))["referee"].startswith(
        f"Hiding {NAMES[2]} changes the answer no more than "
    )


def test_a_drawn_area_is_not_called_by_the_regions_it_touches() -> None:
    drawn = hidden(part=(2, 9), coverage=(0.5, 1.0))
    said = read(replace(report_of(), referee=(drawn,)))["referee"]
    assert f"Hiding the area drawn on the film (in {NAMES[2]}; and {NAMES[9]}) changes" in said
    assert hidden_name(hidden(part=(2, 9)), NAMES) == f"{NAMES[2]}; and {NAMES[9]}"


def test_names_with_commas_are_parted_by_semicolons() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a, left", "b"]) == "a, left; and b"
    assert listed(["a", "b", "c"], most=1) == "a and 2 more"
    assert listed(["a"]) == "a"

"""What a reader asked joins the report: in order, none twice, none of another question."""

from dataclasses import replace

import numpy as np
import pytest

from explainers.explanation import Explanation, Target
from explainers.referee_headline import headline
from explainers.referee_names import hidden_name
from explainers.referee_own import with_answers
from explainers.referee_report import RefereeReport, by_error
from explainers.referee_sides import TwoSided
from explainers.report import EvidenceReport
from explainers.report_json import from_json, to_json
from tests import reports
from tests.explainers.test_referee_headline import compared
from tests.explainers.test_referee_wording import CLEAR

ABOUT = {
    "case_digest": "d" * 64,
    "players_digest": reports.PLAYERS.digest(),
    "target": Target(index=1, name="sick", contrast=0),
    "scale": "probability",
}
WHOLE = replace(CLEAR, part=(1,), coverage=(1.0,), **ABOUT)  # type: ignore[arg-type]
PIXELS = np.array([True, False, True, True, False, False])
SHAPE = replace(  # half of the first region, all of the second
    WHOLE, part=(0, 1), coverage=(0.5, 1.0), elements=PIXELS, area=0.5, placebo_kind="same area"
)
SIDES = replace(compared((0.6, 0.8), np.zeros((40, 2))), **ABOUT)  # type: ignore[arg-type]


def parts(report: EvidenceReport) -> list[object]:
    return [getattr(found, "part", found) for found in report.referee]


def test_answers_stand_behind_those_that_are_there_in_the_order_asked() -> None:
    known = reports.report(referee=(WHOLE,))
    found = with_answers(known, (SHAPE, SIDES, replace(WHOLE, part=(2,))))
    assert parts(found) == [(1,), (0, 1), SIDES, (2,)]
    assert found.explanations is known.explanations


def test_no_part_is_told_twice() -> None:
    known = reports.report(referee=(WHOLE,))
    again = (replace(WHOLE, coverage=()), SHAPE, replace(SHAPE, rows=7), replace(SIDES), SIDES)
    assert len(with_answers(known, again).referee) == 3
    assert with_answers(known, again[:1]) is known


def test_a_full_answer_stands_beside_one_whose_others_were_hidden_in_one_way_only() -> None:
    quick = replace(
        WHOLE, placebo_baseline=WHOLE.baselines[0], placebos=WHOLE.placebos[:, :1].copy()
    )
    assert len(with_answers(reports.report(referee=(quick,)), (WHOLE,)).referee) == 2


def test_another_shape_in_the_same_regions_is_another_part() -> None:
    other = replace(SHAPE, elements=PIXELS[::-1].copy())
    assert len(with_answers(reports.report(), (SHAPE, other)).referee) == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(WHOLE, case_digest="e" * 64),
        replace(WHOLE, players_digest="q" * 64),
        replace(SIDES, target=Target(index=0, name="well", contrast=1)),
        replace(SIDES, scale="logit"),
        "no answer at all",
    ],
)
def test_an_answer_to_another_question_stays_out(other: object) -> None:
    report = reports.report()
    assert with_answers(report, (other,)) is report


def said(report: EvidenceReport, found: RefereeReport) -> str:
    """What a reader of a report is told about a part."""
    name = hidden_name(found, report.players.names)
    answers = by_error(report.explanations, found)
    return name + headline(found, answers, {}, part="region", parts="regions", contrast="well")


def test_a_drawn_shape_says_the_same_after_report_json() -> None:
    values: list[Explanation] = [replace(reports.explanation("lime"), element_map=None)]
    report = with_answers(
        reports.report(explanations=tuple(values), agreement=None), (SHAPE, SIDES)
    )
    again = from_json(to_json(report))
    shape, sides = again.referee
    assert isinstance(shape, RefereeReport)
    assert isinstance(sides, TwoSided)
    assert (shape.part, shape.coverage, shape.area) == (SHAPE.part, SHAPE.coverage, SHAPE.area)
    assert (shape.hiding == SHAPE.hiding).all()
    assert (shape.placebos == SHAPE.placebos).all()
    assert said(again, shape) == said(report, SHAPE)
    assert said(again, shape).startswith("the area drawn on the film (in ")
    assert "elements" not in to_json(report).replace("element_shape", "")  # no pixels in the file

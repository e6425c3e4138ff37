"""The second half of a consultation: what the model bears out, in the report and in its JSON."""

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
import torch

from explainers.consult import TITLES, consult
from explainers.reading import reading
from explainers.referee_report import RefereeReport
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import from_json, to_json
from explainers.weighing import asked_parts, weigh
from models.errors import CancelledError
from tests.conftest import ROOT
from tests.toys import SIDE, linear_model, planted_model, toy_case

CASE = toy_case(1, name="DOE^JOHN 1940")
PLANTED = np.zeros((SIDE, SIDE), dtype=bool)
PLANTED[8:16, 16:24] = True
REQUEST = ConsultRequest(
    methods=("grad_cam", "kernel_shap", "lime"),
    budget=200,
    players="grid",
    n_players=9,
    baseline="black",
)


@pytest.fixture(scope="module")
def weighed() -> EvidenceReport:
    """A model that sees one cell of nine, and nothing else."""
    model = planted_model(PLANTED)
    return weigh(CASE, model, consult(CASE, model, REQUEST))


def test_the_part_all_methods_name_is_asked_about_and_moves_the_model(
    weighed: EvidenceReport,
) -> None:
    first = weighed.referee[0]
    assert isinstance(first, RefereeReport)
    assert first.part == (5,) == asked_parts(weighed)[0]
    # Nothing else moves this model: hiding the cell alone is hiding everything.
    assert first.change == pytest.approx(first.effect, abs=1e-5)
    assert first.change > 0.1


def test_what_the_model_bears_out_is_read_aloud(weighed: EvidenceReport) -> None:
    names = [weighed.players.name(p) for p in range(9)]
    said = {line.subject: line.text for line in reading(weighed, names=names, titles=TITLES)}
    assert said["referee"].startswith(
        "Patient's left, middle: Hiding this region (black) lowers P(present)"
    )
    assert "KernelSHAP (1.00)" in said["followed"]


def test_it_comes_back_from_json_to_the_bit(weighed: EvidenceReport) -> None:
    written = to_json(weighed, titles=TITLES)
    again = from_json(written)
    assert to_json(again, titles=TITLES) == written
    document = json.loads(written)
    assert document["faithfulness"]["methods"]
    assert document["consensus"]["methods"] == list(REQUEST.methods)
    schema = json.loads((ROOT / "docs" / "referee.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document["referee"])
    assert "DOE" not in written


def test_the_first_half_is_left_as_it_was(weighed: EvidenceReport) -> None:
    plain = replace(weighed, faithfulness=None, consensus=None, referee=())
    model = planted_model(PLANTED)
    again = consult(CASE, model, REQUEST)
    for one, other in zip(plain.explanations, again.explanations, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_what_is_agreed_on_is_hidden_together(weighed: EvidenceReport) -> None:
    assert weighed.agreement is not None
    verdicts = ["quiet", "consensus", "quiet", "contested", "quiet", "consensus", *["quiet"] * 3]
    contested = np.array([float(verdict == "contested") for verdict in verdicts])
    both = replace(weighed.agreement, verdicts=tuple(verdicts), contested=contested)
    assert asked_parts(replace(weighed, agreement=both)) == ((1, 5), (3,))
    every = replace(weighed.agreement, verdicts=("consensus",) * 9, contested=np.zeros(9))
    assert len(asked_parts(replace(weighed, agreement=every))) == 1


def test_parts_that_do_not_stand_out_share_one_sentence(weighed: EvidenceReport) -> None:
    (first, *_) = weighed.referee
    assert isinstance(first, RefereeReport)
    dull = replace(first, part=(2,), hiding=first.hiding * 0 + 1e-3, placebos=first.placebos + 1.0)
    names = [f"cell {p}" for p in range(9)]
    report = replace(weighed, referee=(dull, replace(dull, part=(3, 4))))
    said = [line.text for line in reading(report, names=names, titles=TITLES)]
    assert said[-1] == (
        "Neither hiding cell 2 nor hiding cell 3 and cell 4 changes the answer more than hiding "
        "other regions of this size may."
    )


def test_nothing_is_asked_where_there_is_nothing_to_explain() -> None:
    model = linear_model(torch.full((1, SIDE, SIDE), 1e-8), bias=0.4)
    report = consult(CASE, model, REQUEST)
    assert report.nothing_to_explain
    passes = len(model.passes)
    assert weigh(CASE, model, report) is report
    assert len(model.passes) == passes


def test_it_can_be_stopped() -> None:
    model = planted_model(PLANTED)
    report = consult(CASE, model, REQUEST)
    with pytest.raises(CancelledError):
        weigh(CASE, model, report, cancelled=lambda: True)


def test_rows_are_told_as_they_are_spent() -> None:
    model = planted_model(PLANTED)
    report = consult(CASE, model, REQUEST)
    told: list[int] = []
    weigh(CASE, model, report, on_rows=told.append)
    assert told == sorted(told)
    assert told[-1] > 100

"""Findings in report.json: nothing is lost, no pixel is written, the schema holds."""

import json
from dataclasses import fields, replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from explainers.referee import ask_model
from explainers.referee_json import Finding, read, to_document
from explainers.referee_lines import lines
from explainers.referee_part import shape_on
from explainers.referee_report import by_error
from explainers.referee_sides import sides_of
from tests.conftest import ROOT
from tests.contracts.subjects import SUBJECTS, smooth_score
from tests.explainers.test_referee import METHOD
from tests.explainers.test_referee_headline import compared
from tests.explainers.test_referee_wording import ALONE, CLEAR, everything
from tests.reports import report
from tests.toys import SIDE, game_for, generator


def findings(modality: str) -> list[Finding]:
    """A part, several, two sides, and on a film a shape."""
    subject = SUBJECTS[modality]
    question = subject.question(smooth_score(subject.n_players), None)
    (one,) = METHOD["occlusion"].explain(game_for(question), budget=900, generator=generator())
    other = replace(one, values=np.roll(one.values, 2), method="lime")
    sides = sides_of(one, other, k=1)
    assert sides is not None
    parts: list[Any] = [(0,), (1, 2)]
    if modality == "image":
        shape = np.zeros((SIDE, SIDE), dtype=bool)
        shape[2:9, 3:13] = True
        parts.append(shape_on(question.players, shape))
    found = ask_model(question, parts, [sides])
    return [*found.parts, *found.sides]


FOUND = [found for name in ("image", "tabular", "text") for found in findings(name)]
FOUND += [CLEAR, ALONE, compared((0.6, 0.8), np.empty((0, 2)))]


def same(one: object, two: object) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(two, np.ndarray) and (
            one.size == two.size == 0 or (one.shape == two.shape and bool((one == two).all()))
        )
    return one == two


@pytest.mark.parametrize("found", FOUND)
def test_a_finding_comes_back_as_it_was_written_but_for_the_pixels_of_a_shape(
    found: Finding,
) -> None:
    again = read(json.loads(json.dumps(to_document(found), allow_nan=False)))
    lost = [
        f.name for f in fields(found) if not same(getattr(found, f.name), getattr(again, f.name))
    ]
    is_shape = getattr(found, "elements", None) is not None
    assert lost == (["elements"] if is_shape else [])
    assert to_document(read(to_document(again))) == to_document(again)


@pytest.mark.parametrize("found", FOUND)
def test_the_schema_describes_a_finding(found: Finding) -> None:
    schema = json.loads((ROOT / "docs" / "referee.schema.json").read_text(encoding="utf-8"))
    answers = by_error([], found) if found is CLEAR else ()
    document = json.loads(json.dumps([to_document(found, answers)]))
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{**document[0], "secret": 1}], schema)


def test_a_shape_is_described_without_its_pixels() -> None:
    (shape,) = [f for f in FOUND if getattr(f, "elements", None) is not None]
    document = to_document(shape)
    assert "elements" not in document
    assert 0 < document["area"] < 1
    assert len(document["coverage"]) == len(document["part"])
    longest = max(len(v) for v in document.values() if isinstance(v, list))
    assert longest <= 40


@pytest.mark.parametrize(
    "change",
    [{"kind": "other"}, {"scale": "odds"}, {"placebo_kind": "x"}, {"placebos": [[1, 2], [3]]}],
)
def test_a_broken_finding_is_not_read(change: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read({**to_document(CLEAR), **change})


def test_the_command_line_says_what_the_page_says() -> None:
    titles = {"kernel_shap": "SHAP", "grad_cam": "Grad-CAM"}
    known = report(explanations=())
    found = replace(CLEAR, part=(1,)), compared((0.6, 0.89), np.zeros((40, 2)))
    told = lines(found, known, titles, ("a", "b", "c"), part="region", parts="regions")
    assert told[0] == "b:"
    assert told[1].startswith("  Hiding this region lowers P(pneumonia) from 0.91 to 0.63; ")
    assert "SHAP: b" in told
    assert any("The part of SHAP moves the model more" in line for line in told)
    assert told[-1].startswith("Measured on the model, not on the patient")
    assert lines((), known, titles, (), part="region", parts="regions") == ()
    assert everything(CLEAR)  # the same words, tested beside them
    far = replace(CLEAR, part=(0, 1), coverage=(0.5, 1.0))
    drawn = lines((far,), known, titles, ("left, upper", "b", "c"), part="region", parts="regions")
    assert drawn[0] == "the area drawn on the film (in left, upper; and b):"

"""The report survives JSON without loss, fits its schema and carries no patient content."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

import jsonschema
import numpy as np
import pytest
import torch

from explainers.consult import consult
from explainers.guard import Cause, NothingToExplain
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.players import PlayerKind
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import from_json, to_json
from models.card import Capability
from models.errors import InputError
from tests import cases, reports
from tests.toys import linear_model, toy_case

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "report.schema.json").read_text(encoding="utf-8")
)
CANARY = "Canary^Jane 1970-01-01.dcm"


def silent_report() -> EvidenceReport:
    """Answers that are not compared, for every reason there is."""
    reasons = (
        NothingToExplain(cause=cause, sentence=f"It is {cause}.") for cause in get_args(Cause)
    )
    return reports.report(agreement=None, nothing_to_explain=tuple(reasons))


MADE = (reports.report, cases.record_report, cases.text_report, silent_report)
ALL_KINDS = ("grad_cam", "kernel_shap", "lime", "integrated_gradients", "rise")


@pytest.fixture(scope="module")
def computed() -> EvidenceReport:
    """What consult returns for a toy model; RISE fails on this budget."""
    model = linear_model(torch.linspace(-0.1, 0.1, 24 * 24).reshape(1, 24, 24))
    request = ConsultRequest(methods=ALL_KINDS, budget=64, n_players=6)
    return consult(toy_case(name=CANARY), model, request)


def same(one: object, other: object) -> bool:
    """Equal to the bit: dtypes, NaN, the sign of zero, and the type of every number."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        alike = one.shape == other.shape and one.dtype == other.dtype
        return alike and one.tobytes() == other.tobytes()
    if type(one) is not type(other) and not isinstance(one, Mapping):
        return False
    if dataclasses.is_dataclass(one):
        names = [f.name for f in dataclasses.fields(one)]
        return all(same(getattr(one, n), getattr(other, n)) for n in names)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (one != one and other != other)  # NaN


@pytest.mark.parametrize("made", MADE)
def test_a_report_comes_back_to_the_bit(made: Callable[[], EvidenceReport]) -> None:
    original = made()
    assert same(from_json(to_json(original, with_maps=True)), original)


def test_a_computed_report_comes_back_to_the_bit(computed: EvidenceReport) -> None:
    assert len(computed.explanations) == 4
    assert [f.method for f in computed.failures] == ["rise"]
    assert same(from_json(to_json(computed, with_maps=True)), computed)


def test_comparison_of_this_test_sees_differences() -> None:
    one = reports.report()
    flipped = reports.explanation("lime", values=np.array([1 / 3, 0.0, 5e-324]))
    assert not same(one, replace(one, explanations=(flipped, one.explanations[1])))
    assert not same(one, replace(one, remarks=()))


def test_maps_are_left_out_unless_asked_for() -> None:
    original = reports.report()
    document = json.loads(to_json(original))
    assert document["maps"] is None
    assert all(e.element_map is None for e in from_json(to_json(original)).explanations)
    assert list(json.loads(to_json(original, with_maps=True))["maps"]) == ["lime"]


def test_undefined_numbers_are_null_and_infinite_ones_are_refused() -> None:
    document = json.loads(to_json(reports.report()), parse_constant=pytest.fail)
    assert document["agreement"]["sign_agreement"] == [[1.0, None], [None, 1.0]]
    infinite = reports.explanation("lime", value_full=float("inf"))
    with pytest.raises(ValueError, match="JSON"):
        to_json(reports.report(explanations=(infinite,)))


def test_what_a_reader_derives_is_written_out() -> None:
    report = reports.report()
    document = json.loads(to_json(report))
    names = [player["name"] for player in document["agreement"]["players"]]
    assert names == document["question"]["players"]["names"] == list(reports.PLAYERS.names)
    gaps = [e["completeness_gap"] for e in document["explanations"]]
    assert gaps == [report.explanations[0].completeness_gap, None]
    assert (document["question"]["target"], document["question"]["contrast"]) == ("sick", "well")
    assert document["explanations"][1]["baseline"] is None


@pytest.mark.parametrize("with_maps", [False, True])
def test_reports_fit_the_published_schema(computed: EvidenceReport, *, with_maps: bool) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    alone = reports.report(agreement=None, frame=None)
    for report in (computed, *(make() for make in MADE), alone):
        validator.validate(json.loads(to_json(report, with_maps=with_maps)))


def test_the_schema_knows_every_kind_of_part_baseline_cut_and_power() -> None:
    question = SCHEMA["properties"]["question"]["properties"]
    request = SCHEMA["properties"]["request"]["properties"]
    powers = SCHEMA["properties"]["model"]["properties"]["capabilities"]["items"]["enum"]
    assert question["players"]["properties"]["kind"]["enum"] == list(get_args(PlayerKind))
    assert request["baseline"]["enum"] == [b for names in BASELINES_OF.values() for b in names]
    assert request["players"]["enum"] == [cut for names in PLAYERS_OF.values() for cut in names]
    assert powers == list(get_args(Capability))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("case", "name"), "Jane"),
        (("explanations", 0, "method"), "guess"),
        (("question", "players", "membership"), [-2]),
        (("agreement", "lucky_agreement"), []),
        (("agreement", "players", 0, "verdict"), "true"),
        (("nothing_to_explain",), [{"cause": "boredom", "sentence": "It is dull."}]),
        (("schema_version",), "2.0"),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(
    path: tuple[str | int, ...], value: object
) -> None:
    document = json.loads(to_json(reports.report()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_reports_of_the_first_version_are_read() -> None:
    document = json.loads(to_json(reports.report()))
    document["schema_version"] = "1.0"
    for added in ("word_spans", "groups"):
        del document["question"]["players"][added]
    del document["nothing_to_explain"]
    assert same(from_json(json.dumps(document)), from_json(to_json(reports.report())))


def test_no_name_and_no_pixels_reach_the_report(computed: EvidenceReport) -> None:
    text = to_json(computed, with_maps=True)
    assert "Canary" not in text
    assert "1970-01-01" not in text
    lists = [json.loads(text)]
    film = toy_case().payload.pixels
    pixels = {round(float(v), 6) for v in film.reshape(-1)}
    while lists:  # no list of numbers shares more than a stray value with the film
        item = lists.pop()
        children = list(item.values()) if isinstance(item, dict) else item
        numbers = [c for c in children if isinstance(c, float)]
        assert sum(round(n, 6) in pixels for n in numbers) <= len(numbers) / 10 + 1
        lists += [c for c in children if isinstance(c, (dict, list))]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"schema_version": "1.0"}', "\x00", '{"schema_version": "9.0"}'],
)
def test_other_documents_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match="report"):
        from_json(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"method": "lime"', '"method": "guess"'),
        ('"verdict": "quiet"', '"verdict": "true"'),
        ('"membership": [0,', '"membership": [9,'),
        ('"target": "sick"', '"target": "nobody"'),
        ('"player": 0', '"player": 2'),
    ],
)
def test_inconsistent_reports_are_refused(old: str, new: str) -> None:
    text = to_json(reports.report())
    assert old in text
    with pytest.raises(InputError, match="not a readable"):
        from_json(text.replace(old, new))


def test_answers_on_other_players_are_not_written() -> None:
    other = replace(reports.PLAYERS, membership=np.array([0, 1, 1, 1, 2, -1]))
    stray = reports.explanation("lime", players=other)
    with pytest.raises(ValueError, match="players"):
        to_json(reports.report(explanations=(stray,)))

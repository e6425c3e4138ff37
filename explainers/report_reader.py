"""The parts of a report's JSON -> the types they were written from (see report_json). numpy only.

A wrong document raises whatever it provokes (KeyError, TypeError, ValueError); `from_json` turns
that into one sentence.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar, get_args

import numpy as np

from explainers import causes, faithfulness_json, referee_json
from explainers.agreement import METRICS, Agreement, Verdict
from explainers.explanation import Baseline, Explanation, Kind, MethodId, Target
from explainers.guard import Cause, NothingToExplain
from explainers.players import PlayerKind, Players
from explainers.report import ConsultRequest, EvidenceReport, MethodFailure
from explainers.trials import NO_TRIALS, Trials
from models.card import Capability, ModelCard
from models.case import FloatArray, ImageFrame, Modality
from models.prediction import Head, InputCheck, Prediction

Json: TypeAlias = dict[str, Any]
Choice = TypeVar("Choice")


def read_report(document: Json) -> EvidenceReport:
    """The whole report; the question's parts are shared by all that refer to them."""
    question, model = document["question"], _model(document["model"])
    players = _players(question["players"])
    report = EvidenceReport(
        case_digest=document["case"]["digest"],
        modality=_one_of(document["case"]["modality"], get_args(Modality)),
        model=model,
        prediction=_prediction(document["prediction"]),
        request=_request(document["request"]),
        target=_target(question, model),
        baseline=Baseline(name=question["baseline"], description=question["baseline_description"]),
        players=players,
        frame=None if question["frame"] is None else ImageFrame(**question["frame"]),
        explanations=(),
        failures=tuple(MethodFailure(**failure) for failure in document["failures"]),
        agreement=_agreement(document["agreement"], players) if document["agreement"] else None,
        nothing_to_explain=tuple(map(_reason, document.get("nothing_to_explain", ()))),
        faithfulness=_read(document, "faithfulness", faithfulness_json.read),
        consensus=_read(document, "consensus", faithfulness_json.read_consensus),
        referee=tuple(map(referee_json.read, document.get("referee") or ())),
        comparability=causes.read(document.get("comparability", ())),
        trials=_read(document, "trials", Trials.from_document) or NO_TRIALS,
        remarks=tuple(document["case"]["remarks"]),
        environment=dict(document["environment"]),
    )
    maps = document["maps"] or {}
    answers = (_explanation(e, report, maps.get(e["method"])) for e in document["explanations"])
    return replace(report, explanations=tuple(answers))


def _read(document: Json, name: str, read: Callable[[Json], Choice]) -> Choice | None:
    """A part of the report that reports before 1.3 do not have."""
    part = document.get(name)
    return None if part is None else read(part)


def _request(part: Json) -> ConsultRequest:
    """What was asked; reports before 1.3 have one budget for all methods."""
    budgets = tuple((method, int(rows)) for method, rows in part.get("budgets", ()))
    return ConsultRequest(**{**part, "methods": tuple(part["methods"]), "budgets": budgets})


def _model(part: Json) -> ModelCard:
    """The card without its document."""
    return ModelCard(
        id=part["id"],
        title=part["title"],
        modality=_one_of(part["modality"], get_args(Modality)),
        classes=tuple(part["classes"]),
        head=_one_of(part["head"], get_args(Head)),
        input_shape=tuple(part["input_shape"]),
        weights_sha256=part["weights_sha256"],
        capabilities=frozenset(_one_of(c, get_args(Capability)) for c in part["capabilities"]),
        default_target=part["default_target"],
        operating_point=float(part["operating_point"]),
        intended_use=part["intended_use"],
        limits=tuple(part["limits"]),
    )


def _prediction(part: Json) -> Prediction:
    """The prediction with its input check."""
    check = part["input_check"]
    return Prediction(
        classes=tuple(part["classes"]),
        logits=_floats(part["logits"]),
        probabilities=_floats(part["probabilities"]),
        check=None if check is None else _check(check),
    )


def _check(part: Json) -> InputCheck:
    """The input check."""
    scores = ((s["name"], _float(s["value"]), _float(s["limit"])) for s in part["scores"])
    return InputCheck(accepted=part["accepted"], message=part["message"], scores=tuple(scores))


def _reason(part: Json) -> NothingToExplain:
    """A reason why there is nothing to explain; reports before 1.2 have none."""
    return NothingToExplain(
        cause=_one_of(part["cause"], get_args(Cause)), sentence=str(part["sentence"])
    )


def _players(part: Json) -> Players:
    """The question's players; Players itself checks that they are a partition.

    Reports of version 1.0 have neither word spans nor groups.
    """
    return Players(
        membership=np.array(part["membership"], dtype=np.int32),
        element_shape=tuple(part["element_shape"]),
        kind=_one_of(part["kind"], get_args(PlayerKind)),
        names=tuple(part["names"]),
        word_spans=tuple((start, stop) for start, stop in part.get("word_spans", ())),
        groups=tuple(part.get("groups", ())),
    )


def _target(question: Json, model: ModelCard) -> Target:
    """Classes by name -> by index."""
    name, contrast = question["target"], question["contrast"]
    return Target(
        index=model.classes.index(name),
        name=name,
        contrast=None if contrast is None else model.classes.index(contrast),
    )


def _explanation(part: Json, report: EvidenceReport, element_map: list[Any] | None) -> Explanation:
    """One answer; case, model, players, target, scale and baseline are the report's."""
    errors, empty = part["std_error"], part["value_empty"]
    values = _floats(part["values"])
    if values.shape != (report.players.count,):
        raise ValueError("values do not fit the players")
    return Explanation(
        method=_one_of(part["method"], get_args(MethodId)),
        case_digest=report.case_digest,
        model_id=report.model.id,
        weights_sha256=report.model.weights_sha256,
        players=report.players,
        values=values,
        std_error=None if errors is None else _floats(errors),
        element_map=None if element_map is None else _floats(element_map),
        signed=part["signed"],
        kind=_one_of(part["kind"], get_args(Kind)),
        target=report.target,
        scale=report.request.scale,
        baseline=None if part["baseline"] is None else report.baseline,
        value_full=_float(part["value_full"]),
        value_empty=None if empty is None else float(empty),
        settings=dict(part["settings"]),
        diagnostics={name: _float(value) for name, value in part["diagnostics"].items()},
        seed=part["seed"],
        rows=part["rows"],
        seconds=part["seconds"],
        device=part["device"],
        remarks=tuple(part["remarks"]),
    )


def _agreement(part: Json, players: Players) -> Agreement:
    """The comparison; its players are the question's, in order."""
    rows = part["players"]
    if [row["player"] for row in rows] != list(range(players.count)):
        raise ValueError("agreement does not list every player once, in order")
    return Agreement(
        methods=tuple(_one_of(name, get_args(MethodId)) for name in part["methods"]),
        players=players,
        k=part["k"],
        shares=_floats(part["shares"]),
        share_errors=_floats(part["share_errors"]),
        ranks=_floats(part["ranks"]),
        metrics={name: _floats(part[name]) for name in METRICS},
        chance_floor={name: _floats(part["chance_floor"][name]) for name in METRICS},
        chance_band={name: _floats(part["chance_band"][name]) for name in METRICS},
        noise_ceiling={name: _floats(part["noise_ceiling"][name]) for name in METRICS},
        threshold=float(part["threshold"]),
        level=float(part.get("level", 0.05)),  # of reports before 1.3
        verdicts=tuple(_one_of(row["verdict"], get_args(Verdict)) for row in rows),
        reasons=tuple(row["reason"] for row in rows),
        contested=_floats([row["contested"] for row in rows]),
        remarks=tuple(part["remarks"]),
    )


def _floats(values: list[Any]) -> FloatArray:
    """Nested lists -> float64 array, null as NaN."""
    return np.array(values, dtype=np.float64)


def _float(value: float | None) -> float:
    """A number, null as NaN."""
    return float("nan") if value is None else float(value)


def _one_of(value: object, allowed: tuple[Choice, ...]) -> Choice:
    """The value, narrowed to the allowed ones; ValueError for any other."""
    for choice in allowed:
        if choice == value:
            return choice
    raise ValueError("a word is none of those the schema allows")

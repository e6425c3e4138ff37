"""EvidenceReport <-> JSON, without loss. numpy only.

docs/report.md and docs/report.schema.json describe the layout. Strict JSON: an undefined number
(NaN) is null. Numbers keep the digits that give back the same float64. Pixels, text and names of a
case are nowhere in a report, so they cannot be in its JSON either.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from explainers import causes, faithfulness_json, referee_json
from explainers.agreement import METRICS, Agreement
from explainers.explanation import Explanation
from explainers.naming import part_names
from explainers.players import Players
from explainers.reading import Line, reading
from explainers.referee_report import RefereeReport, by_error
from explainers.report import SCHEMA_VERSION, EvidenceReport
from explainers.report_reader import Json, read_report
from explainers.trials import NO_TRIALS
from models.card import ModelCard
from models.case import FloatArray
from models.errors import InputError
from models.prediction import Prediction

MAJOR: Final = SCHEMA_VERSION.split(".")[0]  # a new minor version only adds fields


def to_json(
    report: EvidenceReport,
    *,
    with_maps: bool = False,
    titles: Mapping[str, str] | None = None,
) -> str:
    """Write a report.

    Args:
        report: What `consult` returned.
        with_maps: Include the (E,) element maps, about 1 MB each for a 224 x 224 input. They are
            fine enough to show outlines of the film; everything else is on players.
        titles: Method id -> name in the sentences of the reading; ids where missing.

    Raises:
        ValueError: a number is infinite, or an answer is on other players than the report's.
    """
    document: Json = {
        "schema_version": SCHEMA_VERSION,
        "case": {
            "digest": report.case_digest,
            "modality": report.modality,
            "remarks": list(report.remarks),
        },
        "model": _model(report.model),
        "prediction": _prediction(report.prediction),
        "question": _question(report),
        "request": asdict(report.request),
        "explanations": [_explanation(e, report.players) for e in report.explanations],
        "maps": _maps(report.explanations) if with_maps else None,
        "reading": [asdict(line) for line in _reading(report, titles or {})],
        "failures": [asdict(failure) for failure in report.failures],
        "agreement": None
        if report.agreement is None
        else _agreement(report.agreement, report.players),
        "nothing_to_explain": [asdict(reason) for reason in report.nothing_to_explain],
        "referee": [_finding(report, found) for found in report.referee],
        "faithfulness": None
        if report.faithfulness is None
        else faithfulness_json.to_document(report.faithfulness),
        "consensus": None
        if report.consensus is None
        else faithfulness_json.consensus_to_document(report.consensus),
        "comparability": causes.to_document(report.comparability),
        "trials": None
        if report.trials == NO_TRIALS
        else report.trials.to_document([e.method for e in report.explanations]),
        "environment": dict(report.environment),
    }
    return json.dumps(document, allow_nan=False, ensure_ascii=False)


def from_json(text: str) -> EvidenceReport:
    """Read a report that `to_json` wrote; the card's document, not in the schema, is empty.

    Raises:
        InputError: not JSON, not a report, of another major version, or inconsistent in itself.
    """
    try:
        document = json.loads(text)
        version = str(document["schema_version"])
        if version.split(".")[0] != MAJOR:
            raise InputError(
                f"The report has schema version {version!r}; this program reads {MAJOR}.x.",
                "Open it with the version of Consilium that wrote it.",
            )
        return read_report(document)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            f"This is not a readable Consilium report ({type(error).__name__}).",
            "Choose a report.json as Consilium wrote it.",
        ) from error


def _reading(report: EvidenceReport, titles: Mapping[str, str]) -> tuple[Line, ...]:
    """The sentences to read first, on names that quote nothing of the case."""
    return reading(report, names=part_names(report.players, None), titles=titles)


def _numbers(array: FloatArray) -> list[Any]:
    """Nested lists, NaN as None."""
    cells = array.astype(object)  # float64 -> Python floats of the same value
    cells[np.isnan(array)] = None
    nested: list[Any] = cells.tolist()
    return nested


def _number(value: float | None) -> float | None:
    """The number; None when undefined."""
    return None if value is None or np.isnan(value) else float(value)


def _model(card: ModelCard) -> Json:
    return {
        "id": card.id,
        "title": card.title,
        "modality": card.modality,
        "weights_sha256": card.weights_sha256,
        "classes": list(card.classes),
        "head": card.head,
        "input_shape": list(card.input_shape),
        "capabilities": sorted(card.capabilities),
        "default_target": card.default_target,
        "operating_point": card.operating_point,
        "intended_use": card.intended_use,
        "limits": list(card.limits),
    }


def _prediction(prediction: Prediction) -> Json:
    check = prediction.check
    return {
        "classes": list(prediction.classes),
        "logits": _numbers(prediction.logits),
        "probabilities": _numbers(prediction.probabilities),
        "dtype": "float64",
        "input_check": None
        if check is None
        else {
            "accepted": check.accepted,
            "message": check.message,
            "scores": [
                {"name": name, "value": _number(value), "limit": _number(limit)}
                for name, value, limit in check.scores
            ],
        },
    }


def _question(report: EvidenceReport) -> Json:
    target, players = report.target, report.players
    return {
        "target": target.name,
        "contrast": None if target.contrast is None else report.model.classes[target.contrast],
        "scale": report.request.scale,
        "baseline": report.baseline.name,
        "baseline_description": report.baseline.description,
        "players": {
            "kind": players.kind,
            "names": list(players.names),
            "element_shape": list(players.element_shape),
            "membership": players.membership.tolist(),
            "dtype": players.membership.dtype.name,
            "word_spans": [list(span) for span in players.word_spans],
            "groups": list(players.groups),
        },
        "frame": None if report.frame is None else asdict(report.frame),
    }


def _explanation(explanation: Explanation, players: Players) -> Json:
    _require_same(explanation.players, players)
    errors = explanation.std_error
    return {
        "method": explanation.method,
        "signed": explanation.signed,
        "kind": explanation.kind,
        "baseline": None if explanation.baseline is None else explanation.baseline.name,
        "dtype": explanation.values.dtype.name,
        "values": _numbers(explanation.values),
        "std_error": None if errors is None else _numbers(errors),
        "value_full": _number(explanation.value_full),
        "value_empty": _number(explanation.value_empty),
        "completeness_gap": _number(explanation.completeness_gap),
        "rows": explanation.rows,
        "seconds": explanation.seconds,
        "seed": explanation.seed,
        "device": explanation.device,
        "settings": dict(explanation.settings),
        "diagnostics": {name: _number(v) for name, v in explanation.diagnostics.items()},
        "remarks": list(explanation.remarks),
    }


def _maps(explanations: tuple[Explanation, ...]) -> Json:
    return {e.method: _numbers(e.element_map) for e in explanations if e.element_map is not None}


def _agreement(agreement: Agreement, players: Players) -> Json:
    _require_same(agreement.players, players)
    return {
        "methods": list(agreement.methods),
        "k": agreement.k,
        "threshold": agreement.threshold,
        "level": agreement.level,
        "dtype": "float64",
        **{metric: _numbers(agreement.metrics[metric]) for metric in METRICS},
        "chance_floor": {m: _numbers(agreement.chance_floor[m]) for m in METRICS},
        "chance_band": {m: _numbers(agreement.chance_band[m]) for m in METRICS},
        "noise_ceiling": {m: _numbers(agreement.noise_ceiling[m]) for m in METRICS},
        "shares": _numbers(agreement.shares),
        "share_errors": _numbers(agreement.share_errors),
        "ranks": _numbers(agreement.ranks),
        "players": [
            {
                "player": i,
                "name": players.name(i),
                "verdict": agreement.verdicts[i],
                "reason": agreement.reasons[i],
                "contested": _number(agreement.contested[i]),
            }
            for i in range(players.count)
        ],
        "remarks": list(agreement.remarks),
    }


def _finding(report: EvidenceReport, found: referee_json.Finding) -> Json:
    """What the referee found of a part with what methods foretold, or of two sides."""
    answers = by_error(report.explanations, found) if isinstance(found, RefereeReport) else ()
    return referee_json.to_document(found, answers)


def _require_same(found: Players, expected: Players) -> None:
    """A report names its players once; answers on other players cannot be written."""
    if found is not expected and found.digest() != expected.digest():
        raise ValueError("an answer is on other players than the report's")

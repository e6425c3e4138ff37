"""Faithfulness and Consensus <-> JSON, without loss. numpy only.

Strict JSON: an undefined number (NaN) is null. Numbers that follow from others (scores, p-values)
are written for readers, beside the direction that is better, and computed again when read.
"""

from dataclasses import asdict
from typing import Any, Final, TypeAlias, cast, get_args

import numpy as np

from explainers.consensus_report import Consensus, Minority, Outcome, Trial
from explainers.explanation import MethodId, Scale, Target
from explainers.faithfulness_report import (
    AREA_BETTER,
    DIRECTIONS,
    GAP_BETTER,
    SCORE_BETTER,
    BestSource,
    Direction,
    Faithfulness,
    MethodCurves,
    Reference,
)
from explainers.orders import IntArray
from models.case import FloatArray

Json: TypeAlias = dict[str, Any]
_SOURCES: Final = tuple(
    name for part in get_args(BestSource) for name in (get_args(part) or (part,))
)


def to_document(found: Faithfulness) -> Json:
    """What stands under "faithfulness" in report.json."""
    return {
        "case_digest": found.case_digest,
        "players_digest": found.players_digest,
        "target": asdict(found.target),
        "scale": found.scale,
        "baseline": found.baseline,
        "sizes": found.sizes.tolist(),
        "value_full": found.value_full,
        "value_empty": found.value_empty,
        "deletion": _reference(found.deletion),
        "insertion": _reference(found.insertion),
        "methods": [_method(found, curves) for curves in found.methods],
        "score_is": SCORE_BETTER,
        "completeness_gap_is": GAP_BETTER,
        "is_complete": found.is_complete,
        "rows": found.rows,
        "seconds": found.seconds,
        "seed": found.seed,
    }


def read(document: Json) -> Faithfulness:
    """The curves that `to_document` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is not such a document.
    """
    return Faithfulness(
        case_digest=document["case_digest"],
        players_digest=document["players_digest"],
        target=Target(**document["target"]),
        scale=cast("Scale", _one_of(document["scale"], get_args(Scale))),
        baseline=document["baseline"],
        sizes=_ints(document["sizes"]),
        value_full=float(document["value_full"]),
        value_empty=float(document["value_empty"]),
        deletion=_read_reference(document["deletion"], "deletion"),
        insertion=_read_reference(document["insertion"], "insertion"),
        methods=tuple(map(_read_method, document["methods"])),
        is_complete=bool(document["is_complete"]),
        rows=int(document["rows"]),
        seconds=float(document["seconds"]),
        seed=int(document["seed"]),
    )


def consensus_to_document(found: Consensus) -> Json:
    """What stands under "consensus" in report.json."""
    return {
        "case_digest": found.case_digest,
        "players_digest": found.players_digest,
        "outcome": found.outcome,
        "is_shown": found.is_shown,
        "methods": list(found.methods),
        "weights": _numbers(found.weights),
        "scores": _numbers(found.scores),
        "score_is": SCORE_BETTER,
        "shares": _numbers(found.shares),
        "order": found.order.tolist(),
        "deletion": _numbers(found.deletion),
        "insertion": _numbers(found.insertion),
        "deletion_auc": _number(found.deletion_auc),
        "insertion_auc": _number(found.insertion_auc),
        "score": _number(found.score),
        "trials": [
            {"baseline": t.baseline, "gain": t.gain, "gains": _numbers(t.gains)}
            for t in found.trials
        ],
        "gain_is": SCORE_BETTER,
        "minority": [asdict(dissent) for dissent in found.minority],
        "rows": found.rows,
        "seconds": found.seconds,
    }


def read_consensus(document: Json) -> Consensus:
    """The aggregate that `consensus_to_document` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is not such a document.
    """
    trials = (
        Trial(baseline=t["baseline"], gain=float(t["gain"]), gains=_floats(t["gains"]))
        for t in document["trials"]
    )
    return Consensus(
        case_digest=document["case_digest"],
        players_digest=document["players_digest"],
        methods=tuple(map(_method_id, document["methods"])),
        weights=_floats(document["weights"]),
        scores=_floats(document["scores"]),
        shares=_floats(document["shares"]),
        order=_ints(document["order"]),
        deletion=_floats(document["deletion"]),
        insertion=_floats(document["insertion"]),
        deletion_auc=_float(document["deletion_auc"]),
        insertion_auc=_float(document["insertion_auc"]),
        score=_float(document["score"]),
        trials=tuple(trials),
        outcome=cast("Outcome", _one_of(document["outcome"], get_args(Outcome))),
        minority=tuple(
            Minority(**{**dissent, "method": _method_id(dissent["method"])})
            for dissent in document["minority"]
        ),
        rows=int(document["rows"]),
        seconds=float(document["seconds"]),
    )


def _reference(found: Reference) -> Json:
    """Random and best orders in one direction."""
    return {
        "auc_is": AREA_BETTER[found.direction],
        "random": {
            "auc": found.auc,
            "auc_error": found.auc_error,
            "auc_edge": found.edge,
            "aucs": _numbers(found.aucs),
            "curve": _numbers(found.curve),
            "curve_error": _numbers(found.curve_error),
            "low": _numbers(found.low),
            "high": _numbers(found.high),
        },
        "best": {
            "auc": found.best_auc,
            "source": found.best_source,
            "curve": _numbers(found.best_curve),
        },
    }


def _read_reference(part: Json, direction: Direction) -> Reference:
    random, best = part["random"], part["best"]
    return Reference(
        direction=direction,
        curve=_floats(random["curve"]),
        curve_error=_floats(random["curve_error"]),
        low=_floats(random["low"]),
        high=_floats(random["high"]),
        auc=float(random["auc"]),
        auc_error=float(random["auc_error"]),
        aucs=_floats(random["aucs"]),
        best_curve=_floats(best["curve"]),
        best_auc=float(best["auc"]),
        best_source=cast("BestSource", _one_of(best["source"], _SOURCES)),
    )


def _method(found: Faithfulness, curves: MethodCurves) -> Json:
    """One method in both directions."""
    return {
        "method": curves.method,
        "order": curves.order.tolist(),
        "n_tied": curves.n_tied,
        **{direction: _side(found, curves, direction) for direction in DIRECTIONS},
        "completeness_gap": curves.completeness_gap,
    }


def _side(found: Faithfulness, curves: MethodCurves, direction: Direction) -> Json:
    reference, auc = found.reference(direction), curves.auc(direction)
    return {
        "curve": _numbers(curves.curve(direction)),
        "auc": _number(auc),
        "score": _number(reference.score(auc)),
        "score_error": _number(reference.score_error(auc)),
        "n_beaten": reference.n_beaten(auc),
        "p_value": _number(found.p_value(curves, direction)),
    }


def _read_method(part: Json) -> MethodCurves:
    gap = part["completeness_gap"]
    return MethodCurves(
        method=_method_id(part["method"]),
        order=_ints(part["order"]),
        n_tied=int(part["n_tied"]),
        deletion=_floats(part["deletion"]["curve"]),
        insertion=_floats(part["insertion"]["curve"]),
        deletion_auc=_float(part["deletion"]["auc"]),
        insertion_auc=_float(part["insertion"]["auc"]),
        completeness_gap=None if gap is None else float(gap),
    )


def _numbers(array: FloatArray) -> list[float | None]:
    """NaN as None."""
    return [_number(value) for value in array.tolist()]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _floats(values: list[float | None]) -> FloatArray:
    return np.array([_float(value) for value in values], dtype=np.float64)


def _float(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _ints(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _method_id(name: str) -> MethodId:
    return cast("MethodId", _one_of(name, get_args(MethodId)))


def _one_of(value: str, known: tuple[str, ...]) -> str:
    """A value that must be one of those known."""
    if value not in known:
        raise ValueError(f"{value!r} is none of {known}")
    return value

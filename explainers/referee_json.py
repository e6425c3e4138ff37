"""What the referee found <-> the entries of report.json's "referee". numpy only.

docs/referee.schema.json describes the layout. An undefined number (NaN) is null. The pixels of a
drawn shape are not written: they would be an outline of the film.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, get_args

import numpy as np

from explainers.explanation import MethodId, Scale, Target
from explainers.placebo import Alike, PlaceboKind
from explainers.referee_report import Foretold, RefereeReport
from explainers.referee_sides import TwoSided
from models.case import FloatArray

Json: TypeAlias = dict[str, Any]
Finding: TypeAlias = RefereeReport | TwoSided
PART_ARRAYS: Final = ("hiding", "keeping", "effects", "placebos", "own_draws", "other_draws")
SIDES_ARRAYS: Final = ("hiding", "pairs")
SHARED: Final = ("case_digest", "players_digest", "scale", "value_full", "area", "rows", "seconds")


def to_document(found: Finding, answers: Sequence[Foretold] = ()) -> Json:
    """One entry.

    Args:
        found: A part, or two sides.
        answers: What methods foretold of a part (`referee_report.by_error`).
    """
    shared = {name: getattr(found, name) for name in SHARED} | {
        "seed": found.seed,
        "target": _target(found.target),
        "baselines": list(found.baselines),
        "p_value": _number(found.p_value),
        "n_as_large": found.n_as_large,
    }
    if isinstance(found, TwoSided):
        return (
            {
                "kind": "two sides",
                "methods": list(found.methods),
                "parts": [list(part) for part in found.parts],
                "coverage": [list(each) for each in found.coverage],
                "k": found.k,
                "changes": list(found.changes),
                "difference": found.difference,
            }
            | shared
            | {name: _numbers(getattr(found, name)) for name in SIDES_ARRAYS}
        )
    return (
        {
            "kind": "part",
            "part": list(found.part),
            "coverage": list(found.coverage),
            "change": found.change,
            "compared_change": found.compared,
            "placebo_baseline": found.placebo_baseline,
            "placebo_kind": found.placebo_kind,
            "alike": found.alike,
            "n_possible": found.n_possible,
            "overlap": found.overlap,
        }
        | shared
        | {name: _numbers(getattr(found, name)) for name in PART_ARRAYS}
        | {"foretold": [_foretold(answer) for answer in answers]}
    )


def read(document: Mapping[str, Any]) -> Finding:
    """The finding of one entry.

    A wrong entry raises whatever it provokes (KeyError, TypeError, ValueError), as `report_reader`.
    """
    shared = {name: document[name] for name in SHARED} | {
        "seed": document["seed"],
        "scale": _one_of(document["scale"], get_args(Scale)),
        "target": Target(**document["target"]),
        "baselines": tuple(document["baselines"]),
    }
    if document["kind"] == "two sides":
        return _read_sides(document, shared)
    if document["kind"] != "part":
        raise ValueError(f"there is no finding of kind {document['kind']!r}")
    count, draws = len(document["placebos"]), len(document["own_draws"])
    only = document.get("placebo_baseline")  # reports of version 1.3 and before have none
    if only is not None and only not in document["baselines"]:
        raise ValueError("the placebo parts were hidden under another baseline")
    under = len(document["baselines"]) if only is None else 1
    shapes = {"placebos": (count, under), "other_draws": (count, draws)}
    arrays: Json = {name: _floats(document[name], shapes.get(name)) for name in PART_ARRAYS}
    found = RefereeReport(
        part=tuple(document["part"]),
        coverage=tuple(document["coverage"]),
        placebo_kind=_one_of(document["placebo_kind"], get_args(PlaceboKind)),
        alike=_one_of(document["alike"], get_args(Alike)),
        n_possible=document["n_possible"],
        overlap=document["overlap"],
        placebo_baseline=only,
        **shared,
        **arrays,
    )
    if len(found.coverage) not in (0, len(found.part)):
        raise ValueError("the coverage does not fit the part")
    return found


def _read_sides(document: Mapping[str, Any], shared: Json) -> TwoSided:
    """The comparison of one entry."""
    one, two = document["methods"]
    first, second = document["parts"]
    cover, cover_two = document["coverage"]
    return TwoSided(
        methods=(_one_of(one, get_args(MethodId)), _one_of(two, get_args(MethodId))),
        parts=(tuple(first), tuple(second)),
        coverage=(tuple(cover), tuple(cover_two)),
        k=document["k"],
        hiding=_floats(document["hiding"], (2, len(document["baselines"]))),
        pairs=_floats(document["pairs"], (len(document["pairs"]), 2)),
        **shared,
    )


def _foretold(answer: Foretold) -> Json:
    """What one method foretold."""
    return {
        "method": answer.method,
        "rule": answer.rule,
        "change": _number(answer.change),
        "error": _number(answer.error),
        "own_error": _number(answer.own_error),
        "own_change": _number(answer.own_change),
    }


def _target(target: Target) -> Json:
    """The class explained."""
    return {"index": target.index, "name": target.name, "contrast": target.contrast}


def _numbers(array: FloatArray) -> list[Any]:
    """Nested lists."""
    nested: list[Any] = array.tolist()
    return nested


def _number(value: float) -> float | None:
    """The number; None when undefined."""
    return None if np.isnan(value) else float(value)


def _floats(nested: object, shape: tuple[int, ...] | None) -> FloatArray:
    """An array of a shape: an empty list does not tell its own."""
    array = np.array(nested, dtype=np.float64)
    return array if shape is None else array.reshape(shape)


def _one_of(value: Any, choices: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """The value, when it is one of the choices."""
    if value not in choices:
        raise ValueError(f"{value!r} is none of {choices}")
    return value

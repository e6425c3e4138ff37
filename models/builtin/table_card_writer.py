"""The card of a tabular model: words from the study, figures from the caller."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import yaml
from scipy.stats import binom

from models.builtin.table_study import Study
from models.builtin.table_training import DROP, LogisticRecipe, NetworkRecipe, TreesRecipe
from models.table_card import schema_document
from models.weights import CARD_NAME

FIRST: Final = ("id", "title", "weights_sha256", "modality", "classes", "head", "input_shape")
RARE: Final = 0.001  # share of training records that lack more values than the input check takes
Recipe: TypeAlias = NetworkRecipe | TreesRecipe | LogisticRecipe


class Calibration(NamedTuple):
    """Fitted on development records that the model in question had not seen."""

    temperature: float
    operating_point: float


class Files(NamedTuple):
    """What was written beside the card."""

    weights_sha256: str
    sample_sha256: str
    n_records: int


def card_document(
    study: Study, model_id: str, recipe: Recipe, calibration: Calibration, files: Files
) -> dict[str, Any]:
    """The whole card but its figures, as plain data."""
    words = {name: value for name, value in study.words.items() if name != "models"}
    own = study.words["models"][model_id]
    words |= {
        "id": model_id,
        "title": f"{words['title']} ({own['kind']})",
        "weights_sha256": files.weights_sha256,
        "input_shape": [len(study.encoding.element_columns)],
        "capabilities": own["capabilities"],
        "operating_point": calibration.operating_point,
        "temperature": calibration.temperature,
        "architecture": _architecture(own, recipe),
        "training": {
            "command": study.words["training"]["command"],
            "records": len(study.development),
            "recipe": asdict(recipe),
        },
        "schema": schema_document(study.schema),
        "preprocessing": words["preprocessing"]
        | {"parameters": {name: asdict(s) for name, s in study.encoding.scalings.items()}},
        "sample": {"records": files.n_records, "sha256": files.sample_sha256}
        | study.words["sample"],
        "input_check": study.words["input_check"]
        | {"missing_limit": int(binom.ppf(1 - RARE, len(study.schema.columns), DROP))},
    }
    return {**{name: words[name] for name in FIRST}, **words}


class _Dumper(yaml.SafeDumper):
    """Rows of numbers on one line, everything else in block style."""


def _represent_list(dumper: _Dumper, data: Sequence[object]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=_are_numbers(data))


def _represent_mapping(dumper: _Dumper, data: dict[str, object]) -> yaml.Node:
    short = len(data) <= 3 and _are_numbers(data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=short)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(tuple, _represent_list)
_Dumper.add_representer(dict, _represent_mapping)


def write_card(document: Mapping[str, Any], folder: Path) -> None:
    """Write the document as YAML, fields in their order."""
    text = yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    (folder / CARD_NAME).write_text(text, encoding="utf-8")


def _are_numbers(values: Iterable[object]) -> bool:
    """Whether all are numbers."""
    return all(isinstance(value, int | float) for value in values)


def _architecture(own: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """What the loader needs to build the model again."""
    settings = {"hidden": list(recipe.hidden)} if isinstance(recipe, NetworkRecipe) else {}
    return {
        "name": own["architecture"],
        "settings": settings,
        "description": own["description"],
    }

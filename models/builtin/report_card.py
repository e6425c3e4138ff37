"""The report model's card: words from `report_words.yaml`, figures from the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from models.builtin.report_data import Report
from models.builtin.report_labels import MIN_POSITIVES, TAGS
from models.builtin.report_recipe import Recipe
from models.text_check import CHECK_NAME, TextCheck
from models.weights import WEIGHTS_NAME, sha256_of

WORDS: Final = Path(__file__).with_name("report_words.yaml")
FIRST: Final = ("id", "title", "weights_sha256", "modality", "classes", "head", "input_shape")
FILES: Final = ("config.json", "tokenizer.json", "tokenizer_config.json")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """What was decided before the test split was looked at.

    Attributes:
        classes: (K,) findings.
        recipe: Of the training.
        parameters: How many the network has.
        vocabulary: How many pieces the tokenizer has.
        temperatures: (K,) that divided the log-odds; already folded into the weights.
        offsets: (K,) added before; already folded into the weights.
        operating_points: Probability from which each finding is called present.
        check: The input check.
    """

    classes: tuple[str, ...]
    recipe: Recipe
    parameters: int
    vocabulary: int
    temperatures: Sequence[float]
    offsets: Sequence[float]
    operating_points: Mapping[str, float]
    check: TextCheck


def card_document(
    folder: Path, fitted: Fitted, splits: Mapping[str, Sequence[Report]],
    measured: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """The whole card as plain data.

    Args:
        folder: Holds the files whose hashes go on the card.
        fitted: See Fitted.
        splits: Reports by split.
        measured: Figures by section of the card: "metrics", "probes", "robustness", "input_check".
    """
    words: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    words["weights_sha256"] = sha256_of(folder / WEIGHTS_NAME)
    words["files"] = {name: sha256_of(folder / name) for name in FILES}
    words["classes"] = list(fitted.classes)
    words["input_shape"] = [fitted.recipe.most_tokens]
    words["operating_point"] = fitted.operating_points[words["default_target"]]
    words["operating_points"] = dict(fitted.operating_points)
    words["architecture"] |= {"parameters": fitted.parameters, "vocabulary": fitted.vocabulary}
    words["training"]["recipe"] = asdict(fitted.recipe)
    words["calibration"] |= {
        "temperatures": dict(zip(fitted.classes, fitted.temperatures, strict=True)),
        "offsets": dict(zip(fitted.classes, fitted.offsets, strict=True)),
    }
    words["data"] |= _counts(splits, fitted.classes)
    words["input_check"] |= _check_fields(folder, fitted.check)
    for section, figures in measured.items():
        words[section] = {**words[section], **figures}
    return {**{name: words[name] for name in FIRST}, **words}


def write_card(document: Mapping[str, Any], path: Path) -> None:
    """Write the document as YAML, fields in their order."""
    text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(text, encoding="utf-8")


def _counts(splits: Mapping[str, Sequence[Report]], classes: Sequence[str]) -> dict[str, Any]:
    """How many reports and positives each split has, and which findings were too rare."""
    sums = {
        name: np.sum([report.labels for report in reports], axis=0).astype(int).tolist()
        for name, reports in splits.items()
    }
    positives = {
        finding: {name: found[k] for name, found in sums.items()} for k, finding in enumerate(TAGS)
    }
    return {
        "reports": {name: len(reports) for name, reports in splits.items()},
        "positives": {name: positives[name] for name in classes},
        "left_out": {
            name: f"{sum(counts.values())} positives, {MIN_POSITIVES} are needed"
            for name, counts in positives.items()
            if name not in classes
        },
    }


def _check_fields(folder: Path, check: TextCheck) -> dict[str, Any]:
    return {
        "sha256": sha256_of(folder / CHECK_NAME),
        "mean": check.mean,
        "between": check.between,
        "within": check.within,
        "min_words": check.min_words,
        "limits": dict(check.limits),
    }

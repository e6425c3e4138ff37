"""A report.json from somebody else: read with distrust, refused in one sentence. numpy only.

`from_json` checks the layout. Here every value that the comparison computes with or writes into a
sentence is checked as well, so that a damaged or hostile file cannot fail later.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np

from explainers.agreement import MAX_PLAYERS
from explainers.explanation import Explanation, MethodId, Scale
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_json import from_json
from models.case import FloatArray
from models.errors import InputError, TooLargeError

MIB: Final = 1024 * 1024
MAX_BYTES: Final = 64 * MIB  # twenty methods with their fine maps are 30 MB
MAX_CLASSES: Final = 1000
MAX_ANSWERS: Final = 64  # three times the methods there are: all pairs are compared
MAX_ELEMENTS: Final = 2**22  # of an input: an image of 2,048 x 2,048
LARGEST: Final = 2**53  # of a count: beyond it JavaScript and NumPy disagree
LONGEST: Final = 200  # letters of a name
HINT: Final = "Choose a report.json as Consilium wrote it."
AGAIN: Final = "If it was copied or sent, do that again."
DAMAGED: Final = "A part of this report is missing, or is not what it should be."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OtherReport:
    """A report from a file.

    Attributes:
        report: What it says.
        schema_version: Its version of the layout.
    """

    report: EvidenceReport
    schema_version: str


def read_other(data: bytes) -> OtherReport:
    """Read a report.json.

    Raises:
        TooLargeError: more than 64 MiB.
        InputError: not a report, of another major version, or inconsistent in itself.
    """
    if len(data) > MAX_BYTES:
        raise TooLargeError(
            f"The file has {len(data) / MIB:,.0f} MiB; a report.json has at most "
            f"{MAX_BYTES / MIB:,.0f} MiB.",
            "Write it again without --maps.",
        )
    text, version = _text_of(data)
    try:
        report = from_json(text)
        wrong = next(_implausible(report), None)
    except InputError as error:
        if error.__cause__ is None:  # a sentence of its own: another version
            raise
        raise InputError(DAMAGED, HINT) from error
    except (ValueError, TypeError, AttributeError, RecursionError, ArithmeticError) as error:
        raise InputError(DAMAGED, HINT) from error
    if wrong is not None:
        raise InputError(f"This report contradicts itself: {wrong}.", HINT)
    return OtherReport(report=report, schema_version=version[:LONGEST])


def _text_of(data: bytes) -> tuple[str, str]:
    """The file as text, and the version of the layout that it names.

    Raises:
        InputError: no text, no JSON, or JSON of something else.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("This file is no text, so it is no report.json.", HINT) from error
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            "This file is not JSON, or was cut off before its end.", f"{HINT} {AGAIN}"
        ) from error
    if not isinstance(document, dict) or "schema_version" not in document:
        raise InputError("This file is JSON, but no report of Consilium.", HINT)
    return text, str(document["schema_version"])


def _implausible(report: EvidenceReport) -> Iterator[str]:
    """What cannot be, in words that name no value."""
    model, prediction = report.model, report.prediction
    names = (report.case_digest, model.id, model.weights_sha256, report.baseline.description)
    if not all(_is_name(name) for name in (*names, *model.classes, *_versions(report))):
        yield "a name is no short text"
    sizes = {len(model.classes), prediction.logits.size, prediction.probabilities.size}
    if len(sizes) > 1 or not 2 <= len(model.classes) <= MAX_CLASSES:
        yield "classes and probabilities do not fit"
    elif not (_is_finite(prediction.logits) and _is_finite(prediction.probabilities)):
        yield "a probability is no number"
    if report.players.count > MAX_PLAYERS or report.players.membership.size > MAX_ELEMENTS:
        yield f"it cuts the case into more than {MAX_PLAYERS} parts, or has too many elements"
    if len(report.explanations) > MAX_ANSWERS:
        yield f"it has more than {MAX_ANSWERS} answers"
    yield from _asked(report)
    for explanation in report.explanations:
        yield from _answered(explanation)


def _versions(report: EvidenceReport) -> tuple[object, ...]:
    """Names and versions of packages."""
    return (*report.environment.keys(), *report.environment.values())


def _asked(report: EvidenceReport) -> Iterator[str]:
    """What cannot have been asked."""
    request: ConsultRequest = report.request
    kind = report.modality
    if not {*request.methods, *(name for name, _ in request.budgets)} <= set(get_args(MethodId)):
        yield "it asks for a method that does not exist"
    if request.players not in PLAYERS_OF[kind] or request.baseline not in BASELINES_OF[kind]:
        yield "it cuts the case, or hides parts, in a way that does not exist"
    if request.scale not in get_args(Scale):
        yield "its unit is none of ours"
    for part in (request.target, request.contrast):
        if part is not None and not _is_name(part):
            yield "a class asked for is no short text"
    counts = (request.budget, request.n_players, *(rows for _, rows in request.budgets))
    if not all(_is_count(count) for count in (*counts, abs(request.seed))):
        yield "a count is no whole number"


def _answered(e: Explanation) -> Iterator[str]:
    """What cannot have been answered."""
    errors, fine = e.std_error, e.element_map
    if not _is_finite(e.values) or not np.isfinite(e.value_full):
        yield "a value is no number"
    if e.value_empty is not None and not np.isfinite(e.value_empty):
        yield "a value is no number"
    if errors is not None and (
        errors.shape != e.values.shape or not _is_finite(errors) or (errors < 0).any()
    ):
        yield "error bars do not fit the values"
    if fine is not None and (fine.shape != e.players.membership.shape or not _is_finite(fine)):
        yield "a fine map does not fit the case"
    if not isinstance(e.signed, bool) or not all(_is_count(n) for n in (e.rows, abs(e.seed))):
        yield "a count is no whole number"


def _is_name(value: object) -> bool:
    """Whether it is a text that fits into a sentence."""
    return isinstance(value, str) and len(value) <= LONGEST


def _is_count(value: object) -> bool:
    """Whether it is a whole number of a size that can be meant."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _is_finite(values: FloatArray) -> bool:
    """Whether all are numbers."""
    return bool(np.isfinite(values).all())

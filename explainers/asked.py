"""An answer in its context: what it was asked, and what its own numbers say it was asked.

What a file declares may be wrong. The value of the whole case tells: it must be the model's output
for the class asked, on the scale named. numpy only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from explainers.causes import Side
from explainers.explanation import Explanation, MethodCard, MethodId, Scale
from explainers.report import SCHEMA_VERSION, ConsultRequest, EvidenceReport
from models.case import FloatArray

# A model's answer and the value that methods start from come from one machine: equal but for
# rounding. Log-odds and probability are farther apart, but for log-odds of 0.659 +- 0.0013.
VALUE_TOLERANCE: Final = 1e-3  # absolute, and relative to values above 1
Cards: TypeAlias = Mapping[MethodId, MethodCard]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """What was asked, of whom, about what: the part that all answers of a report share.

    Attributes:
        case_digest: Names the case.
        model_id: The model.
        weights_sha256: Its weights.
        classes: (K,) names.
        probabilities: (K,) its answer; empty when not known.
        logits: (K,) before softmax or sigmoid.
        log_odds: (K,) what the logit scale explains.
        request: What was asked.
        environment: Versions of packages.
        schema_version: Of the report it was read from.
        source: "" for the report at hand, else its name in sentences, "the other report".
    """

    case_digest: str
    model_id: str
    weights_sha256: str
    classes: tuple[str, ...]
    probabilities: FloatArray
    logits: FloatArray
    log_odds: FloatArray
    request: ConsultRequest
    environment: Mapping[str, str] = field(default_factory=dict)
    schema_version: str = SCHEMA_VERSION
    source: str = ""

    def output(self, scale: Scale, index: int, contrast: int | None) -> float:
        """The model's number for a class, as `Question.explained` defines it."""
        known = self.probabilities if scale == "probability" else self.logits
        if contrast is not None:
            return float(known[index] - known[contrast])
        return float((known if scale == "probability" else self.log_odds)[index])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """One answer with its context.

    Attributes:
        explanation: The answer.
        context: What was asked.
        card: What the method promises; None when it is not known.
        colour_end: Share at which its panel reaches full colour; None where panels share one end.
    """

    explanation: Explanation
    context: Context
    card: MethodCard | None = None
    colour_end: float | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the values are promised to add up."""
        return self.card is not None and self.card.complete


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer explains, by its numbers.

    Attributes:
        scale: Unit.
        index: Class.
        contrast: Class it is compared with.
    """

    scale: Scale
    index: int
    contrast: int | None


def context_of(
    report: EvidenceReport, *, source: str = "", schema_version: str = SCHEMA_VERSION
) -> Context:
    """The context of a report's answers."""
    return Context(
        case_digest=report.case_digest,
        model_id=report.model.id,
        weights_sha256=report.model.weights_sha256,
        classes=report.model.classes,
        probabilities=report.prediction.probabilities,
        logits=report.prediction.logits,
        log_odds=report.log_odds,
        request=report.request,
        environment=report.environment,
        schema_version=schema_version,
        source=source,
    )


def asked_in(
    report: EvidenceReport,
    cards: Cards,
    *,
    context: Context | None = None,
    colour_ends: Mapping[MethodId, float] | None = None,
) -> tuple[Asked, ...]:
    """Every answer of a report in its context.

    Args:
        report: The report.
        cards: Method id -> what the method promises.
        context: None makes it from the report.
        colour_ends: Share at which each panel reaches full colour, where panels do not share one.
    """
    shared = context_of(report) if context is None else context
    ends = colour_ends or {}
    return tuple(
        Asked(
            explanation=e,
            context=shared,
            card=cards.get(e.method),
            colour_end=ends.get(e.method),
        )
        for e in report.explanations
    )


def alike(one: float, other: float) -> bool:
    """Whether two values of the model are the same but for rounding."""
    return abs(one - other) <= VALUE_TOLERANCE * max(1.0, abs(one), abs(other))


def declared(asked: Asked) -> Reading:
    """What an answer says of itself."""
    target = asked.explanation.target
    return Reading(asked.explanation.scale, target.index, target.contrast)


def reading(asked: Asked) -> Reading | None:
    """What an answer explains, by its number for the whole case; None where nothing fits.

    What is declared is believed when it fits; then the other scale, then other classes.
    """
    if not len(asked.context.probabilities):
        return declared(asked)
    full = asked.explanation.value_full
    for candidate in _candidates(declared(asked), len(asked.context.classes)):
        value = asked.context.output(candidate.scale, candidate.index, candidate.contrast)
        if np.isfinite(value) and alike(full, value):
            return candidate
    return None


def class_name(asked: Asked, found: Reading) -> str:
    """The class of a reading in words."""
    names: Sequence[str] = asked.context.classes
    against = "" if found.contrast is None else f" rather than “{names[found.contrast]}”"
    return f"“{names[found.index]}”{against}"


def side(asked: Asked) -> Side:
    """The name of an answer."""
    return Side(asked.explanation.method, asked.context.source)


def _candidates(said: Reading, n_classes: int) -> Iterator[Reading]:
    """What an answer might explain, the likeliest first."""
    other: Scale = "probability" if said.scale == "logit" else "logit"
    for scale in (said.scale, other):
        yield Reading(scale, said.index, said.contrast)
    for scale in (said.scale, other):
        yield from (Reading(scale, k, None) for k in range(n_classes))
        yield from (Reading(scale, said.index, k) for k in range(n_classes) if k != said.index)

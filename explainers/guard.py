"""Is there anything to explain? Where there is not, methods still draw maps, and may agree on them.

Five reasons, each enough: the input check refuses the case; the model's weights are random; it all
but rules the class out; nothing that was tried moves the answer; no value can be told from zero.
docs/agreement.md states the rules. numpy only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal, TypeAlias

import numpy as np

from explainers.explanation import Explanation, MethodId, Scale, Target
from models.prediction import Prediction

Cause: TypeAlias = Literal["refused", "random weights", "improbable", "no effect", "within error"]
RULED_OUT: Final = 0.001  # probability
# Log-odds. No probability moves by more than a quarter of it, one percentage point. Far above
# rounding: float32 resolves log-odds of size 10 to 1e-6.
NEGLIGIBLE: Final = 0.04
ALPHA: Final = 0.05  # of calling one of all values different from zero when none is
UNITS: Final[dict[Scale, str]] = {"logit": "log-odds", "probability": "probability"}
READS_NO_ANSWERS: Final[frozenset[MethodId]] = frozenset({"attention_rollout"})


LEARNED: Final = 5.0  # standard errors; none of 6,000 random layers scored more than 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightStructure:
    """How much order the weights of a network hold, beyond the same numbers shuffled.

    Attributes:
        score: Standard errors above shuffled copies, all layers together: 0 for random weights.
        n_layers: Layers that were compared.
    """

    score: float
    n_layers: int

    @property
    def is_random(self) -> bool:
        """Whether nothing tells the weights from random ones."""
        return self.score < LEARNED


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToExplain:
    """A reason why explanations of this answer would be empty, or mislead.

    Attributes:
        cause: Which of the rules.
        sentence: The reason in words, for the user.
    """

    cause: Cause
    sentence: str


def nothing_to_explain(
    explanations: Sequence[Explanation],
    *,
    prediction: Prediction,
    target: Target,
    scale: Scale,
    parts: str,
    structure: WeightStructure | None = None,
) -> tuple[NothingToExplain, ...]:
    """Say why there is nothing to explain; empty when there is something.

    Args:
        explanations: The answers, on the same players; none is possible.
        prediction: What the model says, with the input check.
        target: The class explained.
        scale: Unit of the values.
        parts: What several players are called, "regions".
        structure: Order in the model's weights, `weight_structure(model)`; None where unknown.
    """
    found: list[NothingToExplain] = []
    if prediction.check is not None and not prediction.check.accepted:
        found.append(NothingToExplain(cause="refused", sentence=_refused()))
    if structure is not None and structure.is_random:
        found.append(NothingToExplain(cause="random weights", sentence=_random()))
    if prediction.probabilities[target.index] < RULED_OUT:
        found.append(NothingToExplain(cause="improbable", sentence=_improbable(prediction, target)))
    if not explanations:
        return tuple(found)
    effect = largest_effect(explanations)
    if effect <= negligible(prediction, target, scale):
        sentence = _no_effect(effect, target, scale, parts)
        found.append(NothingToExplain(cause="no effect", sentence=sentence))
    elif _is_within_error(explanations):
        found.append(NothingToExplain(cause="within error", sentence=_within_error(parts)))
    return tuple(found)


def is_ruled_out(prediction: Prediction, target: int) -> bool:
    """Whether maps will have nothing to explain, as far as the prediction alone tells.

    Args:
        prediction: What the model says.
        target: Index of the class that is explained.
    """
    refused = prediction.check is not None and not prediction.check.accepted
    return refused or bool(prediction.probabilities[target] < RULED_OUT)


def negligible(prediction: Prediction, target: Target, scale: Scale) -> float:
    """Effect that is as good as none, in the unit of the scale.

    On the probability scale the same change of log-odds, by the slope p (1 - p) at this case.
    """
    if scale == "logit":
        return NEGLIGIBLE
    classes = [k for k in (target.index, target.contrast) if k is not None]
    p = prediction.probabilities[classes]
    return NEGLIGIBLE * float((p * (1 - p)).max())


def largest_effect(explanations: Sequence[Explanation]) -> float:
    """The most that anything is said to move the answer by, in the unit of the scale.

    The difference between the case and nothing of it, and the sum of a method's |values|. Densities
    are in units of their own; where there is nothing else their sum over all elements stands in:
    the change, to first order, when every element moves by one unit.
    """
    effects = [
        effect
        for explanation in explanations
        if explanation.method not in READS_NO_ANSWERS
        for effect in _effects(explanation)
    ]
    densities = [float(np.abs(e.values) @ e.players.sizes) for e in explanations]
    return max(effects or densities)


def _effects(explanation: Explanation) -> Iterator[float]:
    """What one method says in the unit of the scale."""
    if explanation.value_empty is not None:
        yield abs(explanation.value_full - explanation.value_empty)
    if explanation.kind == "additive":
        yield float(np.abs(explanation.values).sum())


def _is_within_error(explanations: Sequence[Explanation]) -> bool:
    """Whether no value of any method differs from zero, at 5 % over all of them (Bonferroni)."""
    count = sum(len(e.values) for e in explanations)
    limit = NormalDist().inv_cdf(1 - ALPHA / (2 * count))
    return all(
        e.std_error is not None and bool((np.abs(e.values) <= limit * e.std_error).all())
        for e in explanations
    )


def _refused() -> str:
    return (
        "The input check refuses this case: what a model answers to such an input, and what "
        "methods say about that answer, need not mean anything."
    )


def _random() -> str:
    return (
        "The network's weights hold no more order than the same numbers shuffled: it looks as if "
        "nothing was learned, and maps would explain answers that random numbers give."
    )


def _improbable(prediction: Prediction, target: Target) -> str:
    likeliest = int(prediction.probabilities.argmax())
    other = f"; ask about “{prediction.classes[likeliest]}”, which it finds most probable"
    return (
        f"The model gives “{target.name}” a probability below {100 * RULED_OUT:g} %: it all but "
        "rules it out, and maps would explain an answer that it does not give"
        f"{other if likeliest != target.index else ''}."
    )


def _no_effect(effect: float, target: Target, scale: Scale, parts: str) -> str:
    alike = "the model answers alike whatever stands in them"
    if effect == 0:
        return f"None of the {parts} moves the {UNITS[scale]} of “{target.name}”: {alike}."
    return (
        f"All {parts} together move the {UNITS[scale]} of “{target.name}” by no more than "
        f"{effect:.1g}, less than one percentage point of probability: {alike}."
    )


def _within_error(parts: str) -> str:
    return (
        f"No method can tell the value of any of the {parts} from zero: the error bars are as wide "
        "as the values, and only more model runs would narrow them."
    )

"""What a model says about one case. numpy only."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from models.case import FloatArray

Head: TypeAlias = Literal["softmax", "sigmoid"]


def probabilities_of(logits: FloatArray, head: Head) -> FloatArray:
    """Probabilities (..., K) of logits (..., K): softmax over the last axis, or sigmoid of each."""
    if head == "sigmoid":
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InputCheck:
    """Whether the case looks like what the model was trained on.

    Attributes:
        accepted: False means: show the prediction only under a visible warning.
        message: One sentence for the user when not accepted, "" otherwise.
        scores: (name, value, limit) of each test; a value above its limit refuses.
    """

    accepted: bool
    message: str
    scores: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """Calibrated output for one case.

    Attributes:
        classes: (K,) names.
        logits: (K,) float64, after temperature scaling.
        probabilities: (K,) float64; sums to 1 for a softmax head, need not for sigmoid.
        check: The input check, None when the model has none.
    """

    classes: tuple[str, ...]
    logits: FloatArray
    probabilities: FloatArray
    check: InputCheck | None = None

"""Methods that read a model's own parts instead of asking it for values."""

from abc import ABC
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explainers.methods.base import Method
from explainers.question import Question
from models.case import FloatArray
from models.errors import UnsupportedMethodError


@dataclass(frozen=True, kw_only=True)
class GlassBox(Method, ABC):
    """Exact where the explained number is linear in the logits; spends no forward row."""

    def least_budget(self, question: Question) -> int:  # the same for all
        """Nothing."""
        return 0

    def rows_needed(self, question: Question, budget: int) -> int:
        """None."""
        return 0

    def require(self, question: Question, budget: int) -> None:
        """Refuse, beside what every method refuses, scales and baselines without a closed form."""
        super().require(question, budget)
        title, model = self.card.title, question.model.card
        if question.scale != "logit":
            raise UnsupportedMethodError(
                f"{title} is exact for log-odds only, and probabilities are asked for.",
                "Choose the log-odds scale or another method.",
            )
        against_many = model.head == "softmax" and len(model.classes) > 2
        if against_many and any(target.contrast is None for target in question.targets):
            raise UnsupportedMethodError(
                f"{title} is exact for the difference of two classes, and {model.title} has "
                f"{len(model.classes)}.",
                "Choose a class to compare with.",
            )
        if not question.masker.has_path:
            raise UnsupportedMethodError(
                f"{title} needs a baseline that does not depend on the features that stay, and "
                f"“{question.masker.baseline.name}” does.",
                "Choose another baseline or another method.",
            )


def explained_parts(question: Question, parts: FloatArray | Tensor) -> FloatArray:
    """Parts of logits (E, K), such as contributions of elements -> (T, E) of what is explained.

    Right where `GlassBox.require` has passed: there the explained number is linear in the logits.
    """
    return np.asarray(question.explained(torch.as_tensor(parts).double().cpu()).T.numpy())

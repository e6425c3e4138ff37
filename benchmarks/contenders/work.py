"""What a contender is, our methods as contenders, and how packages ask the model."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor, Runtime
from explainers.methods.base import Method
from explainers.question import Question
from models.devices import rows_per_pass
from models.throughput import example_for, measure

Array: TypeAlias = npt.NDArray[np.floating]
Work: TypeAlias = Callable[[Question, int, int], int]  # (question, count, batch) -> rows spent
Unit: TypeAlias = Literal["masks", "steps", "records"]  # what is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One explanation to be timed.

    Attributes:
        work: Explains a question with `count` of `unit` and says how many rows the model answered.
            Ours runs in the passes it would choose; packages get `batch`, the best one measured.
        unit: What `count` counts.
    """

    work: Work
    unit: Unit = "masks"

    @property
    def gradient(self) -> bool:
        """Whether each row takes a backward pass too."""
        return self.unit == "steps"


def ours(make: Callable[[int], Method]) -> Work:
    """One of our methods with `count` masks, steps or records."""

    def work(question: Question, count: int, _: int) -> int:
        game = MaskedPredictor(question, Runtime(max_rows=chosen_rows(question)))
        method = make(count)
        wanted = count * question.masker.n_draws
        budget = max(wanted, method.least_budget(question))
        method.explain(game, budget=budget, generator=torch.Generator().manual_seed(0))
        return game.rows

    return work


@cache
def chosen_rows(question: Question) -> int:
    """Rows a pass as the app chooses them once, when it loads the model."""
    model = question.model
    if example_for(model) is None:
        return rows_per_pass(model.device, question.case.modality)
    return measure(model, question.inputs).rows_per_pass


class Answers:
    """The model as users hand it to the packages: inputs in batches, log-odds out.

    Args:
        question: Whose model and target.
        batch: Rows a pass.

    Attributes:
        rows: Answered so far.
    """

    def __init__(self, question: Question, batch: int) -> None:
        self.rows = 0
        self._question = question
        self._batch = batch

    def __call__(self, inputs: Tensor) -> Array:
        """(n, *input_shape) -> (n,)."""
        self.rows += len(inputs)
        with torch.inference_mode():
            parts = [self._question.model.logits(part) for part in torch.split(inputs, self._batch)]
            answers: Array = self._question.explained(torch.cat(parts))[:, 0].numpy()
        return answers

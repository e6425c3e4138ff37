"""What captum explains by asking about parts of an input, whatever the modality."""

from typing import Any

import torch
from torch import Tensor

from benchmarks.contenders.work import Work
from explainers.question import Question


def surrogate(name: str) -> Work:
    """The `KernelShap` or `Lime` of captum, against the first content of the baseline."""

    def work(question: Question, count: int, batch: int) -> int:
        _attribute(name, question, n_samples=count, perturbations_per_eval=batch)
        return count

    return work


def occlusion(question: Question, _: int, batch: int) -> int:
    """`captum.attr.FeatureAblation`: each part absent once, as our occlusion."""
    _attribute("FeatureAblation", question, perturbations_per_eval=batch)
    return question.players.count + 1


def _attribute(name: str, question: Question, **settings: int) -> None:
    """Run one explainer of captum over the question's players."""
    from captum import attr

    def forward(inputs: Tensor) -> Tensor:
        return question.explained(question.model.logits(inputs))[:, 0]

    # Nobody's elements are a feature of their own to captum; we never remove them.
    parts = torch.tensor(question.players.membership).long() % (question.players.count + 1)
    explainer: Any = getattr(attr, name)(forward)
    with torch.no_grad():
        explainer.attribute(
            question.inputs,
            baselines=question.masker.empty()[:1],
            feature_mask=parts.view(1, *[1] * (question.inputs.ndim - 1 - len(_shape(question))),
                                    *_shape(question)),
            **settings,
        )  # fmt: skip


def _shape(question: Question) -> tuple[int, ...]:
    """Of the elements that players own."""
    return tuple(question.players.element_shape)

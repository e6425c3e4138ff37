"""Integrated Gradients by captum, from the same baselines."""

from torch import Tensor

from explainers.question import Question


def captum_integrated_gradients(question: Question, count: int, batch: int) -> int:
    """`captum.attr.IntegratedGradients` at the input or, for texts, behind the embedding."""
    from captum.attr import IntegratedGradients

    def forward(points: Tensor) -> Tensor:
        return question.explained(question.logits_at(points))[:, 0]

    origins = question.origins
    IntegratedGradients(forward).attribute(
        question.point.repeat(len(origins), *[1] * (origins.ndim - 1)),
        baselines=origins,
        n_steps=count,
        internal_batch_size=batch,
    )
    return count * len(origins)

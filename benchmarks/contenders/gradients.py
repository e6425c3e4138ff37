"""Methods of gradients by captum, from the same baselines."""

from collections.abc import Callable

from torch import Tensor

from explainers.question import Question


def captum_integrated_gradients(question: Question, count: int, batch: int) -> int:
    """`captum.attr.IntegratedGradients` at the input or, for texts, behind the embedding."""
    from captum.attr import IntegratedGradients

    origins = question.origins
    IntegratedGradients(_forward(question)).attribute(
        question.point.repeat(len(origins), *[1] * (origins.ndim - 1)),
        baselines=origins,
        n_steps=count,
        internal_batch_size=batch,
    )
    return count * len(origins)


def captum_smooth_grad(question: Question, count: int, batch: int) -> int:
    """`captum.attr.NoiseTunnel` around `Saliency`, with noise of a tenth of the input's range."""
    from captum.attr import NoiseTunnel, Saliency

    spread = float(question.inputs.max() - question.inputs.min()) / 10
    NoiseTunnel(Saliency(_forward(question))).attribute(
        question.point,
        nt_type="smoothgrad",
        nt_samples=count,
        nt_samples_batch_size=min(batch, count),
        stdevs=spread,
        abs=False,
    )
    return count


def captum_gradient_shap(question: Question, count: int, batch: int) -> int:
    """`captum.attr.GradientShap`, in calls of one batch: it takes all its samples at once."""
    from captum.attr import GradientShap

    explainer = GradientShap(_forward(question))
    for start in range(0, count, batch):
        samples = min(batch, count - start)
        explainer.attribute(question.point, baselines=question.origins, n_samples=samples)
    return count


def _forward(question: Question) -> Callable[[Tensor], Tensor]:
    """Points to the explained number of the first target."""

    def forward(points: Tensor) -> Tensor:
        return question.explained(question.logits_at(points))[:, 0]

    return forward

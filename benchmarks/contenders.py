"""The same work by us and by the original packages: (question, masks, batch) -> model rows spent.

Ours runs in the passes it would choose; packages that take a batch size get the best one measured.
"""

import contextlib
import io
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.methods.base import Method
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.rise import Rise
from explainers.question import Question

Array: TypeAlias = npt.NDArray[np.floating]
Work: TypeAlias = Callable[[Question, int, int], int]


def _ours(make: Callable[[int], Method]) -> Work:
    """One of our methods with `count` masks, steps or samples."""

    def work(question: Question, count: int, _: int) -> int:
        game = MaskedPredictor(question)
        method = make(count)
        budget = max(count, method.least_budget(question))
        method.explain(game, budget=budget, generator=torch.Generator().manual_seed(0))
        return game.rows

    return work


def _model_rows(question: Question, batch: int) -> Callable[[Array], Array]:
    """A numpy prediction function as users of the packages write it: batches, log-odds out."""

    def predict(images: Array) -> Array:
        with torch.inference_mode():
            rows = torch.as_tensor(np.asarray(images), dtype=torch.float32)
            parts = [question.model.logits(part) for part in torch.split(rows, batch)]
            answers: Array = question.explained(torch.cat(parts)).numpy()
            return answers

    return predict


def lime_package(question: Question, count: int, batch: int) -> int:
    """`LimeImageExplainer` on the image itself, our superpixels, grey hiding."""
    from lime.lime_image import LimeImageExplainer

    image = question.inputs[0, 0].double().numpy()
    segments = question.players.membership.reshape(image.shape)
    predict = _model_rows(question, batch)
    with contextlib.redirect_stderr(io.StringIO()):
        LimeImageExplainer(random_state=0).explain_instance(
            image,
            lambda images: predict(images[..., 0][:, None]),
            labels=(0,),
            top_labels=None,
            hide_color=0,
            num_samples=count,
            batch_size=batch,
            segmentation_fn=lambda _: segments,
        )
    return count


def shap_package(question: Question, count: int, batch: int) -> int:
    """`shap.KernelExplainer` over superpixels with the usual masking function in numpy."""
    import shap

    image = question.inputs[0].numpy()
    baseline = question.masker.empty()[0].numpy()
    segments = question.players.membership.reshape(image.shape[1:])
    predict = _model_rows(question, batch)

    def masked(masks: Array) -> Array:
        answers = []
        for start in range(0, len(masks), batch):
            kept = masks[start : start + batch][:, segments][:, None]
            answers.append(predict(np.where(kept > 0, image, baseline)))
        return np.concatenate(answers)

    players = question.players.count
    explainer = shap.KernelExplainer(masked, np.zeros((1, players)))
    explainer.shap_values(np.ones((1, players)), nsamples=count, l1_reg=False, silent=True)
    return count + 2


def _captum(name: str) -> Work:
    """The `KernelShap` or `Lime` of captum."""

    def work(question: Question, count: int, batch: int) -> int:
        from captum import attr

        def forward(inputs: Tensor) -> Tensor:
            return question.explained(question.model.logits(inputs))[:, 0]

        shape = question.players.element_shape
        features = torch.tensor(question.players.membership).long().view(1, 1, *shape)
        explainer = getattr(attr, name)(forward)
        with torch.no_grad():
            explainer.attribute(
                question.inputs,
                baselines=question.masker.empty()[:1],
                feature_mask=features,
                n_samples=count,
                perturbations_per_eval=batch,
            )
        return count

    return work


def captum_gradients(question: Question, count: int, batch: int) -> int:
    """IntegratedGradients of captum."""
    from captum.attr import IntegratedGradients as Captum

    def forward(inputs: Tensor) -> Tensor:
        return question.explained(question.model.logits(inputs))[:, 0]

    Captum(forward).attribute(
        question.inputs,
        baselines=question.masker.empty()[:1],
        n_steps=count,
        internal_batch_size=batch,
    )
    return count


# name -> (work, whether it needs gradients)
CONTENDERS: dict[str, tuple[Work, bool]] = {
    "LIME ours": (_ours(lambda n: Lime(masks=n)), False),
    "LIME lime": (lime_package, False),
    "LIME captum": (_captum("Lime"), False),
    "KernelSHAP ours": (_ours(lambda n: KernelShap(masks=n)), False),
    "KernelSHAP shap": (shap_package, False),
    "KernelSHAP captum": (_captum("KernelShap"), False),
    "RISE ours": (_ours(lambda n: Rise(masks=n)), False),
    "IG ours": (_ours(lambda n: IntegratedGradients(steps=n)), True),
    "IG captum": (captum_gradients, True),
}

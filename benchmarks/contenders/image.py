"""Films: methods over superpixels, and methods of gradients."""

import contextlib
import io

import numpy as np
import torch

from benchmarks.contenders import captum_package, shap_package, shapiq_package
from benchmarks.contenders.gradients import (
    captum_gradient_shap,
    captum_integrated_gradients,
    captum_smooth_grad,
)
from benchmarks.contenders.work import Answers, Array, Contender, ours
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.occlusion import Occlusion
from explainers.methods.partition_shap import PartitionShap
from explainers.methods.permutation_shap import PermutationShap
from explainers.methods.rise import Rise
from explainers.methods.smooth_grad import SmoothGrad
from explainers.question import Question


def lime_package(question: Question, count: int, batch: int) -> int:
    """`LimeImageExplainer` on the image itself, our superpixels, grey hiding."""
    from lime.lime_image import LimeImageExplainer

    image = question.inputs[0, 0].double().numpy()
    segments = question.players.membership.reshape(image.shape)
    answers = Answers(question, batch)

    def predict(images: Array) -> Array:
        return answers(torch.from_numpy(images[..., 0][:, None]).float())[:, None]

    with contextlib.redirect_stderr(io.StringIO()):
        LimeImageExplainer(random_state=0).explain_instance(
            image,
            predict,
            labels=(0,),
            top_labels=None,
            hide_color=0,
            num_samples=count,
            batch_size=batch,
            segmentation_fn=lambda _: segments,
        )
    return answers.rows


def as_table(question: Question, batch: int) -> shap_package.Table:
    """Regions as columns, hidden by the usual masking function in numpy."""
    image = question.inputs[0].numpy()
    baseline = question.masker.empty()[0].numpy()
    segments = question.players.membership.reshape(image.shape[1:])
    answers, players = Answers(question, batch), question.players.count

    def masked(masks: Array) -> Array:
        found = []
        for start in range(0, len(masks), batch):
            kept = masks[start : start + batch][:, segments][:, None]
            found.append(answers(torch.from_numpy(np.where(kept > 0, image, baseline))))
        return np.concatenate(found)

    return masked, np.ones((1, players)), np.zeros((1, players)), lambda: answers.rows


IMAGE: dict[str, Contender] = {
    "LIME ours": Contender(work=ours(lambda n: Lime(masks=n))),
    "LIME lime": Contender(work=lime_package),
    "LIME captum": Contender(work=captum_package.surrogate("Lime")),
    "KernelSHAP ours": Contender(work=ours(lambda n: KernelShap(masks=n))),
    "KernelSHAP shap": Contender(work=shap_package.kernel(as_table)),
    **shapiq_package.contenders(as_table),
    "KernelSHAP captum": Contender(work=captum_package.surrogate("KernelShap")),
    "Partition ours": Contender(work=ours(lambda n: PartitionShap(masks=n))),
    "Partition shap": Contender(work=shap_package.partition(as_table)),
    "Permutation ours": Contender(work=ours(lambda n: PermutationShap(masks=n))),
    "Permutation shap": Contender(work=shap_package.permutation(as_table)),
    "Occlusion ours": Contender(work=ours(lambda _: Occlusion())),
    "Occlusion captum": Contender(work=captum_package.occlusion),
    "RISE ours": Contender(work=ours(lambda n: Rise(masks=n))),
    "IG ours": Contender(work=ours(lambda n: IntegratedGradients(steps=n)), unit="steps"),
    "IG captum": Contender(work=captum_integrated_gradients, unit="steps"),
    "SmoothGrad ours": Contender(work=ours(lambda n: SmoothGrad(samples=n)), unit="steps"),
    "SmoothGrad captum": Contender(work=captum_smooth_grad, unit="steps"),
    "GradientSHAP ours": Contender(work=ours(lambda n: GradientShap(samples=n)), unit="steps"),
    "GradientSHAP captum": Contender(work=captum_gradient_shap, unit="steps"),
}

"""Films: LIME, KernelSHAP, RISE and Integrated Gradients over superpixels."""

import contextlib
import io

import numpy as np
import torch
from torch import Tensor

from benchmarks.contenders.gradients import captum_integrated_gradients
from benchmarks.contenders.work import Answers, Array, Contender, Work, ours
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.rise import Rise
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


def shap_package(question: Question, count: int, batch: int) -> int:
    """`shap.KernelExplainer` over superpixels with the usual masking function in numpy."""
    import shap

    image = question.inputs[0].numpy()
    baseline = question.masker.empty()[0].numpy()
    segments = question.players.membership.reshape(image.shape[1:])
    answers = Answers(question, batch)

    def masked(masks: Array) -> Array:
        found = []
        for start in range(0, len(masks), batch):
            kept = masks[start : start + batch][:, segments][:, None]
            found.append(answers(torch.from_numpy(np.where(kept > 0, image, baseline))))
        return np.concatenate(found)

    players = question.players.count
    explainer = shap.KernelExplainer(masked, np.zeros((1, players)))
    explainer.shap_values(np.ones((1, players)), nsamples=count, l1_reg=False, silent=True)
    return answers.rows


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


IMAGE: dict[str, Contender] = {
    "LIME ours": Contender(work=ours(lambda n: Lime(masks=n))),
    "LIME lime": Contender(work=lime_package),
    "LIME captum": Contender(work=_captum("Lime")),
    "KernelSHAP ours": Contender(work=ours(lambda n: KernelShap(masks=n))),
    "KernelSHAP shap": Contender(work=shap_package),
    "KernelSHAP captum": Contender(work=_captum("KernelShap")),
    "RISE ours": Contender(work=ours(lambda n: Rise(masks=n))),
    "IG ours": Contender(work=ours(lambda n: IntegratedGradients(steps=n)), unit="steps"),
    "IG captum": Contender(work=captum_integrated_gradients, unit="steps"),
}

"""Texts: the package explainers on the same model and words, absent ones masked.

The packages hide words of a text, or columns of a table, of one name a player; what is left is
looked up as a coalition, so that every contender shows the model the same tokens.
"""

from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.contenders import captum_package, shap_package, shapiq_package
from benchmarks.contenders.gradients import captum_gradient_shap, captum_integrated_gradients
from benchmarks.contenders.work import Answers, Array, Contender, ours
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.occlusion import Occlusion
from explainers.methods.partition_shap import PartitionShap
from explainers.methods.permutation_shap import PermutationShap
from explainers.question import Question


def lime_package(question: Question, count: int, batch: int) -> int:
    """`LimeTextExplainer` on a text of one word a player."""
    from lime.lime_text import LimeTextExplainer

    players, answers = question.players.count, Answers(question, batch)

    def predict(texts: Sequence[str]) -> Array:
        shown = np.zeros((len(texts), players))
        for row, text in enumerate(texts):
            shown[row, [int(word[1:]) for word in text.split()]] = 1
        return answers(question.masker.apply(torch.from_numpy(shown))[:, 0])[:, None]

    LimeTextExplainer(random_state=0).explain_instance(
        " ".join(f"w{player}" for player in range(players)),
        predict,
        labels=(0,),
        num_features=players,
        num_samples=count,
    )
    return answers.rows


def as_table(question: Question, batch: int) -> shap_package.Table:
    """Words as columns: 1 where a word is shown, 0 in the background."""
    answers, players = Answers(question, batch), question.players.count

    def asked(masks: Array) -> Array:
        shown = torch.from_numpy(np.asarray(masks, dtype=np.float64))
        return answers(question.masker.apply(shown)[:, 0])

    return asked, np.ones((1, players)), np.zeros((1, players)), lambda: answers.rows


TEXT: dict[str, Contender] = {
    "LIME ours": Contender(work=ours(lambda n: Lime(masks=n))),
    "LIME lime": Contender(work=lime_package),
    "LIME captum": Contender(work=captum_package.surrogate("Lime")),
    "KernelSHAP ours": Contender(work=ours(lambda n: KernelShap(masks=n))),
    "KernelSHAP shap": Contender(work=shap_package.kernel(as_table)),
    **shapiq_package.contenders(as_table),
    "KernelSHAP captum": Contender(work=captum_package.surrogate("KernelShap")),
    "Permutation ours": Contender(work=ours(lambda n: PermutationShap(masks=n))),
    "Permutation shap": Contender(work=shap_package.permutation(as_table)),
    "Partition ours": Contender(work=ours(lambda n: PartitionShap(masks=n))),
    "Partition shap": Contender(work=shap_package.partition(as_table)),
    "Occlusion ours": Contender(work=ours(lambda _: Occlusion())),
    "Occlusion captum": Contender(work=captum_package.occlusion),
    "IG ours": Contender(work=ours(lambda n: IntegratedGradients(steps=n)), unit="steps"),
    "IG captum": Contender(work=captum_integrated_gradients, unit="steps"),
    "GradientSHAP ours": Contender(work=ours(lambda n: GradientShap(samples=n)), unit="steps"),
    "GradientSHAP captum": Contender(work=captum_gradient_shap, unit="steps"),
}

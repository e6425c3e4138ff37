"""Records: the package explainers on the same model, record and background."""

from functools import cache
from typing import Any, Final

import numpy as np
import torch

from benchmarks.contenders import captum_package, shap_package, shapiq_package
from benchmarks.contenders.gradients import captum_gradient_shap, captum_integrated_gradients
from benchmarks.contenders.work import Answers, Array, Contender, ours
from explainers.feature_players import column_players
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime_tabular import LimeTabular
from explainers.methods.partition_shap import PartitionShap
from explainers.methods.permutation_shap import PermutationShap
from explainers.methods.tree_shap import TreeShap
from explainers.question import Question
from models.adapter import HasTable
from models.errors import UnsupportedMethodError

SEED: Final = 0


def lime_package(question: Question, count: int, batch: int) -> int:
    """`LimeTabularExplainer` on raw values; it was fitted to the training sample before."""
    model, answers = _table(question), Answers(question, batch)
    _explainer(question).explain_instance(
        question.case.record.values,
        lambda records: answers(model.encode_values(records)),
        num_features=len(model.schema.columns),
        num_samples=count,
    )
    return answers.rows


@cache
def _explainer(question: Question) -> Any:  # noqa: ANN401 - the package has no types
    """The package's explainer of a model's columns."""
    from lime.lime_tabular import LimeTabularExplainer

    model = _table(question)
    columns = model.schema.columns
    categories = [i for i, column in enumerate(columns) if column.kind == "category"]
    return LimeTabularExplainer(
        np.array(model.sample),
        mode="regression",
        feature_names=[column.name for column in columns],
        categorical_features=categories,
        random_state=SEED,
    )


def as_table(question: Question, batch: int) -> shap_package.Table:
    """Record and background as rows of numbers, which one gather turns into encoded records.

    A number says which record a column's value comes from, 0 being the case. So the packages mix
    columns, not one-hot places, and pay for no encoding.
    """
    model, answers = _table(question), Answers(question, batch)
    records = torch.cat([question.inputs, question.masker.empty()])
    owners = column_players(question.players, model)[model.element_columns]
    elements = torch.arange(len(owners))

    def asked(sources: Array) -> Array:
        rows = torch.from_numpy(np.asarray(sources, dtype=np.int64)[:, owners])
        return answers(records[rows, elements])

    numbers = np.arange(len(records), dtype=np.float64)[:, None]
    table = np.repeat(numbers, question.players.count, axis=1)
    return asked, table[:1], table[1:], lambda: answers.rows


def _table(question: Question) -> HasTable:
    """The model, when it takes records."""
    if not isinstance(question.model, HasTable):
        raise UnsupportedMethodError(f"{question.model.card.title} does not take records.")
    return question.model


TABLE: dict[str, Contender] = {
    "LIME ours": Contender(work=ours(lambda n: LimeTabular(samples=n)), unit="records"),
    "LIME lime": Contender(work=lime_package, unit="records"),
    "LIME captum": Contender(work=captum_package.surrogate("Lime"), unit="records"),
    "Exact ours": Contender(work=ours(lambda _: ExactShapley())),
    "KernelSHAP ours": Contender(work=ours(lambda n: KernelShap(masks=n))),
    "KernelSHAP ours, regression": Contender(
        work=ours(lambda n: KernelShap(masks=n, estimator="regression"))
    ),
    "KernelSHAP shap": Contender(work=shap_package.kernel(as_table)),
    **shapiq_package.contenders(as_table),
    "KernelSHAP captum": Contender(work=captum_package.surrogate("KernelShap")),
    "Permutation ours": Contender(work=ours(lambda n: PermutationShap(masks=n))),
    "Permutation shap": Contender(work=shap_package.permutation(as_table)),
    "Partition ours": Contender(work=ours(lambda n: PartitionShap(masks=n))),
    "Partition shap": Contender(work=shap_package.partition(as_table)),
    "TreeSHAP ours": Contender(work=ours(lambda _: TreeShap())),
    "IG ours": Contender(work=ours(lambda n: IntegratedGradients(record_steps=n)), unit="steps"),
    "IG captum": Contender(work=captum_integrated_gradients, unit="steps"),
    "GradientSHAP ours": Contender(work=ours(lambda n: GradientShap(samples=n)), unit="steps"),
    "GradientSHAP captum": Contender(work=captum_gradient_shap, unit="steps"),
}

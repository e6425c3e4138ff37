"""The three model-agnostic explainers of shap over a table of one column a player."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from benchmarks.contenders.work import Array, Work
from explainers.methods.partition_shap import tree_for
from explainers.question import Question

# How a modality is put to shap: (question, batch) -> a function of rows (n, P), the case (1, P),
# the background (R, P), and how many rows the model has answered.
Table: TypeAlias = tuple[Callable[[Array], Array], Array, Array, Callable[[], int]]
ToTable: TypeAlias = Callable[[Question, int], Table]


def kernel(to_table: ToTable) -> Work:
    """`shap.KernelExplainer`, without selection of features."""

    def work(question: Question, count: int, batch: int) -> int:
        from shap import KernelExplainer

        answers, case, background, spent = to_table(question, batch)
        explainer = KernelExplainer(answers, background)
        explainer.shap_values(case, nsamples=count, l1_reg=False, silent=True)
        return spent()

    return work


def permutation(to_table: ToTable) -> Work:
    """`shap.PermutationExplainer`, with as many orders as `count` coalitions allow."""

    def work(question: Question, count: int, batch: int) -> int:
        from shap import PermutationExplainer
        from shap.maskers import Independent

        answers, case, background, spent = to_table(question, batch)
        masker = Independent(background, max_samples=len(background))
        explainer = PermutationExplainer(answers, masker, seed=0)
        explainer(case, max_evals=count, silent=True)
        return spent()

    return work


def partition(to_table: ToTable) -> Work:
    """`shap.PartitionExplainer` on our tree."""

    def work(question: Question, count: int, batch: int) -> int:
        from shap import PartitionExplainer
        from shap.maskers import Partition

        answers, case, background, spent = to_table(question, batch)
        tree = np.array(tree_for(question))
        masker = Partition(background, max_samples=len(background), clustering=tree)
        explainer = PartitionExplainer(answers, masker)
        explainer(case, max_evals=count, silent=True)
        return spent()

    return work

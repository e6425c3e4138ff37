"""A shallow decision tree that imitates a tabular model, and how well it does."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from explainers.table_views import SurrogateTree, TreeNode
from models.case import FloatArray
from models.schema import Column

MAX_DEPTH: Final = 3
LEAST_LEAF: Final = 0.05  # of the records it is fitted to


def fit_surrogate_tree(
    records: FloatArray, values: FloatArray, *, columns: Sequence[Column]
) -> SurrogateTree:
    """Fit to the first half of the records, measure on the second.

    Args:
        records: (n, F) raw values in random order, NaN = missing.
        values: (n,) the model's answers.
        columns: (F,) what the values mean.

    Reference:
        Craven & Shavlik, NIPS 1996 (fidelity of a tree to the model it imitates).
    """
    from sklearn.tree import DecisionTreeRegressor  # takes a second to import

    table, owners, tests = _spread(records, columns)
    half = len(table) // 2
    fitted = DecisionTreeRegressor(
        max_depth=MAX_DEPTH, min_samples_leaf=max(1, int(LEAST_LEAF * half)), random_state=0
    ).fit(table[:half], values[:half])
    rest = values[half:]
    spread = float(((rest - rest.mean()) ** 2).sum())
    missed = float(((rest - fitted.predict(table[half:])) ** 2).sum())
    importance = np.bincount(owners, fitted.feature_importances_, minlength=len(columns))
    return SurrogateTree(
        nodes=_nodes(fitted.tree_, owners, tests, columns),
        importance=np.asarray(importance),
        fidelity=1 - missed / spread if spread > 0 else float("nan"),
        n_fitted=half,
        n_held_out=len(rest),
    )


def _spread(
    records: FloatArray, columns: Sequence[Column]
) -> tuple[FloatArray, list[int], list[str | None]]:
    """Categories as 0/1 columns: (n, C), the column each came from, and its category."""
    parts: list[FloatArray] = []
    owners: list[int] = []
    tests: list[str | None] = []
    for index, column in enumerate(columns):
        if column.kind == "number":
            parts.append(records[:, index])
            owners.append(index)
            tests.append(None)
            continue
        for code, category in enumerate(column.categories):
            parts.append(np.where(np.isnan(records[:, index]), np.nan, records[:, index] == code))
            owners.append(index)
            tests.append(category)
    return np.stack(parts, axis=1), owners, tests


def _nodes(
    tree: object, owners: list[int], tests: list[str | None], columns: Sequence[Column]
) -> tuple[TreeNode, ...]:
    """scikit-learn's arrays as nodes with rules in words; its left branch is "at most"."""
    left, right = tree.children_left, tree.children_right  # type: ignore[attr-defined]  # untyped
    feature, threshold = tree.feature, tree.threshold  # type: ignore[attr-defined]  # untyped
    value, weight = tree.value, tree.n_node_samples  # type: ignore[attr-defined]  # untyped
    nodes = []
    for i in range(len(left)):
        leaf = left[i] < 0
        category = None if leaf else tests[feature[i]]
        rule = "" if leaf else _rule(columns[owners[feature[i]]], category, float(threshold[i]))
        # "is this category" is true on the right branch, "at most" on the left one.
        yes, no = (left[i], right[i]) if category is None else (right[i], left[i])
        nodes.append(
            TreeNode(
                rule=rule,
                yes=None if leaf else int(yes),
                no=None if leaf else int(no),
                value=float(value[i].ravel()[0]),
                share=float(weight[i] / weight[0]),
            )
        )
    return tuple(nodes)


def _rule(column: Column, category: str | None, threshold: float) -> str:
    """A split in words; whole numbers are cut between two of them."""
    if category is not None:
        return f"{column.title} is {category}"
    cut = np.floor(threshold) if column.whole else threshold
    return f"{column.title} at most {column.text(float(cut))}"

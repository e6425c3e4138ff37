"""What is shown of a tabular model beside the explanations of one record. numpy only."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from explainers.explanation import Scale
from models.case import FloatArray

Measure: TypeAlias = Literal["shap", "permutation", "tree"]
MEASURES: Final[tuple[Measure, ...]] = ("shap", "permutation", "tree")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IceCurve:
    """How the explained value moves with one feature, everything else of the record unchanged.

    Attributes:
        column: Index of the feature's column.
        grid: (G,) its values: numbers ascending, or category indices; never NaN.
        values: (G,) the explained value at each.
        at: The record's own value, NaN when missing.
        value: The explained value of the record itself.
        missing: The explained value with this feature missing.
        scale: Unit of the values.
    """

    column: int
    grid: FloatArray
    values: FloatArray
    at: float
    value: float
    missing: float
    scale: Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """One node; nodes are numbered from the root, 0.

    Attributes:
        rule: What sends a record to `yes`, in words; "" for a leaf.
        yes: Number of the node for records that fulfil the rule, None for a leaf.
        no: Number of the other node, None for a leaf.
        value: Mean answer of the model over the records here.
        share: Fraction of the records that come here.
    """

    rule: str
    yes: int | None
    no: int | None
    value: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurrogateTree:
    """A tree of depth 3 fitted to the model's own answers.

    Attributes:
        nodes: Root first.
        importance: (F,) share of the variance reduction that each column brings; sums to 1, or
            all 0 when the tree has no split.
        fidelity: R^2 of the tree against the model on records it was not fitted to.
        n_fitted: Records it was fitted to.
        n_held_out: Records the fidelity was measured on.
    """

    nodes: tuple[TreeNode, ...]
    importance: FloatArray
    fidelity: float
    n_fitted: int
    n_held_out: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overview:
    """What a model relies on.

    Attributes:
        names: (P,) the features.
        method: Title of the method that gave `shap`.
        records: (B, P) raw values of the records explained, NaN = missing.
        shap: (B, P) SHAP values of each, in log-odds.
        importance: measure -> (P,): mean |SHAP|; mean |change of the log-odds| when the column is
            shuffled; share of the tree's variance reduction.
        error: measure -> (P,) standard errors; zeros for the tree.
        tree: The shallow surrogate.
        rank_correlation: (3, 3) Spearman between the measures, NaN where undefined.
        parted: (P,) largest rank minus smallest rank of each feature among the measures.
    """

    names: tuple[str, ...]
    method: str
    records: FloatArray
    shap: FloatArray
    importance: dict[Measure, FloatArray]
    error: dict[Measure, FloatArray]
    tree: SurrogateTree
    rank_correlation: FloatArray
    parted: FloatArray

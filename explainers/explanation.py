"""What a method returns, and what a method promises. numpy only: views receive these types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from explainers.players import Players
from models.card import Capability
from models.case import FloatArray, Modality

MethodId: TypeAlias = Literal[
    "gradient",
    "gradient_x_input",
    "guided_backprop",
    "smooth_grad",
    "integrated_gradients",
    "grad_cam",
    "grad_cam_plus_plus",
    "occlusion",
    "rise",
    "attention_rollout",
    "linear",
    "kernel_shap",
    "exact_shapley",
    "permutation_shap",
    "partition_shap",
    "tree_shap",
    "gradient_shap",
    "lime",
    "lime_tabular",
    "reference_shap",
    "reference_lime",
]
Family: TypeAlias = Literal["saliency", "shap", "lime"]
Kind: TypeAlias = Literal["additive", "density"]
Scale: TypeAlias = Literal["logit", "probability"]
Setting: TypeAlias = int | float | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCard:
    """What a method is, needs and promises; controls and documentation are generated from it.

    Attributes:
        id: Name in requests, reports and docs; the file under methods/.
        title: Name shown to users.
        family: Which panel it belongs to.
        modalities: Cases it can explain.
        needs: Model capabilities it cannot do without.
        signed: Values below zero mean "speaks against the target".
        complete: Values sum to value_full - value_empty up to the stated error.
        stochastic: Values carry a Monte-Carlo standard error.
        kind: "additive" values may be summed over players, "density" ones are averaged.
        uses_baseline: The Question's baseline enters the values.
        assumption: One sentence: what must hold for the values to mean what they say.
        reference: Authors, year, venue, arXiv id.
        settings: name -> what it does, one entry per field of the method.
    """

    id: MethodId
    title: str
    family: Family
    modalities: frozenset[Modality]
    needs: frozenset[Capability] = frozenset()
    signed: bool
    complete: bool
    stochastic: bool
    kind: Kind
    uses_baseline: bool
    assumption: str
    reference: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The class whose output is explained, and optionally the class it is compared with."""

    index: int
    name: str
    contrast: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The content that stands in for absent players."""

    name: str
    description: str


def share_errors(shares: FloatArray, errors: FloatArray) -> FloatArray:
    """Standard errors of s_i = v_i / sum |v|, the total being estimated too (delta method).

    ds_i/dv_i = (1 - |s_i|) / T and ds_i/dv_j = -s_i sign(v_j) / T, so
    var s_i = (1 - |s_i|)^2 e_i^2 + s_i^2 sum_{j != i} e_j^2 with e = errors of v over T. Neglected:
    covariances between players (not reported by methods), and that noise makes sum |v| too large.

    Args:
        shares: (..., P).
        errors: (..., P) standard errors of the values over the same totals.
    """
    scale = np.maximum(errors.max(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
    own = (errors / scale) ** 2  # scaled, so that squares of extreme errors do not overflow
    others = np.maximum(own.sum(axis=-1, keepdims=True) - own, 0.0)
    return np.asarray(scale * np.sqrt((1 - np.abs(shares)) ** 2 * own + shares**2 * others))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """One method's answer to one Question for one target.

    Attributes:
        method: Which method.
        case_digest: The Case it is about.
        model_id: The model asked, with `weights_sha256`.
        weights_sha256: Digest of the model's weights.
        players: The Question's players.
        values: (P,) float64, finite, raw units of `scale`; signed unless the card says otherwise.
        std_error: (P,) float64 Monte-Carlo standard error of `values`, None when deterministic.
        element_map: (E,) float64 finer map where the method has one, else None. Additive maps sum
            and densities average to `values` over each player.
        signed: Copied from the card.
        kind: Copied from the card.
        target: The class explained.
        scale: "logit" (log-odds) or "probability".
        baseline: None when the method uses none.
        value_full: Model value of the case itself.
        value_empty: Model value with every player absent; None when the method uses no baseline.
        settings: Everything that shaped the values, by name.
        diagnostics: Numbers about the run, for example the surrogate's R^2.
        seed: The request's seed.
        rows: Forward rows spent.
        seconds: Wall time.
        device: Where it ran.
        remarks: Sentences for the user: quality limits hit.
    """

    method: MethodId
    case_digest: str
    model_id: str
    weights_sha256: str
    players: Players
    values: FloatArray
    std_error: FloatArray | None
    element_map: FloatArray | None
    signed: bool
    kind: Kind
    target: Target
    scale: Scale
    baseline: Baseline | None
    value_full: float
    value_empty: float | None
    settings: Mapping[str, Setting]
    diagnostics: Mapping[str, float]
    seed: int
    rows: int
    seconds: float
    device: str
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Copy and freeze the arrays."""
        for name in ("values", "std_error", "element_map"):
            array = getattr(self, name)
            if array is not None:
                frozen = np.array(array, dtype=np.float64)
                frozen.setflags(write=False)
                object.__setattr__(self, name, frozen)

    @property
    def completeness_gap(self) -> float | None:
        """value_full - value_empty - sum of values; None when there is no empty value."""
        if self.value_empty is None:
            return None
        return float(self.value_full - self.value_empty - self.values.sum())

    @property
    def shares(self) -> FloatArray:
        """(P,) values / sum |values|: comparable between methods. All NaN when every value is 0."""
        total = np.abs(self.values).sum()
        return self.values / total if total > 0 else np.full_like(self.values, np.nan)

    @property
    def share_errors(self) -> FloatArray:
        """(P,) standard errors of `shares`; 0 when deterministic, NaN when every value is 0."""
        total = np.abs(self.values).sum()
        errors = np.zeros_like(self.values) if self.std_error is None else self.std_error
        if total == 0:
            return np.full_like(self.values, np.nan)
        return share_errors(self.shares, errors / total)

"""What the accuracy benchmark compares: our estimators and those of shap, captum, lime and shapiq.

Every estimator sees the same game, players present or absent, and may ask it `budget` coalitions
beside the empty and the full one, or as many rows. shapiq is no requirement of ours: it takes part
where it is installed.
"""

import contextlib
import importlib
import importlib.util
import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.joint_design import count_paths
from explainers.methods.base import Method
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime
from explainers.methods.permutation_shap import PermutationShap
from explainers.question import Question
from models.case import FloatArray

Answers: TypeAlias = Callable[[FloatArray], FloatArray]
Estimator: TypeAlias = Callable[[MaskedPredictor, int, int], FloatArray]  # game, budget, seed


def asked(game: MaskedPredictor) -> Answers:
    """The game as packages take it: masks (n, P) or (P,) of 0 and 1 -> values (n,) or (1,)."""

    def answers(masks: FloatArray) -> FloatArray:
        rows = np.atleast_2d(np.asarray(masks, dtype=np.float64))
        values: FloatArray = game(torch.from_numpy(rows))[:, 0].numpy()
        return values

    return answers


def ours(make: Callable[[int], Method]) -> Estimator:
    """One of our methods; NaN where it refuses so small a budget."""

    def estimate(game: MaskedPredictor, budget: int, seed: int) -> FloatArray:
        method = make(budget)
        rows, generator = budget * game.row_cost, torch.Generator().manual_seed(seed)
        if method.least_budget(game.question) > rows:
            return np.full(game.n_players, np.nan)
        return method.explain(game, budget=rows, generator=generator)[0].values

    return estimate


def shap_kernel(game: MaskedPredictor, budget: int, _: int, *, selection: bool) -> FloatArray:
    """`shap.KernelExplainer`, with its default l1 selection of features or without."""
    from shap import KernelExplainer

    present = np.ones((1, game.n_players))
    explainer = KernelExplainer(asked(game), np.zeros_like(present))
    options: dict[str, Any] = {} if selection else {"l1_reg": False}
    found = explainer.shap_values(present, nsamples=budget, silent=True, **options)
    return np.asarray(found).reshape(-1)


def shap_permutation(game: MaskedPredictor, budget: int, seed: int) -> FloatArray:
    """`shap.PermutationExplainer` with as many orders as the budget pays."""
    from shap import PermutationExplainer
    from shap.maskers import Independent

    present = np.ones((1, game.n_players))
    explainer = PermutationExplainer(asked(game), Independent(np.zeros_like(present)), seed=seed)
    least = 2 * game.n_players + 1
    return np.asarray(explainer(present, max_evals=max(budget, least), silent=True).values[0])


def captum(game: MaskedPredictor, budget: int, _: int, *, name: str) -> FloatArray:
    """`KernelShap`, or `ShapleyValueSampling` with as many orders as the budget pays."""
    from captum import attr

    def forward(masks: Tensor) -> Tensor:
        return game(masks.double())[:, 0]

    present = torch.ones(1, game.n_players, dtype=torch.float64)
    orders = max(1, budget // game.n_players)
    found = getattr(attr, name)(forward).attribute(
        present,
        baselines=torch.zeros_like(present),
        n_samples=budget if name == "KernelShap" else orders,
        perturbations_per_eval=256,
    )
    return np.asarray(found[0])


def lime_package(game: MaskedPredictor, budget: int, seed: int) -> FloatArray:
    """`LimeImageExplainer` on an image of one pixel a player; the first mask shows all of them."""
    from lime.lime_image import LimeImageExplainer

    count, answers = game.n_players, asked(game)
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar cannot be switched off
        found = LimeImageExplainer(random_state=seed).explain_instance(
            np.ones((1, count, 3)),
            lambda images: answers(images[:, 0, :, 0])[:, None],
            labels=(0,),
            top_labels=None,
            hide_color=0,
            num_features=count,
            num_samples=budget + 1,
            batch_size=1024,
            segmentation_fn=lambda _: np.arange(count)[None],
        )
    values = np.zeros(count)
    for player, weight in found.local_exp[0]:
        values[player] = weight
    return values


def shapiq(game: MaskedPredictor, budget: int, seed: int, *, name: str) -> FloatArray:
    """One of shapiq's approximators of Shapley values."""
    approximators = importlib.import_module("shapiq.approximator")
    regression = importlib.import_module("shapiq.approximator.regression")
    options: dict[str, Any] = {"n": game.n_players, "random_state": seed}
    if name in {"KernelSHAP", "UnbiasedKernelSHAP"}:
        options["pairing_trick"] = True
    if name == "kADDSHAP":
        options["max_order"] = 2
    make = getattr(approximators, name, None) or getattr(regression, name)
    found = make(**options).approximate(budget=budget + 2, game=asked(game))
    return np.asarray(found.get_n_order_values(1))


SHAPIQ: Final = (
    "KernelSHAP",
    "kADDSHAP",
    "UnbiasedKernelSHAP",
    "SVARM",
    "PermutationSamplingSV",
    "StratifiedSamplingSV",
    "OwenSamplingSV",
)
SHAPLEY: Final[dict[str, Estimator]] = {
    "ours: KernelSHAP (Gaussian process)": ours(
        lambda n: KernelShap(masks=n, estimator="gaussian process")
    ),
    "ours: KernelSHAP (regression)": ours(lambda n: KernelShap(masks=n, estimator="regression")),
    "ours: permutation SHAP": ours(lambda n: PermutationShap(masks=n)),
    "shap: KernelExplainer, l1_reg=False": partial(shap_kernel, selection=False),
    "shap: KernelExplainer, default": partial(shap_kernel, selection=True),
    "shap: PermutationExplainer": shap_permutation,
    "captum: KernelShap": partial(captum, name="KernelShap"),
    "captum: ShapleyValueSampling": partial(captum, name="ShapleyValueSampling"),
}
JOINT: Final[dict[str, Estimator]] = {
    "ours: KernelSHAP (joint design)": ours(
        lambda n: KernelShap(masks=n, estimator="joint design")
    ),
}
LIME: Final[dict[str, Estimator]] = {
    "ours: LIME (Gaussian process)": ours(lambda n: Lime(masks=n, estimator="gaussian process")),
    "ours: LIME (regression)": ours(lambda n: Lime(masks=n, estimator="regression")),
    "lime: LimeImageExplainer": lime_package,
}


def shapley_estimators(question: Question) -> Mapping[str, Estimator]:
    """All that estimate Shapley values of such a question; shapiq's where it is installed."""
    there = importlib.util.find_spec("shapiq") is not None
    theirs = {f"shapiq: {name}": partial(shapiq, name=name) for name in SHAPIQ if there}
    return (JOINT if count_paths(question) else {}) | SHAPLEY | theirs

"""Do error bars mean what they say? `python -m benchmarks coverage [--runs 500] [--inputs a,b]`.

Each sampling method is run on exactly solvable games (12 cells of a film, 12 numbers of a record
against ten others, 12 words of a text; small random networks with interactions of every order)
under many seeds; the table prints how often its nominal 95 % intervals hold the true value, over
runs x players, and the interval's width over the error's size (1.96 when both are normal and
honest).

The truths: KernelSHAP and permutation SHAP, all 4,096 coalitions; LIME, the same ridge regression
with every mask weighed by its probability; LIME for tables, the same regression over one long
draw; GradientSHAP, Integrated Gradients with 4,000 steps; RISE and SmoothGrad, the mean over one
long run.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.toy_games import GAMES, N_PLAYERS
from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor, Runtime
from explainers.levels import fit_levels
from explainers.local_surrogate import fit_ridge
from explainers.methods.base import Method
from explainers.methods.exact_shapley import ExactShapley
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime, kernel
from explainers.methods.lime_tabular import LimeTabular
from explainers.methods.lime_tabular import kernel as near
from explainers.methods.permutation_shap import PermutationShap
from explainers.methods.rise import Rise
from explainers.methods.smooth_grad import SmoothGrad
from explainers.neighbourhood import draw_neighbourhood
from models.adapter import HasTable
from models.case import FloatArray

PENALTY = 1.0
LONG = 100_000
SEED = 3  # of the network


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: a method at a budget of masks or points, and what it estimates."""

    title: str
    method: Method
    size: int
    truth: FloatArray


def game(kind: str) -> MaskedPredictor:
    """The solvable game, in passes that suit so small a network."""
    return MaskedPredictor(GAMES[kind](SEED), Runtime(max_rows=4096))


def answer(kind: str, method: Method, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Values and standard errors (P,) of one run; the method's settings limit it, no budget."""
    generator = torch.Generator().manual_seed(seed)
    found = method.explain(game(kind), budget=10**9, generator=generator)[0]
    errors = np.zeros_like(found.values) if found.std_error is None else found.std_error
    return found.values, errors


def lime_truth(kind: str, count: int) -> FloatArray:
    """LIME's own estimand at `count` masks: fair coins, the case itself once, penalty 1."""
    masks = all_coalitions(N_PLAYERS)
    rows = torch.cat([masks, masks.new_ones(len(masks), 1)], dim=1)
    weights = kernel(masks, Lime().kernel_width) * count / len(masks)
    weights[-1] += 1.0  # the full coalition, which is always the first row
    ridge = torch.full((N_PLAYERS + 1,), PENALTY, dtype=torch.float64)
    ridge[-1] = 0.0
    gram = rows.T @ (rows * weights[:, None]) + ridge.diag()
    solution = torch.linalg.solve(gram, rows.T @ (weights[:, None] * game(kind)(masks)))
    truth: FloatArray = solution[:-1, 0].numpy()
    return truth


def lime_tabular_truth(count: int) -> FloatArray:
    """What LIME for tables estimates from `count` records: its regression over many more.

    Case and penalty keep the part in the fit that they have beside `count` records.
    """
    question = GAMES["record"](SEED)
    model = question.model
    if not isinstance(model, HasTable):
        raise TypeError("the toy table has no columns")
    around = draw_neighbourhood(
        question.case.record.values,
        fit_levels(model.sample, model.schema, discretise=True),
        count=LONG,
        generator=torch.Generator().manual_seed(10**6),
    )
    values = game("record").evaluate(model.encode_values(around.records))
    design = torch.from_numpy(np.ascontiguousarray(around.whole))
    weights = torch.from_numpy(near(design.numpy(), LimeTabular().kernel_width))
    weights[0] *= LONG / count
    goals = torch.cat([game("record").value_full[None], values])
    fit = fit_ridge(design, goals, weights, penalty=PENALTY * LONG / count, cluster=1)
    truth: FloatArray = fit.values[0].numpy()
    return truth


def table(kind: str) -> list[Row]:
    """Every row of the table for one kind of input."""
    shapley = answer(kind, ExactShapley())[0]
    path = answer(kind, IntegratedGradients(steps=4000))[0]
    found = [
        *(
            ("KernelSHAP", KernelShap(masks=n, estimator="regression"), n, shapley)
            for n in (100, 300, 1000)
        ),
        *(("permutation SHAP", PermutationShap(masks=n), n, shapley) for n in (264, 1000)),
        *(
            ("LIME", Lime(masks=n, penalty=PENALTY, estimator="regression"), n, lime_truth(kind, n))
            for n in (100, 300, 1000)
        ),
        *(("GradientSHAP", GradientShap(samples=n), n, path) for n in (64, 256)),
    ]
    if kind == "record":  # what only tables have
        found += [
            ("LIME for tables", LimeTabular(samples=n, penalty=PENALTY), n, lime_tabular_truth(n))
            for n in (100, 1000, 5000)
        ]
    if kind == "film":  # what only images have
        smooth = answer(kind, SmoothGrad(samples=LONG), 10**6)[0]
        seen = answer(kind, Rise(masks=LONG), 10**6)[0]
        found += [
            *(("SmoothGrad", SmoothGrad(samples=n), n, smooth) for n in (64, 256)),
            *(("RISE", Rise(masks=n), n, seen) for n in (512, 1024)),
        ]
    return [Row(title=t, method=m, size=n, truth=truth) for t, m, n, truth in found]


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks coverage", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--inputs", default=",".join(GAMES), help="film, record, text")
    parser.add_argument("--only", default="", help="methods whose name contains this")
    options = parser.parse_args(arguments)
    print(
        f"{options.runs} runs x {N_PLAYERS} players, nominal 95 % intervals (value ± 1.96 errors)\n"
    )
    print("| input | method | masks or points | coverage | width / error |\n|---|---|---|---|---|")
    for kind in options.inputs.split(","):
        for row in (each for each in table(kind) if options.only in each.title):
            runs = [answer(kind, row.method, seed) for seed in range(options.runs)]
            values, errors = (np.stack(column) for column in zip(*runs, strict=True))
            inside = np.abs(values - row.truth) <= 1.96 * errors
            spread = np.sqrt(((values - row.truth) ** 2).mean(axis=0))
            width = float(np.median(1.96 * errors.mean(axis=0) / spread))
            print(
                f"| {kind} | {row.title} | {row.size} | {100 * inside.mean():.1f} % "
                f"| {width:.2f} |",
                flush=True,
            )
    return 0

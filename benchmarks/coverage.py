"""Do error bars mean what they say? `python -m benchmarks coverage [--runs 500]`.

Each sampling method is run on an exactly solvable game (12 cells of a random film, a small random
network with interactions of every order) under many seeds; the table prints how often its nominal
95 % intervals hold the true value, over runs x players, and the interval's width over the error's
size (1.96 when both are normal and honest).

The truths: KernelSHAP, all 4,096 coalitions; LIME, the same ridge regression with every mask
weighed by its probability; GradientSHAP, Integrated Gradients with 4,000 steps; RISE and
SmoothGrad, the mean over one long run.
"""

import argparse

import numpy as np
import torch

from benchmarks.toy import toy_question
from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor, Runtime
from explainers.methods.base import Method
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.kernel_shap import KernelShap
from explainers.methods.lime import Lime, kernel
from explainers.methods.rise import Rise
from explainers.methods.smooth_grad import SmoothGrad
from models.case import FloatArray

N_PLAYERS = 12
PENALTY = 1.0
LONG = 100_000


def game() -> MaskedPredictor:
    """The solvable game, in passes that suit so small a network."""
    return MaskedPredictor(toy_question(3, n_players=N_PLAYERS), Runtime(max_rows=2048))


def answer(method: Method, budget: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Values and standard errors (P,) of one run."""
    generator = torch.Generator().manual_seed(seed)
    found = method.explain(game(), budget=budget, generator=generator)[0]
    errors = np.zeros_like(found.values) if found.std_error is None else found.std_error
    return found.values, errors


def lime_truth(count: int) -> FloatArray:
    """LIME's own estimand at `count` masks: fair coins, the case itself once, penalty 1."""
    asked = game()
    masks = all_coalitions(N_PLAYERS)
    rows = torch.cat([masks, masks.new_ones(len(masks), 1)], dim=1)
    weights = kernel(masks, Lime().kernel_width) * count / len(masks)
    weights[-1] += 1.0  # the full coalition, which is always the first row
    ridge = torch.full((N_PLAYERS + 1,), PENALTY, dtype=torch.float64)
    ridge[-1] = 0.0
    gram = rows.T @ (rows * weights[:, None]) + ridge.diag()
    solution = torch.linalg.solve(gram, rows.T @ (weights[:, None] * asked(masks)))
    truth: FloatArray = solution[:-1, 0].numpy()
    return truth


def cases() -> list[tuple[str, Method, int, FloatArray]]:
    """(title, method, budget, truth) of every row of the table."""
    shapley = answer(KernelShap(masks=2**N_PLAYERS), 2**N_PLAYERS, 0)[0]
    path = answer(IntegratedGradients(steps=4000), 4000, 0)[0]
    smooth = answer(SmoothGrad(samples=LONG), LONG, 10**6)[0]
    seen = answer(Rise(masks=LONG), LONG, 10**6)[0]
    return [
        *(("KernelSHAP", KernelShap(masks=n), n, shapley) for n in (100, 300, 1000)),
        *(("LIME", Lime(masks=n, penalty=PENALTY), n, lime_truth(n)) for n in (100, 300, 1000)),
        *(("GradientSHAP", GradientShap(samples=n), n, path) for n in (64, 256)),
        *(("SmoothGrad", SmoothGrad(samples=n), n, smooth) for n in (64, 256)),
        *(("RISE", Rise(masks=n), n, seen) for n in (512, 1024)),
    ]


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks coverage", description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    runs = parser.parse_args(arguments).runs
    print(f"{runs} runs x {N_PLAYERS} players, nominal 95 % intervals (value +- 1.96 errors)")
    print(f"{'method':14} {'rows':>5} {'coverage':>9} {'width/error':>12}")
    for title, method, budget, truth in cases():
        found = [answer(method, budget, seed) for seed in range(runs)]
        values, errors = (np.stack(column) for column in zip(*found, strict=True))
        inside = np.abs(values - truth) <= 1.96 * errors
        spread = np.sqrt(((values - truth) ** 2).mean(axis=0))
        width = float(np.median(1.96 * errors.mean(axis=0) / spread))
        print(f"{title:14} {budget:5d} {100 * inside.mean():8.1f}% {width:12.2f}", flush=True)
    return 0

"""What drawing samples in groups is worth: `python -m benchmarks.grouped [--samples 256]`.

GradientSHAP and SmoothGrad beside themselves with every sample drawn alone, on the games of
`python -m benchmarks coverage` and on a synthetic film before the built-in X-ray model: squared
standard errors of a mean of so many samples, summed over players, one over the other.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch

from benchmarks.coverage import SEED
from benchmarks.toy_games import GAMES
from benchmarks.visitors import film
from explainers.asking import ask
from explainers.engine import MaskedPredictor, Runtime
from explainers.methods.base import Method
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.smooth_grad import SmoothGrad
from explainers.question import Question
from explainers.report import default_request
from models.catalog import catalog
from models.inputs.image import decode_image


@dataclass(frozen=True, kw_only=True)
class AloneGradientShap(GradientShap):
    """Every point drawn alone."""

    group: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class AloneSmoothGrad(SmoothGrad):
    """Every noise drawn alone."""

    group: ClassVar[int] = 1


def error(question: Question, method: Method) -> float:
    """Squared standard errors, summed over players."""
    game = MaskedPredictor(question, Runtime(max_rows=8))
    chance = torch.Generator().manual_seed(0)
    (found,) = method.explain(game, budget=10**9, generator=chance)
    if found.std_error is None:
        raise ValueError(f"{method.card.id} says nothing of its errors")
    return float((found.std_error**2).sum())


def questions() -> Iterator[tuple[str, Question]]:
    """The games, then a film."""
    for kind, make in GAMES.items():
        yield f"game, {kind}", make(SEED)
    model = catalog().load("xray")
    for number in range(3):
        case = decode_image(film(number), name="film")
        yield f"X-ray model, film {number}", ask(case, model, default_request(model.card))


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grouped", description=__doc__)
    parser.add_argument("--samples", type=int, default=256)
    count = parser.parse_args(arguments).samples
    print("| on | GradientSHAP | SmoothGrad |\n|---|---|---|")
    for name, question in questions():
        path = error(question, GradientShap(samples=count))
        path /= error(question, AloneGradientShap(samples=count))
        words = f"{path:.2f}"
        if question.case.modality == "image":
            noise = error(question, SmoothGrad(samples=count))
            words += f" | {noise / error(question, AloneSmoothGrad(samples=count)):.2f}"
        else:
            words += " | "
        print(f"| {name} | {words} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

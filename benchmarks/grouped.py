"""What drawing samples in groups is worth: `python -m benchmarks.grouped [--samples 256]`.

GradientSHAP, SmoothGrad and RISE beside themselves with every sample drawn alone, on the games of
`python -m benchmarks coverage` and on a synthetic film before the built-in X-ray model: squared
standard errors of a mean of so many samples (of RISE, four times as many masks), summed over
players, one over the other. Beside them what was tried and is not used: SmoothGrad with
quasi-random noise, where there are few enough pixels for Sobol's sequence, and RISE with
complementary masks.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from benchmarks.coverage import SEED
from benchmarks.toy_games import GAMES
from benchmarks.visitors import film
from explainers.asking import ask
from explainers.engine import MaskedPredictor, Runtime
from explainers.methods import rise, smooth_grad
from explainers.methods.base import Method
from explainers.methods.gradient_shap import GradientShap
from explainers.methods.rise import Rise
from explainers.methods.smooth_grad import SmoothGrad
from explainers.question import Question
from explainers.report import default_request
from models.catalog import catalog
from models.inputs.image import decode_image

QUASI: int = 16  # points of a net of noise
HEAD = ("GradientSHAP", "SmoothGrad", "SmoothGrad, Sobol", "RISE", "RISE, complements")


@dataclass(frozen=True, kw_only=True)
class AloneGradientShap(GradientShap):
    """Every point drawn alone."""

    group: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class AloneSmoothGrad(SmoothGrad):
    """Every noise drawn alone."""

    group: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class QuasiSmoothGrad(SmoothGrad):
    """Noise from nets of Sobol's sequence, each scrambled anew."""

    group: ClassVar[int] = QUASI


def alone(side: int, keep: float, generator: torch.Generator) -> Iterator[Tensor]:
    """RISE's grids by a coin for each cell."""
    while True:
        yield (torch.rand(side, side, generator=generator) < keep).float()


def complements(side: int, keep: float, generator: torch.Generator) -> Iterator[Tensor]:
    """The same, each followed by its complement."""
    for grid in alone(side, keep, generator):
        yield grid
        yield 1 - grid


class Net:
    """Noise of quasi-random copies: net by net, each from the seed of its group."""

    def __init__(self) -> None:
        self._at = 0

    def __call__(self, seed: int, shape: Sequence[int], *, turned: bool) -> Tensor:  # noqa: ARG002
        """The next point of the net of a seed."""
        size = int(torch.Size(shape).numel())
        engine = torch.quasirandom.SobolEngine(size, scramble=True, seed=seed % 2**31)  # type: ignore[no-untyped-call]  # torch says no types here
        point = engine.draw(QUASI, dtype=torch.float64)[self._at % QUASI]
        self._at += 1
        noise: Tensor = torch.special.ndtri(point.clamp(1e-6, 1 - 1e-6)).float().view(*shape)
        return noise


def error(question: Question, method: Method) -> float:
    """Squared standard errors, summed over players."""
    game = MaskedPredictor(question, Runtime(max_rows=8))
    chance = torch.Generator().manual_seed(0)
    (found,) = method.explain(game, budget=10**9, generator=chance)
    if found.std_error is None:
        raise ValueError(f"{method.card.id} says nothing of its errors")
    return float((found.std_error**2).sum())


def with_grids(question: Question, method: Method, grids: object) -> float:
    """Error of RISE with other grids."""
    own = rise._grids  # noqa: SLF001  # what the benchmark is about
    try:
        vars(rise)["_grids"] = grids
        return error(question, method)
    finally:
        vars(rise)["_grids"] = own


def quasi(question: Question, count: int) -> float:
    """Error of SmoothGrad with quasi-random noise; NaN where there are too many pixels."""
    if question.inputs.numel() > torch.quasirandom.SobolEngine.MAXDIM:
        return float("nan")
    own = smooth_grad._noise  # noqa: SLF001  # likewise
    try:
        vars(smooth_grad)["_noise"] = Net()
        return error(question, QuasiSmoothGrad(samples=count))
    finally:
        vars(smooth_grad)["_noise"] = own


def ratios(question: Question, count: int) -> list[float]:
    """One for each column of the table; those of films alone are left out elsewhere."""
    found = [
        error(question, GradientShap(samples=count))
        / error(question, AloneGradientShap(samples=count))
    ]
    if question.case.modality != "image":
        return found
    noise = error(question, AloneSmoothGrad(samples=count))
    found += [error(question, SmoothGrad(samples=count)) / noise, quasi(question, count) / noise]
    masks = Rise(masks=4 * count)
    coins = with_grids(question, masks, alone)
    return [
        *found,
        error(question, masks) / coins,
        with_grids(question, masks, complements) / coins,
    ]


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
    print(f"| on | {' | '.join(HEAD)} |\n|{'---|' * (1 + len(HEAD))}")
    for name, question in questions():
        found = [f"{r:.2f}" for r in ratios(question, count)]
        found += [""] * (len(HEAD) - len(found))
        print(f"| {name} | {' | '.join(found)} |".replace("nan", "-"), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

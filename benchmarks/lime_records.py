"""LIME for tables beside lime: `python -m benchmarks.lime_records [--cases 10] [--runs 10]`.

Records of the built-in models at 5, 10, 20 and 50 draws a feature and at 5,000. Ours: squared error
against the same regression over 200,000 draws, in which case and penalty keep their part.
lime's: the spread of its values about their own mean, which forgives it what it is off on average.
Both over the sum of squares of that truth, means over cases; then the share of our 95 % intervals
that hold the truth, and their half-width over our root mean squared error.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.subjects import builtin
from explainers.asking import ask
from explainers.engine import MaskedPredictor, Runtime
from explainers.levels import fit_levels
from explainers.local_surrogate import fit_ridge
from explainers.methods.lime_tabular import LimeTabular, kernel
from explainers.neighbourhood import draw_neighbourhood
from explainers.question import Question
from explainers.report import default_request
from models.adapter import HasTable
from models.case import Case, FloatArray, TabularPayload

MODELS = ("wisconsin", "recurrence", "recurrence-trees")
EACH = (5, 10, 20, 50)
USUAL = 5000
LONG = 200_000
ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Errors:
    """Of one case at one number of draws, all relative to the truth's sum of squares.

    Attributes:
        ours: Mean squared error.
        theirs: Variance of lime's values.
        held: Share of our intervals that hold the truth.
        bars: Mean square of our standard errors.
    """

    ours: float
    theirs: float
    held: float
    bars: float


def questions(name: str, count: int) -> Iterator[tuple[Question, HasTable]]:
    """Records of a model's own sample."""
    model = builtin(name)
    if not isinstance(model, HasTable):
        raise TypeError("the model takes no records")
    for index in range(count):
        payload = TabularPayload(values=model.sample[-1 - index], schema=model.schema)
        case = Case(digest=payload.content_digest(), name="record", payload=payload)
        yield ask(case, model, default_request(model.card)), model


class Truth:
    """What LIME for tables tends to around one record.

    Args:
        question: About the record.
        model: Its model.
    """

    def __init__(self, question: Question, model: HasTable) -> None:
        game = MaskedPredictor(question, Runtime(max_rows=ROWS))
        around = draw_neighbourhood(
            question.case.record.values,
            fit_levels(model.sample, model.schema, discretise=True),
            count=LONG,
            generator=torch.Generator().manual_seed(10**6),
        )
        self._design = torch.from_numpy(np.ascontiguousarray(around.whole))
        values = game.evaluate(model.encode_values(around.records))
        self._goals = torch.cat([game.value_full[None], values])

    def at(self, count: int) -> FloatArray:
        """Coefficients (F,) in which case and penalty weigh as beside `count` records."""
        weights = torch.from_numpy(kernel(self._design.numpy(), LimeTabular().kernel_width))
        weights[0] *= LONG / count
        fit = fit_ridge(self._design, self._goals, weights, penalty=LONG / count, cluster=1)
        return np.asarray(fit.values[0].numpy())


def ours(question: Question, count: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Values and standard errors (F,)."""
    game = MaskedPredictor(question, Runtime(max_rows=ROWS))
    chance = torch.Generator().manual_seed(seed)
    (found,) = LimeTabular(samples=count).explain(game, budget=count, generator=chance)
    if found.std_error is None:
        raise ValueError("no error bars")
    return found.values, found.std_error


def theirs(question: Question, model: HasTable, count: int, seed: int) -> FloatArray:
    """Coefficients (F,) of the package, of "is where it is in the case"."""
    from lime.lime_tabular import LimeTabularExplainer

    game = MaskedPredictor(question, Runtime(max_rows=ROWS))
    columns = model.schema.columns
    explainer = LimeTabularExplainer(
        np.array(model.sample),
        mode="regression",
        categorical_features=[i for i, c in enumerate(columns) if c.kind == "category"],
        feature_selection="none",
        random_state=seed,
    )
    found = explainer.explain_instance(
        question.case.record.values,
        lambda records: game.evaluate(model.encode_values(records))[:, 0].numpy(),
        num_features=len(columns),
        num_samples=count,
    )
    values = np.zeros(len(columns))
    for feature, weight in found.local_exp[1]:
        values[feature] = weight
    return values


def errors(question: Question, model: HasTable, truth: FloatArray, count: int, runs: int) -> Errors:
    """Of one case, whose truth (F,) at so many draws is known."""
    scale = (truth**2).sum()
    found = [ours(question, count, seed) for seed in range(runs)]
    values, bars = (np.array(part) for part in zip(*found, strict=True))
    package = np.array([theirs(question, model, count, s) for s in range(runs)])
    return Errors(
        ours=float(((values - truth) ** 2).sum(axis=1).mean() / scale),
        theirs=float(package.var(axis=0, ddof=1).sum() / scale),
        held=float((np.abs(values - truth) <= 1.96 * bars).mean()),
        bars=float((bars**2).sum(axis=1).mean() / scale),
    )


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lime_records", description=__doc__)
    parser.add_argument("--cases", type=int, default=10)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args(arguments)
    print("| records of | draws | ours | lime | ours / lime | intervals held (width / error) |")
    print("|---|---|---|---|---|---|")
    for name in MODELS:
        asked = [(*each, Truth(*each)) for each in questions(name, options.cases)]
        n_features = len(asked[0][1].schema.columns)
        for count in [*(each * n_features for each in EACH), USUAL]:
            found = [errors(q, m, t.at(count), count, options.runs) for q, m, t in asked]
            own, package, held, bars = (
                float(np.mean([getattr(e, part) for e in found]))
                for part in ("ours", "theirs", "held", "bars")
            )
            width = 1.96 * (bars / own) ** 0.5
            print(
                f"| {name} | {count:,} | {own:.2g} | {package:.2g} | {own / package:.2f} | "
                f"{held:.1%} ({width:.2f}) |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What sharing a bank costs KernelSHAP and LIME. `python -m benchmarks.shared_bank [--runs 5]`.

On samples of the built-in models, against long runs: KernelSHAP by regression over 5,000 pairs,
LIME over 6,000 pairs of fair coins. Squared errors are relative to the sum of squares and hold
those of the long runs ("of it, long run"); "held" is how many nominal 95 % intervals hold the long
run's value, too few where its own error is no longer small.

Texts: the bank as it is asked beside 1,000 coalitions as before: of LIME's own, and of a bank half
of whose sizes lie where fair coins fall. Films: with and without coalitions on random orders.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
from torch import Tensor

from benchmarks.accuracy import relative
from benchmarks.subjects import builtin, first_words
from explainers.asking import ask
from explainers.bank import Bank, lime_coefficients, shapley_values
from explainers.coalition_values import CoalitionValues
from explainers.coalitions import PairSample, antithetic_pairs, draw_bank, draw_pairs
from explainers.engine import MaskedPredictor
from explainers.local_surrogate import fit_ridge
from explainers.methods.lime import kernel, proximity
from explainers.methods.many_words import COINS, MASKS
from explainers.neighbours import neighbours
from explainers.report import default_request
from models.case import FloatArray
from models.samples import catalog, reports

FILMS: Final = ("phantom-right-lower",)
TEXTS: Final = ("effusion-cardiomegaly", "negations", "pneumonia", "hedged", "80")
LONG_SHAP, LONG_LIME = 5000, 6000  # pairs
BEFORE: Final = 1000  # coalitions


class Game:
    """One sample, every coalition asked once.

    Args:
        name: Of a film or text, or so many words.
    """

    def __init__(self, name: str) -> None:
        is_film = name in FILMS
        model = builtin("xray" if is_film else "report")
        case = first_words(int(name)) if name.isdigit() else None
        case = case or (catalog.load(name) if is_film else reports.load(name))
        self.game = MaskedPredictor(ask(case, model, default_request(model.card)))
        self.known = CoalitionValues(self.game)
        self.near = proximity(torch.linspace(0, 1, self.game.n_players + 1).double(), 0.25)

    def bank(self, sample: PairSample) -> Bank:
        """The sample with the model's answers."""
        both = torch.stack([sample.masks, 1 - sample.masks], dim=1)
        values = torch.from_numpy(self.known(both.numpy() == 1))[..., None]
        return Bank(
            sample=sample,
            values=values,
            full=self.game.value_full,
            empty=self.game.value_empty,
            beside=neighbours(self.game.question.players),
        )

    def own_lime(self, n_pairs: int, seed: int, *, counted: int) -> tuple[FloatArray, FloatArray]:
        """LIME over pairs of fair coins that count as so many masks, and its errors."""
        coins = antithetic_pairs(self.game.n_players, n_pairs, generator(seed))
        masks = torch.stack([coins, 1 - coins], dim=1).flatten(0, 1)
        values = torch.from_numpy(self.known(masks.numpy() == 1))[:, None]
        found = fit_ridge(
            torch.cat([torch.ones_like(masks[:1]), masks]),
            torch.cat([self.game.value_full[None], values]),
            torch.cat([torch.ones(1).double(), kernel(masks, 0.25) * counted / len(masks)]),
            penalty=1.0,
            cluster=2,
        )
        return found.values[0].numpy(), found.std_error[0].numpy()


def generator(seed: int) -> torch.Generator:
    """Random numbers of a run."""
    return torch.Generator().manual_seed(seed)


def estimates(game: Game, seed: int, *, is_film: bool) -> Iterator[tuple[str, int, Tensor, Tensor]]:
    """(name, coalitions, values (P,), errors (P,)) of one run."""
    n_players = game.game.n_players
    if not is_film:
        values, errors = (
            torch.from_numpy(a) for a in game.own_lime(BEFORE // 2, seed, counted=BEFORE)
        )
        yield "LIME, pairs of its own", BEFORE, values, errors
    half = draw_bank(n_players, BEFORE // 2, generator(seed))
    plain = draw_bank(n_players, BEFORE // 2, generator(seed), orders=0)
    larger = draw_bank(n_players, MASKS // 2, generator(seed), coins=COINS)
    banks = {"without orders": plain, "with orders": half} if is_film else {"half coins": half}
    for name, sample in (banks if is_film else banks | {"as asked": larger}).items():
        bank = game.bank(sample)
        shap = shapley_values(bank, processes=True)
        yield f"KernelSHAP, {name}", 2 * len(sample.masks), shap.values[0], shap.std_error[0]
        for corrected in (False, True) if not is_film else (False,):
            lime, _ = lime_coefficients(bank, game.near, penalty=1.0, corrected=corrected)
            title = f"LIME, {name}{', corrected' if corrected else ''}"
            yield title, 2 * len(sample.masks), lime.values[0], lime.std_error[0]


def lines(name: str, runs: int) -> Iterator[str]:
    """The rows of one sample."""
    game, is_film = Game(name), name in FILMS
    long = shapley_values(
        game.bank(draw_pairs(game.game.n_players, LONG_SHAP, generator(77))), processes=False
    )
    shap = (long.values[0].numpy(), long.std_error[0].numpy())
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for seed in range(runs):
        for title, masks, values, errors in estimates(game, seed, is_film=is_film):
            truth = shap[0] if title.startswith("KernelSHAP") else lime_of(game, masks)[0]
            off = np.abs(values.numpy() - truth)
            held = float((off <= 1.96 * errors.numpy()).mean())
            found.setdefault((title, masks), []).append((relative(values.numpy(), truth), held))
    for (title, masks), each in found.items():
        error, held = np.mean(each, axis=0)
        value, bar = shap if title.startswith("KernelSHAP") else lime_of(game, masks)
        share = float((bar**2).sum() / (value**2).sum())
        yield (
            f"| {name} ({game.game.n_players}) | {title} | {masks:,} | {error:.2g} "
            f"| {share:.1g} | {100 * held:.0f} % |"
        )


def lime_of(game: Game, masks: int) -> tuple[FloatArray, FloatArray]:
    """The long run of LIME with the penalty of so many masks; asked once."""
    return game.own_lime(LONG_LIME, 999, counted=masks)


def main() -> None:
    """Print one row a sample and estimate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cases", nargs="+", choices=[*FILMS, *TEXTS], default=[*TEXTS, *FILMS])
    options = parser.parse_args()
    sys.stdout.write("| sample (parts) | estimate | coalitions | error | long run | held |\n")
    sys.stdout.write("|---|---|---|---|---|---|\n")
    for name in options.cases:
        for line in lines(name, options.runs):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Fitting reader and heads of the X-ray model: three small convex problems, solved by L-BFGS.

A head's loss: cross-entropy of the film's log-odds on real films of its source, each label weighing
the same; plus cross-entropy of the evidence of single cells (times a free factor) against the share
that a pasted opacity covers, on normal films with and without pasted ones; plus a penalty.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from models.builtin.xray_bank import Bank
from models.builtin.xray_data import Films
from models.networks import EvidenceNet

SOURCES: Final = ("nih", "kermany")  # of the two readings, in their order
FOLDS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRecipe:
    """What decides the heads beside the bank.

    Chosen by cross-validation on adults: of settings within one standard error of the best AUROC,
    one whose evidence is most often largest inside a pasted opacity.

    Attributes:
        penalty: Half of it times the squared weights is added to each loss.
        cell_weight: Weight of the loss on single cells.
        cell_positive: Weight of covered cells against bare ones.
        iterations: Of L-BFGS at most.
    """

    penalty: float = 2e-4
    cell_weight: float = 3.0
    cell_positive: float = 3.0
    iterations: int = 150


class Head(NamedTuple):
    """Log-odds of a film: the means of its maps (C,) times `weight` (C,), plus `offset` ()."""

    weight: Tensor
    offset: Tensor


def fit_heads(network: EvidenceNet, bank: Bank, films: Films, recipe: HeadRecipe) -> None:
    """Set reader and both heads of the network, in place."""
    source = torch.tensor([SOURCES.index(row["source"]) for row in films.rows])[bank.film]
    reader = _minimise(
        _film_loss(bank.means, (source == 0).float(), torch.ones(len(source)) / len(source)),
        bank.means.shape[1],
        recipe,
    )
    heads = [fit_head(bank, films, name, recipe) for name in SOURCES]
    network.reader.load_state_dict({"weight": reader.weight[None], "bias": reader.offset[None]})
    network.head.load_state_dict(
        {
            "weight": torch.stack([head.weight for head in heads]),
            "bias": torch.stack([head.offset for head in heads]),
        }
    )


def fit_head(
    bank: Bank, films: Films, source: str, recipe: HeadRecipe, *, without: int | None = None
) -> Head:
    """The head of one source.

    Args:
        bank: Augmented films.
        films: The films that the bank was made of.
        source: One of SOURCES.
        recipe: See HeadRecipe.
        without: A fold whose patients are left out.
    """
    used = torch.tensor(
        [row["source"] == source and fold_of(row["patient_id"]) != without for row in films.rows]
    )
    real, cells = used[bank.film] & ~bank.pasted, used[bank.cell_film]
    labels = bank.labels[real]
    weights = torch.where(labels == 1, 0.5 / labels.sum(), 0.5 / (1 - labels).sum())
    return _minimise(
        _film_loss(bank.means[real], labels, weights),
        bank.means.shape[1],
        recipe,
        _cell_loss(bank.cells[cells].float(), bank.covered[cells], recipe),
    )


def cross_fitted(
    bank: Bank, films: Films, means: Tensor, source: str, recipe: HeadRecipe
) -> tuple[Tensor, Tensor]:
    """Log-odds of the source's training films, each by a head that saw no film of its patient.

    Args:
        bank: Augmented films.
        films: The films that the bank was made of.
        means: (N, C) means of the maps of the films as they are.
        source: One of SOURCES.
        recipe: See HeadRecipe.

    Returns:
        (n,) indices of the source's films, and (n,) log-odds.
    """
    chosen = torch.tensor([k for k, row in enumerate(films.rows) if row["source"] == source])
    folds = torch.tensor([fold_of(films.rows[k]["patient_id"]) for k in chosen.tolist()])
    odds = torch.empty(len(chosen))
    for fold in range(FOLDS):
        head = fit_head(bank, films, source, recipe, without=fold)
        odds[folds == fold] = means[chosen[folds == fold]] @ head.weight + head.offset
    return chosen, odds


def fold_of(patient: str) -> int:
    """The fold of a patient, by a hash of the identifier."""
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16) % FOLDS


Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def _film_loss(means: Tensor, labels: Tensor, weights: Tensor) -> Loss:
    """Weighted cross-entropy of log-odds that are linear in the means."""

    def loss(weight: Tensor, offset: Tensor, _factor: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(
            means @ weight + offset, labels, weight=weights, reduction="sum"
        )

    return loss


def _cell_loss(cells: Tensor, covered: Tensor, recipe: HeadRecipe) -> Loss:
    """Cross-entropy of cells' evidence times exp(factor)."""

    def loss(weight: Tensor, _offset: Tensor, factor: Tensor) -> Tensor:
        return recipe.cell_weight * functional.binary_cross_entropy_with_logits(
            cells @ weight * factor.exp(), covered, pos_weight=torch.tensor(recipe.cell_positive)
        )

    return loss


def _minimise(first: Loss, width: int, recipe: HeadRecipe, second: Loss | None = None) -> Head:
    """Minimise the losses and the penalty from zero."""
    variables = [torch.zeros(width), torch.zeros(()), torch.zeros(())]
    variables = [variable.requires_grad_() for variable in variables]
    optimiser = torch.optim.LBFGS(
        variables,
        max_iter=recipe.iterations,
        history_size=15,
        tolerance_change=1e-7,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = first(*variables) + recipe.penalty / 2 * variables[0].square().sum()
        if second is not None:
            loss = loss + second(*variables)
        torch.autograd.backward(loss)
        return loss.detach()

    optimiser.step(closure)  # type: ignore[no-untyped-call]  # torch ships it without types
    weight, offset, _ = (variable.detach() for variable in variables)
    return Head(weight, offset)

"""Fitting reader and heads of the X-ray model: three small convex problems, solved by L-BFGS.

A head's loss is a sum of:
- the cross-entropy of the film's log-odds on real films of its source, both labels weighing the
  same;
- that of films on which nothing is left to find (labelled normal), of films with pasted opacities,
  and of phantoms;
- the mean square of what log-odds change by when parts of normal films are taken away, and parts of
  any film outside the lungs: nothing there speaks for pneumonia;
- the cross-entropy of the evidence of single cells (times a free factor) against the share that a
  pasted opacity covers, on normal films with and without pasted ones;
- a penalty.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from models.builtin.xray_bank import Bank
from models.builtin.xray_phantoms import SOURCE
from models.networks import EvidenceNet

SOURCES: Final = ("nih", "kermany")  # of the two readings, in their order
READ_BY: Final = {"nih": 0, "kermany": 1, SOURCE: 0}
FOLDS: Final = 4
Loss: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRecipe:
    """What decides the heads beside the bank.

    Attributes:
        penalty: Half of it times the squared weights is added to each head's loss.
        reader_penalty: The same for the reader.
        cell_weight: Weight of the loss on single cells.
        cell_positive: Weight of covered cells against bare ones.
        nothing_weight: Weight of the loss on films on which nothing is left to find.
        pasted_weight: Weight of the loss on films with pasted opacities.
        phantom_weight: Weight of the loss on phantoms, both labels weighing the same.
        still_weight: Half of it times the mean square change on normal films is added.
        outer_weight: Half of it times the mean square change by parts outside the lungs is added.
        iterations: Of L-BFGS at most.
    """

    penalty: float = 2e-3
    reader_penalty: float = 2e-4
    cell_weight: float = 0.4
    cell_positive: float = 3.0
    nothing_weight: float = 0.6
    pasted_weight: float = 0.2
    phantom_weight: float = 0.6
    still_weight: float = 0.2
    outer_weight: float = 1.0
    iterations: int = 150


class Head(NamedTuple):
    """Log-odds of a film: the means of its maps (C,) times `weight` (C,), plus `offset` ()."""

    weight: Tensor
    offset: Tensor


def fit_heads(network: EvidenceNet, bank: Bank, recipe: HeadRecipe) -> None:
    """Set reader and both heads of the network, in place."""
    head_of = torch.tensor([READ_BY[row["source"]] for row in bank.rows])[bank.film]
    every = torch.cat([bank.means, *bank.removed])
    first = (head_of == 0).float().repeat(1 + len(bank.removed))
    sharp = replace(recipe, penalty=recipe.reader_penalty)
    reader = _minimise([_film_loss(every, first)], every.shape[1], sharp)
    heads = [fit_head(bank, name, recipe) for name in SOURCES]
    network.reader.load_state_dict({"weight": reader.weight[None], "bias": reader.offset[None]})
    network.head.load_state_dict(
        {
            "weight": torch.stack([head.weight for head in heads]),
            "bias": torch.stack([head.offset for head in heads]),
        }
    )


def fit_head(bank: Bank, source: str, recipe: HeadRecipe, *, without: int | None = None) -> Head:
    """The head of one source.

    Args:
        bank: Augmented films.
        source: One of SOURCES.
        recipe: See HeadRecipe.
        without: A fold whose patients are left out.
    """
    used = torch.tensor(
        [
            READ_BY[row["source"]] == SOURCES.index(source)
            and fold_of(row["patient_id"]) != without
            for row in bank.rows
        ]
    )
    real = torch.tensor([row["source"] in SOURCES for row in bank.rows])
    films, cells = _chosen(bank, used[bank.film]), used[bank.cell_film]
    losses = [
        *_film_losses(films, real[films.film], recipe),
        _cell_loss(bank.cells[cells].float(), bank.covered[cells], recipe),
    ]
    return _minimise(losses, bank.means.shape[1], recipe)


def _chosen(bank: Bank, member: Tensor) -> Bank:
    """The bank with only some of its films; its cells as they were."""
    return replace(
        bank,
        means=bank.means[member],
        removed=bank.removed[:, member],
        film=bank.film[member],
        labels=bank.labels[member],
        pasted=bank.pasted[member],
    )


def _film_losses(films: Bank, real: Tensor, recipe: HeadRecipe) -> list[Loss]:
    """The losses on whole films; `real` (N,) says which are no phantoms."""
    scattered, empty, inner, outer = films.removed
    seen, sick = real & ~films.pasted, films.labels == 1
    gone = torch.cat([empty, outer, scattered[~sick | films.pasted]])
    there, phantoms = films.means[films.pasted], ~real & ~films.pasted
    changed = torch.cat([(part - films.means)[~sick] for part in (scattered, empty)])
    return [
        _film_loss(films.means[seen], films.labels[seen], balanced=True),
        _film_loss(gone, torch.zeros(len(gone)), recipe.nothing_weight),
        _film_loss(there, torch.ones(len(there)), recipe.pasted_weight),
        _film_loss(
            films.means[phantoms], films.labels[phantoms], recipe.phantom_weight, balanced=True
        ),
        _change_loss(changed, recipe.still_weight),
        _change_loss(inner - films.means, recipe.outer_weight),
    ]


def cross_fitted(
    bank: Bank, means: Tensor, source: str, recipe: HeadRecipe
) -> tuple[Tensor, Tensor]:
    """Log-odds of the source's training films, each by a head that saw no film of its patient.

    Args:
        bank: Augmented films.
        means: (F, C) means of the maps of the bank's films as they are; phantoms may lack.
        source: One of SOURCES.
        recipe: See HeadRecipe.

    Returns:
        (n,) indices of the source's films, and (n,) log-odds.
    """
    chosen = torch.tensor([k for k, row in enumerate(bank.rows) if row["source"] == source])
    folds = torch.tensor([fold_of(bank.rows[k]["patient_id"]) for k in chosen.tolist()])
    odds = torch.empty(len(chosen))
    for fold in range(FOLDS):
        head = fit_head(bank, source, recipe, without=fold)
        odds[folds == fold] = means[chosen[folds == fold]] @ head.weight + head.offset
    return chosen, odds


def fold_of(patient: str) -> int:
    """The fold of a patient, by a hash of the identifier."""
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16) % FOLDS


def _film_loss(
    means: Tensor, labels: Tensor, factor: float = 1.0, *, balanced: bool = False
) -> Loss:
    """Mean cross-entropy of log-odds that are linear in the means, times the factor.

    `balanced` gives both labels the same weight.
    """
    sick = labels.sum().clamp_min(1)
    halves = torch.where(labels == 1, 0.5 / sick, 0.5 / (len(labels) - sick).clamp_min(1))
    shares = halves if balanced else torch.full((len(means),), 1 / max(len(means), 1))

    def loss(weight: Tensor, offset: Tensor, _factor: Tensor) -> Tensor:
        return factor * functional.binary_cross_entropy_with_logits(
            means @ weight + offset, labels, weight=shares, reduction="sum"
        )

    return loss


def _change_loss(changes: Tensor, factor: float) -> Loss:
    """Half the mean square of the changes of log-odds, times the factor."""

    def loss(weight: Tensor, _offset: Tensor, _factor: Tensor) -> Tensor:
        return factor / 2 * (changes @ weight).square().sum() / max(len(changes), 1)

    return loss


def _cell_loss(cells: Tensor, covered: Tensor, recipe: HeadRecipe) -> Loss:
    """Cross-entropy of cells' evidence times exp(factor)."""

    def loss(weight: Tensor, _offset: Tensor, factor: Tensor) -> Tensor:
        return recipe.cell_weight * functional.binary_cross_entropy_with_logits(
            cells @ weight * factor.exp(), covered, pos_weight=torch.tensor(recipe.cell_positive)
        )

    return loss


def _minimise(losses: Sequence[Loss], width: int, recipe: HeadRecipe) -> Head:
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
        loss = recipe.penalty / 2 * variables[0].square().sum()
        for part in losses:
            loss = loss + part(*variables)
        torch.autograd.backward(loss)
        return loss.detach()

    optimiser.step(closure)  # type: ignore[no-untyped-call]  # torch ships it without types
    weight, offset, _ = (variable.detach() for variable in variables)
    return Head(weight, offset)

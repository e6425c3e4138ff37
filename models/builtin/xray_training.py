"""The training loop of the built-in X-ray model.

Two losses: binary cross-entropy of the film's log-odds, and, where the place of every opacity is
known (normal films, with or without pasted ones), binary cross-entropy of each cell's evidence
against the share of the cell they cover. The weights kept are an exponential moving average.
Convolutions run in bfloat16, about 2.5 times as fast on a CPU that has it.
"""

import copy
import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from models.builtin.xray_data import Batch, Films, Mix, batches
from models.networks import EvidenceNet, initialise
from models.preprocess import Preprocessing

SYNTHETIC: Final = Mix(positive=0.0, pasted=0.6)
REAL: Final = Mix(positive=0.34, pasted=0.45)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the weights beside the data.

    Attributes:
        epochs: Rounds of `batches_per_epoch` batches.
        synthetic_epochs: The first of them see normal films only, with and without synthetic
            opacities: what an opacity is comes before what the labels say.
        small_epochs: The first of them see films of `small_size` pixels a side, at half the cost.
        small_size: A multiple of 16.
        batches_per_epoch: 200 batches of 16 are about one film each of the training split.
        batch_size: Films a batch.
        learning_rate: Peak of the one-cycle schedule.
        weight_decay: Of AdamW.
        map_weight: Weight of the loss on the evidence map.
        map_positive: Weight of covered cells against bare ones.
        smoothing: Labels are drawn this far towards one half: some of them are wrong.
        dropout: Share of the last maps' channels dropped, each film its own.
        average: Decay of the moving average of the weights, a step.
        seed: Of every draw.
    """

    epochs: int = 32
    synthetic_epochs: int = 6
    small_epochs: int = 20
    small_size: int = 160
    batches_per_epoch: int = 200
    batch_size: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    map_weight: float = 2.0
    map_positive: float = 3.0
    smoothing: float = 0.05
    dropout: float = 0.2
    average: float = 0.998
    seed: int = 2026


def train(
    films: Films, preprocessing: Preprocessing, recipe: Recipe, *, checkpoint: Path | None = None
) -> EvidenceNet:
    """Train from scratch and return the averaged network in eval mode.

    Args:
        films: The training split.
        preprocessing: Of the inputs.
        recipe: See Recipe.
        checkpoint: Where the averaged weights are saved after each epoch (safetensors), if
            anywhere.
    """
    generator = torch.Generator()
    generator.manual_seed(recipe.seed)
    trainer = _Trainer(recipe, generator)
    small = replace(preprocessing, size=recipe.small_size)
    for epoch in range(recipe.epochs):
        started = time.monotonic()
        drawn = batches(
            films,
            small if epoch < recipe.small_epochs else preprocessing,
            SYNTHETIC if epoch < recipe.synthetic_epochs else REAL,
            size=recipe.batch_size,
            count=recipe.batches_per_epoch,
            generator=generator,
        )
        loss = sum(trainer.step(batch) for batch in drawn) / recipe.batches_per_epoch
        logger.info("epoch %d loss %.4f in %.0f s", epoch, loss, time.monotonic() - started)
        if checkpoint is not None:
            _save(trainer.average, checkpoint)
    return trainer.average


class _Trainer:
    """The state of one training: network, its moving average, optimiser and schedule."""

    def __init__(self, recipe: Recipe, generator: torch.Generator) -> None:
        network = EvidenceNet()
        initialise(network, generator)
        self.recipe, self.generator = recipe, generator
        self.network = network.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).eval()
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        steps = recipe.epochs * recipe.batches_per_epoch
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, recipe.learning_rate, steps, pct_start=0.1
        )
        self.steps = 0

    def step(self, batch: Batch) -> float:
        """Learn from one batch; returns its loss."""
        loss = batch_loss(self.network, batch, self.recipe, self.generator)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimiser.step()
        self.schedule.step()
        self.steps += 1
        _blend(self.average, self.network, min(self.recipe.average, self.steps / (self.steps + 10)))
        return float(loss.detach())


def batch_loss(
    network: EvidenceNet, batch: Batch, recipe: Recipe, generator: torch.Generator
) -> Tensor:
    """The loss of one batch, a scalar with gradient."""
    inputs = batch.inputs.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps = network.feature_maps(inputs)
    maps = maps.float()
    kept = torch.rand(*maps.shape[:2], 1, 1, generator=generator) >= recipe.dropout
    maps = maps * kept / (1 - recipe.dropout)
    odds = 2 * network.logits_from_maps(maps)[:, 1]
    target = batch.labels * (1 - recipe.smoothing) + 0.5 * recipe.smoothing
    film_loss = functional.binary_cross_entropy_with_logits(odds, target)
    cell_loss = functional.binary_cross_entropy_with_logits(
        network.evidence(maps),
        batch.masks,
        pos_weight=torch.tensor(recipe.map_positive),
        reduction="none",
    ).mean((1, 2))
    known = batch.known.float()
    return film_loss + recipe.map_weight * (cell_loss * known).sum() / known.sum().clamp_min(1)


@torch.no_grad()
def _blend(average: EvidenceNet, network: EvidenceNet, decay: float) -> None:
    """Move the averaged weights and batch statistics towards the current ones."""
    current = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])


def _save(network: EvidenceNet, path: Path) -> None:
    """Write the weights as safetensors."""
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)

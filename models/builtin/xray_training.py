"""Training of the built-in X-ray model: pretrained blocks, imitated stages, fitted heads.

About 420 films of adults are too few to train a network on, so little is: no weight before the last
maps ever sees a label. See `xray_start`, `xray_bank` and `xray_heads` for the three steps.
"""

import logging
from dataclasses import dataclass, field

import torch
from torch import Tensor

from models.builtin.xray_bank import Bank, fill_bank
from models.builtin.xray_data import Films
from models.builtin.xray_heads import HeadRecipe, fit_heads
from models.builtin.xray_phantoms import with_phantoms
from models.builtin.xray_start import start_pretrained
from models.networks import EvidenceNet, initialise

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the weights beside the data.

    Attributes:
        imitation_steps: Batches of 16 films on which the plain stages learn from Lite0.
        bank_batches: Batches of 16 augmented films that the heads are fitted on.
        phantoms: How many are among these films.
        heads: See HeadRecipe.
        seed: Of every draw.
    """

    imitation_steps: int = 700
    bank_batches: int = 600
    phantoms: int = 120
    heads: HeadRecipe = field(default_factory=HeadRecipe)
    seed: int = 2026


def train(films: Films, weights: dict[str, Tensor], recipe: Recipe) -> tuple[EvidenceNet, Bank]:
    """Train and return the network in eval mode, and what its heads were fitted on.

    Args:
        films: The training split.
        weights: Of `lite0.read_lite0`.
        recipe: See Recipe.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    network = EvidenceNet()
    initialise(network, generator)
    start_pretrained(network, weights, films, steps=recipe.imitation_steps, generator=generator)
    draws = torch.Generator().manual_seed(recipe.seed + 1)
    drawn = with_phantoms(films, recipe.phantoms)
    bank = fill_bank(network, drawn, count=recipe.bank_batches, generator=draws)
    fit_heads(network, bank, recipe.heads)
    logger.info("heads fitted on %d films and %d cells", len(bank.film), len(bank.cell_film))
    return network, bank

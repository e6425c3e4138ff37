"""Where the X-ray model starts: pretrained blocks, and plain stages that imitate the first ones.

The network's plain stages learn to give what the first blocks of EfficientNet-Lite0 give, by mean
squared error on augmented films; no label is used. The later blocks are taken as they are.
Convolutions run in bfloat16, about 2.5 times as fast on a CPU that has it.
"""

import logging
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.builtin.lite0 import Lite0Front
from models.builtin.xray_data import Films, Mix, batches
from models.networks import IMITATED, EvidenceNet
from models.preprocess import Preprocessing

ANY_FILM: Final = Mix(positive=0.5, pasted=0.5)
SMALL: Final = Preprocessing(size=160)  # half the cost; the stages do not know the size
RATE: Final = 3e-3

logger = logging.getLogger(__name__)


def start_pretrained(
    network: EvidenceNet,
    weights: dict[str, Tensor],
    films: Films,
    *,
    steps: int,
    generator: torch.Generator,
) -> None:
    """Set everything before the last maps, in place; the network is left in eval mode.

    Args:
        network: Initialised.
        weights: Of `read_lite0`.
        films: The training split.
        steps: Batches of 16 films for the imitation.
        generator: Of all draws.
    """
    for index, block in enumerate((*network.middle, *network.late), start=IMITATED):
        block.load_state_dict({name: weights[f"{index}.{name}"] for name in block.state_dict()})
    network.to(memory_format=torch.channels_last)
    teacher = Lite0Front(weights, IMITATED).to(memory_format=torch.channels_last)
    front = network.front.train()
    optimiser = torch.optim.AdamW(front.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps, pct_start=0.1)
    drawn = batches(films, SMALL, ANY_FILM, size=16, count=steps, generator=generator)
    for number, batch in enumerate(drawn, start=1):
        loss = imitation_loss(network, teacher, batch.inputs)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        if number % 100 == 0:
            logger.info("imitation step %d: missed %.3f", number, float(loss.detach()))
    network.eval()


def imitation_loss(network: EvidenceNet, teacher: nn.Module, inputs: Tensor) -> Tensor:
    """Share of the variance of each of the teacher's channels that is missed, mean; a scalar."""
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with torch.no_grad():
            wanted = teacher(inputs).float()
        found = network.front((inputs - network.mean) / network.deviation).float()
    missed = functional.mse_loss(found, wanted, reduction="none").mean((0, 2, 3))
    share: Tensor = (missed / (wanted.var((0, 2, 3)) + 1e-3)).mean()
    return share

"""A small random network: real methods can be run on it hundreds of times."""

import torch
from torch import Tensor, nn

from benchmarks.binary import BinaryImageModel
from explainers.explanation import Target
from explainers.maskers.baselines import image_baseline
from explainers.maskers.region import RegionMasker
from explainers.question import Question
from explainers.superpixels import image_players
from models.case import image_case

SIDE = 24
N_PLAYERS = 36


class ToyNetwork(BinaryImageModel):
    """Two convolutions and a dense head with seeded random weights: interactions of every order."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(title="Small random network", side=SIDE, weights_sha256=f"{seed:064d}")
        generator = torch.Generator().manual_seed(seed)
        self.network = nn.Sequential(
            nn.Conv2d(1, 8, 5, stride=2, padding=2),
            nn.Tanh(),
            nn.Conv2d(8, 8, 3, stride=2, padding=1),
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(8 * (SIDE // 4) ** 2, 2),
        )
        for parameter in self.network.parameters():
            fan_in = max(parameter[0].numel(), 1)
            bound = 3.0 / fan_in**0.5
            nn.init.uniform_(parameter, -bound, bound, generator=generator)
        self.network.eval().requires_grad_(requires_grad=False)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, 24, 24) -> (n, 2)."""
        logits: Tensor = self.network(inputs)
        return logits


def toy_question(seed: int, *, n_players: int = N_PLAYERS) -> Question:
    """A grid of cells of a random film against black, log-odds of "present"."""
    generator = torch.Generator().manual_seed(seed)
    film = torch.rand(1, 1, SIDE, SIDE, generator=generator)
    case = image_case(film[0, 0].numpy(), name="toy")
    model = ToyNetwork(seed)
    inputs = model.encode(case)
    players = image_players(inputs[0, 0].numpy(), kind="grid", count=n_players)
    baseline, contents = image_baseline("black", inputs)
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=(Target(index=1, name="present"),),
        scale="logit",
        masker=RegionMasker(inputs, contents, baseline=baseline, players=players),
    )

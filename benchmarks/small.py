"""Questions of any size, about networks whose own answers cost little."""

from dataclasses import replace
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.binary import BinaryImageModel
from benchmarks.subjects import builtin, question_about, smooth_case
from explainers.explanation import Target
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.baselines import image_baseline
from explainers.maskers.region import RegionMasker
from explainers.question import Question
from explainers.superpixels import image_players
from models.adapter import HasTable

SIDE: Final = 32
PLAYERS: Final = 24
CLASSES: Final = 16


class SmallNetwork(BinaryImageModel):
    """Two convolutions with random weights and many independent classes."""

    def __init__(self, side: int) -> None:
        super().__init__(title="Small network", side=side)
        names = tuple(f"class {number}" for number in range(CLASSES))
        self.card = replace(self.card, classes=names, head="sigmoid", default_target=names[0])
        layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(256, CLASSES),
        )
        generator = torch.Generator().manual_seed(0)
        for parameter in layers.requires_grad_(requires_grad=False).parameters():
            parameter.normal_(std=0.2, generator=generator)
        self.network = layers.eval()

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, side, side) -> (n, 16)."""
        logits: Tensor = self.network(inputs)
        return logits


def film_question(*, side: int = SIDE, players: int = PLAYERS, classes: int = 1) -> Question:
    """Why the small network gives its first classes to a smooth film."""
    model = SmallNetwork(side)
    case = smooth_case(side=side)
    inputs = model.encode(case)
    baseline, contents = image_baseline("blur", inputs)
    cut = image_players(inputs[0, 0].numpy(), kind="grid", count=players)
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=tuple(Target(index=k, name=model.card.classes[k]) for k in range(classes)),
        scale="logit",
        masker=RegionMasker(inputs, contents, baseline=baseline, players=cut),
    )


def table_question(*, background: int = 100) -> Question:
    """Why the network of 8 columns answers as it does, against so many records."""
    question = question_about(builtin("recurrence"))
    model, masker = question.model, question.masker
    if not isinstance(model, HasTable):
        raise TypeError("the recurrence model takes no records")
    records = model.sample[np.arange(background) % len(model.sample)]
    shown = BackgroundMasker(
        question.inputs,
        model.encode_values(records),
        baseline=masker.baseline,
        players=masker.players,
    )
    return replace(question, masker=shown)

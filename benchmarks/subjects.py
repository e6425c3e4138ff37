"""The models that benchmarks explain, and the Question they are asked."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from benchmarks.binary import BinaryImageModel
from explainers.explanation import Target
from explainers.maskers.baselines import image_baseline
from explainers.maskers.region import RegionMasker
from explainers.question import Question
from explainers.superpixels import image_players
from models.adapter import ModelAdapter
from models.case import Case, image_case

N_PLAYERS = 45
SIDE = 224


class RandomDenseNet(BinaryImageModel):
    """A DenseNet-121-size network (7 M parameters) with random weights: speed needs no training."""

    def __init__(self) -> None:
        from torchvision.models import densenet121

        super().__init__(title="DenseNet-121", side=SIDE)
        network = densenet121(weights=None, num_classes=2)
        generator = torch.Generator().manual_seed(0)
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.kaiming_normal_(parameter, generator=generator)
        self.network = network.eval().requires_grad_(requires_grad=False)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, 224, 224) -> (n, 2)."""
        logits: Tensor = self.network(inputs.expand(-1, 3, -1, -1))
        return logits


def builtin() -> ModelAdapter:
    """The shipped X-ray model."""
    from models.catalog import catalog

    return catalog().load("xray", torch.device("cpu"))


SUBJECTS: dict[str, Callable[[], ModelAdapter]] = {"xray": builtin, "densenet": RandomDenseNet}


def smooth_case(seed: int = 0) -> Case:
    """A smooth random film: SLIC finds borders in it, and nothing needs a patient."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.random((1, 1, 9, 9), dtype=np.float32))
    film = torch.nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic")
    return image_case(film[0, 0].clamp(0, 1).numpy(), name="benchmark")


def question_about(model: ModelAdapter, case: Case) -> Question:
    """Superpixels against blur, log-odds of the default target."""
    inputs = model.encode(case)
    players = image_players(inputs[0, 0].numpy(), kind="superpixels", count=N_PLAYERS)
    baseline, contents = image_baseline("blur", inputs)
    name = model.card.default_target
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=(Target(index=model.card.classes.index(name), name=name),),
        scale="logit",
        masker=RegionMasker(inputs, contents, baseline=baseline, players=players),
    )

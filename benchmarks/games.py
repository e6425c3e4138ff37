"""Games of coalitions as Questions: a white film of P strips, and a score of which ones show."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor

from benchmarks.binary import BinaryImageModel
from explainers.explanation import Baseline, Explanation, MethodId, Scale, Target
from explainers.maskers.region import RegionMasker
from explainers.players import Players
from explainers.question import Question
from models.case import Case, FloatArray, ImageFrame, image_case

Score: TypeAlias = Callable[[Tensor], Tensor]  # amounts (n, P), 1 = present -> (n,) log-odds
SIDE: Final = 24


class GameModel(BinaryImageModel):
    """An adapter around a score of amounts; keeps the sizes of its passes."""

    def __init__(self, score: Score, players: Players) -> None:
        super().__init__(title="Game", side=SIDE)
        owner = torch.tensor(players.membership.tolist())
        self._mean = torch.nn.functional.one_hot(owner).double()
        self._mean /= self._mean.sum(dim=0)
        self._score = score
        self.passes: list[int] = []

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 2) of which the softmax is the logistic function of the score."""
        self.passes.append(len(inputs))
        score = self._score(inputs.double().flatten(1) @ self._mean)
        return torch.stack([-score / 2, score / 2], dim=1)

    def frame(self, _: Case) -> ImageFrame:
        """The whole film."""
        return ImageFrame(top=0.0, left=0.0, height=float(SIDE), width=float(SIDE))


def game_question(
    score: Score, n_players: int, *, scale: Scale = "logit", absent: float = 0.0
) -> Question:
    """A Question whose value of a coalition is its score; absent players amount to `absent`."""
    owner = np.arange(SIDE * SIDE) * n_players // (SIDE * SIDE)
    players = Players(
        membership=owner.astype(np.int32), element_shape=(SIDE, SIDE), kind="superpixel"
    )
    case = image_case(np.ones((SIDE, SIDE), dtype=np.float32), name="white")
    model = GameModel(score, players)
    inputs = model.encode(case)
    baseline = Baseline(name=f"amount {absent:g}", description="a shade of grey")
    contents = torch.full_like(inputs, absent)
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=(Target(index=1, name="present"),),
        scale=scale,
        masker=RegionMasker(inputs, contents, baseline=baseline, players=players),
    )


def additive(weights: FloatArray) -> Score:
    """The score to which every player adds its weight."""
    vector = torch.from_numpy(np.asarray(weights, dtype=np.float64))
    return lambda amounts: amounts @ vector


def answer(question: Question, values: FloatArray, method: MethodId = "lime") -> Explanation:
    """An explanation of the question with these values."""
    card = question.model.card
    return Explanation(
        method=method,
        case_digest=question.case.digest,
        model_id=card.id,
        weights_sha256=card.weights_sha256,
        players=question.players,
        values=np.asarray(values, dtype=np.float64),
        std_error=None,
        element_map=None,
        signed=True,
        kind="additive",
        target=question.targets[0],
        scale=question.scale,
        baseline=question.masker.baseline,
        value_full=0.0,
        value_empty=0.0,
        settings={},
        diagnostics={},
        seed=0,
        rows=0,
        seconds=0.0,
        device="cpu",
    )

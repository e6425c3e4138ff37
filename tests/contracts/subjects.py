"""The small world of each modality in which every method keeps the same promises.

A score is a function of amounts (n, P) float64, how much the input shows of each player: the mean
brightness of a cell, the value of a column, the part of a word's tokens that is there. A check
states its score once, and a subject makes the model of its modality that answers by it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pytest
import torch
from torch import Tensor

from explainers.engine import MaskedPredictor
from explainers.explanation import Explanation
from explainers.methods import METHODS
from explainers.methods.base import Method
from explainers.players import Players
from explainers.question import Question
from models.case import Modality
from tests.toys import SIDE, ToyImageModel, game_for, generator, question_for, toy_case
from tests.toys_table import (
    LayeredTableModel,
    LinearTableModel,
    ToyTableModel,
    TreesTableModel,
    table_case,
    table_question_for,
)
from tests.toys_text import (
    LONG_TEXT,
    TEXT,
    TOKENS,
    ToyTextModel,
    attention_to,
    text_question_for,
    token_weights,
    toy_text_case,
    uniform_attention,
)

Score = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """How to ask a question of one kind.

    Attributes:
        name: Modality, and what is special about its models.
        modality: Of its cases.
        n_players: P of `question`.
        planted: A player that differs from the baseline, in the middle of things.
        masks: Coalitions that a budget pays.
        n_draws: R.
        question: (score, the one player it reads or None) -> Question.
        larger: A question with too many players to ask every coalition.
        answers_by_score: Whether the model is the score itself: not a fit to it.
    """

    name: str
    modality: Modality
    n_players: int
    planted: int
    masks: int = 520  # the exact Shapley values of nine players take 510
    n_draws: int = 1
    question: Callable[[Score, int | None], Question]
    larger: Callable[[], Question]
    answers_by_score: bool = True

    @property
    def budget(self) -> int:
        """Rows that every check allows."""
        return self.masks * self.n_draws

    def game(self, score: Score, *, reads: int | None = None) -> MaskedPredictor:
        return game_for(self.question(score, reads))

    def smooth(self) -> MaskedPredictor:
        return self.game(smooth_score(self.n_players))

    def explain(self, method: Method, game: MaskedPredictor, *, seed: int = 0) -> Explanation:
        return method.explain(game, budget=self.budget, generator=generator(seed))[0]


def smooth_score(n_players: int) -> Score:
    """Curved, with an interaction of the first two players."""
    weights = torch.randn(n_players, generator=generator(3)).double()

    def score(amounts: Tensor) -> Tensor:
        mixed = 0.8 * amounts[:, 0] * amounts[:, 1]
        return 2 * torch.tanh(0.4 * (amounts @ weights) + mixed + 0.3)

    return score


def linear_score(weights: dict[int, float], n_players: int) -> Score:
    """Weights of a few players; all others weigh nothing."""
    vector = torch.zeros(n_players, dtype=torch.float64)
    for player, weight in weights.items():
        vector[player] = weight
    return lambda amounts: amounts @ vector


# Images: nine cells of 8 x 8 pixels, each 2 x 2 feature maps, against black.


def _image_question(
    score: Score,
    reads: int | None = None,
    *,
    n_players: int = 9,
    first: Callable[[Tensor], Tensor] = lambda x: x,
) -> Question:
    seen = torch.ones(1, 1, SIDE, SIDE)
    if reads is not None:  # the maps keep the place: they show the one cell only
        cells = torch.arange(9).view(1, 1, 3, 3).repeat_interleave(8, 2).repeat_interleave(8, 3)
        seen = (cells == reads).float()
    model = ToyImageModel(
        lambda x: score(torch.nn.functional.avg_pool2d(first(x.double()), 8).flatten(1)),
        map_score=lambda m: score(torch.nn.functional.avg_pool2d(m.double(), 2).flatten(1)),
        detect=lambda x: x * seen,
    )
    return question_for(model, toy_case(), n_players=n_players)


# Films are not below 0, so a rectifier changes nothing but what goes backwards.
_rectified_question = partial(_image_question, first=torch.relu)


# Records: five columns of twelve elements, against ten other records.

AMOUNTS = torch.zeros(12, 5, dtype=torch.float64)
for column, value in enumerate((0, 2, 4, None, 10)):
    if value is not None:  # a number counts by its standardised value, a missing one against it
        AMOUNTS[value, column], AMOUNTS[value + 1, column] = 1.0, -1.0
AMOUNTS[6:10, 3] = torch.tensor([0.2, 0.5, 1.1, -1.0])  # low, middle, high, missing


def _table_question(score: Score, _: int | None = None) -> Question:
    model = ToyTableModel(lambda x: score(x.double() @ AMOUNTS))
    return table_question_for(model, table_case())


def _layered_question(score: Score, _: int | None = None) -> Question:
    model = LayeredTableModel(lambda x: score(x.double() @ AMOUNTS))
    return table_question_for(model, table_case())


def _linear_question(score: Score, _: int | None = None) -> Question:
    zero = torch.zeros(1, 5, dtype=torch.float64, requires_grad=True)
    at_zero = score(zero)
    weights = AMOUNTS @ torch.autograd.grad(at_zero.sum(), zero)[0][0]
    return table_question_for(LinearTableModel(weights, bias=float(at_zero.detach())), table_case())


def _trees_question(score: Score, _: int | None = None) -> Question:
    return table_question_for(TreesTableModel(lambda x: score(x.double() @ AMOUNTS)), table_case())


def _element_players(question: Question) -> Question:
    """The same record with every element a player: 2^12 coalitions."""
    players = Players(membership=np.arange(12), element_shape=(12,), kind="feature")
    model, case = question.model, question.case
    assert isinstance(model, ToyTableModel)
    return table_question_for(model, case, players=players)


# Texts: nine words, one of two tokens, against the mask token.


def _text_question(score: Score, reads: int | None = None, *, text: str = TEXT) -> Question:
    case = toy_text_case(text)
    document = case.document
    words = [document.word(index).lower() for index in range(len(document.words))]
    amounts = torch.stack([token_weights({word: 1.0}) for word in words], dim=1)
    attention = uniform_attention if reads is None else attention_to(TOKENS[words[reads]])
    model = ToyTextModel(lambda tokens: score(tokens @ amounts), attention=attention)
    return text_question_for(model, case)


IMAGE = Subject(
    name="image",
    modality="image",
    n_players=9,
    planted=5,
    question=_image_question,
    larger=lambda: _image_question(smooth_score(9), n_players=36),
)
RECTIFIED = replace(
    IMAGE,
    name="image-rectified",
    question=_rectified_question,
    larger=lambda: _rectified_question(smooth_score(9), n_players=36),
)
TABLE = Subject(
    name="tabular",
    modality="tabular",
    n_players=5,
    planted=1,
    masks=200,
    n_draws=10,
    question=_table_question,
    larger=lambda: _element_players(_table_question(smooth_score(5))),
)
LINEAR = Subject(
    name="tabular-linear",
    modality="tabular",
    n_players=5,
    planted=1,
    masks=200,
    n_draws=10,
    question=_linear_question,
    larger=lambda: _element_players(_linear_question(smooth_score(5))),
    answers_by_score=False,
)
TREES = Subject(
    name="tabular-trees",
    modality="tabular",
    n_players=5,
    planted=1,
    masks=200,
    n_draws=10,
    question=_trees_question,
    larger=lambda: _element_players(_trees_question(smooth_score(5))),
    answers_by_score=False,
)
LAYERED = replace(
    TABLE,
    name="tabular-layered",
    question=_layered_question,
    larger=lambda: _element_players(_layered_question(smooth_score(5))),
)
TEXTS = Subject(
    name="text",
    modality="text",
    n_players=9,
    planted=4,
    question=_text_question,
    larger=lambda: _text_question(smooth_score(25), text=LONG_TEXT),
)
SUBJECTS = {subject.modality: subject for subject in (IMAGE, TABLE, TEXTS)}


def subjects_of(method: Method) -> list[Subject]:
    """What a method is asked about: its modalities, on models that offer what it needs."""
    if method.card.id == "guided_backprop":
        return [RECTIFIED]
    if "linear" in method.card.needs:
        return [LINEAR]
    if "trees" in method.card.needs:
        return [TREES]
    own = [subject for subject in SUBJECTS.values() if subject.modality in method.card.modalities]
    # Methods that hide columns reach a model of layers by a way of its own (explainers/passage.py).
    return own + [LAYERED] * (TABLE in own and method.card.uses_baseline)


def each_of(methods: Iterable[Method]) -> pytest.MarkDecorator:
    """One test a method and subject; what a method does not promise is not asked of it."""
    pairs = [(method, subject) for method in methods for subject in subjects_of(method)]
    ids = [f"{method.card.id}-{subject.name}" for method, subject in pairs]
    return pytest.mark.parametrize(("method", "subject"), pairs, ids=ids)


@cache
def smooth_answer(method: Method, subject: Subject) -> Explanation:
    """What a method says of the subject's smooth model, asked once for all checks that read it."""
    return subject.explain(method, subject.smooth())


REFERENCES = {"reference_shap", "reference_lime"}
# Attention says where a model looks, never what it answers: it has no part in checks on answers.
READS_ANSWERS = [m for m in METHODS if "attention" not in m.card.needs]

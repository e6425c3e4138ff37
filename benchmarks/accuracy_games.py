"""Games whose Shapley values are known: films, records and texts, as players present or absent.

Films and texts of twelve players are asked about every coalition once, and the answers are kept in
`CACHE`, so that a hundred runs of an estimator cost the model nothing. Records (30 players, cheap
rows) and a small random film network (36 players) are asked as they are; their truth is one long
run of paired regression.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from benchmarks.subjects import builtin
from benchmarks.toy import toy_question
from explainers.asking import ask
from explainers.coalitions import all_coalitions, draw_pairs
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Scale
from explainers.maskers.base import PlayerMasks
from explainers.maskers.names import ImageBaseline
from explainers.methods.lime import Lime, kernel
from explainers.pair_regression import regress
from explainers.question import Question
from explainers.report import default_request
from models.adapter import HasTable
from models.case import Case, FloatArray, TabularPayload
from models.inputs.image import decode_image
from models.inputs.text import text_case
from models.samples import load, reports, samples

Kind: TypeAlias = Literal["film-12", "film-36", "record", "record-probability", "text-12"]
N_PLAYERS: Final = 12  # of enumerated games: 4,096 coalitions
LONG_RUN: Final = 200_000  # masks of a truth that is not enumerated
SHARED: Final = Path(__file__).parents[2] / "shared" / "data" / "xray"
EVERY: Final = 6  # film of the larger folder: no two of one patient, none of those in the smaller
BASELINES: Final[tuple[ImageBaseline, ...]] = ("blur", "mean")
CACHE: Final = Path(os.environ.get("ACCURACY_CACHE", "/tmp/accuracy"))  # noqa: S108  # only numbers


class Remembered(MaskedPredictor):
    """A game all of whose answers are known.

    Args:
        question: Whose game it is.
        answers: (2^P, T) float64; row r belongs to the coalition of r's bits, player 0 lowest.
    """

    def __init__(self, question: Question, answers: Tensor) -> None:
        super().__init__(question, Runtime(max_rows=4096))
        self._answers = answers

    def __call__(self, masks: PlayerMasks) -> Tensor:
        """(n, T), counted as rows."""
        self.runtime.spend(len(masks))
        bits = 2 ** torch.arange(masks.shape[1])
        return self._answers[(masks.long() * bits).sum(dim=1)]

    @cached_property
    def value_full(self) -> Tensor:
        """(T,)."""
        return self._answers[-1]

    @cached_property
    def value_empty(self) -> Tensor:
        """(T,)."""
        return self._answers[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """A game with its Shapley values.

    Attributes:
        kind: What is explained.
        name: Which of its kind.
        game: The game; every call of it is a new one.
        shapley: (P,) true Shapley values.
        enumerated: Whether all coalitions were asked; else the truth is a long run.
    """

    kind: Kind
    name: str
    game: Callable[[], MaskedPredictor]
    shapley: FloatArray
    enumerated: bool


def solved(kind: Kind, count: int) -> Iterator[Solved]:
    """The first `count` games of a kind; fewer films where the shared data is not there."""
    for name, question in _questions(kind, count):
        if kind.endswith("-12"):
            yield _enumerated(kind, name, question)
        else:
            yield _long_run(kind, name, question)


def lime_estimand(game: MaskedPredictor, count: int) -> FloatArray:
    """LIME's own estimand (P,) at `count` masks: fair coins, the case itself once, its penalty."""
    masks, lime = all_coalitions(game.n_players), Lime()
    rows = torch.cat([masks, masks.new_ones(len(masks), 1)], dim=1)
    weights = kernel(masks, lime.kernel_width) * count / len(masks)
    weights[-1] += 1.0
    ridge = torch.tensor([lime.penalty] * game.n_players + [0.0], dtype=torch.float64)
    weighted = rows.T * weights
    found = torch.linalg.solve(weighted @ rows + ridge.diag(), weighted @ game(masks))
    coefficients: FloatArray = found[:-1, 0].numpy()
    return coefficients


def _enumerated(kind: Kind, name: str, question: Question) -> Solved:
    """Every coalition asked, or read from the cache."""
    file = CACHE / f"{question.key}.npy"
    masks = all_coalitions(question.players.count)
    if file.exists():
        answers = torch.from_numpy(np.load(file, allow_pickle=False))
    else:
        answers = MaskedPredictor(question)(masks)
        CACHE.mkdir(parents=True, exist_ok=True)
        np.save(file, answers.numpy(), allow_pickle=False)
    pairs = draw_pairs(masks.shape[1], 2 ** (masks.shape[1] - 1) - 1, torch.Generator())
    game = Remembered(question, answers)
    halves = (game(pairs.masks) - game(1 - pairs.masks)) / 2
    values = regress(pairs, halves, game.value_full - game.value_empty)[0][0].numpy()
    return Solved(
        kind=kind,
        name=name,
        game=lambda: Remembered(question, answers),
        shapley=values,
        enumerated=True,
    )


def _long_run(kind: Kind, name: str, question: Question) -> Solved:
    """One long run of paired regression, kept in the cache."""
    file = CACHE / f"{question.key}-{LONG_RUN}.npy"
    if not file.exists():
        game = MaskedPredictor(question, Runtime(max_rows=65_536))
        pairs = draw_pairs(game.n_players, LONG_RUN // 2, torch.Generator().manual_seed(10**6))
        halves = (game(pairs.masks) - game(1 - pairs.masks)) / 2
        values = regress(pairs, halves, game.value_full - game.value_empty)[0][0].numpy()
        CACHE.mkdir(parents=True, exist_ok=True)
        np.save(file, values, allow_pickle=False)
    return Solved(
        kind=kind,
        name=name,
        game=lambda: MaskedPredictor(question, Runtime(max_rows=65_536)),
        shapley=np.load(file, allow_pickle=False),
        enumerated=False,
    )


def _questions(kind: Kind, count: int) -> Iterator[tuple[str, Question]]:
    """Names and questions of one kind."""
    if kind == "film-12":
        yield from _films(count)
    elif kind == "text-12":
        yield from _texts(count)
    elif kind == "film-36":
        for seed in range(count):
            yield f"seed {seed}", toy_question(seed)
    else:
        yield from _records(count, "logit" if kind == "record" else "probability")


def film_cases() -> list[Case]:
    """Different films: those that come with the program, and of the shared data where it is."""
    cases = [load(s.id) for s in samples() if s.available and s.kind != "folder"]
    files = sorted((SHARED / "samples").glob("*.[pj][np]g"))
    files += sorted((SHARED / "localisation" / "images").glob("*.[pj][np]g"))[::EVERY]
    return cases + [decode_image(file.read_bytes(), name=file.name) for file in files]


def _films(count: int) -> Iterator[tuple[str, Question]]:
    """Films in twelve equal cells, by turns against blur and mean; as many as there are."""
    model = builtin("xray")
    request = replace(default_request(model.card), players="grid", n_players=N_PLAYERS)
    for index, case in enumerate(film_cases()[:count]):
        baseline = BASELINES[index % 2]
        yield f"{case.name}, {baseline}", ask(case, model, replace(request, baseline=baseline))


def _texts(count: int) -> Iterator[tuple[str, Question]]:
    """Twelve consecutive words of the sample reports, from different places."""
    model = builtin("report")
    request = default_request(model.card)
    found = 0
    for start in range(0, 10**6, N_PLAYERS // 2):
        for sample in reports.samples():
            document = reports.load(sample.id).document
            words = document.words[start : start + N_PLAYERS]
            if len(words) < N_PLAYERS or found == count:
                continue
            case = text_case(document.text[words[0, 0] : words[-1, 1]], name=sample.id)
            question = ask(case, model, request)
            if question.players.count != N_PLAYERS:
                continue
            found += 1
            yield f"{sample.id} from word {start + 1}", question
        if found == count:
            return


def _records(count: int, scale: Scale) -> Iterator[tuple[str, Question]]:
    """Records of the model's own sample against a hundred others: thirty features."""
    model = builtin("wisconsin")
    if not isinstance(model, HasTable):
        raise TypeError("the model takes no records")
    request = replace(default_request(model.card), scale=scale)
    for index in range(count):
        payload = TabularPayload(values=model.sample[-1 - index], schema=model.schema)
        case = Case(digest=payload.content_digest(), name=f"record {index}", payload=payload)
        yield case.name, ask(case, model, request)

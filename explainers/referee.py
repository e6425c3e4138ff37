"""The referee: hide a part under every baseline and measure what the model does.

Methods say what a part is worth; here the model is asked. Beside the part, placebo parts of the
same size are hidden the same way: they tell a large change from what hiding anything would do.
All rows of a request go through one engine: counted, within memory, cancellable.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, cast

import numpy as np
import torch

from explainers.consult import generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.maskers.base import Masker
from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import BASELINES_OF, ImageBaseline, TableBaseline, TextBaseline
from explainers.maskers.records import record_masker
from explainers.maskers.region import RegionMasker
from explainers.maskers.token import TokenMasker
from explainers.metrics import BoolArray
from explainers.placebo import Placebos, moved_shapes, other_parts
from explainers.question import Question
from explainers.referee_report import RefereeReport
from explainers.superpixels import pixel_players
from models.adapter import HasTable, HasTokens
from models.case import FloatArray, Modality
from models.errors import ExplainError

N_PLACEBOS: Final = 40
PART, ALONE, NOTHING, FIRST_PLACEBO = range(4)  # rows of what is hidden


def referee(
    question: Question,
    parts: Sequence[tuple[int, ...]],
    *,
    seed: int = 0,
    runtime: Runtime | None = None,
) -> tuple[RefereeReport, ...]:
    """Ask the model about parts of a case; for the question's first target.

    Args:
        question: What was explained; its own baseline is one of those used here.
        parts: Players to hide together, one tuple a part.
        seed: Of the placebo parts.
        runtime: How to compute; None takes the device's default.

    Raises:
        ExplainError: a part is empty or names players that do not exist.
        CancelledError, NonFiniteError, DeviceMemoryError: see the engine.
    """
    for part in parts:
        if not part or len(set(part)) < len(part) or not set(part) <= set(_players(question)):
            raise ExplainError(
                f"There is no part {part}: it must name some of the "
                f"{question.players.count} players, each once."
            )
    game = MaskedPredictor(question, runtime)
    maskers = _MASKERS[question.case.modality](question)
    return tuple(_ask_about(game, maskers, part, seed) for part in parts)


def _ask_about(
    game: MaskedPredictor, maskers: Sequence[Masker], part: tuple[int, ...], seed: int
) -> RefereeReport:
    """Measure one part."""
    started, rows, question = time.perf_counter(), game.rows, game.question
    full = float(game.value_full[0])
    hidden, placebos = _hidden(question, part, seed)
    values = np.stack([_values(game, masker, hidden) for masker in maskers], axis=1)  # (3 + M, B)
    return RefereeReport(
        case_digest=question.case.digest,
        players_digest=question.players.digest(),
        part=part,
        target=question.targets[0],
        scale=question.scale,
        baselines=tuple(masker.baseline.name for masker in maskers),
        value_full=full,
        hiding=full - values[PART],
        keeping=values[ALONE] - values[NOTHING],
        effects=full - values[NOTHING],
        placebos=full - values[FIRST_PLACEBO:],
        placebo_kind=placebos.kind,
        n_possible=placebos.n_possible,
        overlap=placebos.overlap,
        rows=game.rows - rows,
        seconds=time.perf_counter() - started,
        seed=seed,
    )


def _hidden(question: Question, part: tuple[int, ...], seed: int) -> tuple[BoolArray, Placebos]:
    """(3 + M, N) what is hidden: the part, all but it, everything, and each placebo part.

    N pixels of an image, whose shapes can be moved; elsewhere N players.
    """
    players = question.players
    draw = np.random.default_rng(generator_for(seed, "referee", question.case).initial_seed())
    if question.case.modality == "image":
        everything = players.membership >= 0
        own = np.isin(players.membership, part)
        placebos = moved_shapes(own.reshape(players.element_shape), N_PLACEBOS, draw)
    else:
        everything = np.ones(players.count, dtype=np.bool_)
        own = np.isin(np.arange(players.count), part)
        placebos = other_parts(part, players.count, N_PLACEBOS, draw)
    return np.vstack([own, everything & ~own, everything, placebos.hidden]), placebos


def _values(game: MaskedPredictor, masker: Masker, hidden: BoolArray) -> FloatArray:
    """(n,) values with (n, N) hidden; masks are made a pass at a time."""
    step = max(1, game.runtime.max_rows // masker.n_draws)

    def batches() -> Iterator[torch.Tensor]:
        for start in range(0, len(hidden), step):
            yield torch.from_numpy(~hidden[start : start + step]).float()

    return np.concatenate([values[:, 0].numpy() for _, values in game.stream(batches(), masker)])


def _players(question: Question) -> range:
    """Ids of the players."""
    return range(question.players.count)


def _of_film(question: Question) -> list[Masker]:
    """Every baseline of images, pixel by pixel."""
    height, width = question.players.element_shape
    pixels = pixel_players((height, width))
    found: list[Masker] = []
    for kind in BASELINES_OF["image"]:
        baseline, contents = image_baseline(cast("ImageBaseline", kind), question.inputs)
        found.append(RegionMasker(question.inputs, contents, baseline=baseline, players=pixels))
    return found


def _of_record(question: Question) -> list[Masker]:
    """Every baseline of records."""
    model, inputs, players = question.model, question.inputs, question.players
    if not isinstance(model, HasTable):
        raise ExplainError(f"{model.card.title} does not say which columns it reads.")
    return [
        record_masker(model, inputs, kind=cast("TableBaseline", kind), players=players)
        for kind in BASELINES_OF["tabular"]
    ]


def _of_text(question: Question) -> list[Masker]:
    """Every baseline of texts."""
    model = question.model
    if not isinstance(model, HasTokens):
        raise ExplainError(f"{model.card.title} does not say which words its tokens come from.")
    return [
        TokenMasker(
            question.inputs,
            mask_id=model.mask_id,
            pad_id=model.pad_id,
            kind=cast("TextBaseline", kind),
            players=question.players,
        )
        for kind in BASELINES_OF["text"]
    ]


_MASKERS: Final[Mapping[Modality, Callable[[Question], list[Masker]]]] = {
    "image": _of_film,
    "tabular": _of_record,
    "text": _of_text,
}

"""Maskers of the referee: one for each baseline of a modality, and one for each random record."""

from collections.abc import Callable, Mapping
from typing import Final, cast

import numpy as np

from explainers.explanation import Baseline
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.base import Masker
from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import (
    BASELINES_OF,
    N_BACKGROUND,
    ImageBaseline,
    TableBaseline,
    TextBaseline,
)
from explainers.maskers.records import record_masker
from explainers.maskers.region import RegionMasker
from explainers.maskers.token import TokenMasker
from explainers.question import Question
from explainers.superpixels import pixel_players
from models.adapter import HasTable, HasTokens
from models.case import Modality
from models.errors import ExplainError


def every_baseline(question: Question) -> list[Masker]:
    """One masker for each baseline of the modality; those of films take pixels for players."""
    return _MASKERS[question.case.modality](question)


def random_records(question: Question, count: int, draw: np.random.Generator) -> list[Masker]:
    """Maskers of records that put in the values of one training record each, drawn at random."""
    model = _table(question)
    known = model.sample[:N_BACKGROUND]
    drawn = draw.choice(len(known), size=min(count, len(known)), replace=False)
    encoded = model.encode_values(known[drawn])
    baseline = Baseline(name="random record", description="the values of one training record")
    return [
        BackgroundMasker(question.inputs, row[None], baseline=baseline, players=question.players)
        for row in encoded
    ]


def _table(question: Question) -> HasTable:
    """The model as one of records."""
    if not isinstance(question.model, HasTable):
        raise ExplainError(f"{question.model.card.title} does not say which columns it reads.")
    return question.model


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
    model, inputs, players = _table(question), question.inputs, question.players
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

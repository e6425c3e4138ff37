"""From a request to a Question: encode the case, cut it into players, say what absence means."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, cast

from torch import Tensor

from explainers.feature_players import feature_players
from explainers.maskers.base import Masker
from explainers.maskers.baselines import image_baseline
from explainers.maskers.names import (
    BASELINES_OF,
    PLAYERS_OF,
    ImageBaseline,
    Segmentation,
    TableBaseline,
    TableCut,
    TextBaseline,
    TextCut,
)
from explainers.maskers.records import record_masker
from explainers.maskers.region import RegionMasker
from explainers.maskers.token import TokenMasker
from explainers.question import Question, target_named
from explainers.report import ConsultRequest
from explainers.superpixels import image_players
from explainers.word_players import word_players
from models.adapter import HasTable, HasTokens, ModelAdapter
from models.case import Case, Modality
from models.errors import ExplainError, InputError

MaskerOf: TypeAlias = Callable[[Case, ModelAdapter, Tensor, ConsultRequest], Masker]


def ask(case: Case, model: ModelAdapter, request: ConsultRequest) -> Question:
    """Build the Question of a request.

    Raises:
        ExplainError: the request names a baseline, players or a class that do not exist here.
        InputError: the case is of another kind than the model takes.
    """
    if case.modality != model.card.modality:
        raise InputError(
            f"{model.card.title} takes {model.card.modality} cases, not {case.modality} cases."
        )
    for what, name, known in (
        ("baseline", request.baseline, BASELINES_OF[case.modality]),
        ("way to cut the case", request.players, PLAYERS_OF[case.modality]),
    ):
        if name not in known:
            raise ExplainError(
                f"There is no {what} {name!r} for {case.modality} cases.",
                f"There are: {', '.join(known)}.",
            )
    inputs = model.encode(case)
    target = target_named(model.card, _wanted(case, model, request), contrast=request.contrast)
    return Question(
        model=model,
        case=case,
        inputs=inputs,
        targets=(target,),
        scale=request.scale,
        masker=_MASKERS[case.modality](case, model, inputs, request),
    )


def _wanted(case: Case, model: ModelAdapter, request: ConsultRequest) -> str:
    """The class asked for; only among findings it takes a prediction to name one."""
    if request.target is not None:
        return request.target
    card = model.card
    return card.default_target if card.head == "softmax" else card.target_for(model.predict(case))


def _of_film(case: Case, _: ModelAdapter, inputs: Tensor, request: ConsultRequest) -> Masker:
    """Regions of a film."""
    players = image_players(
        inputs[0].mean(dim=0).cpu().numpy(),
        kind=cast("Segmentation", request.players),
        count=request.n_players,
        mirrored=case.film.row_direction == "R",
    )
    baseline, contents = image_baseline(cast("ImageBaseline", request.baseline), inputs)
    return RegionMasker(inputs, contents, baseline=baseline, players=players)


def _of_record(_: Case, model: ModelAdapter, inputs: Tensor, request: ConsultRequest) -> Masker:
    """Features of a record."""
    if not isinstance(model, HasTable):
        raise ExplainError(f"{model.card.title} does not say which columns it reads.")
    players = feature_players(model, kind=cast("TableCut", request.players))
    return record_masker(
        model, inputs, kind=cast("TableBaseline", request.baseline), players=players
    )


def _of_text(case: Case, model: ModelAdapter, inputs: Tensor, request: ConsultRequest) -> Masker:
    """Words of a text."""
    if not isinstance(model, HasTokens):
        raise ExplainError(f"{model.card.title} does not say which words its tokens come from.")
    words = model.token_words(case)
    return TokenMasker(
        inputs,
        mask_id=model.mask_id,
        pad_id=model.pad_id,
        kind=cast("TextBaseline", request.baseline),
        players=word_players(case.document, words, kind=cast("TextCut", request.players)),
    )


_MASKERS: Final[Mapping[Modality, MaskerOf]] = {
    "image": _of_film,
    "tabular": _of_record,
    "text": _of_text,
}

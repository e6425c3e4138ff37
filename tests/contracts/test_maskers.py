"""Every baseline and every cut of every modality keeps the same promises."""

from dataclasses import replace

import pytest
import torch

from explainers.asking import ask
from explainers.engine import MaskedPredictor, Runtime
from explainers.maskers.base import PlayerMasks
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.question import Question
from explainers.report import default_request
from models.adapter import ModelAdapter
from models.case import Case, Modality
from models.errors import MaskError
from tests.contracts.subjects import SUBJECTS, smooth_score
from tests.toys import generator
from tests.toys_text import LONG_TEXT, toy_text_case

ASKED: list[tuple[Modality, str, str]] = [
    (modality, baseline, cut)
    for modality in SUBJECTS
    for baseline in BASELINES_OF[modality]
    for cut in PLAYERS_OF[modality]
]


def each_of(asked: list[tuple[Modality, str, str]]) -> pytest.MarkDecorator:
    ids = ["-".join(names) for names in asked]
    return pytest.mark.parametrize(("modality", "baseline", "cut"), asked, ids=ids)


each = each_of(ASKED)
# Where a word is deleted the others move up: tests/explainers/maskers/test_token.py.
each_in_place = each_of([names for names in ASKED if names[1] != "deletion"])


def world(modality: Modality) -> tuple[Case, ModelAdapter]:
    """The subject's case (texts: one with negations) and its smooth model."""
    subject = SUBJECTS[modality]
    question = subject.question(smooth_score(subject.n_players), None)
    case = toy_text_case(LONG_TEXT) if modality == "text" else question.case
    return case, question.model


def asked(modality: Modality, baseline: str, cut: str) -> Question:
    case, model = world(modality)
    request = replace(default_request(model.card), baseline=baseline, players=cut, n_players=4)
    return ask(case, model, request)  # type: ignore[arg-type]  # names are from the lists


def some_masks(question: Question, count: int = 12) -> PlayerMasks:
    masks = torch.randint(0, 2, (count, question.players.count), generator=generator(8))
    return masks.double()


@each
def test_all_ones_is_the_input_in_every_draw(modality: Modality, baseline: str, cut: str) -> None:
    question = asked(modality, baseline, cut)
    shown = question.masker.apply(torch.ones(2, question.players.count))
    assert shown.shape == (2, question.masker.n_draws, *question.inputs.shape[1:])
    assert shown.dtype == question.inputs.dtype
    assert torch.equal(shown, question.inputs.expand_as(shown))


@each_in_place
def test_all_zeros_is_empty_and_nobody_s_elements_stay(
    modality: Modality, baseline: str, cut: str
) -> None:
    question = asked(modality, baseline, cut)
    empty = question.masker.empty()
    assert torch.equal(question.masker.apply(torch.zeros(1, question.players.count))[0], empty)
    assert not torch.equal(empty, question.inputs.expand_as(empty))
    nobody = torch.from_numpy(question.players.membership == -1).view(
        question.players.element_shape
    )
    kept = question.inputs.expand_as(empty)[..., nobody]
    assert torch.equal(empty[..., nobody], kept)


@each_in_place
def test_what_is_present_shows_the_case(modality: Modality, baseline: str, cut: str) -> None:
    question = asked(modality, baseline, cut)
    owners = torch.from_numpy(question.players.membership.copy()).long()
    for mask in some_masks(question, 4):
        kept = (mask[owners.clamp_min(0)] == 1) | (owners < 0)
        where = kept.view(question.players.element_shape)
        shown = question.masker.apply(mask[None])[0]
        assert torch.equal(shown[..., where], question.inputs.expand_as(shown)[..., where])


@each
def test_a_coalition_is_the_same_alone_and_among_others(
    modality: Modality, baseline: str, cut: str
) -> None:
    masker, masks = (question := asked(modality, baseline, cut)).masker, some_masks(question)
    together = masker.apply(masks)
    for index in (0, 5, 11):
        assert torch.equal(masker.apply(masks[index : index + 1])[0], together[index])


@each
def test_values_do_not_depend_on_the_pass_size_and_rows_are_counted(
    modality: Modality, baseline: str, cut: str
) -> None:
    question = asked(modality, baseline, cut)
    masks = some_masks(question)
    whole = MaskedPredictor(question, Runtime(max_rows=10_000))
    parts = MaskedPredictor(question, Runtime(max_rows=7))  # divides no number of draws
    torch.testing.assert_close(parts(masks), whole(masks), atol=1e-6, rtol=0)
    assert parts.rows == whole.rows == len(masks) * question.masker.n_draws


@each
def test_players_of_the_masker_can_be_exchanged(
    modality: Modality, baseline: str, cut: str
) -> None:
    question = asked(modality, baseline, cut)
    other = asked(modality, baseline, next(iter(PLAYERS_OF[modality])))
    exchanged = question.masker.with_players(other.players)
    masks = some_masks(other, 3)
    assert exchanged.baseline == other.masker.baseline
    assert torch.equal(exchanged.apply(masks), other.masker.apply(masks))


@each
def test_only_soft_maskers_take_half_a_player(modality: Modality, baseline: str, cut: str) -> None:
    question = asked(modality, baseline, cut)
    game = MaskedPredictor(question, Runtime(max_rows=64))
    half = torch.full((1, question.players.count), 0.5)
    if question.masker.soft:
        assert bool(torch.isfinite(game(half)).all())
    else:
        with pytest.raises(MaskError):
            game(half)


@each
def test_baseline_is_named_and_described(modality: Modality, baseline: str, cut: str) -> None:
    stated = asked(modality, baseline, cut).masker.baseline
    assert stated.name == baseline
    assert stated.description.startswith(BASELINES_OF[modality][baseline][:12])  # type: ignore[index]

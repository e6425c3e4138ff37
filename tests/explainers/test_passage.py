"""Both ways from masks to logits agree, and which one is taken depends on sizes alone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from explainers import passage as ways
from explainers.asking import ask
from explainers.coalitions import all_coalitions
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Baseline, Scale
from explainers.maskers.background import BackgroundMasker
from explainers.maskers.names import TableBaseline
from explainers.maskers.records import record_masker
from explainers.passage import Passages
from explainers.players import Players
from explainers.question import Question
from explainers.report import default_request
from models.adapter import HasFirstLayer, HasTable, ModelAdapter
from models.catalog import catalog
from models.samples import records
from tests.toys import generator
from tests.toys_table import LayeredTableModel, smooth_score, table_case, table_question_for

TABLES = [card.id for card in catalog().values() if card.modality == "tabular"]
LAYERED = [name for name in TABLES if "gradient" in catalog()[name].capabilities]


def question_of(
    name: str, scale: Scale = "logit", baseline: TableBaseline = "background"
) -> Question:
    model = catalog().load(name, torch.device("cpu"))
    assert isinstance(model, HasTable)
    case = records.load(records.samples(model.schema)[0].id, model.schema)
    asked = ask(case, model, default_request(model.card))
    masker = record_masker(model, asked.inputs, kind=baseline, players=asked.players)
    return Question(
        model=model,
        case=case,
        inputs=asked.inputs,
        targets=asked.targets,
        scale=scale,
        masker=masker,
    )


def values(question: Question, masks: torch.Tensor, max_rows: int = 8192) -> torch.Tensor:
    return MaskedPredictor(question, Runtime(max_rows=max_rows))(masks)


@pytest.fixture
def plainly(monkeypatch: pytest.MonkeyPatch) -> Callable[[Question, torch.Tensor], torch.Tensor]:
    """Values without the shorter way."""

    def ask_plainly(question: Question, masks: torch.Tensor) -> torch.Tensor:
        with monkeypatch.context() as patched:
            patched.setattr(ways, "MOST_NUMBERS", 0)
            return values(question, masks)

    return ask_plainly


@pytest.fixture(autouse=True)
def _short_sets_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "LEAST_ROWS", 0)


def some_masks(n_players: int) -> torch.Tensor:
    drawn = torch.rand(60, n_players, generator=generator(4)) < 0.5
    ends = torch.eye(n_players + 1, n_players)
    return torch.cat([drawn.double(), ends.double(), 1 - ends.double()])


def test_models_of_layers_are_among_the_tables() -> None:
    assert len(LAYERED) >= 3
    for name in TABLES:
        model = catalog().load(name, torch.device("cpu"))
        assert isinstance(model, HasFirstLayer) == (name in LAYERED)


@pytest.mark.parametrize("scale", ["logit", "probability"])
@pytest.mark.parametrize("baseline", ["background", "average"])
@pytest.mark.parametrize("name", LAYERED)
def test_both_ways_give_the_same_values(
    name: str,
    baseline: TableBaseline,
    scale: Scale,
    plainly: Callable[[Question, torch.Tensor], torch.Tensor],
) -> None:
    question = question_of(name, scale, baseline)
    masks = some_masks(question.players.count)
    expected = plainly(question, masks)
    np.testing.assert_allclose(
        values(question, masks), expected, rtol=0, atol=1e-6 * float(expected.abs().max())
    )
    assert not torch.equal(values(question, masks), expected)  # it is another way


@pytest.mark.parametrize("max_rows", [1, 7, 30])
def test_pass_boundaries_do_not_matter(max_rows: int) -> None:
    question = table_question_for(LayeredTableModel(smooth_score), table_case())
    masks = all_coalitions(5)
    np.testing.assert_allclose(values(question, masks, max_rows), values(question, masks))


def test_nobody_s_elements_and_parted_columns_are_right(
    plainly: Callable[[Question, torch.Tensor], torch.Tensor],
) -> None:
    owners = np.array([0, -1, 1, 1, 2, 0, -1, 2, 1, 0, 2, 1], dtype=np.int32)
    players = Players(membership=owners, element_shape=owners.shape, kind="feature")
    model = LayeredTableModel(smooth_score)
    question = table_question_for(model, table_case(), players=players)
    masks = all_coalitions(3)
    np.testing.assert_allclose(values(question, masks), plainly(question, masks), atol=1e-6)


def test_a_feature_the_layer_does_not_read_changes_nothing_at_all() -> None:
    model = LayeredTableModel(lambda x: x.double().sum(dim=1))
    weights = torch.randn(4, 12, generator=generator())
    weights[:, model.element_columns == 2] = 0

    def first_layer() -> tuple[torch.Tensor, torch.Tensor]:
        return weights, torch.zeros(4)

    def finish(hidden: torch.Tensor) -> torch.Tensor:
        score = torch.tanh(hidden).sum(dim=1)
        return torch.stack([-score, score], dim=1)

    model.first_layer, model.logits_from_first_layer = first_layer, finish  # type: ignore[method-assign]
    question = table_question_for(model, table_case())
    masks = all_coalitions(5)
    with_it = masks.clone()
    with_it[:, 2] = 1
    assert torch.equal(values(question, masks), values(question, with_it))


@pytest.mark.parametrize("numbers", [12 * 12 * 10, 12 * 12 * 10 - 1])
def test_the_size_of_what_is_prepared_decides(
    numbers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "MOST_NUMBERS", numbers)
    model = LayeredTableModel(smooth_score)
    way = Passages(model)(table_question_for(model, table_case()).masker, 1)
    assert (way.logits == model.logits_from_first_layer) == (numbers == 12 * 12 * 10)


@pytest.mark.parametrize("n_masks", [9, 10])
def test_the_number_of_rows_decides(n_masks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "LEAST_ROWS", 100)
    model = LayeredTableModel(smooth_score)
    way = Passages(model)(table_question_for(model, table_case()).masker, n_masks)
    assert (way.logits == model.logits_from_first_layer) == (n_masks == 10)


def test_maskers_that_look_at_what_stays_take_the_plain_way() -> None:
    question = question_of("recurrence", baseline="conditional")
    way = Passages(question.model)(question.masker, 1)
    assert torch.equal(way.logits(question.inputs), question.model.logits(question.inputs))
    assert torch.equal(way.rows(torch.ones(1, question.players.count))[:1], question.inputs)


def test_another_masker_is_prepared_anew() -> None:
    model: ModelAdapter = LayeredTableModel(smooth_score)
    question = table_question_for(model, table_case())
    game = MaskedPredictor(question, Runtime(max_rows=100))
    single = BackgroundMasker(
        question.inputs,
        question.masker.empty()[:1],
        baseline=Baseline(name="one", description="a single record"),
        players=question.players,
    )
    masks = all_coalitions(5)
    before = game(masks)
    ((_, found),) = list(game.stream([masks], single))
    assert not torch.allclose(found, before, atol=1e-3)
    assert torch.equal(game(masks), before)

"""Rows of different lengths: the same answers with less to compute."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DebertaV2Config,
    PreTrainedModel,
)
from transformers import DebertaV2ForSequenceClassification as Deberta

from models import text_rows
from models.text_rows import RowReader

PAD, LENGTH = 0, 40


SMALL: dict[str, Any] = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": LENGTH,
}


def at_random(network: PreTrainedModel) -> PreTrainedModel:
    generator = torch.Generator().manual_seed(0)
    for parameter in network.requires_grad_(requires_grad=False).parameters():
        parameter.normal_(std=0.5, generator=generator)
    return network.eval()


@pytest.fixture(scope="module")
def bert() -> PreTrainedModel:
    return at_random(BertForSequenceClassification(BertConfig(**SMALL)))


def plainly(network: PreTrainedModel, inputs: Tensor) -> Tensor:
    answer: Tensor = network(input_ids=inputs, attention_mask=(inputs != PAD).long()).logits
    return answer


def with_holes(n: int = 21) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randint(1, 50, (n, LENGTH), generator=generator)
    absent = torch.rand(n, LENGTH, generator=generator) < torch.linspace(0, 0.95, n)[:, None]
    absent[:, 0] = False
    return inputs.masked_fill(absent, PAD)


def ragged() -> Tensor:
    inputs = with_holes()
    order = (inputs == PAD).to(torch.uint8).argsort(dim=1, stable=True)
    return inputs.gather(1, order).flip(0)


@pytest.mark.parametrize("inputs", [with_holes(), ragged()], ids=["padding between", "behind"])
def test_answers_are_those_of_the_rows_as_they_are(bert: PreTrainedModel, inputs: Tensor) -> None:
    found = RowReader(bert, pad_id=PAD, length=LENGTH)(inputs)
    assert torch.allclose(found, plainly(bert, inputs), atol=1e-5)


@pytest.mark.parametrize("inputs", [with_holes(), ragged()], ids=["padding between", "behind"])
def test_far_fewer_tokens_are_read(
    bert: PreTrainedModel, inputs: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    reader = RowReader(bert, pad_id=PAD, length=LENGTH)
    reader(inputs)  # whether it can close up is known now
    read = reader._read
    monkeypatch.setattr(text_rows, "CPU_PASS", 20)
    monkeypatch.setattr(reader, "_read", lambda x, at: seen.append(x.numel()) or read(x, at))
    reader(inputs)
    assert sum(seen) < 0.7 * inputs.numel()
    assert sum(seen) >= int((inputs != PAD).sum())


def test_rows_of_one_length_are_one_pass(
    bert: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    reader = RowReader(bert, pad_id=PAD, length=LENGTH)
    read = reader._read
    monkeypatch.setattr(reader, "_read", lambda x, at: seen.append(x.shape) or read(x, at))
    reader(torch.ones(16, 12, dtype=torch.int64))
    assert seen == [(16, 12)]


def test_a_pass_is_parted_only_where_that_saves_more_than_it_costs() -> None:
    assert text_rows._parts([10, 10, 10, 90], 20) == [slice(0, 2), slice(2, 3), slice(3, 4)]
    assert text_rows._parts([10, 10, 10, 90], 200) == [slice(0, 4)]
    assert text_rows._parts([7], 0) == [slice(0, 1)]


def test_a_network_of_distances_is_not_closed_up() -> None:
    config = DebertaV2Config(**SMALL, relative_attention=True, pos_att_type=["p2c", "c2p"])
    network = at_random(Deberta(config))
    inputs = with_holes()
    found = RowReader(network, pad_id=PAD, length=LENGTH)(inputs)
    assert torch.allclose(found, plainly(network, inputs), atol=1e-4)

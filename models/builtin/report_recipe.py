"""The report model's size and how it is trained, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import BertConfig

from models.builtin.report_tokens import CLS, PAD, SEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One part of the training.

    Attributes:
        epochs: Passes over the reports.
        learning_rate: At its highest.
        with_sentence: Share of reports with a sentence put in that asserts or denies a finding.
        alone: Share of these of which nothing else is shown.
    """

    epochs: int
    learning_rate: float
    with_sentence: float
    alone: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the outcome beside the data.

    Attributes:
        hidden: Width.
        layers: Number of transformer layers.
        heads: Attention heads a layer.
        inner: Width of the feed-forward part.
        most_tokens: Longest input, special tokens included.
        spread: Standard deviation of the initial weights.
        rounds: One after the other.
        batch_size: Reports a step.
        weight_decay: AdamW's.
        dropout: Of hidden states and attention.
        masked_reports: Share of reports with words replaced by [MASK], any share of them.
        largest_weight: Of a positive label; rarer findings weigh up to this.
        average: Decay of the running average of the weights that is shipped.
        seed: Of everything drawn.
    """

    hidden: int = 192
    layers: int = 3
    heads: int = 6
    inner: int = 576
    most_tokens: int = 256
    spread: float = 0.06
    rounds: tuple[Round, ...] = (
        Round(epochs=16, learning_rate=1.2e-3, with_sentence=0.0),
        Round(epochs=8, learning_rate=4e-4, with_sentence=0.5),
        Round(epochs=8, learning_rate=5e-4, with_sentence=0.7, alone=0.3),
    )
    batch_size: int = 32
    weight_decay: float = 0.05
    dropout: float = 0.15
    masked_reports: float = 0.5
    largest_weight: float = 4.0
    average: float = 0.995
    seed: int = 2026


def network_config(recipe: Recipe, vocabulary: int, findings: Sequence[str]) -> BertConfig:
    """Of a BERT of the recipe's size with a sigmoid head for the findings."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        intermediate_size=recipe.inner,
        max_position_embeddings=recipe.most_tokens,
        type_vocab_size=1,
        initializer_range=recipe.spread,
        hidden_dropout_prob=recipe.dropout,
        attention_probs_dropout_prob=recipe.dropout,
        pad_token_id=PAD,
        bos_token_id=CLS,
        eos_token_id=SEP,
        problem_type="multi_label_classification",
        id2label=dict(enumerate(findings)),
        label2id={name: i for i, name in enumerate(findings)},
        dtype="float32",
    )

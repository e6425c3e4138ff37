"""How the report model is trained: words first (masked-language), then findings."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification

from models.builtin.report_data import Report
from models.builtin.report_tokens import CLS, IGNORED, PAD, SEP, Batch, make_batch, reading

WARM_UP: Final = 0.1  # share of the steps
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides the outcome beside the data.

    Attributes:
        hidden: Width.
        layers: Number of transformer layers.
        heads: Attention heads a layer.
        inner: Width of the feed-forward part.
        most_tokens: Longest input, special tokens included.
        word_epochs: Passes of masked-language training.
        epochs: Passes of training on findings.
        batch_size: Reports a step.
        word_rate: Learning rate of masked-language training, at its highest.
        learning_rate: Of training on findings, at its highest.
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
    word_epochs: int = 12
    epochs: int = 24
    batch_size: int = 32
    word_rate: float = 1e-3
    learning_rate: float = 6e-4
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


def train(
    reports: Sequence[Report], labels: Tensor, findings: Sequence[str], tokenizer: Tokenizer,
    recipe: Recipe,
) -> BertForSequenceClassification:  # fmt: skip
    """Train both phases.

    Args:
        reports: N of the training split.
        labels: (N, K) float32, 0 or 1.
        findings: (K,) names.
        tokenizer: Trained on the same reports.
        recipe: See Recipe.

    Returns:
        The network with averaged weights, in eval mode, not calibrated.
    """
    with torch.random.fork_rng():
        torch.random.set_rng_state(torch.Generator().manual_seed(recipe.seed).get_state())
        config = network_config(recipe, tokenizer.get_vocab_size(), findings)
        network = BertForSequenceClassification(config)
        reader = _Reader(reports, tokenizer, recipe)
        if recipe.word_epochs:
            _train_words(network, reader, recipe)
        return _train_findings(network, reader, labels, recipe)


class _Reader:
    """Deals batches of reports, read anew each time, those of like length together."""

    def __init__(self, reports: Sequence[Report], tokenizer: Tokenizer, recipe: Recipe) -> None:
        self._reports = reports
        self._tokenizer = tokenizer
        self._recipe = recipe
        self._generator = np.random.default_rng(recipe.seed)

    def __len__(self) -> int:
        """Batches an epoch."""
        return math.ceil(len(self._reports) / self._recipe.batch_size)

    def epoch(self, *, for_words: bool) -> Iterator[tuple[Batch, Tensor]]:
        """(batch, (n,) indices of its reports) for all reports in random order."""
        draw, size = self._generator, self._recipe.batch_size
        texts = [reading(report, draw) for report in self._reports]
        encodings = self._tokenizer.encode_batch(texts)
        lengths = np.array([len(encoding.ids) for encoding in encodings])
        order = np.argsort(lengths * draw.uniform(0.8, 1.25, len(lengths)))
        for start in draw.permutation(np.arange(0, len(order), size)):
            chosen = order[start : start + size]
            rates = np.full(len(chosen), 0.2) if for_words else self._rates(len(chosen))
            batch = make_batch(
                [encodings[i] for i in chosen], self._recipe.most_tokens, rates, draw
            )
            yield batch, torch.from_numpy(chosen)

    def _rates(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        masked = self._generator.random(n) < self._recipe.masked_reports
        return np.where(masked, self._generator.random(n), 0.0)


def _train_words(network: BertForSequenceClassification, reader: _Reader, recipe: Recipe) -> None:
    """Masked-language training of the encoder, whose head is thrown away."""
    speller = BertForMaskedLM(network.config)
    speller.bert.embeddings = network.bert.embeddings
    speller.bert.encoder = network.bert.encoder
    speller.cls.predictions.decoder.weight = network.bert.embeddings.word_embeddings.weight
    speller.train()
    steps = _Steps(speller, recipe.word_rate, recipe.word_epochs * len(reader), recipe)
    for epoch in range(recipe.word_epochs):
        losses, began = [], time.monotonic()
        for batch, _ in reader.epoch(for_words=True):
            losses.append(steps.take(_word_loss(speller, batch)))
        logger.info("words epoch=%d loss=%.4f seconds=%.0f", epoch, np.mean(losses),
                    time.monotonic() - began)  # fmt: skip


def _word_loss(speller: BertForMaskedLM, batch: Batch) -> Tensor:
    """Cross-entropy of the masked tokens; the others are not even decoded."""
    ids, originals = torch.from_numpy(batch.ids), torch.from_numpy(batch.originals)
    hidden = speller.bert(
        input_ids=ids,
        attention_mask=(ids != PAD).long(),
        position_ids=torch.from_numpy(batch.positions),
    ).last_hidden_state
    masked = originals != IGNORED
    return nn.functional.cross_entropy(speller.cls(hidden[masked]), originals[masked])


def _train_findings(
    network: BertForSequenceClassification, reader: _Reader, labels: Tensor, recipe: Recipe
) -> BertForSequenceClassification:
    """Train encoder and head on the findings; the averaged network."""
    rate = labels.mean(0)
    weight = ((1 - rate) / rate).sqrt().clamp(1, recipe.largest_weight)
    network.train()
    averaged = torch.optim.swa_utils.AveragedModel(network, avg_fn=_running_average(recipe.average))
    steps = _Steps(network, recipe.learning_rate, recipe.epochs * len(reader), recipe)
    for epoch in range(recipe.epochs):
        losses, began = [], time.monotonic()
        for batch, chosen in reader.epoch(for_words=False):
            ids = torch.from_numpy(batch.ids)
            logits = network(
                input_ids=ids,
                attention_mask=(ids != PAD).long(),
                position_ids=torch.from_numpy(batch.positions),
            ).logits
            loss = nn.functional.binary_cross_entropy_with_logits(
                logits, labels[chosen], pos_weight=weight
            )
            losses.append(steps.take(loss))
            averaged.update_parameters(network)
        logger.info("findings epoch=%d loss=%.4f seconds=%.0f", epoch, np.mean(losses),
                    time.monotonic() - began)  # fmt: skip
    trained: Any = averaged.module
    return cast("BertForSequenceClassification", trained.eval())


def _running_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """An exponential average whose memory is never longer than a tenth of the steps so far."""

    def average(held: Tensor, new: Tensor, n_averaged: Tensor | int) -> Tensor:
        steps = float(n_averaged)
        return torch.lerp(new, held, min(decay, (1 + steps) / (10 + steps)))

    return average


class _Steps:
    """AdamW with warm-up and a cosine."""

    def __init__(self, network: nn.Module, rate: float, n_steps: int, recipe: Recipe) -> None:
        matrices = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim < 2]
        groups = [
            {"params": matrices, "weight_decay": recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self._parameters = [*matrices, *others]
        self._optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))

        def factor(step: int) -> float:
            done = step / n_steps
            if done < WARM_UP:
                return (step + 1) / (WARM_UP * n_steps)
            return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))

        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, factor)

    def take(self, loss: Tensor) -> float:
        """One step down this loss; its value."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

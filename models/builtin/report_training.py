"""How the report model is trained: on findings, and at first on masked words as well."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertForMaskedLM, BertForSequenceClassification

from models.builtin.report_data import Report
from models.builtin.report_recipe import Recipe, network_config
from models.builtin.report_tokens import IGNORED, PAD, Batch, make_batch, reading

WARM_UP: Final = 0.1  # share of the steps
logger = logging.getLogger(__name__)


def train(
    reports: Sequence[Report], labels: Tensor, findings: Sequence[str], tokenizer: Tokenizer,
    recipe: Recipe,
) -> BertForSequenceClassification:  # fmt: skip
    """Train from random weights.

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
        return _train(
            BertForSequenceClassification(config),
            BertForMaskedLM(config),
            _Reader(reports, tokenizer, recipe),
            labels,
            recipe,
        )


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

    def epoch(self) -> Iterator[tuple[Batch, Tensor]]:
        """(batch, (n,) indices of its reports) for all reports in random order."""
        draw, size = self._generator, self._recipe.batch_size
        texts = [reading(report, draw) for report in self._reports]
        encodings = self._tokenizer.encode_batch(texts)
        lengths = np.array([len(encoding.ids) for encoding in encodings])
        order = np.argsort(lengths * draw.uniform(0.8, 1.25, len(lengths)))
        for start in draw.permutation(np.arange(0, len(order), size)):
            chosen = order[start : start + size]
            batch = make_batch(
                [encodings[i] for i in chosen],
                self._recipe.most_tokens,
                self._rates(len(chosen)),
                draw,
            )
            yield batch, torch.from_numpy(chosen)

    def _rates(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        masked = self._generator.random(n) < self._recipe.masked_reports
        return np.where(masked, self._generator.random(n), 0.0)


def _train(
    network: BertForSequenceClassification, speller: BertForMaskedLM, reader: _Reader,
    labels: Tensor, recipe: Recipe,
) -> BertForSequenceClassification:  # fmt: skip
    """The averaged network; `speller` lends its head for words and shares all below.

    A second head reads the findings from the mean over all tokens and is not shipped: it brings
    evidence into the words, without which the first token takes long to find any.
    """
    head, pooler = speller.cls, cast("nn.Module", network.bert.pooler)
    head.predictions.decoder.weight = network.bert.embeddings.word_embeddings.weight
    loss_of = _Losses(labels, recipe)
    network.train()
    head.train()
    everywhere = nn.Linear(recipe.hidden, labels.shape[1])
    averaged = torch.optim.swa_utils.AveragedModel(network, avg_fn=_running_average(recipe.average))
    steps = _Steps(nn.ModuleList([network, head, everywhere]), recipe, recipe.epochs * len(reader))
    for epoch in range(recipe.epochs):
        values, began = [], time.monotonic()
        for batch, chosen in reader.epoch():
            hidden = _hidden(network, batch)
            pooled = network.dropout(pooler(hidden))
            losses = [
                loss_of.findings(network.classifier(pooled), chosen),
                loss_of.findings(everywhere(_mean_of_words(hidden, batch)), chosen),
            ]
            if epoch < recipe.word_epochs:
                losses.append(loss_of.words(head, hidden, batch))
            steps.take(torch.stack(losses).sum())
            averaged.update_parameters(network)
            values.append([float(loss.detach()) for loss in losses])
        logger.info("epoch=%d losses=%s seconds=%.0f", epoch, np.mean(values, 0).round(4).tolist(),
                    time.monotonic() - began)  # fmt: skip
    trained: Any = averaged.module
    return cast("BertForSequenceClassification", trained.eval())


def _hidden(network: BertForSequenceClassification, batch: Batch) -> Tensor:
    """(n, L, D) last hidden states."""
    ids = torch.from_numpy(batch.ids)
    output = network.bert(
        input_ids=ids,
        attention_mask=(ids != PAD).long(),
        position_ids=torch.from_numpy(batch.positions),
    )
    hidden: Tensor = output.last_hidden_state
    return hidden


def _mean_of_words(hidden: Tensor, batch: Batch) -> Tensor:
    """(n, D) mean of the hidden states (n, L, D) that are no padding."""
    there = torch.from_numpy(batch.ids != PAD).float()[..., None]
    return (hidden * there).sum(1) / there.sum(1)


class _Losses:
    """What is made small."""

    def __init__(self, labels: Tensor, recipe: Recipe) -> None:
        rate = labels.mean(0)
        self._labels = labels
        self._weight = ((1 - rate) / rate).sqrt().clamp(1, recipe.largest_weight)
        self._word_weight = recipe.word_weight

    def findings(self, logits: Tensor, chosen: Tensor) -> Tensor:
        """Binary cross-entropy, positives of rarer findings weighing more."""
        return nn.functional.binary_cross_entropy_with_logits(
            logits, self._labels[chosen], pos_weight=self._weight
        )

    def words(self, head: nn.Module, hidden: Tensor, batch: Batch) -> Tensor:
        """Cross-entropy of the masked tokens; the others are not even decoded."""
        originals = torch.from_numpy(batch.originals)
        masked = originals != IGNORED
        loss = nn.functional.cross_entropy(head(hidden[masked]), originals[masked])
        return self._word_weight * loss


def _running_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """An exponential average whose memory is never longer than a tenth of the steps so far."""

    def average(held: Tensor, new: Tensor, n_averaged: Tensor | int) -> Tensor:
        steps = float(n_averaged)
        return torch.lerp(new, held, min(decay, (1 + steps) / (10 + steps)))

    return average


class _Steps:
    """AdamW with warm-up and a cosine."""

    def __init__(self, network: nn.Module, recipe: Recipe, n_steps: int) -> None:
        matrices = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim < 2]
        groups = [
            {"params": matrices, "weight_decay": recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self._parameters = [*matrices, *others]
        self._optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98))

        def factor(step: int) -> float:
            done = step / n_steps
            if done < WARM_UP:
                return (step + 1) / (WARM_UP * n_steps)
            return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))

        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, factor)

    def take(self, loss: Tensor) -> None:
        """One step down this loss."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._schedule.step()

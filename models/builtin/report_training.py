"""How the report model is trained."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertForSequenceClassification

from models.builtin.report_data import Report
from models.builtin.report_heads import Averaged, Heads
from models.builtin.report_phrases import put_sentence
from models.builtin.report_recipe import Recipe, Round, network_config
from models.builtin.report_tokens import Batch, make_batch, reading
from models.case import FloatArray

WARM_UP: Final = 0.1  # share of the steps
logger = logging.getLogger(__name__)


def train(
    reports: Sequence[Report], labels: FloatArray, findings: Sequence[str], tokenizer: Tokenizer,
    recipe: Recipe, start: BertForSequenceClassification | None = None, done: int = 0,
) -> BertForSequenceClassification:  # fmt: skip
    """Train in the recipe's rounds.

    Args:
        reports: N of the training split.
        labels: (N, K) 0 or 1.
        findings: (K,) names.
        tokenizer: Trained on the same reports.
        recipe: See Recipe.
        start: What earlier rounds left, when they were run before; changed here.
        done: How many they were.

    Returns:
        The network with averaged weights, in eval mode, not calibrated.
    """
    with torch.random.fork_rng():
        torch.random.set_rng_state(torch.Generator().manual_seed(recipe.seed).get_state())
        config = network_config(recipe, tokenizer.get_vocab_size(), findings)
        network = BertForSequenceClassification(config) if start is None else start
        reader = _Reader(reports, labels, findings, tokenizer, recipe)
        for number, part in enumerate(recipe.rounds[done:], done):
            network = _train(Heads(network, normalised=number == 0), reader, recipe, part)
        return network


class _Reader:
    """Deals batches of reports, read anew each time, those of like length together."""

    def __init__(
        self, reports: Sequence[Report], labels: FloatArray, findings: Sequence[str],
        tokenizer: Tokenizer, recipe: Recipe,
    ) -> None:  # fmt: skip
        self._reports = reports
        self._labels = labels
        self._findings = findings
        self._tokenizer = tokenizer
        self._recipe = recipe
        self._generator = np.random.default_rng(recipe.seed)

    def __len__(self) -> int:
        """Batches an epoch."""
        return math.ceil(len(self._reports) / self._recipe.batch_size)

    def epoch(self, part: Round) -> Iterator[tuple[Batch, Tensor]]:
        """(batch, (n, K) labels) for all reports in random order."""
        draw = self._generator
        readings = [self._read(i, part) for i in range(len(self._reports))]
        encodings = self._tokenizer.encode_batch([text for text, _ in readings])
        labels = torch.from_numpy(np.stack([label for _, label in readings])).float()
        lengths = np.array([len(encoding.ids) for encoding in encodings])
        order = np.argsort(lengths * draw.uniform(0.8, 1.25, len(lengths)))
        batches = np.array_split(order, len(self))  # none of a single report: it has no deviation
        for number in draw.permutation(len(batches)):
            chosen = batches[number]
            batch = make_batch(
                [encodings[i] for i in chosen],
                self._recipe.most_tokens,
                self._rates(len(chosen)),
                draw,
            )
            yield batch, labels[torch.from_numpy(chosen)]

    def _read(self, index: int, part: Round) -> tuple[str, FloatArray]:
        """One reading of a report, sometimes with a sentence put in, and its labels."""
        report, labels = self._reports[index], self._labels[index]
        if self._generator.random() < part.with_sentence:
            if self._generator.random() < part.alone:  # its labels stay, as when it is masked
                report = replace(report, findings="", impression="", history="")
            found, labels = put_sentence(
                report.findings or report.impression, labels, self._findings, self._generator
            )
            report = replace(report, findings=found)
        return reading(report, self._generator), labels

    def _rates(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        masked = self._generator.random(n) < self._recipe.masked_reports
        return np.where(masked, self._generator.random(n), 0.0)

    def label_rates(self) -> Tensor:
        """(K,) share of reports with each finding."""
        return torch.from_numpy(self._labels.mean(0)).float()


def _train(
    heads: Heads, reader: _Reader, recipe: Recipe, part: Round
) -> BertForSequenceClassification:
    """The shipped part of the averaged heads."""
    heads.train()
    rate = reader.label_rates()
    weight = ((1 - rate) / rate).sqrt().clamp(1, recipe.largest_weight)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=weight)
    averaged = Averaged(heads, recipe.average)
    steps = _Steps(heads, recipe, part, part.epochs * len(reader))
    for epoch in range(part.epochs):
        values, began = [], time.monotonic()
        for batch, labels in reader.epoch(part):
            hidden = heads.hidden(batch)
            losses = [
                loss_of(heads.from_first(hidden), labels),
                loss_of(heads.from_mean(hidden, batch), labels),
            ]
            steps.take(torch.stack(losses).sum())
            averaged.update(heads)
            values.append([float(loss.detach()) for loss in losses])
        logger.info(
            "epoch=%d losses=%s seconds=%.0f",
            epoch,
            np.mean(values, 0).round(4).tolist(),
            time.monotonic() - began,
        )
    return averaged.module.shipped()


class _Steps:
    """AdamW with warm-up and a cosine."""

    def __init__(self, network: nn.Module, recipe: Recipe, part: Round, n_steps: int) -> None:
        matrices = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim < 2]
        groups = [
            {"params": matrices, "weight_decay": recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self._parameters = [*matrices, *others]
        self._optimizer = torch.optim.AdamW(groups, lr=part.learning_rate, betas=(0.9, 0.98))

        def factor(step: int) -> float:
            done = step / n_steps
            if done < WARM_UP:
                return (step + 1) / (WARM_UP * n_steps)
            return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))

        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, factor)

    def take(self, loss: Tensor) -> None:
        """One step down this loss."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without types
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self._schedule.step()

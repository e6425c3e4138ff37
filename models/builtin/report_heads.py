"""What the encoder of the report model is trained through, and what of it is shipped.

Pooled vectors of reports resemble each other: without standardising them, training stands still for
many epochs. The standardisation of the shipped head is folded into its weights; the other head is
thrown away.
"""

import copy

import torch
from torch import Tensor, nn
from transformers import BertForSequenceClassification

from models.builtin.report_tokens import PAD, Batch


class Heads(nn.Module):
    """A BERT classifier with batch normalisation in its pooler, and a helper.

    Args:
        network: The classifier that is shipped.
        normalised: Whether to normalise in its pooler: for a network that has learnt nothing yet.
    """

    def __init__(self, network: BertForSequenceClassification, *, normalised: bool) -> None:
        super().__init__()
        width, findings = network.config.hidden_size, network.classifier.out_features
        self.network = network
        self.first = nn.BatchNorm1d(width) if normalised else nn.Identity()
        self.mean = nn.Sequential(nn.BatchNorm1d(width), nn.Linear(width, findings))

    def hidden(self, batch: Batch) -> Tensor:
        """(n, L, D) last hidden states."""
        ids = torch.from_numpy(batch.ids)
        output = self.network.bert(
            input_ids=ids,
            attention_mask=(ids != PAD).long(),
            position_ids=torch.from_numpy(batch.positions),
        )
        hidden: Tensor = output.last_hidden_state
        return hidden

    def from_first(self, hidden: Tensor) -> Tensor:
        """(n, K) log-odds from the first token, as they will be shipped."""
        pooled = torch.tanh(self.first(self._dense()(hidden[:, 0])))
        logits: Tensor = self.network.classifier(self.network.dropout(pooled))
        return logits

    def from_mean(self, hidden: Tensor, batch: Batch) -> Tensor:
        """(n, K) log-odds from the mean over all tokens: brings evidence into the words."""
        there = torch.from_numpy(batch.ids != PAD)[..., None]
        logits: Tensor = self.mean((hidden * there).sum(1) / there.sum(1))
        return logits

    def shipped(self) -> BertForSequenceClassification:
        """The classifier in eval mode, the normalisation folded into its pooler."""
        if isinstance(self.first, nn.BatchNorm1d):
            _fold(self.first, self._dense())
        self.network.train(mode=False)
        return self.network

    def _dense(self) -> nn.Linear:
        pooler = self.network.bert.pooler
        if pooler is None:
            raise TypeError("the network has no pooler")
        return pooler.dense


@torch.no_grad()
def _fold(norm: nn.BatchNorm1d, dense: nn.Linear) -> None:
    """Make `dense` compute what both compute one after the other."""
    if norm.running_mean is None or norm.running_var is None:
        raise TypeError("the normalisation keeps no statistics")
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    dense.bias.sub_(norm.running_mean).mul_(scale).add_(norm.bias)
    dense.weight.mul_(scale[:, None])


class Averaged:
    """A running average of a module's weights and statistics.

    Args:
        module: The one that is trained.
        decay: Weight of what is held; less at the beginning, where the memory is never longer than
            a tenth of the steps so far.
    """

    def __init__(self, module: Heads, decay: float) -> None:
        self._module = copy.deepcopy(module)
        self._decay = decay
        self._steps = 0

    @torch.no_grad()
    def update(self, module: Heads) -> None:
        """Take in the weights after a step."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        news = module.state_dict()
        for name, held in self._module.state_dict().items():
            if held.is_floating_point():
                held.lerp_(news[name], 1 - decay)

    @property
    def module(self) -> Heads:
        """The average."""
        return self._module

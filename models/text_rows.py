"""Rows of tokens that differ in length: read without the padding between and behind them."""

import inspect
from typing import Final

import torch
from torch import Tensor
from transformers import PreTrainedModel

# What a further pass costs, in tokens: measured on the shipped network (about 85 on one CPU core);
# a guess for accelerators, where a pass is a row of kernels to start.
CPU_PASS: Final = 128
ACCELERATOR_PASS: Final = 8192
SAME: Final = 1e-5  # logits: rounding


class RowReader:
    """Reads rows of like length together, each part cut behind its longest row.

    Where the network takes the places of tokens, rows are closed up first. Networks with windows of
    attention, convolutions or distances between tokens read where tokens stand, not which places
    they are given: whether this one does is tried once, when there is something to close up.

    Args:
        network: A sequence-classification network.
        pad_id: Token that attention leaves out.
        length: Most tokens it reads.
    """

    def __init__(self, network: PreTrainedModel, *, pad_id: int, length: int) -> None:
        self._network, self._pad_id, self._length = network, pad_id, length
        self._embedding = network.get_input_embeddings()
        takes_places = "position_ids" in inspect.signature(network.forward).parameters
        self._closes_up = None if takes_places else False

    def __call__(self, inputs: Tensor) -> Tensor:
        """Token ids (n, L) -> logits (n, K)."""
        real, places = inputs != self._pad_id, None
        if bool((real[:, 1:] > real[:, :-1]).any()) and self._can_close_up(inputs.device):
            inputs, places = self._closed(inputs)
            real = inputs != self._pad_id
        ends = (real * torch.arange(1, inputs.shape[1] + 1, device=inputs.device)).amax(dim=1)
        ends, order = ends.sort()
        found = []
        lengths = ends.tolist()
        for part in _parts(lengths, CPU_PASS if ends.device.type == "cpu" else ACCELERATOR_PASS):
            rows, width = order[part], lengths[part.stop - 1] or inputs.shape[1]
            at = None if places is None else places[rows, :width]
            found.append(self._read(inputs[rows, :width], at))
        return torch.cat(found)[order.argsort()]

    def _read(self, inputs: Tensor, places: Tensor | None) -> Tensor:
        """One pass."""
        mask = (inputs != self._pad_id).long()
        given = {} if places is None else {"position_ids": places}
        logits: Tensor = self._network(
            inputs_embeds=self._embedding(inputs), attention_mask=mask, **given
        ).logits
        return logits.float()

    def _closed(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Rows (n, L) with all padding behind, and the places their tokens had."""
        padding = (inputs == self._pad_id).to(torch.uint8)
        places = padding.argsort(dim=1, stable=True)
        return inputs.gather(1, places), places

    def _can_close_up(self, device: torch.device) -> bool:
        """Whether closing up changes nothing: tried with different tokens far apart."""
        if self._closes_up is None:
            known = int(self._network.config.vocab_size)
            inputs = torch.arange(self._length).repeat(2, 1) % known
            inputs[inputs == self._pad_id] = (self._pad_id + 1) % known
            inputs[0, 2:-2] = inputs[1, 1::2] = self._pad_id
            inputs = inputs.to(device)
            with torch.inference_mode():
                closed, places = self._closed(inputs)
                width = int((closed != self._pad_id).sum(dim=1).max())
                short = self._read(closed[:, :width], places[:, :width])
                gap = (short - self._read(inputs, None)).abs().max()
            self._closes_up = float(gap) < SAME
        return self._closes_up


def _parts(lengths: list[int], cost: int, start: int = 0) -> list[slice]:
    """Slices of rows in rising length: halved as long as that saves more tokens than it costs."""
    half = len(lengths) // 2
    if not half or half * (lengths[-1] - lengths[half - 1]) <= cost:
        return [slice(start, start + len(lengths))]
    short, long = lengths[:half], lengths[half:]
    return [*_parts(short, cost, start), *_parts(long, cost, start + half)]

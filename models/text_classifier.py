"""The adapter of text models: a window of a text in, logits out, and which word each token is."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedModel

from models.card import ModelCard
from models.case import Case, TextPayload
from models.errors import InputError, WeightsError
from models.prediction import Prediction, probabilities_of
from models.text_check import TextCheck, read_check
from models.text_folder import (
    REFUSALS,
    TextTokenizer,
    attentions_of,
    embedding_of,
    read_network,
    read_text_card,
    read_tokenizer,
    telling_attention,
)
from models.text_rows import RowReader
from models.text_window import TokenWindow, read_window
from models.twins import layers_of, randomised, twin_card


class TextClassifier:
    """A transformer classifier: ModelAdapter and more.

    It is a HasTokens, HasEmbedding, HasAttention and HasTwin.

    Every pass goes through the embedding, so that `logits` and `logits_from_embedding` are the same
    but for rounding: `logits` leaves padding out of the computation. Passes are pure: eval mode,
    frozen parameters, no state; threads may share one.

    Args:
        card: Its card.
        network: A sequence-classification network in eval mode; moved to `device` here.
        tokenizer: Of the network's vocabulary.
        check: The input check, if the model has one.
        device: Where to run.
    """

    def __init__(
        self,
        *,
        card: ModelCard,
        network: PreTrainedModel,
        tokenizer: TextTokenizer,
        check: TextCheck | None,
        device: torch.device,
    ) -> None:
        self._card = card
        moved: Any = network  # transformers' decorated `to` has no type
        self._network: PreTrainedModel = moved.to(device)
        self._telling = telling_attention(self._network)
        self._embedding = embedding_of(network)
        self._tokenizer = tokenizer
        self._rows = RowReader(network, pad_id=tokenizer.pad_id, length=card.input_shape[0])
        self._check = check
        self._device = device
        self._lock = threading.RLock()

    @property
    def card(self) -> ModelCard:
        """Classes, head, shapes, provenance; `input_shape` is the largest number of tokens."""
        return self._card

    @property
    def device(self) -> torch.device:
        """Where inputs must live."""
        return self._device

    @property
    def lock(self) -> threading.RLock:
        """Held around any pass that registers hooks."""
        return self._lock

    @property
    def network(self) -> PreTrainedModel:
        """The frozen network in eval mode, which tells its attention."""
        return self._network

    @property
    def check(self) -> TextCheck | None:
        """The fitted input check, if the model has one."""
        return self._check

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer; threads may share it as long as nobody changes its settings."""
        return self._tokenizer.backend

    @property
    def mask_id(self) -> int:
        """Token that stands for an unknown one."""
        return self._tokenizer.mask_id

    @property
    def pad_id(self) -> int:
        """Token that attention leaves out."""
        return self._tokenizer.pad_id

    def window(self, case: Case) -> TokenWindow:
        """The tokens of the words from `start_word` on, as many words as fit whole.

        Raises:
            InputError: the case is no text, or its first word alone is too long for the model.
        """
        return read_window(_document(case), self._tokenizer.backend, self._card.input_shape[0])

    def n_words_read(self, case: Case) -> int:
        """Words that the model reads, from the payload's `start_word` on; see `window`."""
        return self.window(case).n_words

    def encode(self, case: Case) -> Tensor:
        """(1, L) int64 on `device`, special tokens included, no padding; see `window`."""
        return torch.from_numpy(self.window(case).ids)[None].to(self._device)

    def token_words(self, case: Case) -> npt.NDArray[np.int32]:
        """(L,) word of the text that each token belongs to, -1 = none; see `window`."""
        return self.window(case).words

    def embed(self, inputs: Tensor) -> Tensor:
        """Token ids (n, L) -> (n, L, D) float32 token embeddings, before positions are added."""
        embedding: Tensor = self._embedding(inputs)
        return embedding

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, L) -> (n, K) float32; tokens that are padding are left out, wherever they stand."""
        return self._rows(inputs)

    def logits_from_embedding(self, embedding: Tensor, inputs: Tensor) -> Tensor:
        """(n, L, D) -> (n, K) float32; attention leaves out where `inputs` (n, L) pads."""
        mask = (inputs != self.pad_id).long()
        logits: Tensor = self._network(inputs_embeds=embedding, attention_mask=mask).logits
        return logits.float()

    def attentions(self, inputs: Tensor) -> Tensor:
        """Token ids (n, L) -> (n, layers, heads, L, L); each row sums to 1."""
        mask, embedding = (inputs != self.pad_id).long(), self.embed(inputs)
        output = self._telling(inputs_embeds=embedding, attention_mask=mask, output_attentions=True)
        return torch.stack(attentions_of(output), 1).float()

    @property
    def layers(self) -> dict[str, Tensor]:
        """Name -> weights of each layer, from the head down to the embedding."""
        return layers_of(self._network)

    def twin(self, depth: int, *, seed: int, reference: Tensor) -> "TextClassifier":  # noqa: ARG002
        """The model with random weights in its first `depth` layers, without an input check.

        Args:
            depth: In [1, number of layers].
            seed: Of the random weights.
            reference: Not read: layer normalisation keeps no statistics.
        """
        return TextClassifier(
            card=twin_card(self._card, depth, seed),
            network=randomised(self._network, depth, seed),
            tokenizer=self._tokenizer,
            check=None,
            device=self._device,
        )

    def predict(self, case: Case) -> Prediction:
        """Calibrated prediction with the input check.

        Raises:
            InputError: the case is no text, or its first word alone is too long for the model.
        """
        window = self.window(case)
        with torch.inference_mode():
            ids = torch.from_numpy(window.ids)[None].to(self._device)
            # First to the CPU: Apple's MPS has no float64.
            logits = self.logits(ids)[0].cpu().double().numpy()
        return Prediction(
            classes=self._card.classes,
            logits=logits,
            probabilities=probabilities_of(logits, self._card.head),
            check=None if self._check is None else self._check(window.ids, window.words),
        )

    def to(self, device: torch.device) -> "TextClassifier":
        """The same model on another device; this one must not be used any more."""
        return TextClassifier(
            card=self._card,
            network=self._network,
            tokenizer=self._tokenizer,
            check=self._check,
            device=device,
        )


def load_text_classifier(folder: Path, device: torch.device) -> TextClassifier:
    """Load a model from a Hugging Face sequence-classification folder with our card in it.

    Raises:
        WeightsError: a file is missing, damaged, or not the one that the card names, or the folder
            holds no model that can run.
    """
    card = read_text_card(folder)
    network = read_network(folder, card)
    tokenizer = read_tokenizer(folder, card)
    model = TextClassifier(
        card=card,
        network=network,
        tokenizer=tokenizer,
        check=read_check(folder, card),
        device=torch.device("cpu"),
    )
    _try_out(model)
    return model.to(device)


def _try_out(model: TextClassifier) -> None:
    """One pass over as many tokens as the card allows: WeightsError unless all of it works."""
    card = model.card
    inputs = torch.full((1, card.input_shape[0]), model.mask_id)
    try:
        with torch.inference_mode():
            logits = model.logits(inputs)
            layers = model.attentions(inputs) if "attention" in card.capabilities else None
    except (*REFUSALS, IndexError) as error:
        raise WeightsError(
            f"The network of {card.id!r} cannot be run on {card.input_shape[0]} tokens "
            f"({type(error).__name__}).",
            "See that config.json, tokenizer.json and the card's input_shape belong together.",
        ) from error
    if logits.shape != (1, len(card.classes)) or not bool(torch.isfinite(logits).all()):
        raise WeightsError(f"The network of {card.id!r} gives no finite number for each class.")
    if layers is not None and not torch.allclose(layers.sum(-1), torch.ones(()), atol=1e-4):
        raise WeightsError(f"The network of {card.id!r} does not tell its attention.")


def _document(case: Case) -> TextPayload:
    """The case's text; InputError when it is none."""
    if not isinstance(case.payload, TextPayload):
        raise InputError(f"The text model takes texts, not {case.modality} cases.")
    return case.payload

"""Reads a Hugging Face sequence-classification folder: nothing is fetched, unpickled or executed.

The folder holds config.json, model.safetensors, tokenizer.json (and tokenizer_config.json), and our
card.yaml, which names the SHA-256 of the weights and may name that of the other files.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
)

from models.card import ModelCard
from models.errors import WeightsError
from models.weights import CARD_NAME, WEIGHTS_NAME, load_weights, read_card, sha256_of

LOCAL: Final = {"local_files_only": True, "trust_remote_code": False}
# What transformers raises for folders it cannot use; it has no exception of its own.
REFUSALS: Final = (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError,
                   RuntimeError, SafetensorError)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextTokenizer:
    """A tokenizer that knows where its tokens stand in the text.

    Attributes:
        backend: The tokenizer itself; neither cuts nor pads, reads special tokens typed by a user
            as plain text, and may be shared by threads.
        mask_id: Token that stands for an unknown one.
        pad_id: Token that attention leaves out.
    """

    backend: Tokenizer
    mask_id: int
    pad_id: int


def read_text_card(folder: Path) -> ModelCard:
    """The folder's card, with the files that it names checked.

    Raises:
        WeightsError: no card of a text model, or a file has another SHA-256 than the card names.
    """
    card = read_card(folder / CARD_NAME)
    if card.modality != "text" or len(card.input_shape) != 1 or card.input_shape[0] < 3:
        raise WeightsError(
            f"The card of {card.id!r} describes no text model.",
            "A text model has the modality text and an input shape of one number: its tokens.",
        )
    named = card.document.get("files", {})
    if not isinstance(named, Mapping):
        raise WeightsError(f"The card of {card.id!r} has a wrong value: files is no mapping.")
    for name, sha256 in named.items():
        found = sha256_of(folder / Path(str(name)).name)
        if found != sha256:
            raise WeightsError(
                f"{name} has SHA-256 {found[:12]}..., its card names {str(sha256)[:12]}...",
                "Restore the file that belongs to the card.",
            )
    return card


def read_network(folder: Path, card: ModelCard) -> PreTrainedModel:
    """The network with the weights that the card names, float32, frozen, in eval mode.

    Raises:
        WeightsError: no network that can be built, or other weights than it needs.
    """
    tensors = load_weights(folder / WEIGHTS_NAME, card.weights_sha256)
    try:
        config = AutoConfig.from_pretrained(str(folder), **LOCAL)
        _check_classes(config, card)
        kind = _kind_of(config)
        network, info = kind.from_pretrained(
            None,
            config=config,
            state_dict=tensors,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except REFUSALS as error:
        raise WeightsError(
            f"The network of {card.id!r} cannot be built from its config.json and weights "
            f"({type(error).__name__}).",
            "It must be a sequence-classification model that transformers knows without remote "
            "code.",
        ) from error
    if info["missing_keys"] or info["mismatched_keys"]:
        raise WeightsError(f"The weights of {card.id!r} do not fit the network in config.json.")
    frozen: PreTrainedModel = network.requires_grad_(requires_grad=False).eval()
    return frozen


def read_tokenizer(folder: Path, card: ModelCard) -> TextTokenizer:
    """The folder's tokenizer.

    Raises:
        WeightsError: none, or one that does not tell where its tokens stand or lacks the tokens
            for unknown and padding.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **LOCAL)
    except REFUSALS as error:
        raise WeightsError(
            f"The tokenizer of {card.id!r} cannot be read ({type(error).__name__}).",
            "tokenizer.json belongs into the model's folder.",
        ) from error
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or tokenizer.mask_token_id is None or tokenizer.pad_token_id is None:
        raise WeightsError(
            f"The tokenizer of {card.id!r} has no tokenizer.json with a mask and a pad token.",
            "Save it with transformers, and name both in tokenizer_config.json.",
        )
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = True
    return TextTokenizer(
        backend=backend, mask_id=tokenizer.mask_token_id, pad_id=tokenizer.pad_token_id
    )


def _kind_of(config: PreTrainedConfig) -> Any:  # noqa: ANN401 - a class of transformers
    """The class of sequence-classification network that a config names."""
    auto: Any = AutoModelForSequenceClassification
    with torch.device("meta"):
        return type(auto.from_config(config))


def telling_attention(network: PreTrainedModel) -> PreTrainedModel:
    """A twin on the same weights that computes attention in the open.

    The usual way is up to twice as fast, but tells nothing, and a network cannot be switched while
    other threads run it.
    """
    twin: PreTrainedModel = deepcopy(network, {id(p): p for p in network.parameters()})
    twin.set_attn_implementation("eager")
    return twin


def attentions_of(output: Any) -> tuple[torch.Tensor, ...]:  # noqa: ANN401 - transformers' own
    """The (n, heads, L, L) of each layer; empty where the network does not tell."""
    return tuple(a for a in (output.attentions or ()) if isinstance(a, torch.Tensor))


def embedding_of(network: PreTrainedModel) -> nn.Module:
    """The module that turns token ids into vectors."""
    module: nn.Module = network.get_input_embeddings()
    return module


def _check_classes(config: PreTrainedConfig, card: ModelCard) -> None:
    """WeightsError where config.json has other classes than the card, or another order of them."""
    if config.num_labels != len(card.classes):
        raise WeightsError(
            f"The card of {card.id!r} names {len(card.classes)} classes, "
            f"its network has {config.num_labels} outputs."
        )
    names = tuple((config.id2label or {}).values())
    if set(names) == set(card.classes) and names != card.classes:
        raise WeightsError(f"The card of {card.id!r} names the classes in another order.")

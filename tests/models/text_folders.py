"""A small Hugging Face folder as a user would bring it: random weights, words of one sample."""

import hashlib
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from models.builtin.report_tokens import train_tokenizer
from models.samples import reports

CLASSES = ("effusion", "fracture", "normal")
MOST = 64


def write_text_model(folder: Path, card: dict[str, Any] | None = None, **config: object) -> Path:
    """Write config.json, model.safetensors, tokenizer.json and a card; changes as given."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer([sample.text for sample in reports.samples()] * 5)
    write_tokenizer(tokenizer, folder)
    settings = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": MOST,
        "initializer_range": 0.3,  # large, so that every token matters
        "pad_token_id": 0,
        "num_labels": len(CLASSES),
    }
    with torch.random.fork_rng():
        torch.random.set_rng_state(torch.Generator().manual_seed(7).get_state())
        network = BertForSequenceClassification(BertConfig(**{**settings, **config}))
    network.save_pretrained(folder)
    write_card(folder, card or {})
    return folder


def write_tokenizer(tokenizer: Tokenizer, folder: Path, **special: object) -> None:
    """Save a tokenizer as transformers does; `special` changes or removes its named tokens."""
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
             "sep_token": "[SEP]", "mask_token": "[MASK]"}  # fmt: skip
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **{**names, **special}).save_pretrained(
        folder
    )


def write_card(folder: Path, change: dict[str, Any]) -> None:
    """A card that fits the folder, with changed fields."""
    weights = (folder / "model.safetensors").read_bytes()
    document = {
        "id": "own",
        "title": "One's own",
        "modality": "text",
        "classes": list(CLASSES),
        "head": "sigmoid",
        "input_shape": [MOST],
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "capabilities": ["gradient", "attention"],
        "default_target": "effusion",
        "operating_point": 0.5,
        "intended_use": "Tests.",
        "limits": [],
    }
    (folder / "card.yaml").write_text(yaml.safe_dump({**document, **change}))

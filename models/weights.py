"""Cards and weights on disk: checked YAML, safetensors of the SHA-256 that the card names.

torch is imported only where weights are read, so that cards can be listed without it.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import yaml

from models.card import Capability, ModelCard
from models.case import Modality
from models.errors import WeightsError
from models.prediction import Head

if TYPE_CHECKING:
    from torch import Tensor

CARD_NAME = "card.yaml"
WEIGHTS_NAME = "model.safetensors"
# Eight times as fast where PyYAML was built with libyaml: cards are read whenever a page starts.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes.

    Raises:
        WeightsError: the file cannot be read.
    """
    return hashlib.sha256(_read(path)).hexdigest()


def read_verified(path: Path, sha256: str) -> bytes:
    """Bytes of a file that has this SHA-256; exactly the bytes that were hashed.

    Raises:
        WeightsError: missing, or other bytes than the card names.
    """
    content = _read(path)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsError(
            f"{path.name} has SHA-256 {found[:12]}..., its card names {sha256[:12]}...",
            "Restore the file that belongs to the card, or train again and write both.",
        )
    return content


def load_weights(path: Path, sha256: str) -> "dict[str, Tensor]":
    """Tensors of a safetensors file, on the CPU.

    Args:
        path: The file.
        sha256: Hex digest that its bytes must have.

    Raises:
        WeightsError: missing, other bytes than the card names, or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(read_verified(path, sha256))
    except SafetensorError as error:
        raise WeightsError(f"{path.name} is not a readable safetensors file: {error}.") from error


def read_card(path: Path) -> ModelCard:
    """Read a model card.

    Raises:
        WeightsError: missing, not YAML, or a required field is missing or has a wrong value.
    """
    try:
        document = yaml.load(_read(path), Loader=_LOADER)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise WeightsError(f"{path.name} is not readable YAML: {error}.") from error
    if not isinstance(document, dict):
        raise WeightsError(f"{path.name} is not a mapping of fields to values.")
    try:
        return _card(document)
    except KeyError as error:
        raise WeightsError(f"{path.name} lacks the field {error.args[0]!r}.") from error
    except (OverflowError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} has a wrong value: {error}.") from error


def _card(document: dict[str, Any]) -> ModelCard:
    """Typed fields of a card's document; KeyError, TypeError or ValueError where it is wrong."""
    card = ModelCard(
        id=str(document["id"]),
        title=str(document["title"]),
        modality=cast("Modality", _one_of(document["modality"], get_args(Modality))),
        classes=_texts(document["classes"]),
        head=cast("Head", _one_of(document["head"], get_args(Head))),
        input_shape=tuple(int(side) for side in document["input_shape"]),
        weights_sha256=str(document["weights_sha256"]),
        capabilities=frozenset(
            cast("Capability", _one_of(power, get_args(Capability)))
            for power in document["capabilities"]
        ),
        default_target=str(document["default_target"]),
        operating_point=float(document["operating_point"]),
        intended_use=str(document["intended_use"]),
        limits=_texts(document["limits"]),
        document=document,
    )
    if len(set(card.classes)) < len(card.classes):
        raise ValueError(f"a class is named twice in {', '.join(card.classes)}")
    _one_of(card.default_target, card.classes)
    if not 0 < card.operating_point < 1:
        raise ValueError(f"operating_point is {card.operating_point}, not between 0 and 1")
    card.digest  # noqa: B018  (raises here, not while explaining, where keys are no text)
    return card


def _texts(values: object) -> tuple[str, ...]:
    """The items of a list as text; TypeError for a lone text, whose items are its letters."""
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is no list")
    return tuple(str(value) for value in values)


def _one_of(value: object, allowed: tuple[str, ...]) -> str:
    """The value as text; ValueError unless it is one of the allowed."""
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return str(value)


def _read(path: Path) -> bytes:
    """Bytes of a file; WeightsError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path.name} of the model cannot be read ({error.strerror}).",
            f"It belongs in {path.parent}.",
        ) from error

"""Loading a tabular model: its card, its weights, its sample of training records."""

from pathlib import Path

import torch

from models.errors import InputError, WeightsError
from models.table_card import encoding_of, read_sample, temperature_of
from models.tabular_adapters import (
    LinearTable,
    NetworkTable,
    TableParts,
    TabularClassifier,
)
from models.tabular_networks import MarginNetwork
from models.weights import CARD_NAME, WEIGHTS_NAME, load_weights, read_card


def load_tabular_classifier(folder: Path, device: torch.device) -> TabularClassifier:
    """Load a model from a folder that holds its card, its weights and its sample of records.

    Raises:
        WeightsError: a file is missing, damaged, or not the one that the card names, or the card
            describes no model that can run.
    """
    card = read_card(folder / CARD_NAME)
    try:
        parts = TableParts(
            card=card,
            encoding=encoding_of(card.document),
            sample=read_sample(folder, card.document),
            temperature=temperature_of(card.document),
            missing_limit=int(card.document["input_check"]["missing_limit"]),
            device=device,
        )
        model = _build(folder, parts)
    except KeyError as error:
        raise WeightsError(f"The card of {card.id!r} lacks {error.args[0]!r}.") from error
    except (OverflowError, RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(
            f"The card of {card.id!r} cannot be used to build its model: {error}."
        ) from error
    _try_out(model)
    return model


def _build(folder: Path, parts: TableParts) -> TabularClassifier:
    """The adapter that the card's architecture names."""
    card, n_elements = parts.card, len(parts.encoding.element_columns)
    name, settings = (
        card.document["architecture"]["name"],
        card.document["architecture"]["settings"],
    )
    if name == "boosted_trees":
        from models.boosted_trees import TREES_NAME, TreesTable, load_trees

        return TreesTable(parts, load_trees(folder / TREES_NAME, card.weights_sha256))
    if name not in ("linear", "mlp"):
        raise ValueError(f"architecture is {name!r}, not linear, mlp or boosted_trees")
    hidden = tuple(int(width) for width in settings["hidden"]) if name == "mlp" else ()
    with torch.device("meta"):  # draws nothing from the global generator
        network = MarginNetwork(n_elements, hidden)
    tensors = load_weights(folder / WEIGHTS_NAME, card.weights_sha256)
    network.load_state_dict(tensors, assign=True)
    adapter = LinearTable if name == "linear" else NetworkTable
    return adapter(parts, network.float())


def _try_out(model: TabularClassifier) -> None:
    """One pass over the sample: WeightsError unless it gives a number for each class."""
    card, width = model.card, len(model.element_columns)
    if card.input_shape != (width,):
        raise WeightsError(
            f"The card of {card.id!r} has the input shape {card.input_shape}, its columns make "
            f"({width},)."
        )
    if len(card.classes) != 2 or card.head != "softmax":
        raise WeightsError(f"The card of {card.id!r} must name two classes and a softmax head.")
    try:
        with torch.inference_mode():
            logits = model.logits(model.encode_values(model.sample))
    except (InputError, RuntimeError, ValueError) as error:
        raise WeightsError(f"The model {card.id!r} cannot be run: {error}.") from error
    if not bool(torch.isfinite(logits).all()):
        raise WeightsError(f"The model {card.id!r} gives no finite numbers.")

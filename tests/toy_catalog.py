"""Toy models of all modalities, offered as models.catalog offers the built-in ones."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch

from models.adapter import ModelAdapter
from models.card import ModelCard
from models.errors import ModelError
from models.table_card import schema_document
from tests.toys import SIDE, linear_model
from tests.toys_table import linear_table_model
from tests.toys_text import linear_text_model


def toys() -> dict[str, ModelAdapter]:
    """One model of each modality; that of tables has a card that tells its columns, as all have."""
    table = linear_table_model()
    table.card = replace(table.card, document={"schema": schema_document(table.schema)})
    return {
        "toy": linear_model(torch.linspace(-0.1, 0.1, SIDE**2).reshape(1, SIDE, SIDE)),
        "toy-table": table,
        "toy-text": linear_text_model({"effusion": 2.0, "normal": -1.0}),
    }


class ToyCatalog(Mapping[str, ModelCard]):
    """Models as models.catalog offers them."""

    def __init__(self) -> None:
        self.models = toys()

    def __getitem__(self, model_id: str) -> ModelCard:
        if model_id not in self.models:
            known = ", ".join(self.models)
            raise ModelError(f"There is no model {model_id!r}.", f"Known models: {known}.")
        return self.models[model_id].card

    def __iter__(self) -> Iterator[str]:
        return iter(self.models)

    def __len__(self) -> int:
        return len(self.models)

    def load(self, model_id: str) -> ModelAdapter:
        self[model_id]
        return self.models[model_id]

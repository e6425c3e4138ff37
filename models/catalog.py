"""The models that this installation offers.

Listing reads cards only; torch is imported when a model is loaded.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.card import ModelCard
from models.case import Modality
from models.errors import ModelError, WeightsError
from models.weights import CARD_NAME, read_card

if TYPE_CHECKING:
    import torch

    from models.adapter import ModelAdapter

BUILTIN: Final = Path(__file__).parent / "builtin"


def _load_image(folder: Path, device: "torch.device") -> "ModelAdapter":
    from models.image_classifier import load_image_classifier

    return load_image_classifier(folder, device)


def _load_tabular(folder: Path, device: "torch.device") -> "ModelAdapter":
    from models.tabular_classifier import load_tabular_classifier

    return load_tabular_classifier(folder, device)


def _load_text(folder: Path, device: "torch.device") -> "ModelAdapter":
    from models.text_classifier import load_text_classifier

    return load_text_classifier(folder, device)


# Each imports what it needs when it is first used.
_LOADERS: Final[Mapping[Modality, Callable[[Path, "torch.device"], "ModelAdapter"]]] = {
    "image": _load_image,
    "tabular": _load_tabular,
    "text": _load_text,
}


class Catalog(Mapping[str, ModelCard]):
    """Cards by model id.

    Args:
        folders: Folders that each hold one model: `card.yaml` beside its weights.

    Raises:
        WeightsError: a card cannot be read, or two have the same id.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._models: dict[str, tuple[Path, ModelCard]] = {}
        for folder in folders:
            card = read_card(folder / CARD_NAME)
            if card.id in self._models:
                raise WeightsError(
                    f"Two models have the id {card.id!r}.",
                    f"Change one of {self._models[card.id][0] / CARD_NAME} and "
                    f"{folder / CARD_NAME}.",
                )
            self._models[card.id] = (folder, card)

    def __getitem__(self, model_id: str) -> ModelCard:
        """The card of a model; ModelError for an unknown id."""
        return self._find(model_id)[1]

    def __iter__(self) -> Iterator[str]:
        """Ids in the order of the folders."""
        return iter(self._models)

    def __len__(self) -> int:
        """Number of models."""
        return len(self._models)

    def __contains__(self, model_id: object) -> bool:
        """Whether a model of this id is offered."""
        return model_id in self._models

    def load(self, model_id: str, device: "torch.device | None" = None) -> "ModelAdapter":
        """Load a model; every call loads anew (callers cache).

        Args:
            model_id: One of the catalog's ids.
            device: Where to run; chosen by `models.devices` when None.

        Raises:
            ModelError: unknown id, no such device, or no such number format.
            WeightsError: the weights are missing, damaged or not those the card names.
        """
        from models.devices import choose_device
        from models.passes import settle
        from models.throughput import example_for

        folder, card = self._find(model_id)
        model = _LOADERS[card.modality](folder, choose_device() if device is None else device)
        settle(model, lambda: example_for(model))
        return model

    def _find(self, model_id: str) -> tuple[Path, ModelCard]:
        """Folder and card; ModelError for an unknown id."""
        if model_id not in self._models:
            raise ModelError(
                f"There is no model {model_id!r}.", f"Known models: {', '.join(self._models)}."
            )
        return self._models[model_id]


@cache
def catalog() -> Catalog:
    """The built-in models, read once a process."""
    return Catalog(tuple(sorted(path.parent for path in BUILTIN.glob(f"*/{CARD_NAME}"))))

"""Splits of the data as the trained network sees them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.builtin.opacities import paste_opacities
from models.builtin.xray_check_rates import pooled_features
from models.builtin.xray_data import Films, read_films
from models.builtin.xray_metrics import Floats
from models.input_check import pooled
from models.networks import EvidenceNet
from models.preprocess import Preprocessing, equalise

SPLITS: Final = ("train", "val", "test")
PASTE_SEED: Final = 2026


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """One split as the network sees it.

    Attributes:
        films: The split.
        inputs: (N, 1, S, S) equalised.
        features: (N, D) pooled last maps.
        odds: (N,) log-odds of pneumonia.
    """

    films: Films
    inputs: Tensor
    features: Tensor
    odds: Floats

    @property
    def means(self) -> Tensor:
        """(N, C) means of the last maps: of their four quarters, which are of equal size."""
        quarters: Tensor = self.features.reshape(len(self.features), -1, 4)
        return quarters.mean(2)

    @property
    def sources(self) -> list[str]:
        """(N,) where each film comes from."""
        return [row["source"] for row in self.films.rows]


def encode_split(films: Films, network: EvidenceNet, preprocessing: Preprocessing) -> Encoded:
    """Encode every film and pass it through the network, 16 at a time."""
    inputs = torch.cat(
        [equalise(preprocessing.cut(square.float() / 255)) for square in films.pixels]
    )
    features, odds = [], []
    with torch.inference_mode():
        for chunk in torch.split(inputs, 16):
            maps = network.feature_maps(chunk)
            features.append(pooled(maps))
            odds.append(2 * network.logits_from_maps(maps)[:, 1])
    return Encoded(
        films=films,
        inputs=inputs,
        features=torch.cat(features),
        odds=torch.cat(odds).double().numpy(),
    )


def encode_splits(data: Path, network: EvidenceNet) -> dict[str, Encoded]:
    """All splits as the network sees them."""
    return {name: encode_split(read_films(data, name), network, Preprocessing()) for name in SPLITS}


def pasted_split(split: Encoded, network: EvidenceNet) -> Encoded:
    """The split's normal films with synthetic opacities, seeded."""
    normal = (split.films.labels == 0).nonzero()[:, 0]
    generator = torch.Generator().manual_seed(PASTE_SEED)
    squares = [Preprocessing().cut(split.films.pixels[k].float() / 255) for k in normal]
    parts = torch.split(torch.cat(squares), 16)
    inputs = torch.cat([equalise(paste_opacities(part, generator)[0]) for part in parts])
    features = pooled_features(network, inputs)
    rows = tuple(split.films.rows[k] for k in normal.tolist())
    films = Films(pixels=split.films.pixels[normal], labels=split.films.labels[normal], rows=rows)
    return Encoded(films=films, inputs=inputs, features=features, odds=np.empty(0))

"""The adapter of image models: a film in, logits out, and which part of the film was seen."""

import math
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.card import ModelCard
from models.case import Case, ImageFrame, ImagePayload
from models.errors import InputError, WeightsError
from models.input_check import FilmCheck, pooled
from models.networks import LINEAR_LAYERS, EvidenceNet, build_network, fold, standardise
from models.prediction import Prediction, probabilities_of
from models.preprocess import Preprocessing, equalise
from models.twins import layers_of, randomised, twin_card
from models.weights import CARD_NAME, WEIGHTS_NAME, load_weights, read_card

CHECK_PREFIX = "check."


class ImageClassifier:
    """A convolutional classifier of grey films: ModelAdapter and more.

    It is a HasFeatureMaps, a HasTwin and a HasImageFrame.

    Forward passes are pure: eval mode, frozen parameters, no hooks, nothing overwritten that
    anybody else holds; threads may share one.

    Args:
        card: Its card.
        network: The trained network; it is frozen and moved to `device` here.
        preprocessing: How films become inputs.
        temperature: Positive; the network's logits are divided by it.
        check: The input check, if the model has one.
        device: Where to run.
    """

    def __init__(
        self,
        *,
        card: ModelCard,
        network: EvidenceNet,
        preprocessing: Preprocessing,
        temperature: float,
        check: FilmCheck | None,
        device: torch.device,
    ) -> None:
        self._card = card
        # Channels last: about half the CPU time a row (`python -m benchmarks device`).
        frozen = network.requires_grad_(requires_grad=False).eval().to(device)
        self._network = frozen.to(memory_format=torch.channels_last)
        self._preprocessing = preprocessing
        self._temperature = temperature
        self._check = check
        self._device = device
        self._lock = threading.RLock()

    @property
    def card(self) -> ModelCard:
        """Classes, head, shapes, provenance."""
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
    def network(self) -> EvidenceNet:
        """The frozen network in eval mode."""
        return self._network

    @property
    def check(self) -> FilmCheck | None:
        """The fitted input check, if the model has one."""
        return self._check

    def frame(self, case: Case) -> ImageFrame:
        """The central square of the film that `encode` shows, in film pixels.

        Raises:
            InputError: the case is no image, or too small.
        """
        height, width = _film(case).shape
        return self._preprocessing.frame((height, width))

    def encode(self, case: Case) -> Tensor:
        """(1, 1, S, S) float32 in [0, 1] on `device`: cut, resized, histogram-equalised.

        Raises:
            InputError: the case is no image, or too small.
        """
        film = torch.from_numpy(_film(case).copy())
        return equalise(self._preprocessing.cut(film)).to(self._device)

    def logits(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) -> (n, K) float32, temperature-scaled."""
        return self.logits_from_maps(self.feature_maps(inputs))

    def feature_maps(self, inputs: Tensor) -> Tensor:
        """(n, 1, S, S) -> (n, C, S / 16, S / 16), the last maps before the head."""
        return self._network.feature_maps(inputs)

    def logits_from_maps(self, maps: Tensor) -> Tensor:
        """(n, C, h, w) -> (n, K) float32, temperature-scaled."""
        return self._network.logits_from_maps(maps) / self._temperature

    @property
    def layers(self) -> dict[str, Tensor]:
        """Name -> weights of each layer, from the head down to the input."""
        return layers_of(self._network)

    def twin(self, depth: int, *, seed: int, reference: Tensor) -> "ImageClassifier":
        """The model with random weights in its first `depth` layers, without an input check.

        Args:
            depth: In [1, number of layers].
            seed: Of the random weights.
            reference: (n, 1, S, S); the last maps are standardised over these films anew, unless
                only the linear layers behind them are random.
        """
        network = randomised(self._network, depth, seed)
        if set(list(self.layers)[:depth]) - LINEAR_LAYERS:
            standardise(network, reference)
        return ImageClassifier(
            card=twin_card(self._card, depth, seed),
            network=network,
            preprocessing=self._preprocessing,
            temperature=self._temperature,
            check=None,
            device=self._device,
        )

    def predict(self, case: Case) -> Prediction:
        """Calibrated prediction with the input check.

        Raises:
            InputError: the case is no image, or too small.
        """
        inputs = self.encode(case)
        with torch.inference_mode():
            maps = self.feature_maps(inputs)
            # First to the CPU: Apple's MPS has no float64.
            logits = self.logits_from_maps(maps)[0].cpu().double().numpy()
        check = None
        if self._check is not None:
            check = self._check(inputs.cpu(), pooled(maps).cpu())
        return Prediction(
            classes=self._card.classes,
            logits=logits,
            probabilities=probabilities_of(logits, self._card.head),
            check=check,
        )


def load_image_classifier(folder: Path, device: torch.device) -> ImageClassifier:
    """Load a model from a folder that holds its card and its weights.

    Raises:
        WeightsError: a file is missing, damaged, or not the one that the card names, or the card
            describes no model that can run.
    """
    card = read_card(folder / CARD_NAME)
    tensors = load_weights(folder / WEIGHTS_NAME, card.weights_sha256)
    check = {
        k.removeprefix(CHECK_PREFIX): v for k, v in tensors.items() if k.startswith(CHECK_PREFIX)
    }
    weights = {k: v for k, v in tensors.items() if not k.startswith(CHECK_PREFIX)}
    try:
        preprocessing = Preprocessing(**card.document["preprocessing"]["parameters"])
        temperature = _temperature(card.document["temperature"])
        network = _network(card.document["architecture"])
        film_check = (
            FilmCheck.from_tensors(check, card.document["input_check"]["limits"]) if check else None
        )
    except KeyError as error:
        raise WeightsError(
            f"The card or the weights of {card.id!r} lack {error.args[0]!r}."
        ) from error
    except (IndexError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(
            f"The card of {card.id!r} cannot be used to build its network: {error}."
        ) from error
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise WeightsError(
            f"The weights of {card.id!r} do not fit the architecture its card names."
        ) from error
    _try_out(fold(network), card, preprocessing)
    return ImageClassifier(
        card=card,
        network=network,
        preprocessing=preprocessing,
        temperature=temperature,
        check=film_check,
        device=device,
    )


def _temperature(value: str | float) -> float:
    """The card's temperature; a negative one would swap the classes, 0 or NaN undo the answer."""
    temperature = float(value)
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature is {temperature}, not a finite number above 0")
    return temperature


def _network(architecture: dict[str, Any]) -> EvidenceNet:
    """The untrained network; KeyError where the card's architecture lacks a field."""
    return build_network(str(architecture["name"]), dict(architecture["settings"]))


def _try_out(network: EvidenceNet, card: ModelCard, preprocessing: Preprocessing) -> None:
    """One pass over a grey image: WeightsError unless it gives a number for each class."""
    shape = (1, preprocessing.size, preprocessing.size)
    if card.input_shape != shape:
        raise WeightsError(
            f"The card of {card.id!r} has the input shape {card.input_shape}, "
            f"its preprocessing makes {shape}."
        )
    try:
        with torch.inference_mode():
            logits = network(torch.full((1, *shape), 0.5))
    except (RuntimeError, TypeError) as error:
        raise WeightsError(f"The network of {card.id!r} cannot be run: {error}.") from error
    if logits.shape != (1, len(card.classes)):
        raise WeightsError(
            f"The card of {card.id!r} names {len(card.classes)} classes, "
            f"its network has {logits.shape[-1]} outputs."
        )
    if not bool(torch.isfinite(logits).all()):
        raise WeightsError(f"The network of {card.id!r} gives no finite numbers.")


def _film(case: Case) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """The case's (H, W) pixels; InputError when it is no image."""
    if not isinstance(case.payload, ImagePayload):
        raise InputError(f"The X-ray model takes images, not {case.modality} cases.")
    return case.payload.pixels

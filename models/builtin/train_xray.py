"""Train the built-in X-ray model and write its weights and card.

python -m models.builtin.train_xray --data ../shared/data/xray              trains, fits, measures,
writes both python -m models.builtin.train_xray --data ../shared/data/xray --evaluate   measures
the shipped weights, rewrites
                                                                            the card's figures
Add --checkpoint FILE to keep the averaged weights after each epoch, and --weights FILE to start
from such a file instead of training.
"""

import argparse
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save
from scipy.special import expit
from torch import Tensor

from models.builtin.fit_check import fit_check, fit_limits
from models.builtin.xray_card import Calibration, Figures, card_document, write_card
from models.builtin.xray_check_rates import check_rates
from models.builtin.xray_data import Films, read_films
from models.builtin.xray_metrics import (
    Floats,
    fit_calibration,
    fit_operating_point,
    measure_groups,
    source_weights,
)
from models.builtin.xray_training import Recipe, train
from models.image_classifier import CHECK_PREFIX, load_image_classifier
from models.input_check import FilmCheck, pooled
from models.networks import EvidenceNet
from models.preprocess import Preprocessing, equalise
from models.weights import CARD_NAME, WEIGHTS_NAME, read_card, sha256_of

FOLDER: Final = Path(__file__).parent / "xray"
SPLITS: Final = ("train", "val", "test")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """One split as the network sees it.

    Attributes:
        films: The split.
        inputs: (N, 1, S, S) equalised.
        features: (N, D) pooled last maps.
        odds: (N,) log-odds of pneumonia before calibration.
    """

    films: Films
    inputs: Tensor
    features: Tensor
    odds: Floats

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


def calibrate(val: Encoded) -> Calibration:
    """Temperature, offset and operating point from the validation split."""
    labels = val.films.labels.double().numpy()
    weights = source_weights(val.films.rows)
    temperature, offset = fit_calibration(labels, val.odds, weights)
    probabilities = expit((val.odds + offset) / temperature)
    return Calibration(
        temperature=round(temperature, 4),
        offset=round(offset, 4),
        operating_point=round(fit_operating_point(labels, probabilities, weights), 4),
    )


def finish(network: EvidenceNet, recipe: Recipe, data: Path) -> None:
    """Calibrate, fit the input check, write weights and card."""
    splits = encode_splits(data, network)
    calibration = calibrate(splits["val"])
    fitted, val = splits["train"], splits["val"]
    check = fit_check(fitted.inputs, fitted.features, fitted.sources)
    limits = fit_limits(
        check,
        torch.cat([fitted.inputs, val.inputs]),
        torch.cat([fitted.features, val.features]),
        fitted.sources + val.sources,
    )
    network.offset.fill_(calibration.offset)
    for split in splits.values():
        split.odds[:] += calibration.offset
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    tensors |= {CHECK_PREFIX + name: value for name, value in check.tensors().items()}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / WEIGHTS_NAME).write_bytes(save(tensors))
    check = FilmCheck.from_tensors(check.tensors(), limits)
    write(network, splits, check, calibration, recipe, data)


def write(
    network: EvidenceNet,
    splits: dict[str, Encoded],
    check: FilmCheck,
    calibration: Calibration,
    recipe: Recipe,
    data: Path,
) -> None:
    """Measure and write the card; a localisation table of the same weights is kept.

    Args:
        network: With the offset in its weights.
        splits: Encoded by it.
        check: With its limits.
        calibration: See Calibration.
        recipe: Of the training.
        data: Folder of the data set.
    """
    test = splits["test"]
    sha256 = sha256_of(FOLDER / WEIGHTS_NAME)
    rates = check_rates(check, network, _by_source(test), data / "localisation" / "images")
    figures = Figures(
        sha256=sha256,
        recipe=recipe,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        calibration=calibration,
        films={name: len(split.films.rows) for name, split in splits.items()},
        check={"limits": dict(check.limits), **rates},
        metrics=measure_groups(
            test.films.rows,
            expit(test.odds / calibration.temperature),
            calibration.operating_point,
        ),
        localisation=_kept_localisation(sha256),
    )
    write_card(card_document(figures, Preprocessing()), FOLDER / CARD_NAME)
    sys.stdout.write(f"wrote {FOLDER / CARD_NAME}\n")


def _by_source(split: Encoded) -> dict[str, Tensor]:
    """The split's inputs by source."""
    names = sorted(set(split.sources))
    return {
        f"{name}, test": split.inputs[torch.tensor([s == name for s in split.sources])]
        for name in names
    }


def _kept_localisation(sha256: str) -> dict[str, Any] | None:
    """The localisation table of the present card if it belongs to these weights."""
    path = FOLDER / CARD_NAME
    if not path.exists():
        return None
    card = read_card(path)
    table: dict[str, Any] | None = card.document.get("localisation")
    return table if card.weights_sha256 == sha256 else None


def evaluate(data: Path) -> None:
    """Measure the shipped weights again and rewrite the card's figures."""
    adapter = load_image_classifier(FOLDER, torch.device("cpu"))
    if adapter.check is None:
        raise SystemExit("The shipped weights hold no input check.")
    document = adapter.card.document
    calibration = Calibration(
        temperature=document["temperature"],
        offset=document["calibration"]["offset"],
        operating_point=document["operating_point"],
    )
    write(
        adapter.network,
        encode_splits(data, adapter.network),
        adapter.check,
        calibration,
        Recipe(**document["training"]["recipe"]),
        data,
    )


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--evaluate", action="store_true", help="measure only")
    parser.add_argument("--checkpoint", type=Path, help="weights after each epoch")
    parser.add_argument("--weights", type=Path, help="finish these weights instead of training")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.evaluate:
        evaluate(options.data)
        return
    # One thread: sums come out the same on every machine, and small batches cost half as much.
    torch.set_num_threads(1)
    recipe = Recipe()
    if options.weights:
        network = EvidenceNet()
        network.load_state_dict(load_file(options.weights))
    else:
        films = read_films(options.data, "train")
        network = train(films, Preprocessing(), recipe, checkpoint=options.checkpoint)
    finish(network.to(memory_format=torch.contiguous_format).eval(), recipe, options.data)


if __name__ == "__main__":
    main()

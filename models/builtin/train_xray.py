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
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from safetensors.torch import load_file, save
from scipy.special import expit
from torch import Tensor

from models.builtin.fit_check import fit_check, fit_limits
from models.builtin.xray_card import Calibration, Figures, card_document, write_card
from models.builtin.xray_check_rates import check_rates
from models.builtin.xray_data import read_films
from models.builtin.xray_encoded import Encoded, encode_splits, pasted_split
from models.builtin.xray_metrics import (
    fit_calibration,
    fit_operating_point,
    measure_groups,
    source_weights,
)
from models.builtin.xray_training import Recipe, train
from models.image_classifier import CHECK_PREFIX, load_image_classifier
from models.input_check import FilmCheck
from models.networks import EvidenceNet
from models.preprocess import Preprocessing
from models.weights import CARD_NAME, WEIGHTS_NAME, read_card, sha256_of

FOLDER: Final = Path(__file__).parent / "xray"


class Shipped(NamedTuple):
    """What is written: the network with its offset, the fitted check, and what goes on the card."""

    network: EvidenceNet
    check: FilmCheck
    calibration: Calibration
    recipe: Recipe
    localisation: dict[str, Any] | None


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
    network.offset.fill_(calibration.offset)
    for split in splits.values():
        split.odds[:] += calibration.offset
    check = fit_film_check(splits, network)
    localisation = _kept_localisation(network)
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    tensors |= {CHECK_PREFIX + name: value for name, value in check.tensors().items()}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / WEIGHTS_NAME).write_bytes(save(tensors))
    write(Shipped(network, check, calibration, recipe, localisation), splits, data)


def fit_film_check(splits: dict[str, Encoded], network: EvidenceNet) -> FilmCheck:
    """Fit the input check on the training films, and on its normal films with opacities pasted.

    Disease must not be taken for another kind of picture: the network's features answer strongly to
    opacities, of which the training films show few kinds.
    """
    fitted, val = splits["train"], splits["val"]
    pasted = pasted_split(fitted, network)
    check = fit_check(
        torch.cat([fitted.inputs, pasted.inputs]),
        torch.cat([fitted.features, pasted.features]),
        fitted.sources + [f"{source}, pasted" for source in pasted.sources],
    )
    limits = fit_limits(
        check,
        torch.cat([fitted.inputs, val.inputs]),
        torch.cat([fitted.features, val.features]),
        fitted.sources + val.sources,
    )
    return FilmCheck.from_tensors(check.tensors(), limits)


def write(shipped: Shipped, splits: dict[str, Encoded], data: Path) -> None:
    """Measure the shipped weights on the test split and write their card."""
    test, calibration = splits["test"], shipped.calibration
    network, check = shipped.network, shipped.check
    rates = check_rates(check, network, _by_source(test), data / "localisation" / "images")
    figures = Figures(
        sha256=sha256_of(FOLDER / WEIGHTS_NAME),
        recipe=shipped.recipe,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        calibration=calibration,
        films={name: len(split.films.rows) for name, split in splits.items()},
        check={"limits": dict(check.limits), **rates},
        metrics=measure_groups(
            test.films.rows,
            expit(test.odds / calibration.temperature),
            calibration.operating_point,
        ),
        localisation=shipped.localisation,
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


def _kept_localisation(network: EvidenceNet) -> dict[str, Any] | None:
    """The present card's localisation table, if it was measured on the same network."""
    path = FOLDER / WEIGHTS_NAME
    if not path.exists() or not (FOLDER / CARD_NAME).exists():
        return None
    before, now = load_file(path), network.state_dict()
    same = all(name in before and torch.equal(before[name], value) for name, value in now.items())
    table: dict[str, Any] | None = read_card(FOLDER / CARD_NAME).document.get("localisation")
    return table if same else None


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
    recipe = Recipe(**document["training"]["recipe"])
    shipped = Shipped(adapter.network, adapter.check, calibration, recipe, document["localisation"])
    write(shipped, encode_splits(data, adapter.network), data)


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

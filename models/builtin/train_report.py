"""Train the built-in model of chest X-ray reports and write its folder.

pip download torchxrayvision==1.5.7 --no-deps
python -m models.builtin.train_report --wheel torchxrayvision-1.5.7-py3-none-any.whl
    trains, calibrates, measures, writes models/builtin/report
python -m models.builtin.train_report --wheel torchxrayvision-1.5.7-py3-none-any.whl --evaluate
    measures the shipped weights again and rewrites the card's figures
"""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import yaml
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

from models.builtin.report_card import WORDS, Fitted, card_document, write_card
from models.builtin.report_check import check_rates, fit_check
from models.builtin.report_data import Report, findings_of, read_reports, split_reports
from models.builtin.report_labels import TAGS
from models.builtin.report_metrics import (
    fit_calibrations,
    fit_operating_points,
    masked_figures,
    measure,
    probe,
    score,
)
from models.builtin.report_recipe import Recipe
from models.builtin.report_tokens import MASK, PAD, train_tokenizer
from models.builtin.report_training import train
from models.card import ModelCard
from models.text_check import CHECK_NAME
from models.text_classifier import TextClassifier, load_text_classifier
from models.text_folder import TextTokenizer
from models.weights import CARD_NAME

FOLDER: Final = Path(__file__).parent / "report"
Splits = Mapping[str, Sequence[Report]]


def build(
    splits: Splits, classes: tuple[str, ...], recipe: Recipe, folder: Path,
    start: Path | None = None, done: int = 0,
) -> None:  # fmt: skip
    """Train, calibrate, fit the check and write everything but the figures of the test split."""
    columns = [list(TAGS).index(name) for name in classes]
    labels = np.stack([report.labels for report in splits["train"]])[:, columns]
    texts = [text for report in splits["train"] for text in (report.text, report.history)]
    tokenizer = train_tokenizer(texts)
    begun = None if start is None else BertForSequenceClassification.from_pretrained(start)
    network = train(splits["train"], labels, classes, tokenizer, recipe, begun, done)
    model = _adapter(network, tokenizer, classes, recipe)
    fitted = fit_calibrations(score(model, splits["val"]))
    temperatures = [round(temperature, 4) for temperature, _ in fitted]
    offsets = [round(offset, 4) for _, offset in fitted]
    fold(network, temperatures, offsets)
    points = fit_operating_points(score(model, splits["val"]))
    check = fit_check(model, splits["train"], splits["val"])
    folder.mkdir(exist_ok=True, parents=True)
    network.save_pretrained(folder)
    _shown(tokenizer, recipe).save_pretrained(folder)
    save_file({"surprises": check.surprises}, folder / CHECK_NAME)
    found = Fitted(
        classes=classes,
        recipe=recipe,
        parameters=sum(p.numel() for p in network.parameters()),
        vocabulary=tokenizer.get_vocab_size(),
        temperatures=temperatures,
        offsets=offsets,
        operating_points=dict(zip(classes, [round(p, 4) for p in points], strict=True)),
        check=check,
    )
    write_card(card_document(folder, found, splits, {}), folder / CARD_NAME)


def fold(
    network: BertForSequenceClassification, temperatures: Sequence[float], offsets: Sequence[float]
) -> None:
    """Make the last layer give calibrated log-odds, (logits + offset) / temperature."""
    scale = 1 / torch.tensor(temperatures)
    with torch.no_grad():
        network.classifier.weight.mul_(scale[:, None])
        network.classifier.bias.add_(torch.tensor(offsets)).mul_(scale)


def evaluate(splits: Splits, folder: Path) -> None:
    """Measure the shipped weights on the test split and put the figures on their card."""
    model = load_text_classifier(folder, torch.device("cpu"))
    document = model.card.document
    points = document["operating_points"]
    test = splits["test"]
    measured: dict[str, dict[str, Any]] = {
        "metrics": measure(score(model, test), model.card.classes, points),
        "probes": probe(model, points),
        "robustness": {"mean_auroc": masked_figures(model, test)},
        "input_check": check_rates(model, test),
    }
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    for section, figures in measured.items():
        document[section] = {**document[section], **words[section], **figures}
    write_card(document, folder / CARD_NAME)
    sys.stdout.write(f"wrote {folder / CARD_NAME}\n")


def _adapter(
    network: BertForSequenceClassification, tokenizer: Tokenizer, classes: tuple[str, ...],
    recipe: Recipe,
) -> TextClassifier:  # fmt: skip
    """The network as the page will see it, before there is a folder."""
    card = ModelCard(
        id="report",
        title="",
        modality="text",
        classes=classes,
        head="sigmoid",
        input_shape=(recipe.most_tokens,),
        weights_sha256="",
        capabilities=frozenset(),
        default_target=classes[0],
        operating_point=0.5,
        intended_use="",
        limits=(),
    )
    tokenizer.encode_special_tokens = True
    frozen: Any = network.requires_grad_(requires_grad=False)
    return TextClassifier(
        card=card,
        network=frozen.eval(),
        tokenizer=TextTokenizer(backend=tokenizer, mask_id=MASK, pad_id=PAD),
        check=None,
        device=torch.device("cpu"),
    )


def _shown(tokenizer: Tokenizer, recipe: Recipe) -> PreTrainedTokenizerFast:
    """The tokenizer with the names that transformers looks for."""
    kind: Any = PreTrainedTokenizerFast
    named: PreTrainedTokenizerFast = kind(
        tokenizer_object=tokenizer,
        model_max_length=recipe.most_tokens,
        pad_token="[PAD]",  # noqa: S106 - no passwords
        unk_token="[UNK]",  # noqa: S106
        cls_token="[CLS]",  # noqa: S106
        sep_token="[SEP]",  # noqa: S106
        mask_token="[MASK]",  # noqa: S106
    )
    return named


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wheel", type=Path, required=True, help="the torchxrayvision wheel")
    parser.add_argument("--evaluate", action="store_true", help="measure only")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the model is written")
    parser.add_argument("--start", type=Path, help="folder that earlier rounds left")
    parser.add_argument("--done", type=int, default=1, help="how many rounds --start had")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    # One thread: sums come out the same on every machine.
    torch.set_num_threads(1)
    reports = read_reports(options.wheel)
    splits = split_reports(reports)
    if not options.evaluate:
        done = options.done if options.start else 0
        build(splits, findings_of(reports), Recipe(), options.folder, options.start, done)
    evaluate(splits, options.folder)


if __name__ == "__main__":
    main()

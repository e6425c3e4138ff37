"""What a file is, which model is asked, and what: before anything is computed."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from explainers import cli_options
from explainers.cli_choice import chosen_model, guessed, request_for
from explainers.cli_options import Options
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.report import default_request
from models.card import ModelCard
from models.case import Modality
from models.catalog import catalog
from models.errors import InputError, ModelError
from tests import cases, reports

CARDS: dict[str, ModelCard] = {
    "films": reports.report().model,
    "records": cases.record_report().model,
    "texts": cases.text_report().model,
}
BYTES = {
    "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
    "dicom": b"\0" * 128 + b"DICM" + b"\0" * 20,
    "pdf": b"%PDF-1.7\n",
    "words": b"age,grade\n54,2\n",
    "none": b"",
}


def options(*given: str) -> Options:
    parsed: Namespace = cli_options.parser().parse_args(given)
    return Options(**vars(parsed))


@pytest.mark.parametrize(
    ("content", "name", "modality"),
    [
        ("png", "scan", "image"),
        ("png", "scan.csv", "image"),  # the content decides
        ("dicom", "IM0001", "image"),
        ("pdf", "report.txt", "text"),
        ("words", "women.csv", "tabular"),
        ("words", "women.JSON", "tabular"),
        ("words", "women.tsv", "tabular"),
        ("words", "report.txt", "text"),
        ("words", "report.DOCX", "text"),
        ("words", "film.dcm", "image"),  # and is refused there, in a sentence about films
        ("none", "empty.png", "image"),
    ],
)
def test_what_a_file_is_its_content_tells_or_else_its_name(
    content: str, name: str, modality: Modality, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(BYTES[content])
    assert guessed(path) == modality


def test_where_neither_tells_the_user_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(BYTES["words"])
    with pytest.raises(InputError, match=r"--modality image, tabular or text"):
        guessed(path)


def test_a_named_model_settles_what_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "notes"  # nobody looks at it
    assert chosen_model(options("--model", "texts"), path, CARDS) == "texts"
    assert chosen_model(options("--modality", "tabular"), path, CARDS) == "records"


def test_among_several_models_one_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "women.csv"
    path.write_bytes(BYTES["words"])
    assert chosen_model(options(), path, CARDS) == "records"
    more = {**CARDS, "others": CARDS["records"]}
    with pytest.raises(ModelError, match="Choose by --model"):
        chosen_model(options(), path, more)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--model", "records", "--frame", "1"), "--frame is for images, but this is a table"),
        (("--model", "texts", "--window", "1"), "--window is for images, but this is a text"),
        (("--model", "films", "--row", "1"), "--row is for tables, but this is an image"),
        (("--model", "records", "--start-word", "1"), "--start-word is for texts"),
        (("--model", "texts", "--players", "9"), "--players is for images and tables"),
    ],
)
def test_options_of_other_modalities_are_refused(given: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        chosen_model(options(*given), Path("unread"), CARDS)


def built_in() -> Iterator[ModelCard]:
    yield from (*CARDS.values(), *catalog().values())


def test_without_options_the_request_is_the_page_s() -> None:
    for card in built_in():
        assert request_for(options(), card) == default_request(card)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_each_modality_has_its_own_baselines_and_cuts(card: ModelCard) -> None:
    for option, field, known in (
        ("--baseline", "baseline", BASELINES_OF),
        ("--regions", "players", PLAYERS_OF),
    ):
        for modality, names in known.items():
            for name in names:
                if modality == card.modality:
                    assert getattr(request_for(options(option, name), card), field) == name
                else:
                    with pytest.raises(InputError, match=f"{option} '{name}' does not exist"):
                        request_for(options(option, name), card)

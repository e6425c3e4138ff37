"""What the command line understands. No torch."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, get_args

from explainers.explanation import Scale
from explainers.maskers.names import ImageBaseline, Segmentation
from explainers.report import ConsultRequest
from explainers.superpixels import MAX_PLAYERS, MIN_PLAYERS
from models.case import Modality
from models.errors import InputError

MAX_BUDGET: Final = 50_000
DEFAULTS: Final = ConsultRequest()
STATUSES: Final = """\
exit status:
  0    everything asked for was answered
  2    nothing was computed, or no method could answer; one sentence on stderr says why
  3    some methods answered, others failed; all that was found is written, with the reasons
  130  stopped by Ctrl-C
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line, typed; field names are option names."""

    file: Path | None
    model: str | None
    modality: Modality
    target: str | None
    contrast: str | None
    methods: tuple[str, ...]
    budget: int
    seed: int
    players: int
    regions: Segmentation
    baseline: ImageBaseline
    scale: Scale
    frame: int | None
    window: int | None
    row: int | None
    out: Path | None
    csv: Path | None
    html: Path | None
    maps: bool
    list_models: bool
    list_methods: bool


class _Parser(argparse.ArgumentParser):
    """argparse whose complaints are one sentence, like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise InputError(f"{message[:1].upper()}{message[1:]}.", "See: python -m explainers --help")


def parser() -> argparse.ArgumentParser:
    """Every option; defaults are those of the page."""
    made = _Parser(
        prog="python -m explainers",
        description="Explain one prediction by several methods and say where they agree. "
        "Not for diagnosis.",
        allow_abbrev=False,
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("file", type=Path, nargs="?", metavar="FILE", help="radiograph: PNG, JPEG, TIFF or DICOM")
    add("--model", metavar="ID", help="see --list-models; may be left out when only one fits")
    add("--modality", choices=["image"], default="image", help="what FILE is (default: image)")
    _add_request(made)
    add("--frame", type=_whole(0, 10**6), metavar="N", help="frame of a file of several, from 0")
    add("--window", type=_whole(0, 10**3), metavar="N", help="grey-scale window on offer, from 0")
    add("--row", type=_whole(0, 10**9), metavar="N", help="row of a table; not for images")
    add("--out", type=Path, metavar="report.json", help="write the whole report")
    add("--csv", type=Path, metavar="regions.csv", help="write one row a region")
    add("--html", type=Path, metavar="report.html", help="write a page that opens offline")
    add("--maps", action="store_true", help="put pixel maps into --out (they show outlines)")
    add("--list-models", action="store_true", help="list the models and stop")
    add("--list-methods", action="store_true", help="list the methods and stop")
    return made


def _add_request(made: argparse.ArgumentParser) -> None:
    """The options that decide the result; see ConsultRequest."""
    add = made.add_argument
    add("--target", metavar="NAME", help="class to explain (default: the model's)")
    add("--contrast", metavar="NAME", help="class to compare the target with")
    add(
        "--methods",
        type=_names,
        metavar="A,B,C",
        default=DEFAULTS.methods,
        help=f"see --list-methods (default: {','.join(DEFAULTS.methods)})",
    )
    whole: list[tuple[str, int, int, int, str]] = [
        ("--budget", 1, MAX_BUDGET, DEFAULTS.budget, "model runs allowed for each method"),
        ("--seed", 0, 2**63 - 1, DEFAULTS.seed, "the one seed"),
        ("--players", MIN_PLAYERS, MAX_PLAYERS, DEFAULTS.n_players, "about how many regions"),
    ]
    for name, low, high, default, text in whole:
        add(
            name,
            type=_whole(low, high),
            metavar="N",
            default=default,
            help=f"{text} (default: {default:,})",
        )
    closed: list[tuple[str, tuple[str, ...], str, str]] = [
        ("--regions", get_args(Segmentation), DEFAULTS.players, "how the image is cut"),
        ("--baseline", get_args(ImageBaseline), DEFAULTS.baseline, "what hidden regions show"),
        ("--scale", get_args(Scale), DEFAULTS.scale, "what is explained"),
    ]
    for name, choices, chosen, text in closed:
        add(name, choices=choices, default=chosen, help=f"{text} (default: {chosen})")


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers in [low, high]."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:20]) <= high):
            raise argparse.ArgumentTypeError(
                f"{text[:30]!r} is not a whole number from {low:,} to {high:,}"
            )
        return int(text)

    return parse


def _names(text: str) -> tuple[str, ...]:
    """Comma-separated ids, each once."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise argparse.ArgumentTypeError("no method is named")
    return names

"""What the command line understands. No torch."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, get_args

from explainers.explanation import Scale
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.outlook import STOPS, Stop
from explainers.report import BUDGET_OF, ConsultRequest
from explainers.superpixels import MAX_PLAYERS, MIN_PLAYERS
from models.case import Modality
from models.errors import InputError

MAX_BUDGET: Final = 5_000_000
DEFAULTS: Final = ConsultRequest()
KINDS: Final[Mapping[Modality, str]] = {"image": "images", "tabular": "tables", "text": "texts"}
STATUSES: Final = """\
exit status:
  0    everything asked for was answered
  2    nothing was computed, or no method could answer; one sentence on stderr says why
  3    some methods answered, others failed; all that was found is written, with the reasons
  130  stopped by Ctrl-C
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line, typed; field names are option names, None where nothing was said."""

    file: Path | None
    model: str | None
    modality: Modality | None
    target: str | None
    contrast: str | None
    methods: tuple[str, ...] | None
    budget: int | None
    seed: int
    players: int | None
    regions: str | None
    baseline: str | None
    scale: Scale
    frame: int | None
    window: int | None
    row: int | None
    start_word: int | None
    out: Path | None
    csv: Path | None
    html: Path | None
    maps: bool
    quick: bool
    details: bool
    stop: Stop
    decide: bool
    ask: tuple[str, ...]
    compare: Path | None
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
    add(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="radiograph (PNG, JPEG, TIFF, DICOM), table (CSV, JSON) or text (.txt, .docx, PDF)",
    )
    add("--model", metavar="ID", help="see --list-models; may be left out when only one fits")
    add(
        "--modality",
        choices=get_args(Modality),
        help="what FILE is (default: what the model takes, else what FILE looks like)",
    )
    _add_request(made)
    _add_reading(made)
    add("--out", type=Path, metavar="report.json", help="write the whole report")
    add("--csv", type=Path, metavar="parts.csv", help="write one row a region, feature or word")
    add("--html", type=Path, metavar="report.html", help="write a page that opens offline")
    add("--maps", action="store_true", help="put maps finer than the parts into --out")
    _add_steps(made)
    add("--list-models", action="store_true", help="list the models and stop")
    add("--list-methods", action="store_true", help="list the methods and stop")
    return made


def options_of(argv: Sequence[str]) -> Options:
    """Read a command line.

    Raises:
        InputError: it says something that does not exist.
    """
    given = vars(parser().parse_args(argv))
    return Options(**{**given, "ask": tuple(given["ask"])})


def _add_request(made: argparse.ArgumentParser) -> None:
    """The options that decide the result; see ConsultRequest."""
    add = made.add_argument
    add("--target", metavar="NAME", help="class to explain (default: the model's)")
    add("--contrast", metavar="NAME", help="class to compare the target with")
    add(
        "--methods",
        type=_names,
        metavar="A,B,C",
        help="see --list-methods (default: one of each family that fits the model)",
    )
    budgets = ", ".join(f"{budget:,} for {KINDS[kind]}" for kind, budget in BUDGET_OF.items())
    add(
        "--budget",
        type=_whole(1, MAX_BUDGET),
        metavar="N",
        help=f"model runs allowed for each method (default: {budgets})",
    )
    add(
        "--seed",
        type=_whole(0, 2**63 - 1),
        metavar="N",
        default=DEFAULTS.seed,
        help=f"the one seed (default: {DEFAULTS.seed})",
    )
    add(
        "--players",
        type=_whole(MIN_PLAYERS, MAX_PLAYERS),
        metavar="N",
        help="about how many regions of an image, or groups of a table at most "
        f"(default: {DEFAULTS.n_players})",
    )
    add("--regions", metavar="WAY", help=f"how FILE is cut: {_choices(PLAYERS_OF)}")
    add("--baseline", metavar="NAME", help=f"what hidden parts show: {_choices(BASELINES_OF)}")
    add(
        "--scale",
        choices=get_args(Scale),
        default=DEFAULTS.scale,
        help=f"what is explained (default: {DEFAULTS.scale})",
    )


def _add_steps(made: argparse.ArgumentParser) -> None:
    """The options about what is done once the methods have answered."""
    add = made.add_argument
    add("--quick", action="store_true", help="compare the methods only; do not ask the model")
    add("--details", action="store_true", help="print all that was found, not one screen of it")
    add(
        "--stop",
        choices=[name for name in STOPS if name != "spent"],
        default="spent",
        metavar="WHEN",
        help="end early: decided (as soon as everything is decided), or after '5 s', '15 s', "
        "'60 s'; verdicts are then judged more strictly",
    )
    add("--decide", action="store_true", help="spend more model runs where verdicts are undecided")
    add(
        "--ask",
        action="append",
        default=[],
        metavar="PART",
        help="hide this part too and see what the model does: a name or number, words of a text; "
        "several joined by ' + '; may be given more than once",
    )
    add("--compare", type=Path, metavar="other.json", help="say what sets another report apart")


def _add_reading(made: argparse.ArgumentParser) -> None:
    """The options that say what of a file is meant."""
    add = made.add_argument
    add("--frame", type=_whole(0, 10**6), metavar="N", help="frame of a file of several, from 0")
    add("--window", type=_whole(0, 10**3), metavar="N", help="grey-scale window on offer, from 0")
    add("--row", type=_whole(1, 10**9), metavar="N", help="record of a table, from 1")
    add(
        "--start-word",
        type=_whole(1, 10**6),
        metavar="N",
        help="first word of a long text that the model reads, from 1",
    )


def _choices(known: Mapping[Modality, Iterable[str]]) -> str:
    """The names on offer for each modality; the first of each is the default."""
    return "; ".join(f"{', '.join(names)} ({KINDS[kind]})" for kind, names in known.items())


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

"""The command line: what a page does, without a browser.

Exit status: see cli_options.STATUSES. torch is imported only once there is something to compute.
"""

import sys
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from explainers.cli_choice import chosen_model, request_for
from explainers.cli_options import KINDS, Options, options_of
from explainers.cli_reading import read_case
from explainers.explanation import MethodCard
from explainers.report import EvidenceReport
from explainers.report_csv import regions_csv
from explainers.report_json import to_json
from explainers.summary import summary
from explainers.text_table import aligned
from models.case import Case, Modality
from models.catalog import catalog
from models.errors import (
    ConsiliumError,
    ExplainError,
    FrameChoiceError,
    InputError,
    RowChoiceError,
)

if TYPE_CHECKING:
    from explainers.consult import Event

HtmlExport: TypeAlias = Callable[[EvidenceReport, Case], str]
OK, REFUSED, PARTLY, INTERRUPTED = 0, 2, 3, 130


def main(argv: Sequence[str], *, html: HtmlExport) -> int:
    """Run one command line.

    Args:
        argv: Arguments without the program's name.
        html: Makes the page that --html writes; drawing lives outside this layer.

    Returns:
        The exit status.
    """
    try:
        return _run(options_of(argv), html)
    except FrameChoiceError as error:
        sys.stderr.write(f"{error.message} Name one: --frame 0 to --frame {error.n_frames - 1}.\n")
    except RowChoiceError as error:
        sys.stderr.write(f"{error.message} Name one: --row 1 to --row {error.n_rows}.\n")
    except ConsiliumError as error:
        sys.stderr.write(f"{error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED
    return REFUSED


def _run(options: Options, html: HtmlExport) -> int:
    """List, or consult."""
    if options.list_models:
        models = [
            (model_id, KINDS[card.modality], f"{card.title} ({', '.join(card.classes)})")
            for model_id, card in catalog().items()
        ]
        _say(aligned(models, n_left=3))
        return OK
    if options.list_methods:
        from explainers.methods import METHODS

        methods = [
            (card.id, _kinds(card.modalities), f"{card.title}: {card.assumption}{_needs(card)}")
            for card in (method.card for method in METHODS)
        ]
        _say(aligned(methods, n_left=3))
        return OK
    return _consult(options, html)


def _consult(options: Options, html: HtmlExport) -> int:
    """The one flow: file -> case -> report -> files and summary."""
    path = _input_file(options)
    for output in (options.out, options.csv, options.html):
        _require_place(output, path)
    models = catalog()
    model_id = chosen_model(options, path, models)
    card = models[model_id]
    request = request_for(options, card)
    from explainers.cli_steps import NAMES, further_lines, other_report, whole_report

    other = other_report(options.compare)
    case = read_case(path, options, card)
    report = whole_report(case, models.load(model_id), request, options, _show_progress())
    _write(options.out, lambda: to_json(report, with_maps=options.maps, titles=NAMES))
    _write(options.csv, lambda: regions_csv(report))
    _write(options.html, lambda: html(report, case))
    sys.stdout.write(summary(report, case.payload, titles=NAMES))
    _say(further_lines(report, case, options, other))
    if not report.explanations:
        raise ExplainError("No method could answer.", report.failures[0].reason)
    if not report.failures:
        return OK
    silent = ", ".join(failure.method for failure in report.failures)
    sys.stderr.write(
        f"{len(report.failures)} of {len(request.methods)} methods failed: {silent}.\n"
    )
    return PARTLY


def _kinds(modalities: Container[Modality]) -> str:
    """Modalities in words, in their order."""
    return ", ".join(words for modality, words in KINDS.items() if modality in modalities)


def _needs(card: MethodCard) -> str:
    """What a model must offer, as a sentence; "" where nothing but its output is needed."""
    needs = " and ".join(sorted(card.needs)).replace("_", " ")
    return f" Needs a model with {needs}." if needs else ""


def _say(lines: Iterable[str]) -> None:
    """Lines on stdout."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _input_file(options: Options) -> Path:
    """The file named, refused before anything else is looked at."""
    if options.file is None:
        raise InputError("No file was named.", "See: python -m explainers --help")
    if not options.file.is_file():
        raise InputError(f"{str(options.file)!r} does not exist or is not a file.")
    return options.file


def _require_place(output: Path | None, source: Path) -> None:
    """Refuse an output that cannot be written before anything is computed."""
    if output is None:
        return
    if output.is_dir() or not output.parent.is_dir():
        raise InputError(f"{str(output)!r} cannot be written: no such folder.")
    if output.exists() and output.samefile(source):
        raise InputError(
            f"{str(output)!r} is the file to read and would be overwritten.", "Name another."
        )


def _write(output: Path | None, make: Callable[[], str]) -> None:
    """Write one output, when it was asked for."""
    if output is None:
        return
    try:
        output.write_text(make(), encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{str(output)!r} cannot be written: {error.strerror}.") from error


def _show_progress() -> "Callable[[Event], None]":
    """Model runs done, on one line of a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    from explainers.consult import Progress

    def show(event: "Event") -> None:
        if isinstance(event, Progress):
            line = f"{event.method or 'starting'}: {event.rows:,} of {event.planned:,} model runs"
            sys.stderr.write(f"\r{line:<70}")
            if event.rows >= event.planned:
                sys.stderr.write("\r" + " " * 70 + "\r")

    return show

"""The command line: what a page does, without a browser.

Exit status: see cli_options.STATUSES. torch is imported only once there is something to compute.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from explainers.cli_options import Options, parser
from explainers.report import ConsultRequest, EvidenceReport
from explainers.report_csv import regions_csv
from explainers.report_json import to_json
from explainers.summary import summary
from models.case import Case
from models.catalog import catalog
from models.errors import ConsiliumError, ExplainError, FrameChoiceError, InputError, ModelError
from models.inputs.limits import LIMITS

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
        return _run(Options(**vars(parser().parse_args(argv))), html)
    except FrameChoiceError as error:
        sys.stderr.write(f"{error.message} Name one: --frame 0 to --frame {error.n_frames - 1}.\n")
    except ConsiliumError as error:
        sys.stderr.write(f"{error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return INTERRUPTED
    return REFUSED


def _run(options: Options, html: HtmlExport) -> int:
    """List, or consult."""
    if options.list_models:
        for card in catalog().values():
            classes = ", ".join(card.classes)
            sys.stdout.write(f"{card.id:<22}{card.modality}: {card.title} ({classes})\n")
        return OK
    if options.list_methods:
        from explainers.methods import METHODS

        for method in METHODS:
            sys.stdout.write(f"{method.card.id:<22}{method.card.title}: {method.card.assumption}\n")
        return OK
    return _consult(options, html)


def _consult(options: Options, html: HtmlExport) -> int:
    """The one flow: file -> case -> report -> files and summary."""
    path = _input_file(options)
    model_id = _model_id(options)
    for output in (options.out, options.csv, options.html):
        _require_place(output, path)
    from explainers.consult import consult

    request = _request(options)
    case = _read_case(path, options)
    report = consult(case, catalog().load(model_id), request, on_event=_show_progress())
    _write(options.out, lambda: to_json(report, with_maps=options.maps))
    _write(options.csv, lambda: regions_csv(report))
    _write(options.html, lambda: html(report, case))
    sys.stdout.write(summary(report))
    if not report.explanations:
        raise ExplainError("No method could answer.", report.failures[0].reason)
    if not report.failures:
        return OK
    silent = ", ".join(failure.method for failure in report.failures)
    sys.stderr.write(
        f"{len(report.failures)} of {len(request.methods)} methods failed: {silent}.\n"
    )
    return PARTLY


def _input_file(options: Options) -> Path:
    """The file named, refused before it is read where it cannot be a film."""
    if options.row is not None:
        raise InputError("--row names a row of a table, but an image has none.", "Leave it out.")
    if options.file is None:
        raise InputError("No file was named.", "See: python -m explainers --help")
    if not options.file.is_file():
        raise InputError(f"{str(options.file)!r} does not exist or is not a file.")
    return options.file


def _model_id(options: Options) -> str:
    """The model asked for, or the only one that takes this modality."""
    fitting = [card.id for card in catalog().values() if card.modality == options.modality]
    if options.model is None:
        if len(fitting) == 1:
            return fitting[0]
        raise ModelError("No model was named.", f"Choose by --model: {', '.join(fitting)}.")
    if catalog()[options.model].modality != options.modality:
        raise ModelError(
            f"The model {options.model!r} does not take {options.modality} cases.",
            f"These do: {', '.join(fitting)}.",
        )
    return options.model


def _request(options: Options) -> ConsultRequest:
    """What the page would ask with the same choices."""
    from explainers.methods import methods_named

    return ConsultRequest(
        methods=tuple(method.card.id for method in methods_named(options.methods)),
        target=options.target,
        contrast=options.contrast,
        budget=options.budget,
        seed=options.seed,
        scale=options.scale,
        baseline=options.baseline,
        players=options.regions,
        n_players=options.players,
    )


def _read_case(path: Path, options: Options) -> Case:
    """Decode the file; its size is checked before a byte is read."""
    from models.inputs.image import decode_image

    try:
        LIMITS.check_bytes(path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    case = decode_image(data, name=path.name, frame=options.frame, window=options.window)
    film = case.payload
    _require_offered("--frame", options.frame, found=film.frame_index, count=film.n_frames)
    windows = len(film.window_choices)
    _require_offered("--window", options.window, found=film.window_index, count=windows)
    return case


def _require_offered(option: str, wanted: int | None, *, found: int, count: int) -> None:
    """Refuse a choice that the file does not offer, rather than pass over it in silence."""
    if wanted is not None and (wanted != found or wanted >= count):
        raise InputError(
            f"{option} {wanted} names none of the file's {count} {option[2:]}s.",
            "They are counted from 0." if count else "Leave it out.",
        )


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

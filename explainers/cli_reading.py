"""A named file -> Case, by the decoder of its modality. Decoders are imported when needed."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from explainers.cli_options import Options
from models.card import ModelCard
from models.case import Case, Modality
from models.errors import InputError
from models.inputs.limits import LIMITS

Read: TypeAlias = Callable[[bytes, str, Options, ModelCard], Case]


def read_case(path: Path, options: Options, card: ModelCard) -> Case:
    """Decode the file; its size is checked before a byte is read.

    Raises:
        InputError: it cannot be read, or is not what the model takes; the sentence says why.
    """
    try:
        LIMITS.check_bytes(path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    return _READERS[card.modality](data, path.name, options, card)


def _film(data: bytes, name: str, options: Options, _: ModelCard) -> Case:
    """A radiograph, with the frame and window that were asked for."""
    from models.inputs.image import decode_image

    case = decode_image(data, name=name, frame=options.frame, window=options.window)
    film = case.film
    _require_offered("--frame", options.frame, found=film.frame_index, count=film.n_frames)
    windows = len(film.window_choices)
    _require_offered("--window", options.window, found=film.window_index, count=windows)
    return case


def _record(data: bytes, name: str, options: Options, card: ModelCard) -> Case:
    """One record of a table; the card says which columns it must have."""
    from models.inputs.tabular import decode_table
    from models.table_card import schema_of

    return decode_table(data, name=name, schema=schema_of(card.document), row=options.row)


def _text(data: bytes, name: str, options: Options, _: ModelCard) -> Case:
    """A text, read from the word that was asked for."""
    from models.inputs.text import decode_text

    return decode_text(data, name=name, start_word=(options.start_word or 1) - 1)


_READERS: Final[Mapping[Modality, Read]] = {"image": _film, "tabular": _record, "text": _text}


def _require_offered(option: str, wanted: int | None, *, found: int, count: int) -> None:
    """Refuse a choice that the file does not offer, rather than pass over it in silence."""
    if wanted is not None and (wanted != found or wanted >= count):
        raise InputError(
            f"{option} {wanted} names none of the file's {count} {option[2:]}s.",
            "They are counted from 0." if count else "Leave it out.",
        )

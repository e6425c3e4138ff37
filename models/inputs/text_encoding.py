"""Bytes of a plain text -> text: which encoding, and whether it is text at all."""

import codecs
from typing import Final

from models.errors import DecodeError
from models.inputs.text_document import Document
from models.inputs.text_sniff import ACCEPTED

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TEXT_CONTROLS: Final = b"\t\n\v\f\r\x1b\x85"
_BINARY: Final = bytes(b for b in range(32) if b not in _TEXT_CONTROLS)
_BINARY_CHARACTERS: Final = frozenset(map(chr, _BINARY)) | {"\ufffd"}
_NULS: Final = 0.3  # share of zero bytes at every second place from which it is UTF-16


def read_plain(data: bytes) -> Document:
    """Decode UTF-8, UTF-16 or UTF-32 by its mark or its look, else Windows-1252 with a remark.

    Raises:
        DecodeError: The bytes are no text, or not in the encoding that their mark names.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Document(text=_strictly(data[len(mark) :], encoding))
    unmarked = _utf16_without_mark(data)
    if unmarked is not None:
        return Document(text=unmarked, remarks=("The file was read as UTF-16 without a mark.",))
    if data.translate(None, _BINARY) != data:
        raise DecodeError("The file is binary, not a text.", ACCEPTED)
    try:
        return Document(text=data.decode())
    except UnicodeDecodeError:
        return Document(text=_western(data), remarks=(
            "The file is not in UTF-8 and was read as Windows-1252 (Western European): see that "
            "accented letters are right.",
        ))  # fmt: skip


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DecodeError(
            f"The file is marked as {encoding.upper()[:6].rstrip('-')} but is not.",
            "Save it again as UTF-8.",
        ) from error


def _utf16_without_mark(data: bytes) -> str | None:
    """The text, where every second byte of mostly ASCII letters is zero; None for anything else."""
    even, odd = data[0::2], data[1::2]
    for encoding, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) >= _NULS * len(zeros) and not letters.count(0):
            text = data.decode(encoding, "replace")
            if not set(text) & _BINARY_CHARACTERS:
                return text
    return None


def _western(data: bytes) -> str:
    """Windows-1252, its five unassigned bytes as in Latin-1 (browsers do the same)."""
    return "".join(
        bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data
    )  # fmt: skip

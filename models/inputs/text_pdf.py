"""The text layer of a PDF. Imported by the decoding process alone: the file may be hostile."""

import io
from typing import Final

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from models.errors import DecodeError, TooLargeError
from models.inputs.text_document import Document, DocumentLimits

_PASTE: Final = "Copy the text out of it and paste it instead."


def read(data: bytes, limits: DocumentLimits) -> Document:
    """The text of all pages, a blank line between them.

    Raises:
        DecodeError: Damaged, protected by a password, or without a text layer (a scan).
        TooLargeError: More pages or text than the limits allow.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        _unlock(reader)
        n_pages = len(reader.pages)
    except PyPdfError as error:
        raise DecodeError("The PDF file is damaged and cannot be read.", _PASTE) from error
    if n_pages > limits.max_pages:
        raise TooLargeError(
            f"The PDF has {n_pages:,} pages; at most {limits.max_pages:,} are accepted.",
            "Export the pages of the report alone.",
        )
    pages = _pages(reader, limits)
    text = "\n\n".join(page for page in pages if page.strip())
    if not text:
        raise DecodeError(
            "The PDF holds no text layer: it is probably a scan.",
            "Have its text recognised first, or type it.",
        )
    return Document(text=text, remarks=_remarks(pages))


def _unlock(reader: PdfReader) -> None:
    """Files that only restrict printing open without a password; DecodeError for others."""
    if not reader.is_encrypted:
        return
    try:
        opened = bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        opened = False
    if not opened:
        raise DecodeError("The PDF is encrypted and cannot be read without its password.", _PASTE)


def _pages(reader: PdfReader, limits: DocumentLimits) -> list[str]:
    """Text of each page, as far as the limit on characters goes."""
    pages: list[str] = []
    for page in reader.pages:
        try:
            pages.append(page.extract_text())
        except PyPdfError as error:
            raise DecodeError(
                f"Page {len(pages) + 1} of the PDF is damaged and cannot be read.", _PASTE
            ) from error
        limits.check_characters(sum(map(len, pages)))
    return pages


def _remarks(pages: list[str]) -> tuple[str, ...]:
    empty = [str(number) for number, page in enumerate(pages, 1) if not page.strip()]
    if not empty:
        return ()
    noun = "Page" if len(empty) == 1 else "Pages"
    return (f"{noun} {', '.join(empty)} of the PDF had no text layer and were left out.",)

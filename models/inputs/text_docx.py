"""The text of a .docx. Imported by the decoding process alone: the file may be hostile."""

import io
import zipfile
from collections.abc import Iterator
from typing import Final

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from models.errors import DecodeError, TooLargeError
from models.inputs.limits import MIB
from models.inputs.text_document import Document, DocumentLimits

_PARAGRAPH: Final = qn("w:p")
_TEXT: Final = qn("w:t")
_BREAKS: Final = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n",
                  qn("w:noBreakHyphen"): "-"}  # fmt: skip
# The older twin of a text box beside the one that is read.
_TWIN: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PLACES: Final = frozenset({qn("w:tabs")})  # where tabs stop, not tabs
_NO_DOCX: Final = "Save it as .docx again, or copy the text out of it and paste it instead."


def read(data: bytes, limits: DocumentLimits) -> Document:
    """Paragraphs of the body in their order, those of tables and text boxes among them.

    Inserted text counts, deleted text does not; headers, footers, notes and comments are not read.

    Raises:
        DecodeError: Not a .docx, damaged, or without text.
        TooLargeError: Unpacks to more than the limits allow.
    """
    _check_archive(data, limits)
    try:
        body = docx.Document(io.BytesIO(data)).element.body
    except (OpcError, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise DecodeError(
            "The file is a ZIP archive but no readable Word document (.docx).", _NO_DOCX
        ) from error
    text = "\n".join("".join(_pieces(paragraph)) for paragraph in _paragraphs(body))
    if not text.strip():
        raise DecodeError(
            "The Word document holds no text: perhaps it is a picture of one.", _NO_DOCX
        )
    return Document(text=text)


def _check_archive(data: bytes, limits: DocumentLimits) -> None:
    """Refuse a zip bomb before anything is unpacked; the sizes it states bound what is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DecodeError("The Word document (.docx) is damaged.", _NO_DOCX) from error
    size = sum(part.file_size for part in parts)
    if size > limits.max_inflated or len(parts) > limits.max_parts:
        raise TooLargeError(
            f"The Word document unpacks to {size / MIB:,.0f} MiB in {len(parts):,} parts; at most "
            f"{limits.max_inflated / MIB:,.0f} MiB in {limits.max_parts:,} are accepted.",
            "Copy the text out of it and paste it instead.",
        )


def _paragraphs(element: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """All below an element in their order, those of text boxes behind the one that holds them."""
    for child in element:
        if child.tag == _PARAGRAPH:
            yield child
        if child.tag != _TWIN:
            yield from _paragraphs(child)


def _pieces(element: BaseOxmlElement) -> Iterator[str]:
    """Text below a paragraph; paragraphs inside (of text boxes) come on their own."""
    for child in element:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in _PLACES and child.tag not in (_PARAGRAPH, _TWIN):
            yield from _pieces(child)

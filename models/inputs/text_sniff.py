"""What kind of text file the bytes are; names and extensions are never believed."""

from typing import Final, Literal, TypeAlias

from models.errors import DecodeError

TextKind: TypeAlias = Literal["text", "docx", "pdf"]

TEXT_TITLES: Final[dict[TextKind, str]] = {"text": "text", "docx": "Word (.docx)", "pdf": "PDF"}
ACCEPTED: Final = "Plain text, .docx and PDF files with a text layer are accepted."

_PDF_WITHIN: Final = 1024  # readers accept bytes before the header
_REFUSED: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xd0\xcf\x11\xe0", "a Word file of the old kind (.doc) or a protected Office file"),
    (b"{\\rtf", "a rich-text file (.rtf)"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
)
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def require_text_kind(data: bytes) -> TextKind:
    """What the first bytes announce.

    Raises:
        DecodeError: Nothing that text can be read from; says what it is instead.
    """
    if not data:
        raise DecodeError("The file is empty (zero bytes).", ACCEPTED)
    if data.startswith(_BOMS):
        return "text"
    for magic, words in _REFUSED:
        if data.startswith(magic):
            raise DecodeError(f"The file is {words}.", ACCEPTED)
    if data.startswith(b"PK\x03\x04"):
        return "docx"  # or another archive: its reader tells
    return "pdf" if b"%PDF-" in data[:_PDF_WITHIN] else "text"

"""What a file is, by its first bytes; names and extensions are never believed."""

from typing import Final, Literal, TypeAlias

from models.errors import DecodeError

ImageKind: TypeAlias = Literal["png", "jpeg", "tiff", "dicom"]

TITLES: Final[dict[ImageKind, str]] = {
    "png": "PNG",
    "jpeg": "JPEG",
    "tiff": "TIFF",
    "dicom": "DICOM",
}
ACCEPTED: Final = "PNG, JPEG, TIFF and DICOM are accepted."

_MAGIC: Final[tuple[tuple[int, bytes, ImageKind], ...]] = (
    (128, b"DICM", "dicom"),  # first: the 128 bytes before it may hold anything, even a TIFF header
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
)

_OTHERS: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"PK\x03\x04", "a ZIP archive (or an Office file)"),
    (0, b"PK\x05\x06", "an empty ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"%PDF", "a PDF document"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftyp", "a HEIC picture or a video"),
    (0, b"II+\x00", "a BigTIFF file"),
    (0, b"MM\x00+", "a BigTIFF file"),
    (0, b"\xff\x4f\xff\x51", "a bare JPEG 2000 stream"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 picture"),
    (344, b"n+1\x00", "a NIfTI volume"),
    (0, b"\x08\x00", "a DICOM data set without its file header"),
)


def probe_kind(data: bytes) -> ImageKind | None:
    """The accepted format that the first bytes announce, None for anything else."""
    for offset, magic, kind in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return kind
    return None


def require_kind(data: bytes) -> ImageKind:
    """Like `probe_kind`, but say in a DecodeError what the file is instead."""
    if not data:
        raise DecodeError("The file is empty (zero bytes).", "Export it again.")
    kind = probe_kind(data)
    if kind is None:
        raise DecodeError(f"The file is {_describe(data)}, not a radiograph image.", ACCEPTED)
    return kind


def _describe(data: bytes) -> str:
    """Name a format that is not accepted, in words that carry none of its content."""
    for offset, magic, words in _OTHERS:
        if data[offset : offset + len(magic)] == magic:
            return words
    head = data[:512]
    printable = sum(byte in b"\t\n\r" or 32 <= byte < 127 or byte >= 160 for byte in head)
    if printable == len(head):
        return "a text file"
    return "of an unknown kind"

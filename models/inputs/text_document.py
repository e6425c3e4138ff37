"""What the decoding process is asked about a document and what it answers. Imports no decoder."""

from dataclasses import dataclass
from typing import ClassVar, Final

from models.errors import TooLargeError
from models.inputs.limits import MIB, ProcessLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits(ProcessLimits):
    """Bounds that hold for every text file.

    Attributes:
        max_bytes: Size of the file.
        max_pages: Pages of a PDF.
        max_inflated: Bytes of a .docx after unpacking.
        max_parts: Files packed into a .docx.
        max_characters: Of the text, before anything is made of it.
        max_words: Of the text.
    """

    max_bytes: int = 16 * MIB
    max_pages: int = 200
    max_inflated: int = 64 * MIB
    max_parts: int = 2_000
    max_characters: int = 400_000
    max_words: int = 20_000

    def check_characters(self, n_characters: int) -> None:
        """Refuse a text above `max_characters`."""
        if n_characters > self.max_characters:
            raise TooLargeError(
                f"The text has {n_characters:,} characters; at most {self.max_characters:,} are "
                "accepted.",
                "Give the report alone.",
            )


DOCUMENT_LIMITS: Final = DocumentLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """What the decoding process needs beside the file itself.

    Attributes:
        limits: What decoding may cost.
        instead: What to do with a file that ends its decoding process.
    """

    limits: DocumentLimits = DOCUMENT_LIMITS
    instead: ClassVar[str] = "Copy the text out of it and paste it instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The text of a file.

    Attributes:
        text: As it stands in the file.
        remarks: Sentences about what decoding did or could not tell.
    """

    text: str
    remarks: tuple[str, ...] = ()

"""Text -> Case: the public entries for pasted text and for .txt, .docx and PDF files.

Plain text is read here; the other two in a child process (`sandbox`, `worker`). What is shown and
what the model reads is the text as typed, after Unicode NFC, with line feeds for all line ends
and without invisible characters.
"""

import logging
import re
import unicodedata
from typing import Final

from models.case import Case, TextPayload
from models.errors import InputError, TooLargeError
from models.inputs import sandbox
from models.inputs.text_document import DOCUMENT_LIMITS, DocumentLimits, DocumentRequest
from models.inputs.text_encoding import read_plain
from models.inputs.text_sniff import require_text_kind
from models.inputs.text_words import find_words, number_sentences

__all__ = ["decode_text", "text_case"]

_LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_JOINERS: Final = "\u200c\u200d"  # inside words of some scripts and inside emoji

logger = logging.getLogger(__name__)


def decode_text(
    data: bytes, *, name: str, start_word: int = 0, limits: DocumentLimits = DOCUMENT_LIMITS
) -> Case:
    """Decode one file: plain text, .docx or the text layer of a PDF.

    Args:
        data: The whole file. What it is, its first bytes say, never its name.
        name: As the user knows it; shown again, never sent to the decoder, logged or keyed on.
        start_word: First word that the model shall read, 0-based.
        limits: What decoding may cost.

    Raises:
        DecodeError: Not a readable text; the sentence says why.
        TooLargeError: Over a limit.
        InputError: No word in it, or no word at `start_word`.
    """
    limits.check_bytes(len(data))
    kind = require_text_kind(data)
    if kind == "text":
        document = read_plain(data)
    else:
        document = sandbox.run_document(data, DocumentRequest(limits=limits))
    case = _case(document.text, document.remarks, name=name, start_word=start_word, limits=limits)
    logger.info("decoded kind=%s digest=%s words=%d", kind, case.digest, len(case.document.words))
    return case


def text_case(text: str, *, name: str, start_word: int = 0) -> Case:
    """Make a Case of a text as typed or pasted.

    Args:
        text: 1 character to 20,000 words.
        name: As shown to the user.
        start_word: First word that the model shall read, 0-based.

    Raises:
        TooLargeError: More words or characters than are accepted.
        InputError: No word in it, or no word at `start_word`.
    """
    return _case(text, (), name=name, start_word=start_word, limits=DOCUMENT_LIMITS)


def _case(
    text: str, remarks: tuple[str, ...], *, name: str, start_word: int, limits: DocumentLimits
) -> Case:
    limits.check_characters(len(text))
    shown, more = _visible(text)
    words = find_words(shown)
    if not len(words):
        raise InputError(
            "The text is empty: it holds no word." if not shown.strip() else
            "The text holds no word, only punctuation or symbols.",
            "Paste or type a report.",
        )  # fmt: skip
    if len(words) > limits.max_words:
        raise TooLargeError(
            f"The text has {len(words):,} words; at most {limits.max_words:,} are accepted.",
            "Give the report alone.",
        )
    if not 0 <= start_word < len(words):
        raise InputError(
            f"There is no word {start_word + 1} to begin at: the text has {len(words):,} words.",
            f"Choose a word from 1 to {len(words):,}.",
        )
    payload = TextPayload(
        text=shown,
        words=words,
        sentence_of=number_sentences(shown, words),
        start_word=start_word,
    )
    return Case(
        digest=payload.content_digest(), name=name, payload=payload, remarks=(*remarks, *more)
    )


def _visible(text: str) -> tuple[str, tuple[str, ...]]:
    """The text in NFC without what cannot be seen, and a remark when something was removed."""
    lines = _LINE_ENDS.sub("\n", text)
    kept = [_shown(character) for character in lines]
    removed = kept.count("")
    shown = unicodedata.normalize("NFC", "".join(kept))
    if not removed:
        return shown, ()
    noun = "character was" if removed == 1 else "characters were"
    return shown, (f"{removed:,} invisible {noun} removed.",)


def _shown(character: str) -> str:
    """The character; "" for an invisible one, U+FFFD for half of one (a lone surrogate)."""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    hidden = category in ("Cc", "Cf") and character not in "\n\t" + _JOINERS
    return "" if hidden else character

"""Which part of a text fits a model, and which word each of its tokens belongs to."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.case import TextPayload
from models.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenWindow:
    """The part of a text that a model reads.

    Attributes:
        ids: (L,) int64 tokens, the special ones among them.
        words: (L,) int32 word of the text that each belongs to; -1 for special tokens, punctuation.
        n_words: Words read, from the payload's `start_word` on.
    """

    ids: npt.NDArray[np.int64]
    words: npt.NDArray[np.int32]
    n_words: int


def read_window(document: TextPayload, tokenizer: Tokenizer, most: int) -> TokenWindow:
    """The tokens of the words from `start_word` on, as many words as fit whole.

    A text that fits is read with all that stands before its first and behind its last word; where
    it does not fit, the window runs from the first letter of its first to the last letter of its
    last word.

    Args:
        document: The text.
        tokenizer: One that neither cuts nor pads.
        most: Largest number of tokens, special ones included.

    Raises:
        InputError: not even one word fits.
    """
    start, n_words = document.start_word, len(document.words)
    if n_words - start <= most:  # a word has at least one token
        begin = int(document.words[start, 0]) if start else 0
        found = _tokens(document, tokenizer, begin, len(document.text))
        if len(found.ids) <= most:
            return found
    begin = int(document.words[start, 0])

    def tokens_until(stop: int) -> int:
        return len(_tokens(document, tokenizer, begin, int(document.words[stop - 1, 1])).ids)

    stops = range(start + 1, min(start + most, n_words) + 1)
    fitting = bisect_right(stops, most, key=tokens_until)
    if not fitting:
        raise InputError(
            f"Word {start + 1} of the text is too long for the model, which reads {most} tokens.",
            "Remove it, or begin at another word.",
        )
    return _tokens(document, tokenizer, begin, int(document.words[start + fitting - 1, 1]))


def _tokens(document: TextPayload, tokenizer: Tokenizer, begin: int, end: int) -> TokenWindow:
    """Tokens of the characters [begin, end)."""
    encoding = tokenizer.encode(document.text[begin:end])
    spans = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2) + begin
    special = np.array(encoding.special_tokens_mask, dtype=bool)
    first, last = np.searchsorted(document.words[:, 0], [begin, end])
    return TokenWindow(
        ids=np.array(encoding.ids, dtype=np.int64),
        words=np.where(special, -1, _owners(document.words, spans)).astype(np.int32),
        n_words=int(last - first),
    )


def _owners(words: npt.NDArray[np.int32], spans: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(L,) first word (W, 2) that each span (L, 2) overlaps, -1 = none."""
    nearest = np.searchsorted(words[:, 1], spans[:, 0], side="right")
    starts = words[np.minimum(nearest, len(words) - 1), 0]
    overlaps = (nearest < len(words)) & (starts < spans[:, 1])
    return np.where(overlaps, nearest, -1)

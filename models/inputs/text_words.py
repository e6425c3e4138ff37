"""Where words and sentences stand in a text. Plain rules, stated here, the same for every text.

A word is a run of letters and digits of any script, with the marks that combine with them, and what
holds such runs together inside: a hyphen ("right-sided"), an apostrophe ("don't"), a decimal point
or comma between digits ("3.5", "1,000"). Everything else - punctuation, symbols, emoji, white space
and the underscore - is no word.

A sentence ends
- behind ".", "!" or "?" (and closing quotes or brackets) before white space, unless the period
  belongs to an abbreviation ("vs.", "approx."), a single letter ("J. Smith") or the number of a
  list item that begins a sentence ("1. No effusion");
- at a blank line;
- at a line break, unless the next line begins with a lower-case letter (a wrapped line).
"""

import re
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]

_RUN: Final = "[^\\W_][\u0300-\u036f\ufe20-\ufe2f]*"  # a letter or digit with its marks
_WORD: Final = re.compile(rf"(?:{_RUN})+(?:(?:[-'’‐‑]|(?<=\d)[.,](?=\d))(?:{_RUN})+)*")
_END: Final = re.compile(r"[.!?…]+[\"'”’»)\]]*\s")
_PERIOD: Final = re.compile(r"\.[\"'”’»)\]]*\s")
# Only such as hardly ever end a sentence: "cm." and "lat." often do.
_ABBREVIATIONS: Final = frozenset(
    (
        "approx",
        "ca",
        "cf",
        "dr",
        "drs",
        "fig",
        "figs",
        "incl",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "vs",
    )
)
_LIST_NUMBER: Final = re.compile(r"\d{1,2}")


def find_words(text: str) -> Ints:
    """(W, 2) character offsets [start, stop) of the words, in their order."""
    spans = [match.span() for match in _WORD.finditer(text)]
    return np.array(spans, dtype=np.int32).reshape(-1, 2)


def number_sentences(text: str, words: Ints) -> Ints:
    """(W,) sentence that each word belongs to, from 0 on without a gap."""
    numbers, current, is_first = [0] * len(words), 0, True
    for index in range(1, len(words)):
        (start, stop), following = words[index - 1].tolist(), int(words[index, 0])
        ends = _ends(text[start:stop], text[stop:following], text[following], is_first=is_first)
        current, is_first = current + ends, ends
        numbers[index] = current
    return np.array(numbers, dtype=np.int32)


def _ends(word: str, gap: str, following: str, *, is_first: bool) -> bool:
    """Whether a sentence ends between a word and the next.

    Args:
        word: The word before.
        gap: What stands between the two.
        following: First character of the next word.
        is_first: Whether `word` is the first of its sentence.
    """
    if "\n" in gap and (gap.count("\n") > 1 or not following.islower()):
        return not (is_first and _is_list_number(word, gap))
    if _END.search(gap) is None:
        return False
    if _PERIOD.match(gap) is None:
        return True
    short = word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isalpha())
    return not short and not (is_first and _is_list_number(word, gap))


def _is_list_number(word: str, gap: str) -> bool:
    """Whether a first word counts the items of a list."""
    return _LIST_NUMBER.fullmatch(word) is not None and gap.startswith((".", ")"))

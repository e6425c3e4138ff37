"""Negations in clinical English: which words belong to a "no". Standard library only.

The phrases are those of NegEx that come before what they negate (Chapman et al., J. Biomed. Inform.
34, 2001; list as revised by its authors at github.com/chapmanbe/negex, NegExTerms). Left out: rule
out and test for (they ask, rather than negate), what negates backward ("... is ruled out"), and
"resolved" and "declined", which say more than no.
"""

from collections.abc import Iterator, Sequence
from typing import Final

WINDOW = 5  # words after the phrase that it may negate, as in NegEx 2001
_EVIDENCE: Final = ("evidence", "evidence of", "sign of", "signs of", "suggestion of")
_CUES: Final = (
    *("no", "no new", "no other", "no significant", "no suspicious", "no abnormal", "with no"),
    *(f"{lead} {noun}" for lead in ("no", "without", "without any") for noun in _EVIDENCE),
    *("no new evidence of", "no other evidence of", "no radiographic evidence of"),
    *("no evidence to suggest", "no findings of", "no findings to indicate"),
    *("no cause of", "no complaints of", "without", "without indication of"),
    *("not", "not appear", "not appreciate", "not associated with", "not complain of"),
    *("not demonstrate", "not exhibit", "not feel", "not had", "not have", "not know of"),
    *("not known to have", "not reveal", "not see", "not to be"),
    *("never had", "never developed", "cannot", "cannot see", "denied", "denies", "denying"),
    *("absence of", "free of", "negative for", "unremarkable for", "fails to reveal"),
    "rather than",
)
# They hold a negation and negate no finding.
_PSEUDO: Final = (
    *("no increase", "no change", "no interval change", "no suspicious change"),
    *("no significant change", "no significant interval change", "no definite change"),
    *("not extend", "not cause", "not drain", "not certain if", "not certain whether"),
    *("not necessarily", "not only", "gram negative", "without difficulty"),
)
_ENDS: Final = (
    *("but", "however", "nevertheless", "yet", "though", "although", "still", "except"),
    *("aside from", "apart from", "secondary to"),
)


def _table(phrases: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Phrases as tuples of words."""
    return frozenset(tuple(phrase.split()) for phrase in phrases)


CUES, PSEUDO, ENDS = _table(_CUES), _table(_PSEUDO), _table(_ENDS)
LONGEST = max(len(phrase) for phrase in CUES | PSEUDO | ENDS)


def negations(words: Sequence[str], pauses: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Stretches [start, stop) of a sentence: a negating phrase and the words it negates.

    What is negated ends at a pause, at a conjunction such as "but", at the next negation, or after
    five words. A contraction ("doesn't") reads as "not".

    Args:
        words: Of one sentence, in order.
        pauses: Whether punctuation follows each word.
    """
    words = [word.lower().replace("’", "'") for word in words]
    words = ["not" if word.endswith("n't") else word for word in words]
    at = 0
    while at < len(words):
        skip, cue = _longest(words, at, PSEUDO), _longest(words, at, CUES)
        if skip or not cue:
            at += skip or 1
            continue
        stop = _end(words, pauses, at + cue)
        yield at, stop
        at = stop


def _longest(words: Sequence[str], at: int, phrases: frozenset[tuple[str, ...]]) -> int:
    """Words of the longest of the phrases that stands at this place; 0 for none."""
    lengths = range(min(LONGEST, len(words) - at), 0, -1)
    return next((n for n in lengths if tuple(words[at : at + n]) in phrases), 0)


def _end(words: Sequence[str], pauses: Sequence[bool], start: int) -> int:
    """Where the stretch that a phrase negates ends, the phrase ending before `start`."""
    for at in range(start, min(start + WINDOW, len(words))):
        if pauses[at - 1] or any(_longest(words, at, kind) for kind in (CUES, PSEUDO, ENDS)):
            return at
    return min(start + WINDOW, len(words))

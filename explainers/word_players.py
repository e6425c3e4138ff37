"""Players of a text: words over their tokens, phrases, or sentences. numpy only.

Names carry numbers, never words: a report must not hold the text.
"""

import numpy as np
import numpy.typing as npt

from explainers.maskers.names import TextCut
from explainers.negation import negations
from explainers.players import PlayerKind, Players
from models.case import TextPayload
from models.errors import ExplainError

KINDS: dict[TextCut, PlayerKind] = {"words": "word", "phrases": "phrase", "sentences": "sentence"}
JOINING = "-‐‑/'’"


def word_players(
    payload: TextPayload, token_words: npt.NDArray[np.int32], *, kind: TextCut
) -> Players:
    """Partition the (L,) token positions of a text.

    Args:
        payload: The text.
        token_words: (L,) word of the text behind each token, -1 = none; ascending.
        kind: How words are gathered into players.

    Raises:
        ExplainError: the model reads no word of this text.
    """
    read = np.unique(token_words[token_words >= 0])
    if read.size == 0:
        raise ExplainError(
            "The model reads no word of this text, so there is nothing to explain.",
            "Give it a text of at least one word.",
        )
    owner = _units(payload, read, kind)  # (len(read),) player of each word that is read
    membership = np.full(len(token_words), -1, dtype=np.int32)
    inside = token_words >= 0
    membership[inside] = owner[np.searchsorted(read, token_words[inside])]
    firsts = np.searchsorted(owner, np.arange(owner[-1] + 1))
    lasts = np.searchsorted(owner, np.arange(owner[-1] + 1), side="right") - 1
    spans = tuple((int(a), int(b) + 1) for a, b in zip(read[firsts], read[lasts], strict=True))
    sentences = np.unique(payload.sentence_of[read[firsts]], return_inverse=True)[1]
    return Players(
        membership=membership,
        element_shape=(len(token_words),),
        kind=KINDS[kind],
        names=tuple(_name(KINDS[kind], span) for span in spans),
        word_spans=spans,
        groups=tuple(int(group) for group in sentences),
    )


def _units(
    payload: TextPayload, read: npt.NDArray[np.int32], kind: TextCut
) -> npt.NDArray[np.int64]:
    """(len(read),) non-decreasing player ids from 0 of the words that are read."""
    if kind == "words":
        return np.arange(len(read))
    if kind == "sentences":
        return np.unique(payload.sentence_of[read], return_inverse=True)[1]
    return _phrases(payload, read)


def _phrases(payload: TextPayload, read: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """As `_units`: a negation is one player together with what it negates."""
    begins = np.ones(len(read), dtype=np.bool_)  # a player begins at this word
    sentences = payload.sentence_of[read]
    for sentence in np.unique(sentences):
        places = np.flatnonzero(sentences == sentence)
        words = [payload.word(index) for index in read[places]]
        pauses = [_pause_after(payload, int(index)) for index in read[places]]
        for start, stop in negations(words, pauses):
            begins[places[start + 1 : stop]] = False
    return np.cumsum(begins) - 1


def _pause_after(payload: TextPayload, word: int) -> bool:
    """Whether punctuation follows a word; hyphens, slashes and apostrophes join."""
    stop = int(payload.words[word + 1, 0]) if word + 1 < len(payload.words) else len(payload.text)
    between = payload.text[int(payload.words[word, 1]) : stop]
    return any(sign not in JOINING and not sign.isspace() for sign in between)


def _name(kind: PlayerKind, span: tuple[int, int]) -> str:
    """A name that tells the place, not the content; words are counted from 1 in the whole text."""
    start, stop = span
    if stop - start == 1:
        return f"word {start + 1}"
    return f"{'words' if kind == 'word' else kind + ', words'} {start + 1}–{stop}"

"""Cases that come from the keyboard: a record from a form, a text from a box. No torch."""

import unicodedata
from collections.abc import Sequence

import numpy as np

from models.case import Case, TabularPayload, TextPayload
from models.errors import InputError
from models.inputs.text_words import find_words, number_sentences
from models.schema import TableSchema


def typed_record(values: Sequence[float | None], schema: TableSchema, *, name: str) -> Case:
    """A record of typed values in the order of the columns; None is a missing one."""
    known = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    payload = TabularPayload(values=known, schema=schema)
    return Case(digest=payload.content_digest(), name=name, payload=payload)


def typed_text(text: str, *, name: str) -> Case:
    """A text as typed, brought into Unicode NFC.

    Raises:
        InputError: it holds no word.
    """
    shown = unicodedata.normalize("NFC", text)
    words = find_words(shown)
    if len(words) == 0:
        raise InputError("The text holds no word.", "Type or paste at least one.")
    payload = TextPayload(text=shown, words=words, sentence_of=number_sentences(shown, words))
    return Case(digest=payload.content_digest(), name=name, payload=payload)

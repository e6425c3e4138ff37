"""Cases that come from the keyboard: a record from a form, a text from a box. No torch."""

import unicodedata
from collections.abc import Sequence

from models.case import Case, TextPayload
from models.errors import InputError
from models.inputs.tabular import record_case
from models.inputs.text_words import find_words, number_sentences
from models.schema import TableSchema


def typed_record(values: Sequence[float | None], schema: TableSchema, *, name: str) -> Case:
    """A record of typed values; see `models.inputs.tabular.record_case`, also for the errors."""
    return record_case(values, schema, name=name)


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

"""What the user must know: one clear sentence, what to do, and never a traceback."""

import html
import logging
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import streamlit as st

from models.errors import ConsiliumError

logger = logging.getLogger(__name__)

Level: TypeAlias = Literal["error", "warning", "info"]
STANDING: Final = "Not for diagnosis"
MEANING: Final = "Explanations show what the model reacts to, not what the patient has."


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence and what to do about it.

    Attributes:
        message: What happened.
        hint: What to do; may be empty.
        level: How grave it is.
    """

    message: str
    hint: str = ""
    level: Level = "error"


def notice_of(error: Exception) -> Notice:
    """Turn an error into words: an expected one speaks for itself, others are logged under an id.

    The log names the kind of error and the places in the code, never its message, which may hold
    patient content.
    """
    if isinstance(error, ConsiliumError):
        return Notice(message=error.message, hint=error.hint)
    error_id = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    logger.error("unexpected id=%s kind=%s at=%s", error_id, type(error).__name__, places)
    return Notice(
        message="Something went wrong that should not.",
        hint=f"Nothing was lost; try again. When reporting it, name the error {error_id}.",
    )


def show_standing_line(words: str = MEANING) -> None:
    """Draw the words that stand on every page, and some beside them; both are escaped."""
    st.html(
        f'<p class="consilium-standing"><strong>{STANDING}</strong> {html.escape(words)}</p>',
    )


def show(notice: Notice) -> None:
    """Draw a notice; escaped, for a message may quote a value of the file."""
    draw = {"error": st.error, "warning": st.warning, "info": st.info}[notice.level]
    draw(plain(f"{notice.message} {notice.hint}".strip()))


def plain(text: str) -> str:
    """Escape text so that Streamlit's Markdown shows it letter by letter."""
    special = set("\\`*_{}[]()<>#+-.!|~$:&\"'=^@/")
    return "".join(f"\\{char}" if char in special else char for char in text)


@contextmanager
def guarded() -> Iterator[None]:
    """Run a part of a page; whatever it raises becomes a notice in its place."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the outermost edge: a page never shows a traceback
        show(notice_of(error))

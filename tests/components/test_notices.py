"""Errors become sentences; nothing of the case reaches the log; text is never Markdown."""

import logging

import pytest

from components import notices
from models.errors import DecodeError

PATIENT = "DOE^JOHN"


def test_expected_error_speaks_for_itself() -> None:
    notice = notices.notice_of(DecodeError("It is broken.", "Mend it."))
    assert (notice.message, notice.hint, notice.level) == ("It is broken.", "Mend it.", "error")


def test_unexpected_error_is_logged_under_an_id_without_its_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        try:
            raise ValueError(PATIENT)
        except ValueError as error:
            notice = notices.notice_of(error)
    assert PATIENT not in notice.message + notice.hint + caplog.text
    (record,) = (r for r in caplog.records if r.name == notices.__name__)
    error_id = record.getMessage().split("id=")[1].split()[0]
    assert error_id in notice.hint
    assert "kind=ValueError" in caplog.text
    assert "test_unexpected_error" in caplog.text


@pytest.mark.parametrize("text", ["**bold**", "[a](http://b)", ":red[x]", "$x$", "<b>", "`c`"])
def test_every_mark_is_escaped(text: str) -> None:
    escaped = notices.plain(text)
    assert escaped.replace("\\", "") == text
    marks = [i for i, char in enumerate(escaped) if not (char.isalnum() or char in "\\ ")]
    assert all(escaped[i - 1] == "\\" for i in marks)

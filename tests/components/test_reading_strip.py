"""The strip on top: a label and a sentence a line, nothing but text in it."""

from components.reading_strip import WAITING, strip_html
from explainers.reading import LABELS, Line


def test_every_line_has_its_label() -> None:
    lines = [Line(subject=subject, text=f"About {subject}.") for subject in LABELS]
    html = strip_html(lines)
    for subject, label in LABELS.items():
        assert f"<dt>{label}</dt><dd>About {subject}.</dd>" in html


def test_words_of_a_case_cannot_become_markup() -> None:
    html = strip_html([Line(subject="agreed", text="<script>alert(1)</script>")])
    assert "<script>" not in html


def test_it_says_that_methods_are_at_work() -> None:
    assert WAITING in strip_html(None)

"""The HTML report on records and texts: values, words and verdicts, every letter escaped."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from components.export import html_report
from tests import cases, reports

TITLES = {"kernel_shap": "SHAP", "lime": "LIME"}


class Marks(HTMLParser):
    """Classes and styles of a page's elements with the words inside."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img"):
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.found.append((*self.open[-1], data))

    def of_class(self, name: str) -> list[str]:
        return [words for _, attributes, words in self.found if attributes.get("class") == name]

    def styled(self) -> list[str]:
        return [words for _, attributes, words in self.found if "style" in attributes]

    def cells(self) -> list[str]:
        return [words for tag, _, words in self.found if tag in ("td", "th")]


def test_values_and_percentiles_stand_beside_the_shares() -> None:
    cells = Marks(html_report(cases.record_report(), cases.RECORD, titles=TITLES)).cells()
    assert cells[cells.index("Age") :][:4] == ["Age", "54 years", "54", "consensus"]
    assert cells[cells.index("Grade") :][:4] == ["Grade", "high", "–", "contested"]
    nodes = cells.index("Positive nodes <i>counted</i>")
    assert cells[nodes + 1 : nodes + 3] == ["missing", "–"]
    assert cells[cells.index("Feature") :][:5] == [
        "Feature", "Value", "Percentile", "Verdict", "SHAP",
    ]  # fmt: skip


def test_without_the_record_its_values_are_left_out() -> None:
    source = html_report(cases.record_report(), None, titles=TITLES)
    assert "54 years" not in source
    assert "Percentile" not in source


def test_shares_are_bars_to_their_side() -> None:
    source = html_report(cases.record_report(), cases.RECORD)
    bars = re.findall(r'<rect x="([-\d.e]+)" y="2" width="([\d.e-]+)"', source)
    assert len(bars) == 3  # the others would be too small to see
    # Both give the first feature a negative share; SHAP's is nearly all there is.
    assert [float(n) for n in bars[0]] == pytest.approx([-100, 100])
    assert float(bars[1][0]) == pytest.approx(-50, abs=0.5)


def test_words_are_coloured_by_share_and_quoted_in_the_table() -> None:
    marks = Marks(html_report(cases.text_report(), cases.TEXT, titles=TITLES))
    assert marks.styled() == ["No", "No", "effusion"]  # SHAP; LIME
    # Where all agree, the map of verdicts alone says so; where they part, every column does.
    assert marks.of_class("cs-word v-consensus") == ["No", "consensus"]
    assert marks.of_class("cs-word v-contested") == ["effusion"] * 3 + ["contested"]
    assert marks.of_class("cs-unread") == ["*. Unread tail."] * 3
    assert "word, 2 to 2 “effusion”" in marks.cells()


def test_sentences_are_parts_too() -> None:
    marks = Marks(html_report(cases.text_report("sentence"), cases.TEXT, titles=TITLES))
    both = ["No effusion seen", "Heart <b>large</b> & *wide"]
    assert marks.of_class("cs-word v-undecided") == [*both, "undecided"]
    assert "Sentence" in marks.cells()


def test_a_text_is_shown_letter_by_letter() -> None:
    source = html_report(cases.text_report(), cases.TEXT)
    shown = re.findall(r'<p class="cs-text">(.*?)</p>', source, re.S)
    assert len(shown) == 3
    for text in shown:
        assert html.unescape(re.sub(r"</?span[^>]*>", "", text)) == cases.TEXT.text


def test_punctuation_behind_the_last_word_is_no_unread_text() -> None:
    whole = replace(cases.TEXT, words=cases.TEXT.words[:6], sentence_of=cases.TEXT.sentence_of[:6])
    marks = Marks(html_report(cases.text_report(), whole))
    assert marks.of_class("cs-unread") == []
    assert marks.of_class("cs-text").count("*. Unread tail.") == 3


def test_without_the_text_none_of_its_words_is_written() -> None:
    source = html_report(cases.text_report(), None)
    assert "effusion" not in source
    assert "word, 2 to 2" in source


def test_words_follow_the_modality() -> None:
    for report, parts in (
        (reports.report(), "regions"),
        (cases.record_report(), "features"),
        (cases.text_report(), "words"),
    ):
        source = html_report(report, None)
        assert f"hidden {parts} show" in source
        assert f"<h2>{parts.capitalize()}</h2>" in source
        assert f"Same top {parts}" in source
    assert "region" not in html_report(cases.record_report(), cases.RECORD).partition("<body>")[2]


def test_limits_are_one_row() -> None:
    source = html_report(cases.record_report(), None)
    assert '<th scope="row">limits</th><td><ul><li>One.</li><li>Another.</li></ul></td>' in source

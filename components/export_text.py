"""A text in the HTML report: once a method, words coloured by share, and once with its verdicts.

No streamlit. Every letter of the text is escaped by `markup.tag`.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from components.export_figures import caption, panels_of, reading
from components.figures.colors import share_rgba
from components.figures.panels import scale_end
from components.figures.words import VERDICT_MEANINGS, VERDICT_WORDS
from components.markup import Markup, join, tag
from explainers.explanation import Explanation
from explainers.naming import part_of
from explainers.report import EvidenceReport
from models.case import TextPayload

OPACITY: Final = 0.65  # of the panels' colours: black letters stay readable on every one
FAINTEST: Final = 0.02  # of the scale: less is not coloured, so that a file stays small


def text_figures(report: EvidenceReport, document: TextPayload, names: Mapping[str, str]) -> Markup:
    """The text as each method weighs it, and as they differ, with a legend."""
    if not report.players.word_spans:
        return Markup()
    end, part = scale_end(panels_of(report, names)), part_of(report.request.players)
    texts = [
        _figure(names[e.method], caption(e), _coloured(report, document, e, end=end))
        for e in report.explanations
    ]
    if report.agreement is not None:
        texts.append(_figure("Disagreement", f"verdict of each {part}", _judged(report, document)))
    return join(
        tag("h2", "Text and explanations"),
        tag("div", texts, attributes={"class": "texts"}),
        tag("p", reading(report), " Grey words were not read by the model."),
        _legend() if report.agreement else "",
    )


def _figure(title: str, subtitle: str, text: Markup) -> Markup:
    """One text with its caption."""
    return tag("figure", tag("figcaption", tag("strong", title), subtitle), text)


def _coloured(
    report: EvidenceReport, document: TextPayload, explanation: Explanation, *, end: float
) -> Markup:
    """The text with the background of each part coloured by its share."""
    shares = np.nan_to_num(explanation.shares)
    colours = share_rgba(shares, end=end or 1.0, signed=explanation.signed)
    styles = [
        f"background:rgba({r},{g},{b},{OPACITY * a / 255:.2f})"
        if abs(share) > FAINTEST * end
        else ""
        for (r, g, b, a), share in zip(colours, shares, strict=True)
    ]
    return _text(report, document, [{"style": style} if style else {} for style in styles])


def _judged(report: EvidenceReport, document: TextPayload) -> Markup:
    """The text with each part underlined in the manner of its verdict."""
    verdicts = report.agreement.verdicts if report.agreement else ()
    return _text(report, document, [{} if v == "quiet" else {"class": f"v-{v}"} for v in verdicts])


def _text(report: EvidenceReport, document: TextPayload, marks: list[dict[str, str]]) -> Markup:
    """The whole text; what no part covers is plain between parts and grey outside them."""
    spans = [_characters(document, *span) for span in report.players.word_spans]
    first, last = spans[0][0], spans[-1][1]

    def pieces() -> Iterator[str]:
        yield _unread(document.text[:first])
        at = first
        for (start, stop), mark in zip(spans, marks, strict=True):
            yield document.text[at:start]
            part = document.text[start:stop]
            yield tag("span", part, attributes=mark) if mark else part
            at = stop
        yield _unread(document.text[last:])

    return tag("p", pieces(), attributes={"class": "text"})


def _unread(text: str) -> str:
    """Text outside the window that the model reads."""
    return tag("span", text, attributes={"class": "unread"}) if text.strip() else text


def _characters(document: TextPayload, start: int, stop: int) -> tuple[int, int]:
    """Where the words [start, stop) begin and end."""
    return int(document.words[start][0]), int(document.words[stop - 1][1])


def _legend() -> Markup:
    """The manners of underlining in words."""
    entries = (
        tag("li", tag("span", VERDICT_WORDS[v], attributes={"class": f"v-{v}"}), f": {meaning}")
        for v, meaning in VERDICT_MEANINGS.items()
    )
    return tag("ul", entries, attributes={"class": "legend"})

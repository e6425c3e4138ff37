"""A text seen by several methods: words coloured by share, verdicts as lines, all of it escaped."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from components.figures.colors import AGAINST, FOR, UNSIGNED, css, ramp
from components.figures.panels import (
    Panel,
    answered,
    faint_note,
    largest_share,
    message_of,
    scale_end,
    verdict_message,
)
from components.figures.words import (
    SCALE_WORDS,
    VERDICT_MEANINGS,
    VERDICT_WORDS,
    percent,
    share_text,
)
from components.markup import Markup, tag
from explainers.agreement import Agreement
from explainers.explanation import Explanation
from explainers.players import Players
from models.case import TextPayload

PEAK: Final = 0.55  # of opacity: the theme's letters stay readable on every colour (4.8:1 and more)
FAINTEST: Final = 0.03  # of the scale: below it nothing is drawn
STOPS: Final = 9
PARTED: Final = ("v-contested", "v-conflict")


def text_panels_html(
    document: TextPayload,
    players: Players,
    panels: tuple[Panel, ...],
    agreement: Agreement | None,
) -> Markup:
    """Write one column a method and one for the verdicts.

    Args:
        document: The text.
        players: With word spans.
        panels: One a method; without an explanation its message is shown over the plain text.
        agreement: None until there is something to compare.
    """
    end = scale_end(panels)
    plain = [""] * players.count
    marks = [f"v-{v}" for v in agreement.verdicts] if agreement else plain
    # What all agree on needs no mark beside its colour; where they part must be seen everywhere.
    parted = [mark if mark in PARTED else "" for mark in marks]
    columns = [
        _column(panel, _text(document, players, _styles(panel.explanation, end) or plain, parted))
        for panel in panels
    ]
    judged = Panel(
        title="Disagreement",
        subtitle="verdict for each part",
        message=verdict_message(panels, agreement),
    )
    body = _text(document, players, plain, marks)
    columns.append(_column(judged, body, is_map=True))
    return tag("div", columns, attributes={"class": "cs-texts"})


def tips(
    panels: tuple[Panel, ...], agreement: Agreement | None, *, names: Sequence[str]
) -> list[str]:
    """(P,) what hovering a part shows, as escaped HTML: every method's share and the verdict."""
    found = [(panel.title, panel.explanation) for panel in panels if panel.explanation is not None]
    return [
        str(
            tag(
                "div",
                tag("b", name),
                [_line(title, explanation, player) for title, explanation in found],
                tag("div", "Verdict", tag("span", VERDICT_WORDS[agreement.verdicts[player]]))
                if agreement
                else "",
            )
        )
        for player, name in enumerate(names)
    ]


def text_legend_html(panels: tuple[Panel, ...], agreement: Agreement | None) -> Markup:
    """Write what colours and lines mean; empty before the first answer."""
    found, peak = answered(panels), largest_share(panels)
    if not found or peak <= 0:
        return Markup()
    target, most, parts = found[0].target.name, percent(peak), []
    ramp = partial(_ramp, peak=peak, end=scale_end(panels))
    if any(e.signed for e in found):
        low, high = f"against {target} \N{MINUS SIGN}{most}", f"+{most} for {target}"
        parts.append(ramp(low, high, signed=True))
    if not all(e.signed for e in found):
        parts.append(ramp("0", f"{most} matters, no direction", signed=False))
    if note := faint_note(panels):
        parts.append(tag("span", note))
    unit = tag("span", SCALE_WORDS[found[0].scale], attributes={"class": "cs-unit"})
    lines = [
        tag(
            "span",
            tag("span", VERDICT_WORDS[v], attributes={"class": f"cs-word v-{v}"}),
            tag("small", meaning),
        )
        for v, meaning in VERDICT_MEANINGS.items()
    ]
    return tag("div", tag("div", parts, unit), tag("div", lines) if agreement else "")


def _characters(document: TextPayload, span: tuple[int, int]) -> tuple[int, int]:
    """Where the words [start, stop) begin and end."""
    return int(document.words[span[0]][0]), int(document.words[span[1] - 1][1])


def _column(panel: Panel, body: Markup, *, is_map: bool = False) -> Markup:
    """One method's column."""
    message = panel.message if is_map else message_of(panel)
    head = tag("header", tag("b", panel.title), tag("span", panel.subtitle))
    note = tag("p", message, attributes={"class": "cs-text-note"}) if message else ""
    return tag("section", head, note, body, attributes={"class": "cs-text-column"})


def _text(
    document: TextPayload, players: Players, styles: Sequence[str], marks: Sequence[str]
) -> Markup:
    """The whole text; parts are spans, text that the model did not read is grey."""
    spans = [_characters(document, span) for span in players.word_spans]
    first = spans[0][0] if players.word_spans[0][0] > 0 else 0
    is_read = players.word_spans[-1][1] == len(document.words)
    last = len(document.text) if is_read else spans[-1][1]

    def pieces() -> Iterator[str]:
        yield _unread(document.text[:first])
        at = first
        for player, (start, stop) in enumerate(spans):
            yield document.text[at:start]
            facts = {"class": f"cs-word {marks[player]}".strip(), "data-player": str(player)}
            if styles[player]:
                facts["style"] = styles[player]
            yield tag("span", document.text[start:stop], attributes=facts)
            at = stop
        yield document.text[at:last]  # punctuation behind the last word
        yield _unread(document.text[last:])

    return tag("p", pieces(), attributes={"class": "cs-text"})


def _unread(text: str) -> str:
    """Text outside the window that the model reads."""
    return tag("span", text, attributes={"class": "cs-unread"}) if text.strip() else text


def _styles(explanation: Explanation | None, end: float) -> list[str]:
    """(P,) background of each part: hue for direction, opacity for size; [] without an answer."""
    if explanation is None or end <= 0:
        return []
    shares = np.nan_to_num(explanation.shares)
    return [_background(float(share), end=end, signed=explanation.signed) for share in shares]


def _background(share: float, *, end: float, signed: bool) -> str:
    """One part's style; empty for next to nothing."""
    strength = min(1.0, abs(share) / end)
    if strength < FAINTEST:
        return ""
    table = UNSIGNED if not signed else FOR if share > 0 else AGAINST
    red, green, blue = ramp(table, np.asarray(strength)).round().astype(int)
    return f"background:{css((int(red), int(green), int(blue)), round(PEAK * strength, 3))}"


def _line(title: str, explanation: Explanation, player: int) -> Markup:
    """One method's share in a tip."""
    share, error = explanation.shares[player], explanation.share_errors[player]
    return tag("div", title, tag("span", share_text(share, error, signed=explanation.signed)))


def _ramp(low: str, high: str, *, peak: float, end: float, signed: bool) -> Markup:
    """A bar of the colours that words take."""
    shares = np.linspace(-peak if signed else 0.0, peak, STOPS)
    stops = [
        _background(float(s), end=end, signed=signed).removeprefix("background:") or "transparent"
        for s in shares
    ]
    bar = tag("i", attributes={"style": f"background:linear-gradient(90deg,{','.join(stops)})"})
    return tag("span", low, bar, high, attributes={"class": "cs-text-ramp"})

"""The text as columns: escaped, coloured by share, marked by verdict."""

import re

import numpy as np
import pytest

from components.figures.panels import Panel
from components.figures.tokens import PEAK, text_legend_html, text_panels_html, tips
from components.figures.words import probability_text
from explainers.agreement import compare
from explainers.explanation import Explanation
from explainers.players import Players
from models.case import TextPayload
from tests.reports import explanation

TEXT = 'No <script>alert("1")</script> effusion & **bold** $x$ \N{LUNGS}.'
WORDS = [(0, 2), (4, 10), (31, 39)]
DOCUMENT = TextPayload(text=TEXT, words=np.array(WORDS), sentence_of=np.zeros(3, dtype=np.int32))
PLAYERS = Players(
    membership=np.array([-1, 0, 1, 2, -1], dtype=np.int32),
    element_shape=(5,),
    kind="word",
    names=("word 1", "word 2", "word 3"),
    word_spans=((0, 1), (1, 2), (2, 3)),
)


def answer(values: list[float], *, signed: bool = True) -> Explanation:
    return explanation(
        "lime",
        players=PLAYERS,
        values=np.array(values),
        std_error=np.full(3, 1e-4),
        element_map=None,
        signed=signed,
        value_full=3.0,  # an effect large enough for full colour
        value_empty=0.0,
    )


def panel(found: Explanation | None, message: str | None = None) -> Panel:
    return Panel(title="LIME", subtitle="log-odds", explanation=found, message=message)


def text_of(html: str) -> str:
    """What a reader sees."""
    return re.sub(r"<[^>]+>", "", html)


def test_every_character_of_the_text_is_escaped() -> None:
    html = text_panels_html(DOCUMENT, PLAYERS, (panel(answer([0.6, -0.3, 0.1])),), None)
    assert "<script>" not in html
    assert "&lt;" in html
    assert "\N{LUNGS}" in html
    assert "**bold** $x$" in text_of(html)


def test_hue_says_direction_and_opacity_size() -> None:
    html = str(text_panels_html(DOCUMENT, PLAYERS, (panel(answer([0.6, -0.3, 0.0])),), None))
    spans = re.findall(
        r'data-player="(\d)" style="background:rgba\((\d+),\d+,(\d+),([\d.]+)\)"', html
    )
    found = {int(p): (int(red), int(blue), float(alpha)) for p, red, blue, alpha in spans}
    assert set(found) == {0, 1}
    assert found[0][0] > found[0][1]  # for: orange
    assert found[1][0] < found[1][1]  # against: blue
    assert found[0][2] == pytest.approx(PEAK)
    assert found[1][2] == pytest.approx(PEAK / 2, abs=0.01)


def test_verdicts_are_marked_in_every_column() -> None:
    one, two = answer([0.9, 0.05, 0.05]), answer([-0.9, 0.05, 0.05])
    agreement = compare([one, two])
    assert agreement.verdicts[0] == "conflict"
    html = str(text_panels_html(DOCUMENT, PLAYERS, (panel(one), panel(two)), agreement))
    assert html.count('class="cs-word v-conflict" data-player="0"') == 3


def test_a_missing_answer_shows_its_message_over_the_plain_text() -> None:
    html = text_panels_html(DOCUMENT, PLAYERS, (panel(None, "It failed <b>here</b>."),), None)
    assert "It failed &lt;b&gt;here&lt;/b&gt;." in html
    assert "background:" not in html


def test_tips_name_the_part_every_value_and_the_verdict() -> None:
    one, two = answer([0.9, 0.05, 0.05]), answer([-0.9, 0.05, 0.05])
    names = ("<i>", "script", "effusion")
    found = tips((panel(one), panel(two)), compare([one, two]), names=names)
    assert "<i>" not in found[0]
    assert "conflict" in found[0]
    assert "+90.0 %" in text_of(found[0])
    assert "\N{MINUS SIGN}90.0 %" in text_of(found[0])


def test_text_outside_the_window_is_grey() -> None:
    players = Players(
        membership=np.array([0], dtype=np.int32),
        element_shape=(1,),
        kind="word",
        word_spans=((1, 2),),
    )
    html = str(text_panels_html(DOCUMENT, players, (), None))
    assert html.count("cs-unread") == 2


def test_legend_names_unsigned_scales_and_is_empty_before_the_first_answer() -> None:
    assert text_legend_html((panel(None),), None) == ""
    unsigned = text_legend_html((panel(answer([0.6, 0.3, 0.1], signed=False)),), None)
    assert "no direction" in unsigned
    assert "against" not in unsigned


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "0%"), (0.004, "< 1%"), (0.126, "13%"), (0.994, "99%"), (0.996, "> 99%"), (1.0, "100%")],
)
def test_probabilities_are_not_rounded_to_certainty(probability: float, text: str) -> None:
    assert probability_text(probability) == text

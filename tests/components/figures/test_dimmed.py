"""Where there is nothing to explain, words, bars and pictures fade alike, and say so."""

import io
import re
from dataclasses import replace

import numpy as np
from PIL import Image

from components.export_text import text_figures
from components.figures.panels import DIMMED, DIMMED_NOTE, verdict_message
from components.figures.png import panels_png
from components.figures.table_bars import method_bars, waterfall
from explainers.guard import NothingToExplain
from tests import cases
from tests.components import scenes

REASON = NothingToExplain(cause="no effect", sentence="Nothing moves it.")
LABELS = ("Age", "Grade", "Nodes")


def test_words_lose_colour_and_the_legend_says_so() -> None:
    loud = cases.text_report()
    silent = replace(loud, agreement=None, nothing_to_explain=(REASON,))
    drawn = [str(text_figures(report, cases.TEXT, {})) for report in (loud, silent)]
    strong, faint = (
        [float(a) for a in re.findall(r'data-player="\d" style="background:.*?,([\d.]+)\)', html)]
        for html in drawn
    )
    assert strong
    np.testing.assert_allclose(faint, DIMMED * np.array(strong), atol=0.001)
    assert [DIMMED_NOTE in html for html in drawn] == [False, True]
    assert ["No verdicts" in html for html in drawn] == [False, True]


def test_bars_of_a_record_fade() -> None:
    found = cases.record_report().explanations
    bars = method_bars(
        found, labels=LABELS, titles={}, agreement=None, target="sick", opacity=DIMMED
    )
    assert {trace.opacity for trace in bars.data} == {DIMMED}
    (path,) = waterfall(found[0], labels=LABELS, opacity=DIMMED).data
    assert path.increasing.marker.color.endswith(f",{DIMMED})")
    assert path.decreasing.marker.color.endswith(f",{DIMMED})")


def test_the_picture_fades_but_the_film_does_not() -> None:
    loud = scenes.panels()
    dimmed = tuple(replace(panel, is_dimmed=True) for panel in loud)
    strong, faint = (
        np.asarray(Image.open(io.BytesIO(panels_png(scenes.film(), each, None))), dtype=float)
        for each in (loud, dimmed)
    )
    colour, faded = (np.ptp(picture, axis=2).max(axis=0) for picture in (strong, faint))
    assert 0.15 * colour.max() < faded.max() < 0.5 * colour.max()
    film = slice(28, 28 + 240)
    np.testing.assert_array_equal(strong[104:304, film], faint[104:304, film])


def test_a_missing_comparison_has_its_own_words_while_there_may_be_one() -> None:
    assert verdict_message(scenes.panels(), scenes.agreement()) is None
    assert verdict_message(scenes.panels(), None) == "Appears when all methods have answered."

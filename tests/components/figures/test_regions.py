"""The table of regions: who is listed, in which order, with which numbers."""

import re

import numpy as np

from components.figures.regions import SHOWN, regions_html, regions_that_matter
from components.figures.words import share_text
from tests import reports
from tests.components import scenes


def html(**changed: object) -> str:
    asked = {"names": scenes.PLAYERS.names, "titles": scenes.TITLES, **changed}
    return regions_html(scenes.agreement(), **asked)  # type: ignore[arg-type]


def test_the_largest_shares_come_first() -> None:
    assert regions_that_matter(scenes.agreement())[:2] == (5, 10)


def test_every_region_with_a_verdict_is_listed_and_the_quiet_tail_is_not() -> None:
    agreement = scenes.agreement()
    listed = regions_that_matter(agreement)
    assert {p for p, v in enumerate(agreement.verdicts) if v != "quiet"} <= set(listed)
    assert len(listed) == SHOWN < 16


def test_a_selected_region_is_listed_even_when_it_is_quiet() -> None:
    agreement = scenes.agreement()
    hidden = ({*range(16)} - {*regions_that_matter(agreement)}).pop()
    assert hidden in regions_that_matter(agreement, also=hidden)
    assert f'data-player="{hidden}"' in html(selected=hidden)


def test_a_quiet_region_says_which_share_it_is_below() -> None:
    agreement = scenes.agreement()
    quiet = agreement.verdicts.index("quiet")
    row = next(r for r in html(selected=quiet).split("<tr") if f'data-player="{quiet}"' in r)
    assert "Nobody gives it more than an equal share, 6.2 %." in row  # of 16 regions
    assert (abs(agreement.shares[:, quiet]) < agreement.threshold).all()


def test_a_row_names_region_verdict_shares_and_reason() -> None:
    row = next(r for r in html().split("<tr") if 'data-player="10"' in r)
    text = re.sub(r"<[^>]*>", " ", row)
    assert "row 3, column 3" in text
    assert "conflict" in text
    assert "+3" in text
    assert "−3" in text
    assert scenes.agreement().reasons[10] in text.replace("&#x27;", "'")


def test_a_method_without_direction_gets_no_sign_and_the_others_do() -> None:
    row = next(r for r in html().split("<tr") if 'data-player="5"' in r)
    cells = re.findall(r"([+−]?[\d.]+ %)</td>", row)
    assert [cell[0] in "+−" for cell in cells] == [False, True, True]


def test_names_and_reasons_are_text_not_markup() -> None:
    table = regions_html(
        reports.agreement(), names=reports.PLAYERS.names, titles={"lime": "L", "grad_cam": "G"}
    )
    assert "<b>upper" not in table
    assert "undefined" in table  # the silent method's shares


def test_shares_are_written_in_percent_with_their_error() -> None:
    assert share_text(0.1234, 0.0078) == "+12.3 % ± 0.8"
    assert share_text(-0.0004, 0.0) == "0.0 %"
    assert share_text(0.1, 0.0, signed=False) == "10.0 %"
    assert share_text(float("nan"), 0.1) == "undefined"
    assert share_text(0.2, 3e300) == "+20.0 % ± over 100"
    assert np.isnan(reports.agreement().shares[1]).all()

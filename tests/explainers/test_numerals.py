"""Numbers as people read them."""

import pytest

from explainers.numerals import numeral

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (-0.5, ".2f", "\N{MINUS SIGN}0.50"),
        (0.5, "+.2f", "+0.50"),
        (-0.001, "+.2f", "0.00"),  # no minus zero, and no sign where there is none
        (0.001, "+.2f", "0.00"),
        (-0.0, ".1f", "0.0"),
        (-1234.5, ",.1f", "\N{MINUS SIGN}1,234.5"),
        (-1.2e-5, ".2g", "\N{MINUS SIGN}1.2e\N{MINUS SIGN}05"),
        (float("-inf"), ".2f", "\N{MINUS SIGN}inf"),
        (NAN, ".2f", "–"),
    ],
)
def test_signs_are_true_and_zero_has_none(value: float, form: str, text: str) -> None:
    assert numeral(value, form) == text


def test_what_is_undefined_can_be_said_otherwise() -> None:
    assert numeral(NAN, undefined="undefined") == "undefined"

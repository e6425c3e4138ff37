"""Numbers as people read them: a true minus sign, no minus zero, a dash for the undefined. Pure.

For pages, pictures and reports on paper. Files that programs read (JSON, CSV) keep the ASCII
hyphen.
"""

import math
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
UNDEFINED: Final = "\N{EN DASH}"


def numeral(value: float, form: str = ".2f", *, undefined: str = UNDEFINED) -> str:
    """Write a number.

    Args:
        value: NaN is undefined, never 0.
        form: As behind the colon of an f-string; with "+" whatever is not zero gets its sign.
        undefined: Written for NaN.
    """
    if math.isnan(value):
        return undefined
    text = f"{value:{form}}"
    digits = text.partition("e")[0]
    if "0" in digits and not any(digit in digits for digit in "123456789"):
        return text.lstrip("+-")
    return text.replace("-", MINUS)

"""The verdicts' patterns inside HTML: pictures once in a style sheet, marks that refer to them."""

import base64
from functools import cache

from components.figures.film import png_bytes
from components.figures.patterns import swatch
from components.figures.words import VERDICT_MEANINGS, VERDICT_WORDS
from components.markup import Markup, tag
from explainers.agreement import Verdict


@cache
def swatch_style() -> Markup:
    """Style sheet with every pattern as a data URI; once in whatever holds marks."""
    rules = []
    for verdict in VERDICT_MEANINGS:
        data = base64.b64encode(png_bytes(swatch(verdict))).decode("ascii")
        rules.append(f".cs-swatch-{verdict}{{background-image:url(data:image/png;base64,{data})}}")
    return Markup(f"<style>{''.join(rules)}</style>")


def unseen_mark() -> Markup:
    """A film with the dark border of what the model did not see."""
    pattern = tag("i", attributes={"class": "cs-swatch cs-swatch-unseen"})
    return tag("span", pattern, "dark border", attributes={"class": "cs-verdict"})


def verdict_mark(verdict: Verdict) -> Markup:
    """The map's pattern and the word."""
    pattern = tag("i", attributes={"class": f"cs-swatch cs-swatch-{verdict}"})
    return tag("span", pattern, VERDICT_WORDS[verdict], attributes={"class": "cs-verdict"})

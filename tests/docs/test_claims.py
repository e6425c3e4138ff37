"""Claims we must not make, looked for in every sentence that a reader can meet.

Sentences come from the string constants of everything that is shown, and from the documentation.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

SHOWN = ("explainers", "components", "pages", "models")
DENIALS = re.compile(
    r"\b(not|never|no|nor|nothing|none|cannot|without|neither|whether|nobody|must)\b|n't", re.I
)
CLAIMS = {
    "agreement is truth": re.compile(
        r"\b(agree\w*|consensus)\b.*\b(correct|right|true|truth|trust\w*|reliab\w*|proves?|proof)\b"
        r"|\b(correct|trust\w*|true|reliable)\b.*\b(because|since|as) .*\b(agree|consensus)",
        re.I,
    ),
    "a map shows disease": re.compile(
        r"\b(heat ?maps?|maps?|saliency|Grad-CAM|explanations?|overlays?|regions?)\b.{0,40}"
        r"\b(locali[sz]es?|locates?|pinpoints?|detects?|finds?|diagnos\w+)\b.{0,40}"
        r"\b(diseases?|patholog\w+|lesions?|tumou?rs?|pneumonia|cancer|abnormalit\w+)\b",
        re.I,
    ),
    "explanations cure bias": re.compile(
        r"\b(reduc|prevent|remov|cur|mitigat|protect)\w*\b.*\bautomation bias\b", re.I
    ),
    "no medical device": re.compile(
        r"\bnon-device\b|\b(FDA|CE|MDR)[- ](cleared|approved|marked|certified)\b"
        r"|\bapproved for (clinical|diagnostic)\b",
        re.I,
    ),
    "figures of others": re.compile(r"CheXlocali[sz]e.*\d[.,]\d", re.I),
    "diagnosis": re.compile(r"\b(is|are|be|made) (fit |meant |made )?for diagnosis\b", re.I),
}
PLANTED = {
    "agreement is truth": "All three methods agree, so the answer can be trusted.",
    "a map shows disease": "The heat map localises the disease.",
    "explanations cure bias": "Showing disagreement reduces automation bias.",
    "no medical device": "This is non-device decision support.",
    "figures of others": "CheXlocalize reports a hit rate of 0.72 on the test set.",
    "diagnosis": "Consilium is made for diagnosis.",
}


def sentences(text: str) -> Iterator[str]:
    """Text in sentences; line breaks inside a sentence do not part it."""
    for paragraph in re.split(r"\n\s*\n|\n\s*[-|#*]", text):
        yield from re.split(r"(?<=[.!?])\s+", " ".join(paragraph.split()))


def broken(sentence: str) -> list[str]:
    """Claims that a sentence makes; one that denies them makes none."""
    if DENIALS.search(sentence):
        return []
    return [name for name, pattern in CLAIMS.items() if pattern.search(sentence)]


def constants(path: Path) -> Iterator[str]:
    """String constants of a module but its docstrings, f-strings with their gaps as '…'."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(id(part) for part in ast.walk(node) if part is not node)
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in inside
        ):
            yield node.value


def readable() -> list[Path]:
    """Everything with words in it."""
    code = (path for folder in SHOWN for path in (ROOT / folder).rglob("*.py"))
    assets = (path for ext in ("js", "html") for path in (ROOT / "components").rglob(f"*.{ext}"))
    docs = (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    cards = (path for ext in ("yaml", "json") for path in (ROOT / "models").rglob(f"*card*.{ext}"))
    return sorted({*code, *assets, *docs, *cards})


@pytest.mark.parametrize("path", readable(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_claims_too_much(path: Path) -> None:
    texts = constants(path) if path.suffix == ".py" else (path.read_text(encoding="utf-8"),)
    found = [
        (claim, sentence)
        for text in texts
        for sentence in sentences(text)
        for claim in broken(sentence)
    ]
    assert found == []


@pytest.mark.parametrize(("claim", "sentence"), PLANTED.items())
def test_a_planted_claim_is_found(claim: str, sentence: str) -> None:
    assert claim in broken(sentence)


def test_there_is_something_to_read() -> None:
    count = sum(1 for path in readable() if path.suffix == ".py" for _ in constants(path))
    assert count > 3000

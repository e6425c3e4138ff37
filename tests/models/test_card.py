"""The digest of a card: one for each way of computing an answer."""

import datetime
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from models.catalog import catalog

CARD = catalog()["xray"]


def changed(*path: str, value: object) -> dict[str, Any]:
    """The document with another value at `path`."""
    document = deepcopy(CARD.document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


@pytest.mark.parametrize(
    "document",
    [
        changed("temperature", value=9.0),
        changed("preprocessing", "parameters", "margin", value=0.1),
        changed("input_check", "limits", "template", value=0.1),
        changed("limits", value=[]),
    ],
    ids=["temperature", "preprocessing", "input check", "limits"],
)
def test_a_changed_document_has_another_digest(document: dict[str, Any]) -> None:
    assert replace(CARD, document=document).digest != CARD.digest


def test_the_digest_is_sha256_and_blind_to_the_order_of_fields() -> None:
    backwards = dict(reversed(CARD.document.items()))
    assert list(backwards) != list(CARD.document)
    assert replace(CARD, document=backwards).digest == CARD.digest
    assert len(CARD.digest) == 64
    assert int(CARD.digest, 16) >= 0


def test_a_document_may_hold_dates() -> None:
    first, second = (datetime.date(2026, 1, day) for day in (1, 2))
    dated = replace(CARD, document=changed("trained", value=first))
    assert dated.digest == replace(CARD, document=changed("trained", value=first)).digest
    assert dated.digest != replace(CARD, document=changed("trained", value=second)).digest

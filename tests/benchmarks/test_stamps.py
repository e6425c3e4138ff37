"""The stopwatch names parts that exist: the app moves on, and would not be timed."""

import importlib

import pytest

from benchmarks.stamps import PARTS

PLACES = [(name, *place) for name, places in PARTS.items() for place in places]


@pytest.mark.parametrize(("name", "module", "attribute"), PLACES)
def test_what_is_timed_exists(name: str, module: str, attribute: str) -> None:
    owner = importlib.import_module(module)
    for part in attribute.split("."):
        owner = getattr(owner, part)
    assert callable(owner), name

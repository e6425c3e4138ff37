"""Methods are asked to keep their promises on every way from masks to logits."""

import pytest

from explainers import passage


@pytest.fixture(autouse=True)
def _short_sets_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let models of layers take the shorter way however few the rows are."""
    monkeypatch.setattr(passage, "LEAST_ROWS", 0)

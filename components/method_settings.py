"""Settings of a method as a reader says them."""

from collections.abc import Mapping
from typing import Final

from explainers.explanation import Setting

WORDS: Final[Mapping[str, str]] = {
    "masks": "combinations asked",
    "enumerated": "every combination asked",
    "samples": "samples",
    "steps": "steps",
    "orders": "orders asked",
    "cells": "cells along each side",
    "keep": "share of cells that stay visible",
    "kernel_width": "kernel width",
    "penalty": "ridge penalty",
    "control_variate": "noise within bins taken out",
    "noise": "noise",
    "estimator": "worked out by",
    "estimator_reason": "why",
}


def settings_text(settings: Mapping[str, Setting]) -> str:
    """All settings in one line: "combinations asked: 1,000; every combination asked: no"."""
    return "; ".join(
        f"{WORDS.get(name, name.replace('_', ' '))}: {_value(value)}"
        for name, value in settings.items()
    )


def _value(value: Setting) -> str:
    """A value in words or digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)

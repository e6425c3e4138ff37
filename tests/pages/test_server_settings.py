"""Settings that keep patients' data on this machine and out of sight."""

import tomllib
from pathlib import Path

import pytest

from models.inputs.limits import LIMITS, MIB

FOLDER = Path(__file__).parents[2] / ".streamlit"
CONFIG = tomllib.loads((FOLDER / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("browser", "gatherUsageStats", False),
        ("browser", "serverAddress", "localhost"),
        ("server", "address", "127.0.0.1"),
        ("server", "enableStaticServing", False),
        ("server", "enableAgentApi", False),
        ("server", "fileWatcherType", "none"),
        ("client", "showErrorDetails", "none"),
        ("client", "showErrorLinks", False),
        ("client", "toolbarMode", "viewer"),
        ("runner", "magicEnabled", False),
        ("runner", "postScriptGC", False),
    ],
)
def test_setting_stays(section: str, name: str, value: object) -> None:
    assert CONFIG[section][name] == value


def test_only_this_machine_is_answered() -> None:
    assert set(CONFIG["server"]["allowedHosts"]) == {"localhost", "127.0.0.1"}


def test_server_and_decoder_have_the_same_limit() -> None:
    assert CONFIG["server"]["maxUploadSize"] * MIB == LIMITS.max_bytes


@pytest.mark.parametrize("base", ["dark", "light"])
def test_both_themes_are_whole(base: str) -> None:
    theme = tomllib.loads((FOLDER / f"{base}.toml").read_text(encoding="utf-8"))["theme"]
    assert theme["base"] == base
    other = tomllib.loads((FOLDER / "dark.toml").read_text(encoding="utf-8"))["theme"]
    assert theme.keys() == other.keys()
    assert CONFIG["theme"]["base"] == ".streamlit/dark.toml"

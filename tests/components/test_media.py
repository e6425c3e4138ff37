"""Pictures by address: through Streamlit's media store, or inside the address without one."""

import base64
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from components.media import png_url

PNG = b"\x89PNG some bytes"


def give(monkeypatch: pytest.MonkeyPatch, add: Callable[..., str]) -> None:
    store = SimpleNamespace(media_file_mgr=SimpleNamespace(add=add))
    monkeypatch.setattr(runtime, "get_instance", lambda: store)


def test_the_store_of_this_streamlit_serves_the_very_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(media_file_mgr=manager))
    address = png_url(PNG, coordinates="here")
    assert address.startswith("/media/")
    assert address.endswith(".png")
    stored = manager.read_file(address.removeprefix("/media/").removesuffix(".png"))
    assert stored is not None
    assert stored.content == PNG


def test_an_application_below_a_path_gets_addresses_below_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(monkeypatch, lambda *_: "/media/x.png")
    monkeypatch.setattr(st, "get_option", lambda _: "tools/consilium")
    assert png_url(PNG, coordinates="here") == "/tools/consilium/media/x.png"


def test_without_a_running_server_the_bytes_travel_in_the_address() -> None:
    kind, data = png_url(PNG, coordinates="here").split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == PNG


def test_a_store_that_has_changed_its_ways_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*, content: bytes) -> str:
        return str(content)

    give(monkeypatch, changed)
    assert png_url(PNG, coordinates="here").startswith("data:image/png;base64,")

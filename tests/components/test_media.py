"""Pictures by address: through Streamlit's media store, or inside the address without one."""

import base64
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from components import media
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


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MediaFileManager:
    """Streamlit's own store, one session, and a session state of its own."""
    made = MediaFileManager(MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(media_file_mgr=made))
    monkeypatch.setattr(st, "session_state", {})
    return made


def run(manager: MediaFileManager, *shown: bytes) -> None:
    """One run of a page, as Streamlit does it."""
    manager.clear_session_refs()
    media.keep_alive()
    for index, png in enumerate(shown):
        png_url(png, coordinates=f"place/{index}")
    manager.remove_orphaned_files()


def is_served(manager: MediaFileManager, address: str) -> bool:
    return manager.read_file(address.removeprefix("/media/").removesuffix(".png")) is not None


def test_a_superseded_picture_can_still_be_fetched_for_a_minute(
    manager: MediaFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("components.media.time.monotonic", lambda: now)
    run(manager, b"first")
    first = png_url(b"first", coordinates="place/0")
    for _ in range(24):
        run(manager, b"second")
        assert is_served(manager, first)
    now += media.KEPT_SECONDS + 1
    run(manager, b"second")
    assert not is_served(manager, first)
    assert is_served(manager, png_url(b"second", coordinates="place/0"))


def test_a_run_that_ends_before_it_draws_takes_nothing_away(manager: MediaFileManager) -> None:
    run(manager, b"film")
    film = png_url(b"film", coordinates="place/0")
    run(manager)
    assert is_served(manager, film)

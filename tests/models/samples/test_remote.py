"""Fetching: only what was promised is ever kept, and every failure is one sentence."""

import hashlib
import logging
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.errors import InputError
from models.samples.remote import (
    Patience,
    RemoteFile,
    cache_folder,
    fetch,
    is_cached,
    read_cached,
)

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HASTY = Patience(silence=0.4, total=0.4)


def remote_file(url: str) -> RemoteFile:
    return RemoteFile(url=url, sha256=SHA256, n_bytes=len(CONTENT))


def test_a_good_file_is_kept_and_read_back(server: SimpleNamespace, cache: Path) -> None:
    file = remote_file(f"{server.url}/good")
    assert not is_cached(file)
    fetch(file, allow_loopback_http=True)
    assert is_cached(file)
    assert read_cached(file) == CONTENT
    assert [path.name for path in cache.iterdir()] == [SHA256]
    assert server.asked == ["/good"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("wrong", "SHA-256 differs"),
        ("truncated", "broke off after 1,000 of 10,240 bytes"),
        ("oversize", "more than this sample's 10,240 bytes"),
        ("longer", "more than this sample's 10,240 bytes"),
        ("missing", r"does not hand out this sample \(HTTP 404\)"),
        ("redirect", "points elsewhere, which is not followed"),
        ("silent", "this machine cannot reach it"),
        ("slow", "took longer than 0.4 seconds"),
        ("nonsense", "this machine cannot reach it"),
    ],
)
def test_a_bad_answer_is_one_sentence_and_nothing_is_kept(
    server: SimpleNamespace, cache: Path, path: str, sentence: str
) -> None:
    file = remote_file(f"{server.url}/{path}")
    with pytest.raises(InputError, match=sentence) as caught:
        fetch(file, patience=HASTY, allow_loopback_http=True)
    assert caught.value.hint
    assert "127.0.0.1" not in str(caught.value)
    assert server.asked == [f"/{path}"]
    assert not cache.exists() or not list(cache.iterdir())


def test_a_refused_connection_says_that_the_machine_is_offline() -> None:
    with socket.socket() as bound:  # bound but not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        file = remote_file(f"http://127.0.0.1:{bound.getsockname()[1]}/good")
        with pytest.raises(
            InputError, match="on the internet, and this machine cannot reach it"
        ) as caught:
            fetch(file, allow_loopback_http=True)
    assert caught.value.message.count(".") == 1


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://localhost.org/x"],
)
def test_only_https_is_asked_even_when_loopback_is_allowed(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", _no_network)
    with pytest.raises(InputError, match="not https"):
        fetch(remote_file(url), allow_loopback_http=True)


def test_http_is_refused_on_loopback_unless_asked_for(server: SimpleNamespace) -> None:
    with pytest.raises(InputError, match="not https"):
        fetch(remote_file(f"{server.url}/good"))
    assert server.asked == []


def test_https_to_a_server_without_certificate_is_refused(server: SimpleNamespace) -> None:
    file = remote_file(server.url.replace("http:", "https:") + "/good")
    with pytest.raises(InputError, match="could not prove who it is"):
        fetch(file, patience=HASTY)


def test_a_damaged_copy_is_found_deleted_and_can_be_fetched_again(
    server: SimpleNamespace, cache: Path
) -> None:
    file = remote_file(f"{server.url}/good")
    fetch(file, allow_loopback_http=True)
    (cache / SHA256).write_bytes(b"x" + CONTENT[1:])
    assert is_cached(file)  # the size is right
    with pytest.raises(InputError, match="was damaged and has been deleted"):
        read_cached(file)
    assert not is_cached(file)
    fetch(file, allow_loopback_http=True)
    assert read_cached(file) == CONTENT


def test_reading_before_fetching_asks_to_fetch() -> None:
    with pytest.raises(InputError, match="not fetched yet") as caught:
        read_cached(remote_file("https://example.org/x"))
    assert caught.value.hint == "Fetch it first."


def test_an_unwritable_cache_is_one_sentence(
    server: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_bytes(b"")
    monkeypatch.setenv("CONSILIUM_CACHE", str(blocked))
    with pytest.raises(InputError, match="cache folder cannot be written"):
        fetch(remote_file(f"{server.url}/good"), allow_loopback_http=True)


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSILIUM_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "samples"
    monkeypatch.delenv("CONSILIUM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "consilium" / "samples"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path.home() / ".cache" / "consilium" / "samples"


def test_the_log_names_the_hash_only(
    server: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        fetch(remote_file(f"{server.url}/good"), allow_loopback_http=True)
    assert SHA256 in caplog.text
    assert "127.0.0.1" not in caplog.text


def _no_network(*_: object, **__: object) -> None:
    raise AssertionError("a connection was opened")

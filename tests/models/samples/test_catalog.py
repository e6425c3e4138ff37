"""The gallery: what is in it, what it says, and that looking at it needs no network."""

import hashlib
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models.errors import InputError
from models.inputs.phantom import phantom
from models.samples import fetch, load, manifest, remote, samples, thumbnail
from models.samples.thumbnails import shrink

SHARED_NAMES = {
    "nih-cardiomegaly": "cardiomegaly_adult_pa.png",
    "nih-pneumonia": "pneumonia_adult_pa_1.png",
}


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_gallery_has_a_real_film_first_then_phantoms_then_remote_films() -> None:
    found = samples()
    assert [sample.kind for sample in found] == ["film", *["phantom"] * 3, *["remote"] * 2]
    assert [sample.available for sample in found] == [True] * 4 + [False] * 2
    assert len({sample.id for sample in found}) == len(found)
    for sample in found:
        assert sample.title
        assert sample.description
        assert sample.licence
        assert sample.source


@pytest.mark.usefixtures("no_network")
def test_every_available_sample_loads_and_has_a_thumbnail_without_network() -> None:
    for sample in samples():
        small = thumbnail(sample.id)
        if not sample.available:
            assert small is None
            with pytest.raises(InputError, match="not fetched yet"):
                load(sample.id)
            continue
        case = load(sample.id)
        assert case.name == sample.title
        assert min(case.payload.pixels.shape) >= 1024
        assert small is not None
        assert small.dtype == np.uint8
        assert max(small.shape) == 256
        # The same picture: the thumbnail of a phantom is computed apart, photon noise and all.
        assert np.abs(small / 255 - shrink(case.payload.pixels) / 255).mean() < 0.01


def test_the_packaged_film_is_shown_with_dark_lungs_and_a_bright_middle() -> None:
    small = thumbnail("rg1")
    assert small is not None
    height, width = small.shape
    middle = small[height // 2, int(0.47 * width) : int(0.55 * width)].mean()
    lung = small[int(0.35 * height), int(0.25 * width) : int(0.35 * width)].mean()
    assert middle > lung + 40


def test_phantom_titles_say_that_they_are_synthetic_and_where_the_opacity_is() -> None:
    for item in manifest._read(manifest.PATH)["phantoms"]:
        film = phantom(item["seed"], opacity=item["opacity"], size=64)
        assert "Phantom (synthetic)" in item["title"]
        assert film.opacity_mask.any() == item["opacity"]
        if item["opacity"]:
            assert f"planted in {film.place.replace(',', '')} zone" in item["title"]
            # Regions are named by thirds of the film: the two ways of naming must not contradict.
            row = np.nonzero(film.opacity_mask)[0].mean() / 64
            third = ("upper", "middle", "lower")[int(3 * row)]
            assert third in film.place
        else:
            assert "no opacity" in item["title"]


def test_remote_addresses_are_pinned_https_and_quoted() -> None:
    for item in manifest._read(manifest.PATH)["remote"]:
        start, commit = "https://raw.githubusercontent.com/", item["url"].split("/")[5]
        assert item["url"].startswith(start)
        assert len(commit) == 40
        assert int(commit, 16)
        assert item["url"].isascii()
        assert " " not in item["url"]


def test_remote_hashes_are_those_of_the_real_films(shared_data: Path) -> None:
    for item in manifest._read(manifest.PATH)["remote"]:
        data = (shared_data / "xray" / "samples" / SHARED_NAMES[item["id"]]).read_bytes()
        assert len(data) == item["n_bytes"]
        assert hashlib.sha256(data).hexdigest() == item["sha256"]


def test_one_click_makes_a_remote_film_available(
    server: SimpleNamespace, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = SHARED_NAMES["nih-cardiomegaly"]
    server.handler.content = (shared_data / "xray" / "samples" / name).read_bytes()
    original = remote.fetch

    def from_here(file: remote.RemoteFile) -> None:
        original(replace(file, url=f"{server.url}/good"), allow_loopback_http=True)

    monkeypatch.setattr(remote, "fetch", from_here)
    assert fetch("nih-cardiomegaly").available
    assert load("nih-cardiomegaly").payload.pixels.shape == (512, 512)
    small = thumbnail("nih-cardiomegaly")
    assert small is not None
    assert small.shape == (256, 256)
    assert fetch("nih-cardiomegaly").available  # again: nothing is asked a second time
    assert server.asked == ["/good"]


@pytest.mark.usefixtures("no_network")
def test_fetching_what_is_available_uses_no_network() -> None:
    assert fetch("rg1").available


@pytest.mark.parametrize("use", [load, fetch, thumbnail])
def test_an_unknown_id_is_refused_with_the_known_ones(use: Callable[[str], object]) -> None:
    with pytest.raises(InputError, match="no sample 'nothing'") as caught:
        use("nothing")
    assert "phantom-right-lower" in caught.value.hint


def test_an_incomplete_package_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        data_path = tmp_path

    monkeypatch.setattr(manifest, "DataStore", Empty)
    assert not samples()[0].available
    with pytest.raises(InputError, match="incomplete"):
        load("rg1")


def test_shrinking_averages_areas_and_keeps_proportions() -> None:
    pixels = np.array([[0, 1, 1], [1, 1, 1], [0, 0, 0]], dtype=np.float32)
    # Each small pixel covers 1.5 x 1.5: upper left 1 - 1 / 2.25 of it is bright.
    expected = np.array([[1.25 / 2.25, 1], [0.75 / 2.25, 0.75 / 2.25]])
    assert np.array_equal(shrink(pixels, longest=2), np.rint(expected * 255))
    wide = np.random.default_rng(0).random((60, 300), dtype=np.float32)
    small = shrink(wide, longest=100)
    assert small.shape == (20, 100)
    assert abs(small.mean() / 255 - wide.mean()) < 0.002
    assert shrink(wide, longest=300).shape == (60, 300)

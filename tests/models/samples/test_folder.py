"""A folder of one's own: films only, inside it only, and names go nowhere but to the user."""

import logging
import os
import struct
import zlib
from pathlib import Path

import pytest

from models.errors import InputError
from models.inputs.limits import LIMITS
from models.samples import folder, load, remarks, samples, thumbnail

NAME = "SECRET Jane Doe 1970-01-01"


def png(grey: int = 100, side: int = 64) -> bytes:
    """A PNG of one grey level, made by hand."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([grey]) * side) * side
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "own"
    path.mkdir()
    monkeypatch.setenv("CONSILIUM_SAMPLES", str(path))
    return path


def titles() -> list[str]:
    return [sample.title for sample in samples() if sample.kind == "folder"]


def test_films_are_listed_by_name_and_nothing_else_is(own: Path) -> None:
    (own / "b.png").write_bytes(png(2))
    (own / "a, no suffix").write_bytes(png(1))
    (own / "notes.png").write_bytes(b"this is a text")
    (own / "empty.dcm").write_bytes(b"")
    (own / ".hidden.png").write_bytes(png(3))
    (own / "deeper").mkdir()
    (own / "deeper" / "c.png").write_bytes(png(4))
    os.mkfifo(own / "pipe.png")
    assert titles() == ["a, no suffix", "b.png"]
    assert remarks() == ()


def test_a_film_loads_with_its_name_shown_and_a_thumbnail(own: Path) -> None:
    (own / f"{NAME}.png").write_bytes(png(51))
    sample = samples()[-1]
    case = load(sample.id)
    assert case.name == sample.title == f"{NAME}.png"
    assert case.payload.pixels.shape == (64, 64)
    small = thumbnail(sample.id)
    assert small is not None
    assert small.shape == (64, 64)
    assert sample.available


def test_the_id_comes_from_the_content_not_the_name(own: Path) -> None:
    (own / "a.png").write_bytes(png(1))
    before = samples()[-1].id
    (own / "a.png").rename(own / "z.png")
    assert samples()[-1].id == before
    (own / "z.png").write_bytes(png(2))
    assert samples()[-1].id != before


def test_two_copies_of_a_film_are_one_sample(own: Path) -> None:
    (own / "a.png").write_bytes(png(1))
    (own / "b.png").write_bytes(png(1))
    assert titles() == ["a.png"]


def test_names_reach_neither_ids_nor_logs_nor_errors(
    own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (own / f"{NAME}.png").write_bytes(png(9))
    (own / f"{NAME} broken.png").write_bytes(png(9)[:60])
    with caplog.at_level(logging.DEBUG):
        found = [sample for sample in samples() if sample.kind == "folder"]
        load(found[1].id)
        with pytest.raises(InputError) as caught:
            load(found[0].id)
        assert thumbnail(found[0].id) is None
    assert len(found) == 2
    for text in (caplog.text, str(caught.value), *(sample.id for sample in found)):
        assert "Jane" not in text
        assert str(own) not in text


def test_links_out_of_the_folder_are_not_followed(own: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(png(1))
    (own / "out.png").symlink_to(tmp_path / "outside.png")
    (own / "up.png").symlink_to("../outside.png")
    (own / "loop.png").symlink_to("loop.png")
    (own / "dangling.png").symlink_to("nothing")
    assert titles() == []
    (own / "inside.png").write_bytes(png(2))
    (own / "alias.png").symlink_to("inside.png")
    assert titles() == ["alias.png"]


def test_a_file_that_changed_after_listing_is_not_mistaken_for_the_listed_one(own: Path) -> None:
    path = own / "a.png"
    path.write_bytes(png(1))
    (entry,) = folder.scan().entries
    path.write_bytes(png(2))
    with pytest.raises(InputError, match="changed"):
        entry.load()
    path.unlink()
    with pytest.raises(InputError, match="no longer be read"):
        entry.load()


def test_no_more_than_the_cap_is_shown_and_said(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_SHOWN", 3)
    for grey in range(5):
        (own / f"{grey}.png").write_bytes(png(grey))
    assert titles() == ["0.png", "1.png", "2.png"]
    assert remarks() == ("Only the first 3 films of the folder CONSILIUM_SAMPLES are shown.",)
    monkeypatch.setattr(folder, "MAX_SHOWN", 5)
    assert remarks() == ()


def test_a_file_larger_than_any_upload_is_not_listed(own: Path) -> None:
    with (own / "huge.png").open("wb") as stream:
        stream.write(png())
        stream.truncate(LIMITS.max_bytes + 1)  # sparse: takes no room on the disk
    assert titles() == []


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_folder_that_is_none_is_said_once_and_breaks_nothing(
    own: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (own / "a file").write_bytes(b"")
    monkeypatch.setenv("CONSILIUM_SAMPLES", str(own / kind))
    assert titles() == []
    assert remarks() == ("The folder named by CONSILIUM_SAMPLES cannot be read.",)


def test_an_empty_folder_is_said(own: Path) -> None:
    assert own.is_dir()
    assert len(remarks()) == 1
    assert "holds no" in remarks()[0]

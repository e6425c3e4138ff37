"""The user's own folder of films, named by CONSILIUM_SAMPLES.

File names may name patients: they are shown to the user and appear nowhere else, neither in an id
nor in a log.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from pathlib import Path
from typing import Final

from models.case import Case
from models.errors import InputError
from models.inputs.image import decode_image
from models.inputs.limits import LIMITS
from models.inputs.sniff import probe_kind
from models.samples.sample import Entry, Sample

MAX_SHOWN: Final = 200
MAX_LOOKED_AT: Final = 2_000
HEAD_BYTES: Final = 512

# SHA-256 by (device, inode, size, time of change): a page that is drawn again hashes nothing.
_digests: Final[dict[tuple[int, int, int, int], str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was found.

    Attributes:
        entries: Readable films, sorted by name.
        remarks: Sentences for the user.
    """

    entries: tuple[Entry, ...] = ()
    remarks: tuple[str, ...] = ()


def scan() -> Scan:
    """Look through the folder, not into folders within it."""
    named = os.environ.get("CONSILIUM_SAMPLES")
    if not named:
        return Scan()
    try:
        folder = Path(named).expanduser().resolve(strict=True)
        names = [item.name for item in folder.iterdir() if not item.name.startswith(".")]
    except (OSError, RuntimeError):
        return Scan(remarks=("The folder named by CONSILIUM_SAMPLES cannot be read.",))
    entries: dict[str, Entry] = {}
    for name in nsmallest(MAX_LOOKED_AT, names):
        if len(entries) > MAX_SHOWN:
            break
        entry = _entry(folder, name)
        if entry is not None:
            entries.setdefault(entry.sample.id, entry)
    return Scan(
        entries=tuple(entries.values())[:MAX_SHOWN], remarks=_remarks(len(entries), len(names))
    )


def _remarks(n_films: int, n_names: int) -> tuple[str, ...]:
    if n_films == 0:
        return ("The folder named by CONSILIUM_SAMPLES holds no PNG, JPEG, TIFF or DICOM file.",)
    if n_films > MAX_SHOWN or n_names > MAX_LOOKED_AT:
        shown = min(n_films, MAX_SHOWN)
        return (f"Only the first {shown} films of the folder CONSILIUM_SAMPLES are shown.",)
    return ()


def _entry(folder: Path, name: str) -> Entry | None:
    """The film of that name, None where it is not one, is elsewhere or cannot be read."""
    try:
        path = (folder / name).resolve(strict=True)
        if path.parent != folder or not path.is_file():  # a link out of the folder, a pipe, ...
            return None
        with path.open("rb") as stream:
            if probe_kind(stream.read(HEAD_BYTES)) is None:
                return None
        digest = _digest(path)
    except (OSError, RuntimeError):
        return None
    if digest is None:
        return None
    load = partial(_load, path, digest, name)
    return Entry(sample=_sample(digest, name), load=load, preview=load)


def _sample(digest: str, name: str) -> Sample:
    return Sample(
        id=f"folder-{digest[:32]}",
        title=name,
        description="",
        licence="",
        source="your folder of samples",
        kind="folder",
        available=True,
    )


def _digest(path: Path) -> str | None:
    """SHA-256 of a file's content, None where it is larger than any film may be."""
    stat = path.stat()
    if stat.st_size > LIMITS.max_bytes:
        return None
    identity = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if identity not in _digests:
        with path.open("rb") as stream:
            _digests[identity] = hashlib.file_digest(stream, "sha256").hexdigest()
    return _digests[identity]


def _load(path: Path, digest: str, name: str) -> Case:
    try:
        with path.open("rb") as stream:
            data = stream.read(LIMITS.max_bytes + 1)
    except OSError as error:
        raise InputError("The file can no longer be read.", "Choose another sample.") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise InputError("The file has changed meanwhile.", "Reload the page.")
    return decode_image(data, name=name)

"""Reads manifest.yaml: the film that ships with a package, phantoms, films on the internet."""

from functools import cache, partial
from pathlib import Path
from typing import Final, TypedDict

import yaml
from data_store import DataStore

from models.case import Case, ImagePayload
from models.errors import InputError
from models.inputs.image import decode_image
from models.samples import remote
from models.samples.sample import Entry, Sample, SampleKind
from models.samples.thumbnails import LONGEST

PATH: Final = Path(__file__).with_name("manifest.yaml")


class _Shown(TypedDict):
    id: str
    title: str
    description: str


class _Film(_Shown):
    file: str
    licence: str
    source: str


class _Phantom(_Shown):
    seed: int
    opacity: bool


class _Remote(_Shown):
    licence: str
    source: str
    url: str
    sha256: str
    n_bytes: int


class _Manifest(TypedDict):
    films: list[_Film]
    phantoms: list[_Phantom]
    remote: list[_Remote]


def entries(path: Path = PATH) -> tuple[Entry, ...]:
    """The manifest's samples in its order, with their availability as it is now."""
    manifest = _read(path)
    return (
        *map(_film, manifest["films"]),
        *map(_phantom, manifest["phantoms"]),
        *map(_remote, manifest["remote"]),
    )


@cache
def _read(path: Path) -> _Manifest:
    manifest: _Manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    return manifest


def _sample(
    item: _Shown, *, kind: SampleKind, licence: str, source: str, available: bool
) -> Sample:
    return Sample(
        id=item["id"],
        title=item["title"],
        description=item["description"],
        licence=licence,
        source=source,
        kind=kind,
        available=available,
    )


def _film(item: _Film) -> Entry:
    path = Path(DataStore().data_path) / item["file"]
    load = partial(_decode_file, path, item["title"])
    sample = _sample(
        item,
        kind="film",
        licence=item["licence"],
        source=item["source"],
        available=path.is_file(),
    )
    return Entry(sample=sample, load=load, preview=load)


def _decode_file(path: Path, name: str) -> Case:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "The package that holds this sample is incomplete.", "Install pydicom-data again."
        ) from error
    return decode_image(data, name=name)


def _phantom(item: _Phantom) -> Entry:
    sample = _sample(
        item,
        kind="phantom",
        licence="Apache-2.0, as Consilium itself",
        source=f"computed by models/inputs/phantom.py, seed {item['seed']}",
        available=True,
    )
    return Entry(
        sample=sample,
        load=partial(_compute, item, size=1024),
        preview=partial(_compute, item, size=LONGEST),
    )


def _compute(item: _Phantom, *, size: int) -> Case:
    from models.inputs.phantom import phantom  # most of scipy: not for a page that draws none

    film = phantom(item["seed"], opacity=item["opacity"], size=size)
    payload = ImagePayload(
        pixels=film.pixels, spacing_mm=film.spacing_mm, row_direction="L", header=(("View", "PA"),)
    )
    return Case(
        digest=payload.content_digest(),
        name=item["title"],
        payload=payload,
        remarks=(film.description,),
    )


def _remote(item: _Remote) -> Entry:
    file = remote.RemoteFile(url=item["url"], sha256=item["sha256"], n_bytes=item["n_bytes"])
    load = partial(_decode_cached, file, item["title"])
    sample = _sample(
        item,
        kind="remote",
        licence=item["licence"],
        source=item["source"],
        available=remote.is_cached(file),
    )
    return Entry(sample=sample, load=load, preview=load, fetch=partial(remote.fetch, file))


def _decode_cached(file: remote.RemoteFile, name: str) -> Case:
    return decode_image(remote.read_cached(file), name=name)

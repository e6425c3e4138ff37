"""The composition root: hands models, samples and methods to components as plain data. No torch."""

from typing import Final

import streamlit as st

from components.controls import Offer
from components.gallery import Tile
from components.jobs import JobQueue
from components.state import Source
from models import samples
from models.card import ModelCard
from models.case import Case, Modality
from models.catalog import catalog
from models.inputs.image import decode_image
from models.samples import Sample
from models.samples.thumbnails import Thumbnail
from pages._desk import Desk

MODEL_OF: Final[dict[Modality, str]] = {"image": "xray"}


@st.cache_resource(show_spinner=False)
def desk(modality: Modality) -> Desk:
    """The desk of one modality, made once a server; its model starts loading at once."""
    made = Desk(MODEL_OF[modality])
    made.warm_up()
    return made


@st.cache_resource(show_spinner=False)
def clerk() -> JobQueue:
    """Writes files for all sessions."""
    return JobQueue(capacity=32, name="clerk")


@st.cache_resource(show_spinner="Loading the explanation methods...")
def offer(modality: Modality) -> Offer:
    """What can be chosen. Waits for torch, whose import the worker has begun."""
    from explainers.maskers.baselines import IMAGE_BASELINES
    from explainers.methods import METHODS

    return Offer(
        methods=tuple(method.card for method in METHODS),
        model=desk(modality).card,
        baselines={name: entry[0].description for name, entry in IMAGE_BASELINES.items()},
    )


def cards() -> tuple[ModelCard, ...]:
    """All models' cards."""
    return tuple(catalog().values())


def decode(source: Source, frame: int | None = None, window: int | None = None) -> Case:
    """Read a file; see `models.inputs.image.decode_image` for the errors."""
    return decode_image(source.data, name=source.name, frame=frame, window=window)


def tiles() -> list[Tile]:
    """The samples that are shown with a picture: all but the user's own folder."""
    return [_tile(sample) for sample in samples.samples() if sample.kind != "folder"]


def folder() -> dict[str, str]:
    """Id -> file name of the films in the user's own folder."""
    return {sample.id: sample.title for sample in samples.samples() if sample.kind == "folder"}


def folder_remarks() -> tuple[str, ...]:
    """What is amiss with that folder, if it was named at all."""
    return samples.remarks()


def sample(sample_id: str) -> Case:
    """Decode or compute a sample; one on the internet is fetched first: the user asked."""
    samples.fetch(sample_id)
    return samples.load(sample_id)


def _tile(item: Sample) -> Tile:
    """A sample as the gallery draws it."""
    return Tile(
        id=item.id,
        title=item.title,
        caption=item.description,
        thumbnail=_thumbnail(item.id) if item.available else None,
        action="Open" if item.available else "Fetch from the internet",
    )


@st.cache_resource(show_spinner=False, max_entries=32)
def _thumbnail(sample_id: str) -> Thumbnail | None:
    """Small picture of a public sample, made once a server; never of anybody's own film."""
    return samples.thumbnail(sample_id)


@st.cache_resource(show_spinner="Looking for a graphics processor...")
def device() -> str:
    """Where models run on this machine."""
    from models.devices import choose_device

    return str(choose_device())

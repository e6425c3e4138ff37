"""Where cases come from: files, forms and samples, as plain data for components. No torch."""

from collections.abc import Sequence

import streamlit as st

from components.gallery import Tile
from components.state import Source
from models import samples
from models.case import Case
from models.catalog import catalog
from models.errors import InputError
from models.inputs import tabular as tables
from models.inputs import text as texts
from models.inputs.image import decode_image
from models.inputs.table_template import template_csv
from models.inputs.tabular import record_case
from models.samples import Sample, records, reports
from models.samples.thumbnails import Thumbnail
from models.schema import TableSchema
from models.table_card import schema_of


def decode_film(source: Source, frame: int | None = None, window: int | None = None) -> Case:
    """Read a file; see `models.inputs.image.decode_image` for the errors."""
    return decode_image(source.data, name=source.name, frame=frame, window=window)


def schema(model_id: str) -> TableSchema:
    """The columns that a tabular model reads."""
    return schema_of(catalog()[model_id].document)


def record_of(model_id: str, values: Sequence[float | None], *, name: str = "Typed record") -> Case:
    """A record of typed values for a model, None = missing."""
    return record_case(values, schema(model_id), name=name)


def decode_table(model_id: str, source: Source, row: int | None = None) -> Case:
    """Read one record of a file; see `models.inputs.tabular.decode_table` for the errors."""
    return tables.decode_table(source.data, name=source.name, schema=schema(model_id), row=row)


def table_rows(model_id: str, source: Source) -> tuple[str, ...]:
    """A line for each record of a file; none where it cannot be read as a table."""
    try:
        return tables.table_rows(source.data, schema=schema(model_id)).previews
    except InputError:
        return ()


def record_tiles(model_id: str) -> list[Tile]:
    """The records to try that a model can be asked about."""
    return [
        Tile(id=item.id, title=item.title, caption=item.description, thumbnail=None)
        for item in records.samples(schema(model_id))
    ]


def sample_record(model_id: str, sample_id: str) -> Case:
    """One of the records to try."""
    return records.load(sample_id, schema(model_id))


def template(model_id: str) -> str:
    """A CSV file to fill in for a model."""
    return template_csv(schema(model_id))


def report_tiles() -> list[Tile]:
    """The texts to try."""
    return [
        Tile(id=item.id, title=item.title, caption=item.description, thumbnail=None)
        for item in reports.samples()
    ]


def sample_report(sample_id: str) -> Case:
    """One of the texts to try."""
    return reports.load(sample_id)


def text_of(typed: str, *, name: str = "Pasted text", start_word: int = 0) -> Case:
    """A text as typed; see `models.inputs.text.text_case` for the errors."""
    return texts.text_case(typed, name=name, start_word=start_word)


def decode_text(source: Source, start_word: int = 0) -> Case:
    """Read a text file; see `models.inputs.text.decode_text` for the errors."""
    return texts.decode_text(source.data, name=source.name, start_word=start_word)


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

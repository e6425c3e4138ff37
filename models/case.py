"""The decoded input of one patient, record or text. numpy only; never torch or streamlit."""

import hashlib
import json
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from models.schema import Column, TableSchema

Modality: TypeAlias = Literal["image", "tabular", "text"]
FloatArray: TypeAlias = npt.NDArray[np.float64]


def digest_of(*parts: bytes) -> str:
    """SHA-256 hex over length-prefixed parts: different sequences never share a byte stream."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFrame:
    """The rectangle of the film that one encoded image covers, in film pixels.

    Input pixel (i, j) of an (h, w) input covers film rows [top + i * height / h,
    top + (i + 1) * height / h) and likewise columns. Film outside was not seen by the model.
    """

    top: float
    left: float
    height: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImagePayload:
    """One grey-scale film.

    Attributes:
        pixels: (H, W) float32 in [0, 1], larger = brighter (bone bright, air dark on a radiograph).
        spacing_mm: (row, column) millimetres per pixel as stored, None when unknown.
        header: Facts for display only, (label, value) pairs in display order: view, laterality,
            orientation letters, window. Never names, ids or dates.
        row_direction: Where image rows run to as the file states it: "L" towards the patient's left
            (the usual display), "R" mirrored, None not stated.
        window_choices: Grey-scale windows on offer, in words; empty when there is no choice.
        window_index: Which of them made these pixels.
        n_frames: Frames in the file.
        frame_index: Which of them this is, 0-based.
    """

    pixels: npt.NDArray[np.float32]
    spacing_mm: tuple[float, float] | None = None
    header: tuple[tuple[str, str], ...] = ()
    row_direction: Literal["L", "R"] | None = None
    window_choices: tuple[str, ...] = ()
    window_index: int = 0
    n_frames: int = 1
    frame_index: int = 0

    def __post_init__(self) -> None:
        """Copy and freeze the pixels."""
        pixels = np.array(self.pixels, dtype=np.float32)
        pixels.setflags(write=False)
        object.__setattr__(self, "pixels", pixels)

    @property
    def modality(self) -> Modality:
        """Which page and which models this payload belongs to."""
        return "image"

    def content_digest(self) -> str:
        """SHA-256 hex of shape, pixels and the stated side: a mirrored film is another case."""
        facts = repr((self.pixels.shape, self.row_direction))
        return digest_of(b"image", facts.encode(), self.pixels.tobytes())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TabularPayload:
    """One record.

    Attributes:
        values: (F,) float64, in the order of the schema's columns; a category is its index, a
            missing value is NaN.
        schema: What the values mean.
        row: 1-based row of the file it came from, None when it came from no file of several.
        n_rows: Records in that file.
    """

    values: FloatArray
    schema: TableSchema
    row: int | None = None
    n_rows: int = 1

    def __post_init__(self) -> None:
        """Copy and freeze the values.

        Raises:
            ValueError: not one value a column.
        """
        values = np.array(self.values, dtype=np.float64)
        if values.shape != (len(self.schema.columns),):
            raise ValueError(f"{values.shape} values for {len(self.schema.columns)} columns")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def modality(self) -> Modality:
        """Which page and which models this payload belongs to."""
        return "tabular"

    def content_digest(self) -> str:
        """SHA-256 hex of schema and values; every NaN is the same missing value."""
        values = np.where(np.isnan(self.values), np.nan, self.values + 0.0)  # -0.0 is 0.0
        names = [field.name for field in fields(Column)]  # asdict copies: thrice as slow
        columns = [{name: getattr(c, name) for name in names} for c in self.schema.columns]
        schema = json.dumps({"columns": columns}, sort_keys=True)
        return digest_of(b"tabular", schema.encode(), values.tobytes())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextPayload:
    """One text.

    Attributes:
        text: As it is shown, Unicode NFC.
        words: (W, 2) int32 character offsets [start, stop) of the words: sorted, disjoint.
        sentence_of: (W,) int32, non-decreasing from 0: which sentence a word belongs to.
        start_word: First word that the model reads, for texts longer than it can take in.
    """

    text: str
    words: npt.NDArray[np.int32]
    sentence_of: npt.NDArray[np.int32]
    start_word: int = 0

    def __post_init__(self) -> None:
        """Copy and freeze the offsets."""
        for name in ("words", "sentence_of"):
            array = np.array(getattr(self, name), dtype=np.int32)
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def modality(self) -> Modality:
        """Which page and which models this payload belongs to."""
        return "text"

    def word(self, index: int) -> str:
        """One word as typed."""
        start, stop = self.words[index]
        return self.text[start:stop]

    def content_digest(self) -> str:
        """SHA-256 hex of text, words and the chosen window."""
        cut = (self.words.tobytes(), self.sentence_of.tobytes(), str(self.start_word).encode())
        return digest_of(b"text", self.text.encode("utf-8", "surrogatepass"), *cut)


Payload: TypeAlias = ImagePayload | TabularPayload | TextPayload


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One decoded input.

    Attributes:
        digest: SHA-256 hex of the canonical content; the only identifier ever logged or keyed on.
        name: As shown to the user; never logged, never part of a key.
        payload: The content; decides `modality`.
        remarks: What decoding did or could not tell, in sentences for the user.
    """

    digest: str
    name: str
    payload: Payload
    remarks: tuple[str, ...] = ()

    @property
    def modality(self) -> Modality:
        """The payload's modality."""
        return self.payload.modality

    @property
    def film(self) -> ImagePayload:
        """The payload of an image case; TypeError for another."""
        return _payload(self.payload, ImagePayload)

    @property
    def record(self) -> TabularPayload:
        """The payload of a tabular case; TypeError for another."""
        return _payload(self.payload, TabularPayload)

    @property
    def document(self) -> TextPayload:
        """The payload of a text case; TypeError for another."""
        return _payload(self.payload, TextPayload)


PayloadT = TypeVar("PayloadT", ImagePayload, TabularPayload, TextPayload)


def _payload(payload: Payload, kind: type[PayloadT]) -> PayloadT:
    """The payload, when it is of this kind."""
    if not isinstance(payload, kind):
        raise TypeError(f"a case of kind {payload.modality} is no {kind.__name__}")
    return payload


def image_case(
    pixels: npt.NDArray[np.float32],
    *,
    name: str,
    spacing_mm: tuple[float, float] | None = None,
    header: tuple[tuple[str, str], ...] = (),
    row_direction: Literal["L", "R"] | None = None,
    remarks: tuple[str, ...] = (),
) -> Case:
    """Make a Case of (H, W) pixels in [0, 1]; see ImagePayload and Case for the fields."""
    payload = ImagePayload(
        pixels=pixels, spacing_mm=spacing_mm, header=header, row_direction=row_direction
    )
    return Case(digest=payload.content_digest(), name=name, payload=payload, remarks=remarks)

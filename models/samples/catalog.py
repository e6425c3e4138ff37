"""All samples: those of the manifest, then the user's own folder."""

from models.case import Case
from models.errors import InputError
from models.samples import folder
from models.samples.manifest import entries as manifest_entries
from models.samples.sample import Entry, Sample
from models.samples.thumbnails import Thumbnail, shrink

__all__ = ["fetch", "load", "remarks", "samples", "thumbnail"]


def samples() -> tuple[Sample, ...]:
    """The gallery in display order, as things are now; uses no network."""
    return tuple(entry.sample for entry in _entries())


def remarks() -> tuple[str, ...]:
    """Sentences for the user about the folder named by CONSILIUM_SAMPLES, if something is amiss."""
    return folder.scan().remarks


def load(sample_id: str) -> Case:
    """Decode or compute a sample; uses no network.

    Raises:
        InputError: No such sample, not fetched yet, or not readable; says which.
    """
    return _entry(sample_id).load()


def fetch(sample_id: str) -> Sample:
    """Download a remote sample, check and cache it. To be called on the user's click only.

    Returns:
        The sample, now available. One that was already is returned as it is.

    Raises:
        InputError: In one sentence, why it could not be fetched.
    """
    entry = _entry(sample_id)
    if entry.sample.available:
        return entry.sample
    entry.fetch()
    return _entry(sample_id).sample


def thumbnail(sample_id: str) -> Thumbnail | None:
    """A small picture of a sample; uses no network.

    Takes as long as decoding does (a phantom is computed at a small size); keep the result.

    Returns:
        (h, w) uint8, longest side <= 256, larger = brighter; None where the sample is not
        available or cannot be decoded without asking (several frames).

    Raises:
        InputError: No such sample.
    """
    entry = _entry(sample_id)
    if not entry.sample.available:
        return None
    try:
        return shrink(entry.preview().film.pixels)
    except InputError:
        return None


def _entries() -> tuple[Entry, ...]:
    return (*manifest_entries(), *folder.scan().entries)


def _entry(sample_id: str) -> Entry:
    entries = {entry.sample.id: entry for entry in _entries()}
    if sample_id not in entries:
        raise InputError(
            f"There is no sample {sample_id!r}.", f"Known samples: {', '.join(entries)}."
        )
    return entries[sample_id]

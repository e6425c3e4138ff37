"""Cases to ask a model as a whole about: its samples, and more of the same kind.

No patient content of a user: what is found over these cases is kept for everybody. A folder of
films of one's own (CONSILIUM_SAMPLES) is read by the one who set up the server.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final

from models import samples
from models.adapter import HasTable, ModelAdapter
from models.case import Case, ImagePayload, Modality
from models.errors import ExplainError, InputError
from models.inputs.phantom import phantom
from models.inputs.tabular import record_case
from models.samples import records, reports

FIRST_SEED: Final = 100  # of phantoms that are no samples
PHANTOM_SIDE: Final = 256  # pixels; models see little more, and a large one takes seconds
MOST_PHANTOMS: Final = 64


def reference_cases(model: ModelAdapter, count: int, *, own: bool = False) -> tuple[Case, ...]:
    """The first `count` cases; fewer where there are fewer.

    Args:
        model: Says which kind.
        count: At most so many.
        own: Films from the folder named by CONSILIUM_SAMPLES only.

    Raises:
        ExplainError: fewer than two: nothing can be said about a model as a whole.
    """
    made = _own_films() if own else _MAKERS[model.card.modality](model)
    found = tuple(islice(_distinct(made), count))
    if len(found) < 2:
        raise ExplainError(
            "There are fewer than two cases to ask the model about.",
            "Name a folder of films in CONSILIUM_SAMPLES." if own else "",
        )
    return found


def _distinct(cases: Iterator[Case]) -> Iterator[Case]:
    """Every content once."""
    seen = set()
    for case in cases:
        if case.digest not in seen:
            seen.add(case.digest)
            yield case


def _films(_: ModelAdapter) -> Iterator[Case]:
    """Films that are at hand, then phantoms, healthy and with an opacity in turn."""
    yield from _readable(("film", "remote"))
    for seed in range(FIRST_SEED, FIRST_SEED + MOST_PHANTOMS):
        film = phantom(seed, opacity=seed % 2 == 1, size=PHANTOM_SIDE)
        payload = ImagePayload(
            pixels=film.pixels, spacing_mm=film.spacing_mm, row_direction="L", header=()
        )
        yield Case(digest=payload.content_digest(), name=f"Phantom {seed}", payload=payload)


def _own_films() -> Iterator[Case]:
    """Films of the folder that CONSILIUM_SAMPLES names."""
    yield from _readable(("folder",))


def _readable(kinds: tuple[str, ...]) -> Iterator[Case]:
    """Samples that are available and can be decoded without asking."""
    for sample in samples.samples():
        if sample.kind in kinds and sample.available:
            try:
                yield samples.load(sample.id)
            except InputError:
                continue  # several frames, or damaged: said where the folder is listed


def _records(model: ModelAdapter) -> Iterator[Case]:
    """Sample records, then records of the training data."""
    if not isinstance(model, HasTable):
        raise ExplainError(f"{model.card.title} does not say which columns it reads.")
    for sample in records.samples(model.schema):
        yield records.load(sample.id, model.schema)
    for place, values in enumerate(model.sample):
        cells = [None if value != value else float(value) for value in values]
        yield record_case(cells, model.schema, name=f"Training record {place + 1}")


def _texts(_: ModelAdapter) -> Iterator[Case]:
    """Sample texts."""
    for sample in reports.samples():
        yield reports.load(sample.id)


_MAKERS: Final[Mapping[Modality, Callable[[ModelAdapter], Iterator[Case]]]] = {
    "image": _films,
    "tabular": _records,
    "text": _texts,
}

"""What was drawn of the open case, so that a page drawn anew need not draw it again."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar, cast

Kept: TypeAlias = dict[str, tuple[tuple[object, ...], tuple[object, ...], object]]
"""Slot -> objects it was made of, plain values, and what was made of them."""
T = TypeVar("T")


def once(
    kept: Kept, slot: str, make: Callable[[], T], *sources: object, values: tuple[object, ...] = ()
) -> T:
    """What `make` makes; made again only from other sources or values.

    Sources are compared by identity: hashing patients' arrays by sample could return another
    patient's picture.

    Args:
        kept: Where it stands; the caller drops it with the case.
        slot: What it is; one place each.
        make: Makes it, of nothing but `sources` and `values`.
        sources: Objects that nobody changes.
        values: Numbers and words, compared by their value.
    """
    held = kept.get(slot)
    fits = (
        held is not None
        and len(held[0]) == len(sources)
        and all(one is other for one, other in zip(held[0], sources, strict=True))
        and held[1] == values
    )
    if held is None or not fits:
        kept[slot] = held = (sources, values, make())
    return cast("T", held[2])

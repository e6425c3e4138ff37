"""What the parts of a case are called. numpy only.

A report names the words of a text by their number alone; where the case itself is at hand and its
reader looks on, the words stand beside the numbers.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from explainers.maskers.names import PlayersId
from explainers.players import Players
from models.case import Payload, TabularPayload, TextPayload

PARTS: Final[Mapping[PlayersId, str]] = MappingProxyType(
    {
        "superpixels": "region",
        "grid": "region",
        "features": "feature",
        "groups": "group of features",
        "words": "word",
        "phrases": "phrase",
        "sentences": "sentence",
    }
)
LONGEST_QUOTE: Final = 48  # characters of a sentence that still tell it from others


def part_of(cut: PlayersId) -> str:
    """What one part of a case is called under a cut: "region", "feature", "word"."""
    return PARTS[cut]


def parts_of(cut: PlayersId) -> str:
    """What several parts are called."""
    head, *rest = PARTS[cut].split(" ")
    return " ".join([f"{head}s", *rest])


def part_names(players: Players, payload: Payload | None) -> tuple[str, ...]:
    """(P,) names of the parts; with the text of a text case its words are quoted.

    Args:
        players: The parts.
        payload: The case's content; None, or anything but a text, adds nothing.
    """
    names = tuple(players.name(player) for player in range(players.count))
    if not isinstance(payload, TextPayload) or not players.word_spans:
        return names
    return tuple(
        f"{name} “{_quoted(payload, *span)}”"
        for name, span in zip(names, players.word_spans, strict=True)
    )


def listed(names: Sequence[str], *, most: int | None = None) -> str:
    """Names in a sentence: "a", "a and b", "a, b and 3 more"; "a, left; b; and c".

    Args:
        names: What is listed; semicolons part names that have commas of their own.
        most: Names written out, the others are counted; None for all.
    """
    shown = list(names[:most])
    more = len(names) - len(shown)
    *first, last = [*shown, f"{more} more"] if more else shown
    if not first:
        return last
    if any("," in name for name in shown):
        return f"{'; '.join(first)}; and {last}"
    return f"{', '.join(first)} and {last}"


def record_behind(players: Players, payload: Payload | None) -> TabularPayload | None:
    """The record, when each part is one of its columns and their values can stand beside them."""
    if not isinstance(payload, TabularPayload) or players.kind != "feature":
        return None
    return payload if players.count == len(payload.values) else None


def _quoted(payload: TextPayload, start: int, stop: int) -> str:
    """The words [start, stop) in one line, cut where they are many."""
    first, last = payload.words[start][0], payload.words[stop - 1][1]
    line = " ".join(payload.text[first:last].split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE].rstrip()}…"

"""Columns of plain text that never run into one another, whatever their cells hold.

Pure standard library.
"""

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

GAP: Final = "  "
WIDEST_NAME: Final = 36  # longer names go on in the next line


def aligned(rows: Sequence[Sequence[str]], *, n_left: int) -> Iterator[str]:
    """Write rows of equal length, each column as wide as its widest cell.

    Args:
        rows: Cells; those of the first column are wrapped where they are long.
        n_left: Columns from the left that hold words, the others hold numbers.

    Yields:
        One line a row, and one more for each further line of its first cell.
    """
    wrapped = [_wrapped(row[0]) for row in rows]
    cells = [[lines[0], *row[1:]] for lines, row in zip(wrapped, rows, strict=True)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    if wrapped:
        widths[0] = max(width(line) for lines in wrapped for line in lines)
    for lines, row in zip(wrapped, cells, strict=True):
        yield GAP.join(
            _padded(cell, widths[i], left=i < n_left) for i, cell in enumerate(row)
        ).rstrip()
        yield from lines[1:]


def width(text: str) -> int:
    """Columns of a terminal that a text takes: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _wrapped(name: str) -> list[str]:
    """A name in lines that fit; without a break inside words where that can be helped."""
    name = unicodedata.normalize("NFC", name)
    room = WIDEST_NAME if width(name) == len(name) else WIDEST_NAME // 2
    return textwrap.wrap(name, room, subsequent_indent="  ") or [""]


def _padded(cell: str, size: int, *, left: bool) -> str:
    """A cell filled up with blanks."""
    blanks = " " * (size - width(cell))
    return cell + blanks if left else blanks + cell

"""HTML that cannot forget to escape: whatever is not markup already is text."""

import html
from collections.abc import Iterable, Mapping, Sequence


class Markup(str):
    """HTML source; made only by `tag` and by constants of our own."""

    __slots__ = ()


def tag(
    name: str, *children: str | Iterable[str], attributes: Mapping[str, str] | None = None
) -> Markup:
    """Write one element.

    Args:
        name: Element name.
        children: Text, which is escaped, or Markup, which is not; or several of them.
        attributes: Attribute values, which are escaped.
    """
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in (attributes or {}).items())
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: str | Iterable[str]) -> Markup:
    """Put text and Markup behind one another."""
    parts: list[str] = []
    for child in children:
        parts += [child] if isinstance(child, str) else list(child)
    return Markup("".join(p if isinstance(p, Markup) else html.escape(p) for p in parts))


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = ""
) -> Markup:
    """Write a table whose first column names its rows.

    Args:
        caption: What it shows.
        head: Names of the columns; empty for none.
        rows: Cells as text or Markup.
        kind: CSS class.
    """
    top = tag("thead", tag("tr", (tag("th", h, attributes={"scope": "col"}) for h in head)))
    body = (
        tag("tr", tag("th", first, attributes={"scope": "row"}), (tag("td", c) for c in rest))
        for first, *rest in rows
    )
    return tag(
        "table",
        tag("caption", caption),
        top if head else "",
        tag("tbody", body),
        attributes={"class": kind} if kind else None,
    )

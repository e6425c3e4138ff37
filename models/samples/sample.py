"""What a sample is to a page. Imports nothing that decodes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from models.case import Case

SampleKind: TypeAlias = Literal["film", "phantom", "remote", "folder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One entry of the gallery.

    Attributes:
        id: Stable; never made from a file's name.
        title: As shown. For a file of one's own its name, hence never logged.
        description: One or two sentences, as shown; may be empty.
        licence: Under which terms the image is available; empty for a file of one's own.
        source: Where it comes from, in words.
        kind: "film" ships with a package, "phantom" is computed, "remote" is fetched on request,
            "folder" is a file of one's own.
        available: Whether it can be loaded now, without network.
    """

    id: str
    title: str
    description: str
    licence: str
    source: str
    kind: SampleKind
    available: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A sample and how to get at it.

    Attributes:
        sample: What is shown.
        load: Decode or compute it, without network; raises InputError.
        preview: A smaller version that is quicker to make; `load` where there is none.
        fetch: Make it available, with network; does nothing where it is already; raises InputError.
    """

    sample: Sample
    load: Callable[[], Case]
    preview: Callable[[], Case]
    fetch: Callable[[], None] = lambda: None

"""Who computes next: of several people's work on one device. No threads, no clock, no streamlit.

Short work comes before long work, so that an ordinary consultation does not wait for a large one;
among equals who has had least comes first, so that people take turns. Nobody can use the first rule
against the second: who is `LEAD_SECONDS` ahead of somebody waits, however short the work.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

LEAD_SECONDS: Final = 60.0  # some three consultations about a film on two cores
STEP: Final = 4.0  # work up to so many times as long counts as equally long


class Claim(Protocol):
    """Work that somebody waits for."""

    @property
    def person(self) -> str:
        """Whose it is."""
        ...

    @property
    def level(self) -> int:
        """How long it is; see `level_of`."""
        ...

    @property
    def number(self) -> int:
        """Its place in order of arrival."""
        ...

    @property
    def is_unwanted(self) -> bool:
        """Whether it only has to be told to stop."""
        ...


ClaimT = TypeVar("ClaimT", bound=Claim)


def level_of(weight: float) -> int:
    """0 for work up to one default consultation, then one more for every `STEP` times as much."""
    return 0 if weight <= 1 else math.ceil(math.log(weight, STEP))


class Accounts:
    """Seconds that everybody has had, and the order that follows from them."""

    def __init__(self) -> None:
        self._served: dict[str, float] = {}

    def enter(self, person: str, present: Iterable[str]) -> None:
        """Somebody asks for something.

        A newcomer starts level with who has had least of those present: neither ahead of all for
        having been away, nor behind for having come late. Who left with more keeps it until then.
        """
        had = {name: self._served[name] for name in present}
        if person in had:
            return
        floor = min(had.values(), default=0.0)
        had |= {name: s for name, s in self._served.items() if had and s > floor}
        had.setdefault(person, floor)
        self._served = had

    def charge(self, person: str, seconds: float) -> None:
        """Somebody has had so much more."""
        self._served[person] += seconds

    def ordered(self, claims: Sequence[ClaimT]) -> list[ClaimT]:
        """First what only has to be told to stop, then as the module says."""
        if not claims:
            return []
        limit = min(self._served[claim.person] for claim in claims) + LEAD_SECONDS

        def rank(claim: ClaimT) -> tuple[bool, bool, int, float, int]:
            had = self._served[claim.person]
            return not claim.is_unwanted, had > limit, claim.level, had, claim.number

        return sorted(claims, key=rank)

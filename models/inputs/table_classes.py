"""Which category a cell means: by name, by index where nothing else can be meant, by its class."""

import re
from typing import Final

# A number for a column of classes must reach this share of the lowest limit between them: tumour
# sizes of 2 or 3 are cm rather than mm.
LEAST_SHARE: Final = 0.25
# And it must not exceed the highest limit by more than this factor.
MOST_TIMES: Final = 10.0
LEAST_PREFIX: Final = 3

_CLASS: Final = re.compile(r"(?P<to><=\d+)|(?P<between>\d+-\d+)|(?P<over>>\d+)", re.ASCII)
_INDEX: Final = re.compile(r"\d+(\.0*)?", re.ASCII)
_SAME: Final = {"true": "yes", "y": "yes", "false": "no", "n": "no"}


def find_category(text: str, categories: tuple[str, ...]) -> int | None:
    """Index of the category that a cell names; None when it names none.

    Case and spaces do not count, and the beginning of a single name will do ("pre"). An index is
    taken only where no name holds a digit: a "2" for a grade is the grade.
    """
    keys = [_key(category) for category in categories]
    wanted = _key(text)
    for candidate in (wanted, _SAME.get(wanted, wanted)):
        if candidate in keys:
            return keys.index(candidate)
    if _INDEX.fullmatch(text):
        index = float(text)  # may be too large for an int
        named_by_digits = any(character.isdigit() for key in keys for character in key)
        return int(index) if index < len(keys) and not named_by_digits else None
    begun = [index for index, key in enumerate(keys) if key.startswith(wanted)]
    return (
        begun[0] if len(begun) == 1 and len(wanted) >= LEAST_PREFIX and wanted.isalpha() else None
    )


def class_limits(categories: tuple[str, ...]) -> tuple[int, ...]:
    """The limits between classes such as "<=20", "20-50" and ">50"; () for other categories."""
    if not all(_CLASS.fullmatch(_key(category)) for category in categories):
        return ()
    digits = [int(found) for name in categories for found in re.findall(r"\d+", name)]
    limits = tuple(sorted(set(digits)))
    return limits if len(limits) + 1 == len(categories) else ()


def class_of(number: float, limits: tuple[int, ...]) -> int | None:
    """Index of the class that a number falls into; None when it is likely in another unit.

    A limit belongs to the class below it.
    """
    if not LEAST_SHARE * limits[0] <= number <= MOST_TIMES * limits[-1]:
        return None
    return sum(number > limit for limit in limits)


def _key(name: str) -> str:
    """A name without case and spaces."""
    return re.sub(r"\s+", "", name).casefold()

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
        index = int(float(text))
        named_by_digits = any(character.isdigit() for key in keys for character in key)
        return index if index < len(keys) and not named_by_digits else None
    begun = [index for index, key in enumerate(keys) if key.startswith(wanted)]
    return (
        begun[0] if len(begun) == 1 and len(wanted) >= LEAST_PREFIX and wanted.isalpha() else None
    )


def class_of(number: float, categories: tuple[str, ...]) -> int | None:
    """Index of the class "<=20", "20-50" or ">50" that a number falls into.

    None when the categories are no such classes, and for numbers that are likely in another unit.
    An upper limit belongs to the class below it.
    """
    found = [_CLASS.fullmatch(_key(category)) for category in categories]
    if not all(found):
        return None
    limits = [int(digits) for category in categories for digits in re.findall(r"\d+", category)]
    if not LEAST_SHARE * min(limits) <= number <= MOST_TIMES * max(limits):
        return None
    tops = sorted(set(limits))
    below = sum(number > top for top in tops)
    return below if len(tops) + 1 == len(categories) else None


def _key(name: str) -> str:
    """A name without case and spaces."""
    return re.sub(r"\s+", "", name).casefold()

"""What is said of each aspect of a cause: what differs, why it matters, what to do.

Names stand before past tenses only, so that one method and several read alike. No numpy.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from explainers.causes import Aspect, Meaning, Severity

SEVERITIES: Final[Mapping[Severity, str]] = MappingProxyType(
    {"incomparable": "Cannot be compared", "explains part": "Explains part of the difference"}
)

_ALIKE = "Ask all of them alike."
_AGAIN = "Explain again; what stands here was found under another question."
_DESIGN = "Nothing to repair: keep it in mind when they part."
_UNITS = "Numbers of two units cannot be set side by side."
_GAMES = (
    "What a part is worth depends on what stands in its place: with another stand-in the same "
    "method gives other values."
)
_REDRAWN = "A map that changes when it is drawn again parts from any other, whatever that one says."
_SETS = "A share belongs to a part; parts with other borders hold other evidence."

MEANINGS: Final[Mapping[Aspect, Meaning]] = MappingProxyType(
    {
        "players.cut": Meaning(
            "incomparable", "{one} spoke of {a}, {other} of {b}.", _SETS, _ALIKE
        ),
        "players.borders": Meaning(
            "incomparable",
            "{one} spoke of {a}, {other} as well, but not of the same ones: their borders differ.",
            _SETS,
            _ALIKE,
        ),
        "baseline.other": Meaning(
            "explains part",
            "{one} replaced hidden parts by {a}; {other} by {b}.",
            _GAMES,
            _ALIKE,
        ),
        "baseline.undeclared": Meaning(
            "explains part",
            "with everything hidden the model answered {a} for {one} and {b} for {other}, although "
            "both name the same stand-in for hidden parts.",
            f"Their stand-ins cannot have been the same. {_GAMES}",
            _ALIKE,
        ),
        "baseline.none": Meaning(
            "explains part",
            "{one} hid nothing, so nothing stood in for hidden parts; {other} replaced them by "
            "{b}.",
            "One looks at the case as it is, the other at what happens without a part.",
            _DESIGN,
            by_nature=True,
        ),
        "baseline.bins": Meaning(
            "explains part",
            "{one} compared this record with random ones whose values lie in other ranges of the "
            "training data; {other} replaced hidden values by {b}.",
            "“Compared with what?” has two answers here, and a value may matter by one of them "
            "only.",
            _DESIGN,
            by_nature=True,
        ),
        "scale.other": Meaning("incomparable", "{one} explained {a}, {other} {b}.", _UNITS, _ALIKE),
        "scale.undeclared": Meaning(
            "incomparable",
            "{one} is said to explain {a}, but its number for the whole case is the model's {b}.",
            _UNITS,
            _ALIKE,
        ),
        "target.other": Meaning(
            "incomparable",
            "{one} explained {a}, {other} {b}.",
            "What speaks for one finding need not speak for another.",
            _ALIKE,
        ),
        "target.undeclared": Meaning(
            "incomparable",
            "{one} is said to explain {a}, but its number for the whole case is the one of {b}.",
            "What speaks for one finding need not speak for another.",
            _ALIKE,
        ),
        "target.any": Meaning(
            "explains part",
            "{one} read where the model attends, which is the same whatever finding is asked "
            "about; {other} explained {b}.",
            "Attention is not an answer about one finding.",
            _DESIGN,
            by_nature=True,
        ),
        "budget.errors": Meaning(
            "explains part",
            "{one} had too few model runs ({a}): drawn again, about {b} of its evidence would lie "
            "elsewhere.",
            _REDRAWN,
            "Allow more model runs, or cut the case into fewer parts.",
        ),
        "budget.unknown": Meaning(
            "explains part",
            "{one} had few model runs ({a} for {b} parts) and gives no error bars.",
            f"How much of it is chance cannot be told. {_REDRAWN}",
            "Allow more model runs, or choose a method with error bars.",
        ),
        "budget.groups": Meaning(
            "explains part",
            "{one} ran out of model runs ({a}): {b} of the effects it found are divided evenly "
            "inside groups of parts.",
            "Parts of one group look alike because nobody asked them apart.",
            "Allow more model runs, or cut the case into fewer parts.",
        ),
        "completeness.gap": Meaning(
            "incomparable",
            "the values of {one} should add up to the model's whole change, {a}, but add up to "
            "{b}.",
            "A method that promises complete values and does not keep it has lost evidence or "
            "made some up; shares of its sum mean something else.",
            "Allow more model runs; if that does not help, leave the method out.",
        ),
        "colours.values": Meaning(
            "incomparable",
            "the values of {one} are scaled by themselves ({a}), not left in {b}.",
            "A map stretched to its own maximum shows noise as loud as evidence.",
            "Use the values as the method gave them: ask all of them alike.",
        ),
        "colours.map": Meaning(
            "explains part",
            "the fine map of {one} is scaled by itself: it does not add up to the method's own "
            "values ({a}).",
            "A map stretched to its own maximum shows noise as loud as evidence.",
            "Draw the map in the unit of the values: ask all of them alike.",
        ),
        "colours.panels": Meaning(
            "explains part",
            "full colour means {a} of the evidence for {one} and {b} for {other}.",
            "Equal colours are then not equal shares: one panel looks louder than it is.",
            "Draw all panels on one colour scale.",
        ),
        "stale.case": Meaning(
            "incomparable",
            "{one} is about another case (digest {a}, not {b}).",
            "Explanations of two cases say nothing about each other.",
            "Open the same case for both.",
        ),
        "stale.model": Meaning(
            "incomparable",
            "{one} asked another model ({a}, not {b}).",
            "Two models may rest on different evidence: their explanations differ with good "
            "reason.",
            "Ask the same model for both.",
        ),
        "stale.output": Meaning(
            "incomparable",
            "the number of {one} for the whole case, {a}, is none that this model gives to this "
            "case ({b} for the class asked).",
            "It was computed for another case, another model or another class list.",
            _AGAIN,
        ),
        "stale.answers": Meaning(
            "incomparable",
            "under the same name and weights the model answered {a} for {one} and {b} for {other}.",
            "Its calibration or the way it reads a case has changed: it is not the same model.",
            _AGAIN,
        ),
        "stale.request": Meaning(
            "explains part",
            "{one} was asked otherwise than what stands beside it: {a}, not {b}.",
            "It answers a question that was asked earlier.",
            _AGAIN,
        ),
        "stale.seed": Meaning(
            "explains part",
            "{one} was drawn with seed {a}, {other} with seed {b}.",
            "Methods that draw at random give slightly different values under another seed.",
            _ALIKE,
        ),
        "stale.values": Meaning(
            "explains part",
            "{one} was asked the same as {other}, with the same seed, but their values differ by "
            "{a} of the evidence.",
            "Something that is not written down has changed: the program, or a setting.",
            _AGAIN,
        ),
        "stale.schema": Meaning(
            "explains part",
            "{one} has report version {a}, {other} version {b}.",
            "An older version leaves out what a newer one records, so less can be checked.",
            "Let the older one be computed again.",
        ),
        "stale.versions": Meaning(
            "explains part",
            "{one} was computed with {a}, {other} with {b}.",
            "Libraries change their numbers between versions, mostly in the last digits.",
            "Compute both with the same versions if a small difference matters.",
        ),
        "direction.unsigned": Meaning(
            "explains part",
            "{one} said how much, not whether for or against; {other} said both.",
            "They can be compared by size alone.",
            _DESIGN,
            by_nature=True,
        ),
        "quantity.slope": Meaning(
            "explains part",
            "{one} measured how strongly the model reads a place; {other} how much of the answer "
            "comes from it.",
            "A place can be read closely and yet change little.",
            _DESIGN,
            by_nature=True,
        ),
        "resolution.grid": Meaning(
            "explains part",
            "{one} read a coarse grid inside the network; {other} the {parts} themselves.",
            "It cannot tell parts apart that lie within one cell of its grid.",
            _DESIGN,
            by_nature=True,
        ),
    }
)

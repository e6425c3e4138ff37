"""What can differ between two answers, or between two reports. numpy only.

Rules believe numbers before declarations. docs/comparability.md gives the reason of every
threshold.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from explainers.asked import Asked, Context, alike, class_name, declared, reading, side
from explainers.causes import Aspect, Finding, Side, number, percent
from explainers.rules_of_one import ATTENTION, SCALE_WORDS, is_stale

SAME_VALUES: Final = 0.01  # of sum |values|: rounding on another machine stays far below
OWN_BINS: Final = frozenset({"lime_tabular"})
FEATURE_MAPS: Final = "feature_maps"
PACKAGES: Final = ("torch", "numpy", "shap", "lime", "scikit-image", "transformers", "xgboost-cpu")


def of_two(one: Asked, other: Asked) -> Iterator[Finding]:
    """What differs between two answers; of one that belongs elsewhere nothing more is said."""
    if not is_stale(one) and not is_stale(other):
        yield from _players(one, other)
        yield from _question(one, other)
        yield from _baseline(one, other)
        yield from _nature(one, other)
    mine, yours = one.colour_end, other.colour_end
    if mine is not None and yours is not None and not alike(mine, yours):
        yield _differ("colours.panels", one, other, (percent(mine), percent(yours)))


def _differ(
    aspect: Aspect,
    one: Asked,
    other: Asked,
    facts: tuple[str, str],
    keys: tuple[str, str] | None = None,
) -> Finding:
    """A finding about both sides alike, in an order that does not depend on who came first."""
    mine, yours = keys or facts
    sides, key = (side(one), side(other)), "".join(sorted(keys or ()))
    if sides[0].source == sides[1].source and mine > yours:
        return Finding(aspect, sides[1], sides[0], facts[1], facts[0], key)
    return Finding(aspect, *sides, *facts, key)


def _source_differs(one: Asked, other: Asked) -> bool:
    """Whether the reports of two answers are about another case or model."""
    a, b = one.context, other.context
    mine, yours = ((c.case_digest, c.model_id, c.weights_sha256) for c in (a, b))
    return mine != yours


def _same_reading(one: Asked, other: Asked) -> bool:
    """Whether two answers explain the same number, by their numbers."""
    found = reading(one)
    return found is not None and found == reading(other)


def _players(one: Asked, other: Asked) -> Iterator[Finding]:
    """Other parts."""
    a, b = one.explanation.players, other.explanation.players
    if a.digest() == b.digest():
        return
    words = (f"{a.count} {a.kind}s", f"{b.count} {b.kind}s")
    if words[0] == words[1]:
        yield _differ("players.borders", one, other, words, (a.digest(), b.digest()))
    else:
        yield _differ("players.cut", one, other, words)


def _question(one: Asked, other: Asked) -> Iterator[Finding]:
    """Another unit or another class, as declared; what is not declared `of_one` finds."""
    mine, yours = declared(one), declared(other)
    if mine.scale != yours.scale and _is_honest(one) and _is_honest(other):
        words = (SCALE_WORDS[mine.scale], SCALE_WORDS[yours.scale])
        yield _differ("scale.other", one, other, words)
    names = class_name(one, mine), class_name(other, yours)
    if names[0] != names[1] and one.context.classes == other.context.classes:
        yield _differ("target.other", one, other, names)


def _is_honest(asked: Asked) -> bool:
    """Whether the declared scale is that of the numbers, as far as they tell."""
    found = reading(asked)
    return found is None or found.scale == declared(asked).scale


def _baseline(one: Asked, other: Asked) -> Iterator[Finding]:
    """Something else in the place of hidden parts, as declared or as numbers show."""
    a, b = one.explanation, other.explanation
    if a.baseline is None or b.baseline is None:
        return
    if a.baseline.name != b.baseline.name:
        words = (a.baseline.description, b.baseline.description)
        yield _differ("baseline.other", one, other, words)
    elif _hid_otherwise(one, other):
        empties = [number(e.value_empty or 0.0) for e in (a, b)]
        yield _differ("baseline.undeclared", one, other, (empties[0], empties[1]))


def _hid_otherwise(one: Asked, other: Asked) -> bool:
    """Whether the model answered otherwise with everything hidden, all else being the same."""
    a, b = one.explanation, other.explanation
    if a.value_empty is None or b.value_empty is None or alike(a.value_empty, b.value_empty):
        return False
    if _source_differs(one, other):
        return False
    mine, yours = a.players, b.players
    same_cover = mine.element_shape == yours.element_shape and np.array_equal(
        mine.membership >= 0, yours.membership >= 0
    )
    return same_cover and _same_reading(one, other)


def _nature(one: Asked, other: Asked) -> Iterator[Finding]:
    """What sets two methods apart by what they are."""
    for a, b in ((one, other), (other, one)):
        mine, yours = a.explanation, b.explanation
        me, you = side(a), side(b)
        if mine.baseline is None and yours.baseline is not None:
            own = mine.method in OWN_BINS
            aspect: Aspect = "baseline.bins" if own else "baseline.none"
            yield Finding(aspect, me, you, "", yours.baseline.description)
        if mine.method in ATTENTION and yours.method not in ATTENTION:
            yield Finding("target.any", me, you, "", class_name(b, declared(b)))
        if yours.signed and not mine.signed:
            yield Finding("direction.unsigned", me, you)
        if mine.kind == "density" and yours.kind == "additive":
            yield Finding("quantity.slope", me, you)
        if _reads_a_grid(a) and not _reads_a_grid(b):
            yield Finding("resolution.grid", me, you)


def _reads_a_grid(asked: Asked) -> bool:
    """Whether the method reads feature maps, coarser than the input."""
    return asked.card is not None and FEATURE_MAPS in asked.card.needs


def of_contexts(one: Context, other: Context) -> Iterator[Finding]:
    """What differs between two reports beyond their questions."""
    a, b = Side("", one.source), Side("", other.source)
    if one.case_digest != other.case_digest:
        digests = (one.case_digest[:12], other.case_digest[:12])
        yield Finding("stale.case", a, b, *digests)
    if one.model_id != other.model_id:
        yield Finding("stale.model", a, b, one.model_id, other.model_id)
    elif one.weights_sha256 != other.weights_sha256:
        weights = (f"weights {w[:12]}" for w in (one.weights_sha256, other.weights_sha256))
        yield Finding("stale.model", a, b, *weights)
    elif one.case_digest == other.case_digest and not _answers_alike(one, other):
        shown = (_answer(one), _answer(other))
        yield Finding("stale.answers", a, b, *shown)
    if one.schema_version != other.schema_version:
        yield Finding("stale.schema", a, b, one.schema_version, other.schema_version)
    if one.request.seed != other.request.seed:
        yield Finding("stale.seed", a, b, str(one.request.seed), str(other.request.seed))
    versions = _versions(one, other)
    if versions:
        yield Finding("stale.versions", a, b, *versions)


def _answers_alike(one: Context, other: Context) -> bool:
    """Whether a model gave a case the same probabilities and log-odds."""
    if one.classes != other.classes:
        return False
    pairs = zip(one.logits, other.logits, strict=True)
    return all(alike(float(a), float(b)) for a, b in pairs)


def _answer(context: Context) -> str:
    """The probabilities in words."""
    return ", ".join(f"{p:.3f}" for p in context.probabilities[:3])


def _versions(one: Context, other: Context) -> tuple[str, str] | None:
    """Packages whose second number differs: "torch 2.13", "torch 2.14"."""
    mine, yours = (
        {
            name: ".".join(c.environment[name].split(".")[:2])
            for name in PACKAGES
            if name in c.environment
        }
        for c in (one, other)
    )
    differ = [name for name in mine if name in yours and mine[name] != yours[name]]
    if not differ:
        return None
    first, second = (", ".join(f"{n} {v[n]}" for n in differ) for v in (mine, yours))
    return first, second


def undeclared(one: Asked, other: Asked) -> Iterator[Finding]:
    """The same method, asked the same in two reports, with other values."""
    a, b = one.explanation, other.explanation
    same = (a.method, a.seed, a.rows, dict(a.settings)) == (
        b.method,
        b.seed,
        b.rows,
        dict(b.settings),
    )
    if not same or a.players.digest() != b.players.digest() or not _is_same_question(one, other):
        return
    total = max(float(np.abs(a.values).sum()), float(np.abs(b.values).sum()))
    off = float(np.abs(a.values - b.values).sum())
    if off > SAME_VALUES * total:
        yield Finding("stale.values", side(one), side(other), percent(off / total))


def _is_same_question(one: Asked, other: Asked) -> bool:
    """Whether case, model, number explained and stand-in are the same, by the numbers."""
    a, b = one.explanation, other.explanation
    if _source_differs(one, other) or not _same_reading(one, other):
        return False
    if a.value_empty is None or b.value_empty is None:
        return a.value_empty is b.value_empty
    return alike(a.value_empty, b.value_empty)

"""What can be wrong with one answer, whatever it is compared with. numpy only.

Rules believe numbers before declarations. docs/comparability.md gives the reason of every
threshold.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from explainers.asked import Asked, Context, class_name, declared, reading, side
from explainers.causes import Finding, number, percent
from explainers.explanation import Explanation, Scale
from models.case import FloatArray

REDRAWN: Final = 0.2  # of the evidence elsewhere when drawn again: a map of other places
FEW_ROWS: Final = 10  # a part; KernelSHAP of 80 words is redrawn by a fifth at about this many
HALTED: Final = 0.25  # of the effects divided evenly
GAP: Final = 0.02  # of the effect, as methods remark on themselves; then by chance as well:
GAP_ERRORS: Final = 3.0
NOISY_SUMS: Final = frozenset({"gradient_shap"})  # the others' sums are exact by construction
SLACK: Final = 1.1  # times the budget: some methods ask for the full and the empty case themselves
LEAST_GAP: Final = 1e-6
EXACTLY: Final = 1e-9  # what no computed maximum meets by chance
OFF_MAP: Final = 0.01  # of sum |values| by which a fine map may miss them
ATTENTION: Final = frozenset({"attention_rollout"})
SCALE_WORDS: Final[dict[Scale, str]] = {"logit": "log-odds", "probability": "probability"}


def redrawn(explanation: Explanation) -> float:
    """Share of the evidence expected elsewhere when a method is run again under another seed.

    Half the expected sum of |difference| of two runs with independent normal errors e of the
    shares: sum e / sqrt(pi). 0 without error bars.
    """
    errors = explanation.share_errors
    return float(errors.sum() / np.sqrt(np.pi)) if np.isfinite(errors).all() else np.inf


def of_one(asked: Asked) -> Iterator[Finding]:
    """What is wrong with one answer, whatever it is compared with."""
    yield from _context_of_one(asked)
    yield from _output(asked)
    scaled = list(_own_scaling(asked))
    yield from scaled
    if scaled:
        return  # errors and sums of scaled values would be compared with unscaled numbers
    starved = list(_budget(asked))
    yield from starved
    if not (starved and asked.explanation.method in NOISY_SUMS):  # then the gap follows from it
        yield from _completeness(asked)


def _context_of_one(asked: Asked) -> Iterator[Finding]:
    """Left over from another case, model or request than the report's."""
    e, context, me = asked.explanation, asked.context, side(asked)
    if e.case_digest != context.case_digest:
        yield Finding("stale.case", me, None, e.case_digest[:12], context.case_digest[:12])
    if (e.model_id, e.weights_sha256) != (context.model_id, context.weights_sha256):
        yield Finding("stale.model", me, None, *_models(e, context))
    request = context.request
    if e.seed != request.seed:
        yield Finding("stale.request", me, None, f"seed {e.seed}", f"seed {request.seed}")
    elif e.rows > SLACK * request.budget_of(e.method):
        allowed = f"at most {request.budget_of(e.method):,} model runs"
        yield Finding("stale.request", me, None, f"{e.rows:,} model runs", allowed)


def _models(e: Explanation, context: Context) -> tuple[str, str]:
    """Two models in words: by id, or by weights where the ids are equal."""
    if e.model_id != context.model_id:
        return e.model_id, context.model_id
    return f"weights {e.weights_sha256[:12]}", f"weights {context.weights_sha256[:12]}"


def is_stale(asked: Asked) -> bool:
    """Whether an answer is about another case or model, by its name or by its numbers."""
    return _is_named_otherwise(asked) or reading(asked) is None


def _is_named_otherwise(asked: Asked) -> bool:
    """Whether it says itself that it is about another case or model."""
    e, c = asked.explanation, asked.context
    mine = (e.case_digest, e.model_id, e.weights_sha256)
    return mine != (c.case_digest, c.model_id, c.weights_sha256)


def _output(asked: Asked) -> Iterator[Finding]:
    """The number for the whole case is not what is declared."""
    if _is_named_otherwise(asked):
        return
    said, found, me = declared(asked), reading(asked), side(asked)
    if found is None:
        expected = asked.context.output(said.scale, said.index, said.contrast)
        full = number(asked.explanation.value_full)
        yield Finding("stale.output", me, None, full, number(expected))
        return
    if found.scale != said.scale:
        words = (SCALE_WORDS[said.scale], SCALE_WORDS[found.scale])
        yield Finding("scale.undeclared", me, None, *words)
    if (found.index, found.contrast) != (said.index, said.contrast):
        names = (class_name(asked, said), class_name(asked, found))
        yield Finding("target.undeclared", me, None, *names)


def _budget(asked: Asked) -> Iterator[Finding]:
    """Too few model runs for the values to mean much."""
    e, me, rows = asked.explanation, side(asked), f"{asked.explanation.rows:,}"
    even = e.diagnostics.get("divided_evenly", 0.0)
    if even > HALTED:
        yield Finding("budget.groups", me, None, rows, percent(even))
    elif e.std_error is not None:
        moved = redrawn(e)
        if moved > REDRAWN and np.any(e.values):
            yield Finding("budget.errors", me, None, rows, percent(moved))
    elif _is_drawn(asked) and _asked_masks(e) < FEW_ROWS * (e.players.count + 1):
        yield Finding("budget.unknown", me, None, rows, str(e.players.count))


def _is_drawn(asked: Asked) -> bool:
    """Whether the values depend on what was drawn."""
    if asked.card is not None and asked.card.stochastic:
        return True
    return asked.explanation.method.startswith("reference_")


def _asked_masks(e: Explanation) -> int:
    """Coalitions asked; model runs where the method does not say."""
    masks = e.settings.get("masks", e.rows)
    return int(masks) if isinstance(masks, int) and e.method.startswith("reference_") else e.rows


def _completeness(asked: Asked) -> Iterator[Finding]:
    """Values that were promised to add up and do not."""
    e = asked.explanation
    gap = e.completeness_gap
    if not asked.is_complete or gap is None or e.value_empty is None:
        return
    effect = e.value_full - e.value_empty
    noise = 0.0
    if e.std_error is not None and e.method in NOISY_SUMS:
        noise = GAP_ERRORS * float(np.linalg.norm(e.std_error))
    if abs(gap) > max(GAP * abs(effect), noise, LEAST_GAP):
        yield Finding("completeness.gap", side(asked), None, number(effect), number(effect - gap))


def _own_scaling(asked: Asked) -> Iterator[Finding]:
    """Values or fine map stretched to a round maximum of their own."""
    e = asked.explanation
    mark = _fingerprint(e.values)
    if mark and e.kind == "additive" and e.method not in ATTENTION and not _adds_up(e):
        unit = SCALE_WORDS[e.scale]
        yield Finding("colours.values", side(asked), None, mark, unit)
    elif e.element_map is not None:
        how = "sum" if e.kind == "additive" else "mean"
        pooled = e.players.pool(e.element_map, how=how)  # type: ignore[arg-type]  # one of two words
        off = float(np.abs(pooled - e.values).sum())
        if off > OFF_MAP * float(np.abs(e.values).sum()) + LEAST_GAP:
            largest = f"largest {number(float(np.abs(e.element_map).max()))}"
            yield Finding("colours.map", side(asked), None, largest)


def _fingerprint(values: FloatArray) -> str:
    """What shows that values were scaled by themselves; "" where nothing does."""
    sizes = np.abs(values)
    largest = float(sizes.max(initial=0.0))
    for end in (1.0, 100.0):
        if abs(largest - end) <= EXACTLY * end:
            return f"the largest is exactly {end:g}"
        if abs(float(sizes.sum()) - end) <= EXACTLY * end:
            return f"their sizes add up to exactly {end:g}"
    return ""


def _adds_up(e: Explanation) -> bool:
    """Whether the values account for the effect although they look scaled: a closed form may."""
    if e.value_empty is None:
        return False
    effect = e.value_full - e.value_empty
    return abs(effect - float(e.values.sum())) <= max(GAP * abs(effect), LEAST_GAP)

"""Planted causes that lie in the question: other parts, baseline, scale or class."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.injected import OTHER_BASELINE, OTHER_CUT, Subject
from benchmarks.planting import WRONG, Planted, relabelled, swapped, three_ways
from explainers.players import Players
from explainers.report import EvidenceReport
from explainers.shares import pool


def players(subject: Subject) -> Iterator[Planted]:
    """Other parts: another cut, another count, single elements, moved borders."""
    mine = subject.report
    cuts = [subject.asked(replace(subject.request, players=OTHER_CUT[subject.modality]))]
    if subject.modality == "image":
        cuts.append(subject.asked(replace(subject.request, n_players=36)))
    for other in cuts:
        if other.players.digest() == mine.players.digest():
            continue  # no two features go together here
        how = other.request.players
        yield Planted(
            cause="players",
            how=how,
            before=mine,
            report=swapped(mine, other.explanations[WRONG]),
        )
        yield Planted(
            cause="players", how=f"{how}, two reports", before=mine, report=mine, there=other
        )
    for name, parts in (("merged", _merged(mine.players)), ("moved", _moved(mine.players))):
        yield _onto(mine, parts, name)
    fine = mine.explanations[0]
    pixels = _elements(mine.players)
    if fine.element_map is not None and pixels.count > mine.players.count:
        values = fine.element_map[mine.players.membership >= 0]
        answer = replace(fine, players=pixels, values=values, element_map=None)
        yield Planted(cause="players", how="elements", before=mine, report=swapped(mine, answer, 0))


def _onto(mine: EvidenceReport, parts: Players, how: str) -> Planted:
    """One answer pooled onto other parts."""
    values, errors = pool(mine.explanations[WRONG], parts)
    answer = replace(mine.explanations[WRONG], players=parts, values=values, std_error=errors)
    return Planted(cause="players", how=how, before=mine, report=swapped(mine, answer))


def _merged(players: Players) -> Players:
    """The last two parts as one."""
    last = players.count - 1
    membership = np.where(players.membership == last, last - 1, players.membership)
    return replace(players, membership=membership, names=(), word_spans=(), groups=())


def _moved(players: Players) -> Players:
    """As many parts with other borders: one element changes hands, or two parts change names."""
    membership = players.membership.copy()
    large = int(players.sizes.argmax())
    if players.sizes[large] > 1:
        membership[np.flatnonzero(membership == large)[0]] = (large + 1) % players.count
    else:
        membership[membership >= 0] = (membership[membership >= 0] + 1) % players.count
    return replace(players, membership=membership, names=(), word_spans=(), groups=())


def _elements(players: Players) -> Players:
    """Every element that belongs to anybody alone."""
    inside = players.membership >= 0
    membership = np.where(inside, np.cumsum(inside) - 1, -1).astype(np.int32)
    kind = "pixel" if players.kind in ("grid cell", "superpixel") else players.kind
    return Players(membership=membership, element_shape=players.element_shape, kind=kind)


def baseline(subject: Subject) -> Iterator[Planted]:
    """Another stand-in for hidden parts."""
    other = subject.asked(replace(subject.request, baseline=OTHER_BASELINE[subject.modality]))
    if len(other.explanations) > WRONG:
        yield from three_ways("baseline", other.request.baseline, subject, other)
        return
    mine, foreign = subject.report, other.explanations[-1]  # one method refuses this stand-in
    yield Planted(cause="baseline", how="other", before=mine, report=swapped(mine, foreign))
    hidden = swapped(mine, relabelled(foreign, mine))
    yield Planted(cause="baseline", how="other, relabelled", before=mine, report=hidden)
    yield Planted(cause="baseline", how="two reports", before=mine, report=mine, there=other)


def scale(subject: Subject) -> Iterator[Planted]:
    """Probability instead of log-odds."""
    yield from three_ways(
        "scale",
        "probability",
        subject,
        subject.asked(replace(subject.request, scale="probability")),
    )


def target(subject: Subject) -> Iterator[Planted]:
    """Another class, or the class against another."""
    mine = subject.report
    others = [name for name in mine.model.classes if name != mine.target.name]
    other = subject.asked(replace(subject.request, target=others[subject.seed % len(others)]))
    yield from three_ways("target", "other class", subject, other)
    if len(others) > 1:  # of two classes, one against the other is the log-odds of the one
        against = subject.asked(
            replace(subject.request, target=mine.target.name, contrast=others[0])
        )
        yield from three_ways("target", "contrast", subject, against)

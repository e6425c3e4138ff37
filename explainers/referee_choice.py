"""Which parts of a case the model is asked about: by default, by name, or by words. numpy only."""

import re
from itertools import combinations
from typing import Final

import numpy as np

from explainers.explanation import Explanation
from explainers.players import Players
from explainers.report import EvidenceReport
from models.case import Payload, TextPayload
from models.errors import ExplainError

ASKED: Final = 3  # parts asked about by default
NAMES_SHOWN: Final = 8  # in an error message


def contested_parts(report: EvidenceReport, n: int = ASKED) -> tuple[tuple[int, ...], ...]:
    """The parts that methods dispute most, else the one part that they agree matters most.

    Args:
        report: A finished consultation.
        n: How many at most.

    Returns:
        One player each, the most disputed first; empty where methods are not compared.
    """
    agreement = report.agreement
    if agreement is None or report.nothing_to_explain:
        return ()
    disputed = [int(p) for p in np.argsort(-agreement.contested, kind="stable")[:n]]
    disputed = [player for player in disputed if agreement.contested[player] > 0]
    if disputed:
        return tuple((player,) for player in disputed)
    size = np.nan_to_num(np.abs(agreement.shares)).mean(axis=0)
    agreed = np.array([verdict == "consensus" for verdict in agreement.verdicts])
    if not size.any():
        return ()
    return ((int(np.argmax(np.where(agreed, size, 0) if agreed.any() else size)),),)


def least_agreeing(report: EvidenceReport) -> tuple[Explanation, Explanation] | None:
    """The two answers whose ranks agree least; None with fewer than two that can be compared."""
    agreement = report.agreement
    if agreement is None:
        return None
    alike = agreement.metrics["rank_correlation"]
    pairs = [
        (float(alike[i, j]), i, j)
        for i, j in combinations(range(len(report.explanations)), 2)
        if not np.isnan(alike[i, j])
    ]
    if not pairs:
        return None
    _, one, two = min(pairs)
    return report.explanations[one], report.explanations[two]


def part_named(wanted: str, players: Players, payload: Payload | None) -> tuple[int, ...]:
    """The players that a user named: by name, by number as in report.json, or by words of a text.

    Args:
        wanted: "Age", "upper left zone 2", "4", or for a text "small effusion". Several, hidden
            together, are joined by " + ".
        players: The case's parts.
        payload: The case's content; its words are looked up in a text.

    Raises:
        ExplainError: nothing is called so.
    """
    found: set[int] = set()
    for name in wanted.split(" + "):
        found.update(_named(name.strip(), players, payload))
    return tuple(sorted(found))


def typed(phrase: str, payload: TextPayload, players: Players) -> tuple[int, ...]:
    """The players that hold a word or phrase, everywhere it stands in the text.

    Capitals and white space make no difference; whole words are looked for.

    Raises:
        ExplainError: the text does not hold it, or not where the model reads it.
    """
    words = phrase.split()
    if not words:
        raise ExplainError("There is no word to look for.", "Type a word of the text.")
    pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)"
    spans = [m.span() for m in re.finditer(pattern, payload.text, re.IGNORECASE)]
    if not spans:
        raise ExplainError(
            "The text does not hold these words in this order.",
            "Type a word or phrase as it stands in the text.",
        )
    starts, stops = payload.words[:, 0], payload.words[:, 1]
    held = {
        int(word)
        for start, stop in spans
        for word in np.flatnonzero((starts < stop) & (stops > start))
    }
    found = [
        player
        for player, (start, stop) in enumerate(players.word_spans)
        if held & set(range(start, stop))
    ]
    if not found:
        raise ExplainError(
            "The model does not read the text up to these words.", "Choose earlier words."
        )
    return tuple(found)


def _named(name: str, players: Players, payload: Payload | None) -> tuple[int, ...]:
    """The players of one name."""
    if name.isdecimal() and int(name) < players.count:
        return (int(name),)
    names = [players.name(player) for player in range(players.count)]
    same = [p for p, known in enumerate(names) if known.casefold() == name.casefold()]
    if same:
        return (same[0],)
    if isinstance(payload, TextPayload) and players.word_spans:
        return typed(name, payload, players)
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    raise ExplainError(
        f"There is no part {name!r} among the {players.count} of this case.",
        f"Name one of them, or its number from 0 to {players.count - 1}: {shown}.",
    )

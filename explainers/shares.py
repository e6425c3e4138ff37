"""Bring explanations onto common players and into common units, shares. numpy only."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from explainers.explanation import Explanation, share_errors
from explainers.metrics import BoolArray
from explainers.players import Players
from models.case import FloatArray
from models.errors import IncomparableError

MAX_PLAYERS = 600  # all pairs of players are compared: memory grows with the square


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What M methods say about P common players.

    Attributes:
        values: (M, P) raw, pooled.
        value_errors: (M, P) standard errors of `values`, 0 where deterministic.
        shares: (M, P) values / sum |values|; NaN rows where every value is 0.
        share_errors: (M, P) standard errors of `shares`.
        signed: (M,).
    """

    values: FloatArray
    value_errors: FloatArray
    shares: FloatArray
    share_errors: FloatArray
    signed: BoolArray


def require_same_question(explanations: Sequence[Explanation]) -> None:
    """Refuse what answers different questions, saying which part of the question differs.

    Raises:
        IncomparableError: fewer than two, or case, model, weights, target or scale differ.
    """
    if len(explanations) < 2:
        raise IncomparableError(
            f"{len(explanations)} explanation cannot be compared with itself.",
            "Ask at least two methods.",
        )
    asked: dict[str, list[Hashable]] = {
        "cases": [e.case_digest for e in explanations],
        "models": [e.model_id for e in explanations],
        "weights of the model": [e.weights_sha256 for e in explanations],
        "targets": [(e.target.index, e.target.contrast) for e in explanations],
        "scales": [e.scale for e in explanations],
    }
    for what, answers in asked.items():
        for explanation, answer in zip(explanations, answers, strict=True):
            if answer != answers[0]:
                raise IncomparableError(
                    f"{explanations[0].method} and {explanation.method} were asked about different "
                    f"{what}: their values cannot be compared.",
                    "Run both on the same question.",
                )


def common_players(explanations: Sequence[Explanation], onto: Players | None) -> Players:
    """The players to compare on: the explanations' own, or `onto`.

    Raises:
        IncomparableError: they differ and none are named, or there are too many.
    """
    if onto is None and len({e.players.digest() for e in explanations}) > 1:
        raise IncomparableError(
            "The explanations cut the input into different parts.",
            "Name the common parts to bring them onto.",
        )
    players = explanations[0].players if onto is None else onto
    if players.count > MAX_PLAYERS:
        raise IncomparableError(
            f"{players.count} parts are too many to compare; the limit is {MAX_PLAYERS}.",
            "Bring the explanations onto fewer, larger parts.",
        )
    return players


def gather(explanations: Sequence[Explanation], players: Players) -> Evidence:
    """Pool every explanation onto `players` and take shares.

    Raises:
        IncomparableError: the players of an explanation do not fit onto `players`.
    """
    pooled = [pool(explanation, players) for explanation in explanations]
    values = np.stack([value for value, _ in pooled])
    errors = np.stack([error for _, error in pooled])
    total = np.abs(values).sum(axis=1, keepdims=True)
    usable = np.where(total > 0, total, np.nan)
    shares = values / usable
    return Evidence(
        values=values,
        value_errors=errors,
        shares=shares,
        share_errors=share_errors(shares, errors / usable),
        signed=np.array([explanation.signed for explanation in explanations]),
    )


def pool(explanation: Explanation, players: Players) -> tuple[FloatArray, FloatArray]:
    """Values and standard errors (P,) of one explanation on other players.

    Additive values are spread evenly over their elements and summed, densities averaged; a finer
    element map is used where the method has one. Errors add as if players were independent.

    Raises:
        IncomparableError: the two partitions cover different elements.
    """
    own = explanation.players
    errors = explanation.std_error
    if own.digest() == players.digest():
        return explanation.values, np.zeros_like(explanation.values) if errors is None else errors
    covered = own.membership >= 0
    if own.element_shape != players.element_shape or not np.array_equal(
        covered, players.membership >= 0
    ):
        raise IncomparableError(
            f"{explanation.method} explains {own.count} {own.kind}s that do not lie on the "
            f"{players.count} common {players.kind}s.",
            "Ask all methods about the same part of the input.",
        )
    shared = np.zeros((players.count, own.count))
    np.add.at(shared, (players.membership[covered], own.membership[covered]), 1.0)
    additive = explanation.kind == "additive"
    weights = shared / (own.sizes if additive else players.sizes[:, None])
    values = weights @ explanation.values
    if explanation.element_map is not None:
        values = players.pool(explanation.element_map, how="sum" if additive else "mean")
    if errors is None:
        return values, np.zeros_like(values)
    return values, np.sqrt(weights**2 @ errors**2)

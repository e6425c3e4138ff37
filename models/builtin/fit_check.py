"""Fit the input check of the X-ray model (see `models.input_check`) on training films."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from models.input_check import TESTS, FilmCheck, Subspace, thumbnails

FILM_DIRECTIONS: Final = 32
FEATURE_DIRECTIONS: Final = 150
# Of the films of each source this share stays below each test's limit.
ACCEPTED_QUANTILE: Final = 0.998
# Of the mean deviation, added to each feature's own, so that features without spread do not rule.
FLOOR: Final = 0.1


def fit_check(inputs: Tensor, features: Tensor, sources: Sequence[str]) -> FilmCheck:
    """Fit directions and templates, every source weighing the same; limits stay open.

    Args:
        inputs: (N, 1, S, S) equalised training films.
        features: (N, D) their pooled features.
        sources: (N,) where each film comes from.
    """
    names = sorted(set(sources))
    members = [torch.tensor([s == name for s in sources]) for name in names]
    weights = sum((m.float() / (m.sum() * len(names)) for m in members), torch.zeros(len(sources)))
    small = thumbnails(inputs)
    spread = _deviation(features, weights)
    return FilmCheck(
        film=fit_subspace(small, torch.ones(small.shape[1]), weights, FILM_DIRECTIONS),
        features=fit_subspace(
            features, spread + FLOOR * spread.mean(), weights, FEATURE_DIRECTIONS
        ),
        templates=torch.stack([small[m].mean(0) for m in members]),
        limits=dict.fromkeys(TESTS, float("inf")),
    )


def fit_subspace(vectors: Tensor, scale: Tensor, weights: Tensor, directions: int) -> Subspace:
    """Weighted principal directions of (N, D) vectors."""
    mean = weights @ vectors
    centred = (vectors - mean) / scale
    _, deviations, components = torch.linalg.svd(
        centred * weights.sqrt()[:, None], full_matrices=False
    )
    return Subspace(
        mean=mean,
        scale=scale,
        components=components[:directions].clone(),
        deviations=deviations[:directions].clone(),
    )


def fit_limits(
    check: FilmCheck, inputs: Tensor, features: Tensor, sources: Sequence[str]
) -> dict[str, float]:
    """Limits under which ACCEPTED_QUANTILE of each source's films pass each test.

    Args:
        check: The fitted directions.
        inputs: (N, 1, S, S) equalised films, of the training and validation splits.
        features: (N, D) their pooled features.
        sources: (N,) where each film comes from.
    """
    scores = check.scores(inputs, features)
    limits = torch.zeros(len(TESTS))
    for name in sorted(set(sources)):
        member = torch.tensor([s == name for s in sources])
        limits = torch.maximum(limits, torch.quantile(scores[member], ACCEPTED_QUANTILE, dim=0))
    return {test: round(value, 5) for test, value in zip(TESTS, limits.tolist(), strict=True)}


def _deviation(vectors: Tensor, weights: Tensor) -> Tensor:
    """(N, D), (N,) -> (D,) weighted standard deviations."""
    return (weights @ (vectors - weights @ vectors).square()).sqrt()

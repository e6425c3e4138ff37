"""Does this look like a frontal chest X-ray? A distance from the films the model was trained on.

Five tests, each a number that is small for training films; one above its limit refuses. Three look
at a 28 x 28 thumbnail of the equalised input, so that grain, resolution and exposure do not matter;
two at the network's own features in the four quarters of the film, which see texture and edges. The
limits are quantiles over real films, fitted by `builtin/fit_check.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from models.prediction import InputCheck

TESTS: Final = ("film space", "film remainder", "template", "feature space", "feature remainder")
THUMBNAIL: Final = 28
CLEARLY_ALIKE: Final = 0.5  # of the template's limit: to call a picture an inverted film
REFUSED: Final = (
    "This does not look like a frontal chest X-ray like those the model was trained on: "
    "do not rely on the prediction."
)
INVERTED: Final = (
    "This does not look like a frontal chest X-ray unless its grey values are inverted "
    "(bone should be bright): do not rely on the prediction."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subspace:
    """Where the training films lie among vectors of D numbers.

    Attributes:
        mean: (D,).
        scale: (D,) positive, divides what is left after the mean.
        components: (k, D) orthonormal main directions of the scaled vectors.
        deviations: (k,) standard deviations along them.
    """

    mean: Tensor
    scale: Tensor
    components: Tensor
    deviations: Tensor

    def scores(self, vectors: Tensor) -> Tensor:
        """(n, D) -> (n, 2): mean square of the standardised main directions, and of the rest."""
        centred = (vectors - self.mean) / self.scale
        along = centred @ self.components.T
        rest = centred - along @ self.components
        return torch.stack([(along / self.deviations).square().mean(1), rest.square().mean(1)], 1)

    def tensors(self) -> dict[str, Tensor]:
        """All fields by name."""
        return {
            "mean": self.mean,
            "scale": self.scale,
            "components": self.components,
            "deviations": self.deviations,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmCheck:
    """A fitted check; T = 784 thumbnail pixels, D = 4 C pooled features.

    Attributes:
        film: Of thumbnails.
        features: Of pooled features.
        templates: (s, T) mean thumbnail of each source.
        limits: Largest accepted value of each of TESTS.
    """

    film: Subspace
    features: Subspace
    templates: Tensor
    limits: Mapping[str, float]

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, Tensor], limits: Mapping[str, float]
    ) -> "FilmCheck":
        """Rebuild from `tensors()` and the limits on the card; KeyError where one is missing."""
        names = ("mean", "scale", "components", "deviations")
        return cls(
            film=Subspace(**{name: tensors[f"film.{name}"] for name in names}),
            features=Subspace(**{name: tensors[f"features.{name}"] for name in names}),
            templates=tensors["templates"],
            limits={name: float(limits[name]) for name in TESTS},
        )

    def tensors(self) -> dict[str, Tensor]:
        """Everything but the limits, by name."""
        film = {f"film.{name}": value for name, value in self.film.tensors().items()}
        features = {f"features.{name}": value for name, value in self.features.tensors().items()}
        found = {**film, **features, "templates": self.templates}
        return {name: value.contiguous() for name, value in found.items()}

    def scores(self, inputs: Tensor, features: Tensor) -> Tensor:
        """Values of TESTS.

        Args:
            inputs: (n, 1, S, S) equalised inputs.
            features: (n, D) of `pooled`.

        Returns:
            (n, 5): of thumbnails, the mean square of the standardised main directions and of what
            they leave, and one minus the best correlation with a template; the first two of the
            features.
        """
        return torch.cat([self._of_film(thumbnails(inputs)), self.features.scores(features)], 1)

    def __call__(self, inputs: Tensor, features: Tensor) -> InputCheck:
        """Check one (1, 1, S, S) input with its (1, D) pooled features."""
        values = self.scores(inputs, features)[0].tolist()
        scores = tuple((name, v, self.limits[name]) for name, v in zip(TESTS, values, strict=True))
        accepted = all(value <= limit for _, value, limit in scores)
        return InputCheck(
            accepted=accepted, message="" if accepted else self._message(inputs), scores=scores
        )

    def _message(self, inputs: Tensor) -> str:
        """Why it was refused: inverted grey values are recognised by trying the inverted film."""
        small = thumbnails(inputs)
        limits = torch.tensor([self.limits[name] for name in TESTS[:3]])
        upright_fits = bool((self._of_film(small) <= limits).all())
        limits[2] *= CLEARLY_ALIKE
        inverted_fits = bool((self._of_film(-small) <= limits).all())
        return INVERTED if inverted_fits and not upright_fits else REFUSED

    def _of_film(self, small: Tensor) -> Tensor:
        """(n, T) thumbnails -> (n, 3), the first three of TESTS."""
        unlikeness = 1 - _correlation(small, self.templates).amax(1, keepdim=True)
        return torch.cat([self.film.scores(small), unlikeness], 1)


def thumbnails(inputs: Tensor) -> Tensor:
    """(n, 1, S, S) -> (n, T), grey values around zero."""
    return functional.adaptive_avg_pool2d(inputs, THUMBNAIL).flatten(1) - 0.5


def pooled(maps: Tensor) -> Tensor:
    """Feature maps (n, C, h, w) -> (n, D = 4 C): their means over the quarters of the film."""
    return functional.adaptive_avg_pool2d(maps, 2).flatten(1)


def _correlation(one: Tensor, other: Tensor) -> Tensor:
    """(n, T), (s, T) -> (n, s) Pearson correlations; 0 for a constant image."""
    one = one - one.mean(1, keepdim=True)
    other = other - other.mean(1, keepdim=True)
    norms = one.norm(dim=1)[:, None] * other.norm(dim=1)[None]
    likeness: Tensor = one @ other.T / norms.clamp_min(1e-6)
    return likeness

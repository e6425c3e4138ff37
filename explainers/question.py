"""The Question: why did this model give this class to this case, relative to this baseline?

Everything that must be equal for two explanations to be comparable is here, and `Question.key`
hashes it. `explained` is the one place that turns logits into the number that is explained.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.explanation import Scale, Target
from explainers.maskers.base import Masker
from explainers.players import Players
from models.adapter import HasEmbedding, ModelAdapter
from models.card import ModelCard
from models.case import Case, digest_of
from models.errors import ExplainError, UnsupportedMethodError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What is asked of a model.

    Attributes:
        model: The adapter asked.
        case: What it is asked about.
        inputs: (1, *input_shape), the encoded case on the model's device.
        targets: Classes explained together out of the same forward passes (T of them).
        scale: "logit" (log-odds) or "probability".
        masker: Turns coalitions into inputs; holds players and baseline.
    """

    model: ModelAdapter
    case: Case
    inputs: Tensor
    targets: tuple[Target, ...]
    scale: Scale
    masker: Masker

    @property
    def players(self) -> Players:
        """The masker's players."""
        return self.masker.players

    @property
    def point(self) -> Tensor:
        """(1, *point_shape), the case where gradients are taken: its input, or its embedding."""
        return self._differentiable(self.inputs)

    @property
    def origins(self) -> Tensor:
        """(R, *point_shape), the same of the case with every player absent."""
        return self._differentiable(self.masker.empty())

    def logits_at(self, points: Tensor) -> Tensor:
        """(n, *point_shape) -> (n, K), keeping autograd."""
        if self.inputs.is_floating_point():
            return self.model.logits(points)
        inputs = self.inputs.expand(len(points), *self.inputs.shape[1:])
        return _entered(self.model).logits_from_embedding(points, inputs)

    def on_elements(self, products: Tensor) -> Tensor:
        """(..., *point_shape) -> (..., E): channels and embedding dimensions are summed."""
        if not self.inputs.is_floating_point():
            return products.sum(dim=-1)
        lead = products.shape[: products.ndim - self.inputs.ndim + 1]
        return products.reshape(*lead, -1, self.players.membership.size).sum(dim=-2)

    def _differentiable(self, inputs: Tensor) -> Tensor:
        """Inputs (n, *input_shape) -> (n, *point_shape)."""
        if inputs.is_floating_point():
            return inputs
        with torch.no_grad():
            return _entered(self.model).embed(inputs)

    @property
    def key(self) -> str:
        """SHA-256 hex over everything that makes two explanations comparable."""
        card = self.model.card
        targets = repr([(t.index, t.contrast) for t in self.targets])
        # What absent players show may look alike when all are absent, and differ when some are.
        fill = (type(self.masker).__name__, self.masker.baseline.name)
        asked = (card.id, card.weights_sha256, card.digest, targets, self.scale, *fill)
        shown = [x.cpu().numpy().tobytes() for x in (self.inputs, self.masker.empty())]
        return digest_of(*(a.encode() for a in (*asked, self.players.digest())), *shown)

    def explained(self, logits: Tensor) -> Tensor:
        """The explained number of each target: logits (n, K) -> (n, T), differentiable.

        On the logit scale a softmax class is explained by its log-odds, z_c - logsumexp of the
        other classes: a softmax logit alone is not identified (adding a constant to all changes
        nothing), and a part that moves all logits alike must get nothing. With a contrast: the
        difference of both.
        """
        columns = [self._one(logits, target) for target in self.targets]
        return columns[0][:, None] if len(columns) == 1 else torch.stack(columns).T

    def _one(self, logits: Tensor, target: Target) -> Tensor:
        """One target's column of `explained`."""
        softmax = self.model.card.head == "softmax"
        if self.scale == "probability":
            shares = logits.softmax(dim=1) if softmax else logits.sigmoid()
            ours = shares[:, target.index]
            return ours if target.contrast is None else ours - shares[:, target.contrast]
        ours = logits[:, target.index]
        if target.contrast is not None:
            return ours - logits[:, target.contrast]
        if not softmax:
            return ours
        others = [k for k in range(logits.shape[1]) if k != target.index]
        if len(others) == 1:  # the same number, without an exponential and a logarithm a row
            return ours - logits[:, others[0]]
        return ours - logits[:, others].logsumexp(dim=1)


def _entered(model: ModelAdapter) -> HasEmbedding:
    """The model, when it can be entered behind its embedding."""
    if not isinstance(model, HasEmbedding):
        raise UnsupportedMethodError(f"{model.card.title} does not give access to its embedding.")
    return model


def target_named(card: ModelCard, name: str, *, contrast: str | None = None) -> Target:
    """Find a class of the card by name.

    Raises:
        ExplainError: no such class; the message lists those there are.
    """
    for wanted in (name, contrast):
        if wanted is not None and wanted not in card.classes:
            known = ", ".join(repr(c) for c in card.classes)
            raise ExplainError(f"{card.title} has no class {wanted!r}.", f"It has: {known}.")
    if name == contrast:
        raise ExplainError(f"The class {name!r} cannot be compared with itself.")
    against = None if contrast is None else card.classes.index(contrast)
    return Target(index=card.classes.index(name), name=name, contrast=against)

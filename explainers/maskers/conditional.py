"""Masker for records: absent features take the values of the records most like what stays."""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from explainers.explanation import Baseline
from explainers.maskers.background import columns_of, kept_elements
from explainers.maskers.base import PlayerMasks
from explainers.maskers.names import N_NEIGHBOURS
from explainers.players import Players
from models.adapter import HasTable
from models.errors import MaskError

SHRINKAGE: Final = 0.1  # towards uncorrelated elements: one-hot places are collinear
LIKENESS: Final = 0.02  # weight of likeness beside what it foretells: for what is not linear
DECIMALS: Final = 9  # squared distances closer than this are equal, whatever pass computed them


class ConditionalMasker:
    """Conditional: absent features are what they were in the records most like what is present.

    Records are compared by what their present elements foretell, linearly, of the absent ones
    (predictive mean matching), and a little by the present elements themselves (Mahalanobis). An
    approximation of the conditional distribution: neighbours lie around the case, not at it, and
    the fewer records are like it the further away. Where more records are equally near than are
    needed (all of them when nothing stays, those of one category when only it stays), those are
    taken that together resemble all records best.

    Args:
        inputs: (1, E) the encoded record.
        records: (B, E) encoded training records.
        differences: (B, E) records - inputs, as far as they can be compared.
        baseline: Their name and description.
        players: Partition of the E elements.

    Reference:
        Aas, Jullum & Løland, Artif. Intell. 2021, arXiv:1903.10464, section 3.3; Little, J. Bus.
        Econ. Stat. 1988, for the matching. Differs from the first: the nearest records count the
        same and all others nothing; there, all present features count in the distance alike, which
        leaves neighbours of many present features far from the case in the few that matter.
    """

    soft = False
    has_path = False

    def __init__(
        self,
        inputs: Tensor,
        records: Tensor,
        differences: Tensor,
        *,
        baseline: Baseline,
        players: Players,
    ) -> None:
        if inputs.shape[1:] != players.element_shape or records.shape != differences.shape:
            raise MaskError(
                f"Players cover {players.element_shape} elements, the record has "
                f"{tuple(inputs.shape[1:])} and the training records {tuple(records.shape[1:])}."
            )
        self.players = players
        self.baseline = baseline
        self._inputs, self._records, self._differences = inputs, records, differences
        self._columns = columns_of(players, inputs.device)
        known = records.cpu().double()
        spread = known.std(dim=0, correction=0)
        self._varying = spread > 0  # other elements are equally far from every record
        scaled = ((known - known.mean(dim=0)) / spread)[:, self._varying]
        self._correlation = (1 - SHRINKAGE) * (scaled.T @ scaled) / len(scaled)
        self._correlation.diagonal().add_(SHRINKAGE)
        self._order = _representative_order(scaled)
        apart = (differences.cpu().double() / spread)[self._order][:, self._varying]
        self._products = (apart[:, :, None] * apart[:, None]).flatten(1)

    @property
    def n_draws(self) -> int:
        """R, neighbours of each coalition."""
        return min(N_NEIGHBOURS, len(self._records))

    def apply(self, masks: PlayerMasks) -> Tensor:
        """Masks (n, P) of 0 and 1 -> (n, R, E)."""
        kept = kept_elements(masks, self._columns)
        nearest = self._order[_nearest(self._distances(kept), self.n_draws)]
        shown = self._records[nearest.to(self._records.device)]
        return torch.where(kept[:, None], self._inputs[None], shown)

    def empty(self) -> Tensor:
        """(R, E): records that resemble all together; nobody's elements keep the record."""
        return self.apply(torch.zeros(1, self.players.count))[0]

    def with_players(self, players: Players) -> "ConditionalMasker":
        """The same record and training records under another partition."""
        return ConditionalMasker(
            self._inputs, self._records, self._differences, baseline=self.baseline, players=players
        )

    def _distances(self, kept: Tensor) -> Tensor:
        """(n, B) squared distances over the elements (n, E) that stay, records in their order.

        The inverse of the kept block stands in the inverse of the matrix whose other rows and
        columns are those of the identity.
        """
        present = kept.cpu()[:, self._varying].double()
        both = present[:, :, None] * present[:, None]
        matrix = both * self._correlation + torch.diag_embed(1 - present)
        inverse = torch.linalg.inv(matrix) * both
        foretold = inverse @ (self._correlation * (1 - present[:, None]))  # regression of absent
        metric = foretold @ foretold.transpose(1, 2) + LIKENESS * inverse
        squared: Tensor = metric.flatten(1) @ self._products.T
        return squared


def conditional_masker(
    model: HasTable, inputs: Tensor, *, baseline: Baseline, players: Players
) -> ConditionalMasker:
    """Make the masker of (1, E) encoded `inputs` over all records of the model's sample.

    A value that is missing in one of two records cannot be compared: there the difference is that
    between missing and not, whatever the other value is.
    """
    records = model.encode_values(model.sample)
    missing = model.encode_values(np.full((1, model.sample.shape[1]), np.nan))
    columns = model.element_columns
    same = (inputs == missing)[0].cpu().numpy()
    lost = np.bincount(columns, weights=~same, minlength=model.sample.shape[1]) == 0  # (F,)
    unlike = torch.from_numpy((np.isnan(model.sample) != lost)[:, columns]).to(inputs.device)
    differences = torch.where(unlike, missing, records - inputs)
    return ConditionalMasker(inputs, records, differences, baseline=baseline, players=players)


def _nearest(distances: Tensor, count: int) -> Tensor:
    """(n, count) columns of the smallest distances (n, B); of equal ones the first."""
    rounded = distances.round(decimals=DECIMALS)
    limit = rounded.kthvalue(count, dim=1, keepdim=True).values
    nearer, tied = rounded < limit, rounded == limit
    wanted = count - nearer.sum(dim=1, keepdim=True)
    chosen: Tensor = nearer | (tied & (tied.cumsum(dim=1) <= wanted))
    return chosen.nonzero()[:, 1].view(len(distances), count)


def _representative_order(scaled: Tensor) -> Tensor:
    """(B,) order of standardised records (B, V) in which any first few resemble all of them.

    Means over the first 30 are several times closer to those over all than means over a random 30.

    Reference:
        Chen, Welling & Smola, UAI 2010, arXiv:1203.3472 (herding), with the negative distance as
        kernel. Differs: no record comes twice.
    """
    closeness = -torch.cdist(scaled, scaled)
    central, crowded = closeness.mean(dim=1), torch.zeros_like(closeness[0])
    order: list[int] = []
    for step in range(1, len(scaled) + 1):
        best = int((central - crowded / step).argmax())
        order.append(best)
        crowded += closeness[best]
        central[best] = -torch.inf
    return torch.tensor(order)

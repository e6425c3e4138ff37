"""Networks over encoded records: a small multi-layer perceptron, without hidden layers linear."""

import torch
from torch import Tensor, nn


class MarginNetwork(nn.Module):
    """Log-odds of the second class.

    SiLU between the layers: smooth, so that gradients say something at every point.

    Args:
        n_elements: E, width of the encoded input.
        hidden: Widths of the hidden layers; empty for a linear model.
    """

    def __init__(self, n_elements: int, hidden: tuple[int, ...] = ()) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((n_elements, *hidden), hidden, strict=False):
            layers += [nn.Linear(before, after), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Linear((n_elements, *hidden)[-1], 1))

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, E) -> (n,)."""
        margins: Tensor = self.layers(inputs).squeeze(1)
        return margins

    @property
    def first(self) -> nn.Linear:
        """The layer that reads the input."""
        layer = self.layers[0]
        if not isinstance(layer, nn.Linear):
            raise TypeError("the first layer is not linear")
        return layer

    def after_first(self, hidden: Tensor) -> Tensor:
        """(n, H) output of the first layer -> (n,)."""
        margins: Tensor = self.layers[1:](hidden).squeeze(1)
        return margins

    def linear_form(self) -> tuple[Tensor, Tensor]:
        """Weights (E,) and bias () of a network without hidden layers.

        Raises:
            TypeError: the network has hidden layers.
        """
        if len(self.layers) != 1:
            raise TypeError("a network with hidden layers is not linear")
        return self.first.weight[0], self.first.bias[0]


def halves(margins: Tensor, temperature: float) -> Tensor:
    """Margins (n,) -> logits (n, 2): (-s / 2, s / 2) of the log-odds s = margin / temperature."""
    half = margins / (2 * temperature)
    return torch.stack([-half, half]).T  # written and read by column

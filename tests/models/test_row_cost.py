"""What a row costs is counted by the sizes of its products."""

import threading

import torch
from torch import Tensor, nn

from benchmarks.binary import BinaryImageModel
from models.row_cost import operations
from tests.toys_table import ToyTableModel, smooth_score, table_case

SIDE, CHANNELS = 12, 4


class Counted(BinaryImageModel):
    """One convolution of known size, and a dense head."""

    def __init__(self) -> None:
        super().__init__(title="Counted", side=SIDE, weights_sha256="0" * 64)
        self.rows = 0
        self.layers = nn.Sequential(
            nn.Conv2d(1, CHANNELS, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(CHANNELS * SIDE * SIDE, 2),
        ).requires_grad_(requires_grad=False)

    def logits(self, inputs: Tensor) -> Tensor:
        self.rows += len(inputs)
        logits: Tensor = self.layers(inputs)
        return logits


def test_products_are_counted_once_for_a_shape() -> None:
    model = Counted()
    row = torch.zeros(1, 1, SIDE, SIDE)
    pixels = SIDE * SIDE
    expected = 2 * pixels * CHANNELS * 9 + 2 * pixels * CHANNELS * 2
    assert operations(model, row) == expected
    with torch.inference_mode():
        assert operations(Counted(), torch.zeros(1, 1, SIDE, SIDE)) == expected
    assert operations(model, row + 1) == expected
    assert model.rows == 1


def test_what_computes_otherwise_has_no_known_cost() -> None:
    model = ToyTableModel(smooth_score)
    assert operations(model, model.encode(table_case())) == 0


def test_attention_is_counted_wherever_it_is_computed() -> None:
    class Attending(Counted):
        def logits(self, inputs: Tensor) -> Tensor:
            rows = inputs.expand(-1, 2, -1, -1)  # (n, heads, length, width)
            found = nn.functional.scaled_dot_product_attention(rows, rows, rows)
            return found.mean(dim=(1, 2))[:, :2]

    film = torch.zeros(1, 1, SIDE, SIDE)
    assert operations(Attending(), film) == 2 * 2 * 2 * SIDE**3  # heads, two products of 2 n^3


def test_gradients_of_others_go_on_while_it_is_counted() -> None:
    """Torch's own counter hooks every module of the process."""
    network, failed, done = Counted().layers, list[BaseException](), threading.Event()

    def others() -> None:
        while not done.is_set():
            leaf = torch.rand(4, 1, SIDE, SIDE, requires_grad=True)
            try:
                torch.autograd.grad(network(leaf).sum(), leaf)
            except RuntimeError as error:
                failed.append(error)
                return

    thread = threading.Thread(target=others)
    thread.start()
    for _ in range(200):
        operations(Counted(), torch.zeros(1, 1, SIDE, SIDE))
    done.set()
    thread.join()
    assert not failed

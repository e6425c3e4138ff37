"""Trees of players: what is joined, in a form that scipy accepts."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage, leaves_list

from explainers.feature_players import feature_players
from explainers.hierarchy import count_coalitions, members_of, tree_of
from explainers.players import Players
from explainers.superpixels import image_players
from tests.toys import SIDE, toy_case
from tests.toys_table import linear_table_model, toy_sample
from tests.toys_text import linear_text_model, text_question_for, toy_text_case


def words(groups: list[int]) -> Players:
    membership = np.arange(len(groups), dtype=np.int32)
    return Players(
        membership=membership, element_shape=membership.shape, kind="word", groups=tuple(groups)
    )


def grid(count: int) -> Players:
    return image_players(toy_case().film.pixels, kind="grid", count=count)


def sets(tree: np.ndarray) -> set[tuple[int, ...]]:
    """The players below every node that joins some."""
    members = members_of(tree)[len(tree) + 1 :]
    return {tuple(np.flatnonzero(row).tolist()) for row in members}


def table_players() -> tuple[Players, np.ndarray]:
    model = linear_table_model()
    records = model.encode_values(toy_sample()).double().numpy()
    return feature_players(model, kind="features"), records


@pytest.mark.parametrize("count", [2, 3, 5, 9, 17, 40])
def test_trees_are_valid_linkages(count: int) -> None:
    flat = tree_of(words([0] * count))
    cells = tree_of(grid(count))
    players, records = table_players()
    for tree in (flat, cells, tree_of(players, records=records)):
        assert is_valid_linkage(tree)
        assert sorted(leaves_list(tree).tolist()) == list(range(len(tree) + 1))
        assert (tree[:, 2] >= 0).all()  # the shap package would not split below a negative height
        assert members_of(tree)[-1].all()
        assert members_of(tree).sum(axis=1)[len(tree) + 1 :].tolist() == tree[:, 3].tolist()


def test_a_single_player_is_a_tree_without_rows() -> None:
    film = Players(membership=np.zeros(4, dtype=np.int32), element_shape=(2, 2), kind="grid cell")
    assert tree_of(film).shape == (0, 4)
    assert tree_of(film, records=np.ones((5, 4))).shape == (0, 4)
    assert tree_of(words([0])).shape == (0, 4)
    assert count_coalitions(tree_of(words([0]))) == 0


def test_words_are_joined_in_their_order_and_inside_their_sentence() -> None:
    tree = tree_of(words([0, 0, 0, 1, 1, 2, 2, 2, 2]))
    assert leaves_list(tree).tolist() == list(range(9))
    assert {(0, 1, 2), (3, 4), (5, 6, 7, 8)} <= sets(tree)
    for members in sets(tree):
        assert members == tuple(range(members[0], members[-1] + 1))


def test_sentences_are_joined_where_the_words_are_nearest_halved() -> None:
    tree = tree_of(words([0] * 2 + [1] * 2 + [2] * 2 + [3] * 6))
    assert tuple(range(6)) in sets(tree)  # three short ones against the long one, not two and two


def test_a_real_question_keeps_its_sentences_together() -> None:
    question = text_question_for(linear_text_model({"heart": 1.0}), toy_text_case())
    tree = tree_of(question.players)
    assert {(0, 1, 2), (3, 4), (5, 6, 7, 8)} <= sets(tree)


def test_regions_are_halved_across_the_longer_side() -> None:
    cells = grid(16)
    tree = tree_of(cells)
    rows, columns = np.divmod(np.arange(16), 4)
    assert len(tree) == 15
    for quarter in {(r // 2, c // 2) for r, c in zip(rows, columns, strict=True)}:
        inside = (rows // 2 == quarter[0]) & (columns // 2 == quarter[1])
        assert tuple(np.flatnonzero(inside).tolist()) in sets(tree)


def test_correlated_features_are_joined_first() -> None:
    players, records = table_players()
    tree = tree_of(players, records=records)
    assert tuple(tree[0, :2]) == (1.0, 2.0)  # size and nodes are made to go together
    from scipy.stats import spearmanr

    sample = toy_sample()
    expected = 1 - abs(spearmanr(sample[:, 1], sample[:, 2]).statistic)
    assert tree[0, 2] == pytest.approx(expected, abs=1e-6)


def test_a_constant_feature_is_correlated_with_none() -> None:
    players = Players(
        membership=np.arange(3, dtype=np.int32), element_shape=(3,), kind="feature", names=()
    )
    rng = np.random.default_rng(0)
    shared = rng.normal(size=50)
    tree = tree_of(players, records=np.stack([shared, np.full(50, 7.0), shared], axis=1))
    assert tuple(tree[0, :2]) == (0.0, 2.0)
    assert tree[0, 2] == pytest.approx(0.0, abs=1e-12)
    assert tree[1, 2] == pytest.approx(1.0)


def test_cost_of_a_balanced_tree_is_quadratic() -> None:
    for count in (2, 4, 8, 16, 64):
        assert count_coalitions(tree_of(words([0] * count))) == 2 * (count**2 - 1) // 3


def test_cost_of_a_chain_is_exponential() -> None:
    chain = np.array([[0, 1, 1, 2], [2, 4, 2, 3], [3, 5, 3, 4]], dtype=float)
    # Depths 1 1 2 2 3 3: one coalition each at depth 1, two at 2, four at 3.
    assert count_coalitions(chain) == 2 * (1 + 2 + 4)


def test_trees_do_not_depend_on_the_run() -> None:
    film = toy_case(3).film.pixels
    assert film.shape == (SIDE, SIDE)
    first, second = (tree_of(image_players(film, kind="superpixels", count=12)) for _ in range(2))
    assert first.tobytes() == second.tobytes()

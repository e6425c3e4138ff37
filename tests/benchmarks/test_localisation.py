"""The localisation benchmark scores a map against the part of the truth that the model sees."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmarks.localisation import DEFAULT, FOLDER, Score, put_on_card, score, seen, summary
from models.case import ImageFrame

INSIDE = np.zeros((10, 10), dtype=np.bool_)
INSIDE[2:4, 2:7] = True


def test_a_map_inside_the_opacity_hits_with_all_its_energy() -> None:
    found = score(INSIDE.astype(np.float64), INSIDE, "a")
    assert (found.hit, found.energy, found.chance) == (1.0, 1.0, 0.1)


def test_a_flat_map_scores_at_chance() -> None:
    found = score(np.ones((10, 10)), INSIDE, "a")
    assert found.hit == pytest.approx(found.chance)
    assert found.energy == pytest.approx(found.chance)


def test_an_empty_map_misses() -> None:
    found = score(np.zeros((10, 10)), INSIDE, "a")
    assert found.hit == 0.0
    assert found.energy == found.chance


def test_truth_is_cut_to_the_frame_and_shrunk_to_the_input() -> None:
    truth = np.zeros((120, 160), dtype=np.bool_)
    truth[20:60, 30:70] = True
    frame = ImageFrame(top=10, left=30, height=100, width=100)
    small = seen(truth, frame, (50, 50))
    expected = np.zeros((50, 50), dtype=np.bool_)
    expected[5:25, 0:20] = True
    np.testing.assert_array_equal(small, expected)


def test_the_summary_compares_with_chance_film_by_film() -> None:
    scores = [Score(patient=str(k), hit=float(k % 2), energy=0.3, chance=0.1) for k in range(40)]
    figures = summary(scores)
    assert figures["films"] == 40
    assert figures["hit_rate"]["value"] == 0.5
    low, high = figures["hit_rate"]["ci95"]
    assert 0.3 < low < 0.5 < high < 0.7
    assert figures["energy_over_chance"]["value"] == pytest.approx(3.0)


def test_methods_measured_by_one_command_stand_together_on_the_card(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    shutil.copy(FOLDER / "card.yaml", path)

    def methods() -> dict[str, int]:
        found: dict[str, int] = yaml.safe_load(path.read_text())["localisation"]["methods"]
        return found

    put_on_card({"lime": 1, "rise": 1}, "command", path)
    put_on_card({"rise": 2}, "command", path)
    assert methods() == {"lime": 1, "rise": 2}
    put_on_card({"rise": 3}, "another command", path)
    assert methods() == {"rise": 3}


def test_every_method_for_films_is_measured_but_those_that_cost_too_much() -> None:
    assert {"grad_cam", "gradient_shap", "kernel_shap", "lime", "rise", "occlusion"} <= set(DEFAULT)
    assert not {"tree_shap", "exact_shapley", "reference_lime"} & set(DEFAULT)

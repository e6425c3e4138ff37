"""The films of the accuracy benchmark: thirty different ones, or fewer and that is said."""

import csv
import itertools
from pathlib import Path

import pytest

from benchmarks import accuracy, accuracy_games
from benchmarks.accuracy_games import EVERY, N_PLAYERS, film_cases


def test_thirty_films_are_different(shared_data: Path) -> None:
    cases = film_cases()
    assert len({case.digest for case in cases}) == len(cases) >= 30
    folder = shared_data / "xray" / "localisation"
    with (folder / "images.csv").open(encoding="utf-8") as file:
        patients = {row["file"]: row["patient_id"] for row in csv.DictReader(file)}
    found = [patients[path.name] for path in sorted((folder / "images").iterdir())[::EVERY]]
    assert len(set(found)) == len(found)
    samples = (shared_data / "xray" / "samples" / "README.md").read_text(encoding="utf-8")
    in_both = [patient for name, patient in patients.items() if name in samples]
    assert in_both
    assert not set(found) & set(in_both)


def test_without_the_shared_data_there_are_fewer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(accuracy_games, "SHARED", tmp_path)
    count = len(film_cases())
    assert 1 <= count < 30
    names = [name for name, _ in accuracy_games._questions("film-12", count + 1)]
    assert len(names) == count
    baselines = {name.rsplit(", ", 1)[1] for name in names}
    assert baselines == set(accuracy_games.BASELINES[:count])
    _, question = next(itertools.islice(accuracy_games._questions("film-12", 1), 1))
    assert question.players.count == N_PLAYERS
    monkeypatch.setattr(accuracy, "solved", lambda *_: iter(()))
    assert accuracy.measure("film-12", 5)["cases"] == 0
    assert "only 0 of 5" in capsys.readouterr().out

"""Do explanations point at the opacity? Pointing game and energy inside, against chance.

python -m benchmarks localisation --data ../shared/data/xray [--budget N] [--write]

Films of `localisation/` with hand-drawn boxes or masks; none of their patients was trained on.
A film's truth is the union of all readings (the mask where there is one), as far as the model
sees it. `--write` puts the table into the model's card.
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import torch
import yaml
from PIL import Image

from explainers.consult import ask, generator_for
from explainers.engine import MaskedPredictor
from explainers.explanation import Explanation, MethodId
from explainers.methods import METHODS
from explainers.report import ConsultRequest
from models.builtin.xray_card import write_card
from models.builtin.xray_data import read_film
from models.case import Case, FloatArray, ImageFrame, image_case
from models.catalog import BUILTIN
from models.image_classifier import ImageClassifier, load_image_classifier
from models.weights import CARD_NAME, read_card

Mask: TypeAlias = npt.NDArray[np.bool_]
READINGS: Final = {"RSNA boxes": "RSNA2018", "NIH boxes": "NIH"}
FOLDER: Final = BUILTIN / "xray"
COMMAND: Final = "python -m benchmarks localisation --data ../shared/data/xray"
MEANING: Final = (
    "hit_rate: share of films whose largest value lies inside the opacity; energy_inside: share of "
    "the positive evidence inside; chance: share of the seen film inside; place alone: the mean "
    "truth of the other patients' films, which looks at no film"
)
ROUNDS: Final = 2000
SEED: Final = 0
APART: Final = {"exact_shapley", "permutation_shap", "reference_lime", "reference_shap"}  # costly
FILM: Final = [m for m in METHODS if "image" in m.card.modalities]
DEFAULT: Final = tuple(m.card.id for m in FILM if m.card.id not in APART)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """One film and where its opacities are.

    Attributes:
        case: The film.
        patient: Whose it is.
        source: Data set it comes from.
        truths: Reading -> (H, W) bool; "all readings" always.
    """

    case: Case
    patient: str
    source: str
    truths: dict[str, Mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one explanation did on one film under one reading.

    Attributes:
        patient: Whose film.
        hit: Share of the largest values that lie inside (0 or 1 but for ties); 0 for an empty map.
        energy: Share of the positive mass inside; chance for an empty map.
        chance: Share of the seen film that is inside.
    """

    patient: str
    hit: float
    energy: float
    chance: float


def read_films(folder: Path) -> Iterable[Film]:
    """Films of the localisation set, one at a time."""
    boxes = defaultdict(list)
    with (folder / "boxes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            boxes[row["file"]].append(row)
    with (folder / "images.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        pixels = read_film(folder / "images" / row["file"]).numpy()
        mask = folder / "masks" / f"{Path(row['file']).stem}__pathology.png"
        yield Film(
            case=image_case(pixels, name=row["file"]),
            patient=row["patient_id"],
            source=row["source"],
            truths=_truths(boxes[row["file"]], mask, (pixels.shape[0], pixels.shape[1])),
        )


def _truths(boxes: list[dict[str, str]], mask: Path, shape: tuple[int, int]) -> dict[str, Mask]:
    """Reading -> (H, W) bool."""
    if mask.exists():
        with Image.open(mask) as image:
            return {"all readings": np.asarray(image.convert("L")) > 127}
    readings = {"all readings": ""} | READINGS
    painted = {name: np.zeros(shape, dtype=np.bool_) for name in readings}
    for box in boxes:
        x, y, w, h = (round(float(box[side])) for side in ("x", "y", "w", "h"))
        for name, wanted in readings.items():
            if box["annotation"].startswith(wanted):
                painted[name][y : y + h, x : x + w] = True
    return {name: truth for name, truth in painted.items() if truth.any()}


def seen(truth: Mask, frame: ImageFrame, shape: tuple[int, ...]) -> Mask:
    """(H, W) film truth -> bool of the input's shape: pixels covered by more than half."""
    top, left = round(frame.top), round(frame.left)
    inside = truth[top : top + round(frame.height), left : left + round(frame.width)]
    square = torch.from_numpy(inside.astype(np.float32))[None, None]
    small = torch.nn.functional.interpolate(square, shape, mode="bilinear", antialias=True)
    covered: Mask = (small[0, 0] > 0.5).numpy()
    return covered


def heat_of(explanation: Explanation) -> FloatArray:
    """The explanation as a map of the input's shape, evidence for the target only."""
    players = explanation.players
    if explanation.element_map is not None:
        heat = np.asarray(explanation.element_map).reshape(players.element_shape)
    else:
        sizes = players.sizes if explanation.kind == "additive" else 1
        heat = players.scatter(np.asarray(explanation.values / sizes))
    return np.maximum(heat, 0.0)


def score(heat: FloatArray, inside: Mask, patient: str) -> Score:
    """Pointing game and energy of one map."""
    chance = float(inside.mean())
    total = float(heat.sum())
    if total <= 0.0:
        return Score(patient=patient, hit=0.0, energy=chance, chance=chance)
    return Score(
        patient=patient,
        hit=float(inside[heat >= heat.max()].mean()),
        energy=float(heat[inside].sum()) / total,
        chance=chance,
    )


def run(
    model: ImageClassifier, films: Iterable[Film], methods: Sequence[MethodId], budget: int
) -> dict[str, dict[str, list[Score]]]:
    """Scores by method and reading; "place alone" scores the mean truth of the other films."""
    chosen = [method for method in FILM if method.card.id in methods]
    scores: dict[str, dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    unions: list[tuple[Mask, str]] = []
    for number, film in enumerate(films):
        question = ask(film.case, model, ConsultRequest(seed=SEED, budget=budget))
        shape = question.players.element_shape
        frame = model.frame(film.case)
        truths = {name: seen(truth, frame, shape) for name, truth in film.truths.items()}
        truths = {name: truth for name, truth in truths.items() if truth.any()}
        if not truths:
            continue
        unions.append((truths["all readings"], film.patient))
        game = MaskedPredictor(question)
        for method in chosen:
            generator = generator_for(SEED, method.draws_as, film.case)
            rows = max(budget, method.least_budget(question))
            (explanation,) = method.explain(game, budget=rows, generator=generator, seed=SEED)
            heat = heat_of(explanation)
            for name, inside in truths.items():
                scores[method.card.id][name].append(score(heat, inside, film.patient))
        sys.stderr.write(f"{number + 1} films\n")
    total = np.sum([union.astype(np.float64) for union, _ in unions], axis=0)
    for union, patient in unions:
        others = total - np.sum([u for u, p in unions if p == patient], axis=0)
        scores["place alone"]["all readings"].append(score(others, union, patient))
    return scores


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """Figures of one method under one reading, intervals by bootstrap over patients."""
    generator = np.random.default_rng(SEED)
    values = np.array([(s.hit, s.energy, s.chance) for s in scores])
    _, member = np.unique([s.patient for s in scores], return_inverse=True)
    patients = [np.flatnonzero(member == p) for p in range(int(member.max()) + 1)]
    draws = []
    for _ in range(ROUNDS):
        picked = generator.integers(0, len(patients), len(patients))
        draws.append(values[np.concatenate([patients[p] for p in picked])].mean(axis=0))
    hits, energies, chances = np.array(draws).T
    hit, energy, chance = values.mean(axis=0)

    def figure(value: float, spread: FloatArray) -> dict[str, Any]:
        low, high = np.percentile(spread, [2.5, 97.5])
        return {
            "value": round(float(value), 3),
            "ci95": [round(float(low), 3), round(float(high), 3)],
        }

    return {
        "films": len(scores),
        "chance": round(float(chance), 3),
        "hit_rate": figure(hit, hits),
        "hit_rate_over_chance": figure(hit / chance, hits / chances),
        "energy_inside": figure(energy, energies),
        "energy_over_chance": figure(energy / chance, energies / chances),
    }


def put_on_card(table: dict[str, Any], command: str, path: Path) -> None:
    """Write the table into the card, beside other methods of the same weights and command."""
    document = dict(read_card(path).document)
    before = document["localisation"]
    kept = before["methods"] if before["command"] == command and "methods" in before else {}
    document["localisation"] = {"command": command, "meaning": MEANING, "methods": kept | table}
    write_card(document, path)


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--methods", nargs="+", default=DEFAULT, choices=get_args(MethodId))
    parser.add_argument("--budget", type=int, default=300, help="forward rows, or a method's least")
    parser.add_argument("--films", type=int, help="only the first so many; never written")
    parser.add_argument("--write", action="store_true", help="put the table into the card")
    options = parser.parse_args(arguments)
    model = load_image_classifier(FOLDER, torch.device("cpu"))
    films = list(read_films(options.data / "localisation"))[: options.films]
    scores = run(model, films, options.methods, options.budget)
    table = {
        method: {reading: summary(values) for reading, values in readings.items()}
        for method, readings in scores.items()
    }
    sys.stdout.write(yaml.safe_dump(table, sort_keys=False))
    if options.write and options.films is None:
        put_on_card(table, f"{COMMAND} --budget {options.budget} --write", FOLDER / CARD_NAME)
    return 0


if __name__ == "__main__":
    sys.exit(main())

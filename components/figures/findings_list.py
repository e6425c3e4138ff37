"""Independent findings as a compact list: name, probability, bar; the explained one marked."""

from components.figures.words import probability_text
from components.markup import Markup, tag
from models.card import ModelCard
from models.prediction import Prediction


def findings_html(prediction: Prediction, card: ModelCard, *, explained: str) -> Markup:
    """Write all findings, the most probable first.

    Args:
        prediction: Of a sigmoid head: findings exclude nothing.
        card: The model's card.
        explained: The finding that the panels are about.
    """
    order = sorted(range(len(card.classes)), key=lambda k: -float(prediction.probabilities[k]))
    rows = [
        _row(card.classes[k], float(prediction.probabilities[k]), card.classes[k] == explained)
        for k in order
    ]
    return tag("ul", rows, attributes={"class": "cs-findings"})


def _row(name: str, probability: float, is_explained: bool) -> Markup:  # noqa: FBT001  # private
    """One finding."""
    width = f"width:{100 * probability:.1f}%"
    bar = tag("span", tag("i", attributes={"style": width}), attributes={"class": "cs-finding-bar"})
    label = tag("b", f"{name} (explained)") if is_explained else tag("span", name)
    return tag("li", label, bar, tag("span", probability_text(probability)))

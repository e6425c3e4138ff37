"""A small film with regions at known places, and answers about them made by hand."""

import numpy as np

from components.figures.panels import FilmView, Panel
from explainers.agreement import Agreement, compare
from explainers.explanation import Explanation, MethodId
from explainers.players import Players
from models.case import FloatArray, ImageFrame
from tests import reports

SIDE = 16  # of the model's input, cut into 4 x 4 squares
PLAYERS = Players(
    membership=np.add.outer(np.arange(SIDE) // 4 * 4, np.arange(SIDE) // 4).astype(np.int32),
    element_shape=(SIDE, SIDE),
    kind="grid cell",
    names=tuple(f"row {p // 4 + 1}, column {p % 4 + 1}" for p in range(16)),
)
TITLES = {"grad_cam": "Grad-CAM", "kernel_shap": "SHAP", "lime": "LIME"}
# Input element (i, j) covers film rows [20 + 10 i, 30 + 10 i) and columns [30 + 10 j, 40 + 10 j).
FRAME = ImageFrame(top=20.0, left=30.0, height=160.0, width=160.0)


def film(*, row_direction: str | None = "L") -> FilmView:
    """A grey ramp of 200 x 240 film pixels; the model sees its middle."""
    ramp = np.linspace(0.2, 0.6, 240, dtype=np.float32)
    return FilmView(
        pixels=np.broadcast_to(ramp, (200, 240)).copy(),
        frame=FRAME,
        players=PLAYERS,
        row_direction=row_direction,  # type: ignore[arg-type]
    )


def answer(method: MethodId, values: FloatArray, **changed: object) -> Explanation:
    """One method's values on the 16 squares, without error bars or a finer map."""
    fields: dict[str, object] = {
        "players": PLAYERS,
        "values": values,
        "std_error": None,
        "element_map": None,
        "scale": "logit",
        "value_full": 3.0,  # an effect large enough for full colour
        "value_empty": 0.0,
    }
    return reports.explanation(method, **{**fields, **changed})


def peaks(**at: float) -> FloatArray:
    """Small values everywhere but at the players named: p5=1.0 gives player 5 the value 1."""
    values = np.linspace(0.011, 0.019, 16)
    for name, value in at.items():
        values[int(name[1:])] = value
    return values


def answers() -> tuple[Explanation, ...]:
    """All agree on player 5; LIME and SHAP point in opposite directions at 10."""
    return (
        answer("grad_cam", peaks(p5=1.0), signed=False, kind="density"),
        answer("kernel_shap", peaks(p5=1.0, p10=0.6)),
        answer("lime", peaks(p5=1.0, p10=-0.6)),
    )


def panels(found: tuple[Explanation, ...] | None = None) -> tuple[Panel, ...]:
    """One panel an answer."""
    return tuple(
        Panel(title=TITLES[e.method], subtitle="hidden parts show: blur", explanation=e)
        for e in (answers() if found is None else found)
    )


def agreement(found: tuple[Explanation, ...] | None = None) -> Agreement:
    """The comparison of the answers."""
    return compare(answers() if found is None else found, titles=TITLES)  # type: ignore[arg-type]

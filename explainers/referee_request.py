"""From a request and parts to the referee's answers: what page and command line call."""

from collections.abc import Callable, Sequence

from explainers.asking import ask
from explainers.engine import Runtime
from explainers.referee import N_PLACEBOS, Answers, ask_model
from explainers.referee_batch import Progress
from explainers.referee_part import Part
from explainers.referee_sides import Sides
from explainers.report import ConsultRequest
from models.adapter import ModelAdapter
from models.case import Case
from models.devices import rows_per_pass


def ask_about(
    model: ModelAdapter,
    case: Case,
    request: ConsultRequest,
    parts: Sequence[Part | tuple[int, ...]] = (),
    sides: Sequence[Sides] = (),
    *,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _, __: None,
    n_placebos: int = N_PLACEBOS,
) -> Answers:
    """Ask a model about parts of a case, cut and explained as in a request; see `ask_model`.

    Args:
        model: Who is asked.
        case: About what.
        request: What the consultation was asked; its seed draws the placebo parts.
        parts: Players to hide together, or shapes on a film.
        sides: Pairs of parts to compare.
        cancelled: Asked after every pass.
        progress: Told rows spent and rows in all.
        n_placebos: For each part, where there are.

    Raises:
        ExplainError, CancelledError, NonFiniteError, DeviceMemoryError: see `ask_model`.
    """
    runtime = Runtime(max_rows=rows_per_pass(model.device, case.modality), cancelled=cancelled)
    return ask_model(
        ask(case, model, request),
        parts,
        sides,
        seed=request.seed,
        runtime=runtime,
        n_placebos=n_placebos,
        progress=progress,
    )

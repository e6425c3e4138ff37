"""What a person sees while methods are at work: when, how near the end, and what rounds cost.

`python -m benchmarks rounds [--cases film text] [--repeats 3]`

The default request on real cases with something to explain. For every word of a sampling method:
seconds since the question, its rows, its relative squared distance from what it says in the end,
its mean standard error over that of the end. Then, in the same process and interleaved, the CPU
time of the whole consultation with rounds over that of the same without looking in between, and of
stopping at the first moment that offers it and going on over doing it at once.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from benchmarks.subjects import builtin
from explainers.asking import ask
from explainers.consult import Event, consult, generator_for
from explainers.engine import MaskedPredictor, Runtime
from explainers.explanation import Explanation
from explainers.memory import Memory
from explainers.methods import methods_named
from explainers.outlook import Interim, Outlook
from explainers.report import ConsultRequest, default_request
from models import samples
from models.adapter import ModelAdapter
from models.case import Case
from models.devices import rows_per_pass
from models.samples import reports

CASES: Final[dict[str, str]] = {"film": "xray", "text": "report"}
FILM: Final = "phantom-right-lower"
TEXT: Final = "effusion-cardiomegaly"


@dataclass
class Watched:
    """What a listener hears, and when.

    Attributes:
        started: Seconds, by the clock.
        words: (seconds, explanation), in order.
        looks: (seconds, outlook), in order.
    """

    started: float = field(default_factory=time.perf_counter)
    words: list[tuple[float, Explanation]] = field(default_factory=list)
    looks: list[tuple[float, Outlook]] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take an event."""
        now = time.perf_counter() - self.started
        match event:
            case Interim():
                self.words.append((now, event.explanation))
            case Explanation():
                self.words.append((now, event))
            case Outlook():
                self.looks.append((now, event))


def case_of(name: str) -> Case:
    """A built-in case; the model finds something in each of them."""
    return samples.load(FILM) if name == "film" else reports.load(TEXT)


def told(watched: Watched) -> None:
    """Print what was heard."""
    last = {e.method: e for _, e in watched.words}
    print(f"  {'':14} {'seconds':>8} {'rows':>7} {'distance':>9} {'error bars':>11}")
    for seconds, said in watched.words:
        end = last[said.method]
        size = float(np.square(end.values).sum())
        apart = float(np.square(said.values - end.values).sum()) / max(size, 1e-12)
        wide = _ratio(said.std_error, end.std_error)
        print(f"  {said.method:14} {seconds:8.2f} {said.rows:7,} {apart:9.3f} {wide:>11}")
    for seconds, ahead in watched.looks:
        print(
            f"  after {seconds:5.2f} s: stopping would leave {ahead.open_now} of "
            f"{ahead.n_players} undecided, the end about {ahead.open_then}"
        )


def _ratio(errors: np.ndarray | None, end: np.ndarray | None) -> str:
    """Mean error over that of the end."""
    if errors is None or end is None or not end.any():
        return ""
    return f"{errors.mean() / end.mean():.2f}"


def in_one_go(case: Case, model: ModelAdapter, request: ConsultRequest) -> None:
    """The same methods without looking in between."""
    question = ask(case, model, request)
    runtime = Runtime(max_rows=rows_per_pass(model.device, case.modality))
    game = MaskedPredictor(question, runtime, memory=Memory())
    for method in methods_named(request.methods):
        method.explain(
            game,
            budget=request.budget_of(method.card.id),
            generator=generator_for(request.seed, method.draws_as, case),
            seed=request.seed,
        )


def stopped_and_gone_on(case: Case, model: ModelAdapter, request: ConsultRequest) -> None:
    """End at the first offer, then go on."""
    memory = Memory()
    consult(case, model, request, memory=memory, enough=lambda _: True)
    consult(case, model, request, memory=memory)


def compare(name: str, repeats: int) -> None:
    """Everything about one case."""
    model = builtin(CASES[name])
    case, request = case_of(name), default_request(model.card)
    consult(case, model, request)  # what is imported and allocated once
    watched = Watched()
    consult(case, model, request, on_event=watched)
    print(f"\n{name}: {', '.join(request.methods)}, budget {request.budget:,}")
    told(watched)
    ways: dict[str, Callable[[], object]] = {
        "in one go": lambda: in_one_go(case, model, request),
        "in rounds": lambda: consult(case, model, request),
        "stopped and gone on": lambda: stopped_and_gone_on(case, model, request),
    }
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, run in ways.items():
            before = time.process_time()
            run()
            spent[way].append(time.process_time() - before)
    base = statistics.median(spent["in one go"])
    for way, seconds in spent.items():
        middle = statistics.median(seconds)
        print(f"  {way:20} {middle:6.2f} s of CPU, {middle / base:.2f}")


def main(arguments: Sequence[str]) -> int:
    """Parse options and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rounds", description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=sorted(CASES), default=list(CASES))
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(arguments)
    for name in options.cases:
        compare(name, options.repeats)
    return 0

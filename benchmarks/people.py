"""Many people at once on one server: waits, errors, mixed-up results, memory.

`python -m benchmarks people [--people 20] [--light 50] [--seconds 60]`

Starts the app on the loopback interface and visits it in Streamlit's own protocol, one websocket a
person (`benchmarks/session.py`; no browser, so what a browser draws is not in these times).

1. "rush": so many people upload a film each, all different, at once, with the built-in X-ray model
   and the default request. While they wait, each changes a setting every few seconds, which draws
   the whole page anew, and a few others turn pages: interactions that need no computation. Every
   report is then computed alone, in this process, and compared byte for byte (times left out).
2. "light": so many people turn pages and open a record now and then, 8 to 12 s apart.

Exit status 1 when something failed or a report differs; the aims are printed beside the figures.
"""

import argparse
import asyncio
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from benchmarks.serving import Server, served
from benchmarks.session import Session
from benchmarks.visitors import FILM, Record, consulting, film, turning_pages
from components.jobs import Job
from components.terms import TERMS
from explainers.cli_steps import NAMES
from explainers.report import EvidenceReport, default_request
from explainers.report_json import to_json
from models.devices import ROWS_VARIABLE
from models.inputs.image import decode_image
from pages._desk import Desk

THINK: Final = (8.0, 12.0)
AIMS: Final = {"setting": 0.25, "page": 0.25, "light": 2.0}  # p95, seconds
TIMES: Final = {"seconds"}  # what a report holds that depends on the moment


async def watch_memory(server: Server, record: Record) -> None:
    """Sample until told to stop."""
    while True:
        record.memory.append(server.megabytes())
        await asyncio.sleep(0.5)


async def rush(
    server: Server, films: Sequence[bytes], record: Record, options: argparse.Namespace
) -> None:
    """Everybody uploads at once."""
    others = [
        asyncio.create_task(
            record.watched(
                f"visitor {i}",
                turning_pages(server.address, i, record, kind="page", think=(1.0, 3.0)),
            )
        )
        for i in range(options.others)
    ]
    await asyncio.gather(
        *(
            record.watched(
                f"person {i}", consulting(server.address, i, data, record, runs=options.runs)
            )
            for i, data in enumerate(films)
        )
    )
    await _stop(others)


async def light(server: Server, n_people: int, seconds: float, record: Record) -> None:
    """Everybody looks around for a while."""
    people = [
        asyncio.create_task(
            record.watched(
                f"visitor {i}", turning_pages(server.address, i, record, kind="light", think=THINK)
            )
        )
        for i in range(n_people)
    ]
    await asyncio.sleep(seconds)
    await _stop(people)


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def visit_all(
    server: Server, films: Sequence[bytes], options: argparse.Namespace
) -> dict[str, Any]:
    """Both parts on one server."""
    record = Record()
    async with asyncio.timeout(options.limit):
        async with Session(server.address) as first:  # the model is loaded before anybody is timed
            await first.widget("file_uploader", FILM)
            await first.act(page="Methods")
        await asyncio.sleep(options.settle)
        before = server.megabytes()
        sampler = asyncio.create_task(watch_memory(server, record))
        started, cpu = time.perf_counter(), server.cpu_seconds()
        await rush(server, films, record, options)
        seconds, cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
        await light(server, options.light, options.seconds, record)
        await _stop([sampler])
    return {
        "people": len(films),
        "rush_seconds": seconds,
        "rush_cpu_seconds": cpu,
        "memory_mb": {
            "before": before,
            "most": max(record.memory),
            "at the end": record.memory[-1],
        },
        "waits": {kind: figures(found) for kind, found in sorted(record.waits.items())},
        "errors": record.errors,
        "reports": record.reports,
    }


def figures(seconds: Sequence[float]) -> dict[str, float]:
    """Count, median, 95th percentile (nearest rank) and worst."""
    ordered = sorted(seconds)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return {"n": len(ordered), "p50": ordered[len(ordered) // 2], "p95": p95, "max": ordered[-1]}


def without_times(report: bytes | str) -> bytes:
    """A report as it would be had it taken no time."""

    def drop(node: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(node, dict):
            return {key: drop(value) for key, value in node.items() if key not in TIMES}
        return [drop(item) for item in node] if isinstance(node, list) else node

    return json.dumps(drop(json.loads(report)), sort_keys=True).encode()


def alone(films: Sequence[bytes], runs: int | None) -> list[bytes]:
    """The same consultations one after the other, with nobody else about."""
    desk = Desk("xray")
    found = []
    for number, data in enumerate(films):
        case = decode_image(data, name=f"film{number}.png")
        request = default_request(desk.card)
        job = desk.start(case, request if runs is None else replace(request, budget=runs))
        found.append(without_times(to_json(_report_of(job), titles=NAMES)))
    desk.queue.close()
    return found


def _report_of(job: Job) -> EvidenceReport:
    while not job.is_finished:
        job.look()
        time.sleep(0.05)
    report = job.events[-1]
    if not isinstance(report, EvidenceReport):
        raise TypeError(f"the consultation gave no report: {job.state}")
    return report


def main(arguments: list[str]) -> int:
    """Parse options, run both parts, compare, print and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks people", description=__doc__)
    parser.add_argument("--people", type=int, default=20, help="who upload a film at once")
    parser.add_argument("--runs", type=int, choices=TERMS["image"].budgets, help="model runs each")
    parser.add_argument("--others", type=int, default=5, help="who turn pages meanwhile")
    parser.add_argument("--light", type=int, default=50, help="who look around afterwards")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they do")
    parser.add_argument("--settle", type=float, default=10.0, help="for the model to load")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds of everything")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/people.json"))
    options = parser.parse_args(arguments)
    os.environ.setdefault(ROWS_VARIABLE, "8")  # reports are compared to the last bit
    films = [film(number) for number in range(options.people)]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as server:
        found = asyncio.run(visit_all(server, films, options))
    reports = found.pop("reports")
    expected = alone(films, options.runs)
    found["mixed_up"] = [
        i
        for i, right in enumerate(expected)
        if i not in reports or without_times(reports[i]) != right
    ]
    _print(found)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(found, indent=1))
    return int(bool(found["errors"] or found["mixed_up"]))


def _print(found: dict[str, Any]) -> None:
    """The table."""
    print(f"{'':14} {'n':>5} {'p50 s':>8} {'p95 s':>8} {'max s':>8}  aim (p95)")
    for kind, row in found["waits"].items():
        numbers = f"{row['n']:5} {row['p50']:8.3f} {row['p95']:8.3f} {row['max']:8.3f}"
        print(f"{kind:14} {numbers}  {AIMS.get(kind, '')}")
    memory = ", ".join(f"{when} {mb:.0f}" for when, mb in found["memory_mb"].items())
    print(f"{found['people']} consultations in {found['rush_seconds']:.0f} s", end=" ")
    print(f"({found['rush_cpu_seconds']:.0f} s of CPU); memory of the server, MB: {memory}")
    right = found["people"] - len(found["mixed_up"])
    print(f"errors: {len(found['errors'])}; same as alone: {right} of {found['people']}")
    for words in found["errors"]:
        print(" ", words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

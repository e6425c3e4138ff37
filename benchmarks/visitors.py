"""What people do on the app while it is measured: wait for a report, turn pages, look around."""

import asyncio
import io
import random
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from PIL import Image
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.session import Session
from models.inputs.phantom import phantom

PAGES: Final = ("Record", "Text", "Methods", "Models", "X-ray")
FILM, REPORT = "Chest X-ray file", "Report (JSON)"
SEED, RUNS = "Random seed", "Model runs per method"
TROUBLE: Final = ("Something went wrong", "waiting already", "Stopped.")  # as the page says it
CALM: Final = (3.0, 6.0)  # seconds between two settings of one who waits


@dataclass
class Record:
    """What was measured.

    Attributes:
        waits: Kind of interaction -> seconds of each.
        reports: Film's number -> the downloaded report.
        errors: What failed, in words.
        memory: MB of the server, sampled.
    """

    waits: dict[str, list[float]] = field(default_factory=dict)
    reports: dict[int, bytes] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def wait(self, kind: str, seconds: float) -> None:
        """Note one wait."""
        self.waits.setdefault(kind, []).append(seconds)

    async def watched(self, who: str, visit: Coroutine[Any, Any, None]) -> None:
        """One person's visit; what goes wrong is noted and hurts nobody else's."""
        try:
            await visit
        except (LookupError, OSError, TimeoutError) as error:
            self.errors.append(f"{who}: {type(error).__name__}: {error}")


def film(number: int) -> bytes:
    """A synthetic film as a PNG file."""
    drawn = phantom(number, opacity=number % 2 == 0, size=512)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(drawn.pixels * 255).astype(np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()


async def consulting(
    address: str, number: int, data: bytes, record: Record, *, runs: int | None
) -> None:
    """One person of the rush: from the upload to the downloaded report.

    Args:
        address: Of the server.
        number: Which person.
        data: The film.
        record: Where to note what happened.
        runs: Model runs a method to ask for at once; None stays with the default.
    """
    chance = random.Random(number)  # noqa: S311 - when somebody clicks
    async with Session(address) as visit:
        started = time.perf_counter()
        record.wait("upload", await visit.upload(FILM, f"film{number}.png", data))
        await visit.widget("number_input", SEED)
        if runs is not None:
            await _ask_for(visit, runs)
        while visit.find("download_button", REPORT) is None or visit.find("button", "Cancel"):
            await asyncio.sleep(chance.uniform(*CALM))
            if wrong := _complaints(visit):
                raise LookupError("; ".join(wrong))
            seed = WidgetState(id=(await visit.widget("number_input", SEED)).id)
            seed.int_value = chance.randrange(1000)
            record.wait("setting", await visit.act(seed))
        record.wait("consultation", time.perf_counter() - started)
        link = (await visit.widget("download_button", REPORT)).url
        record.reports[number] = await visit.fetch(link)


async def _ask_for(visit: Session, runs: int) -> None:
    """Set the model runs and press Explain: the consultation that has begun makes way."""
    slider = await visit.widget("slider", RUNS)
    chosen = WidgetState(id=slider.id)
    chosen.string_array_value.data.append(f"{runs:,}")
    await visit.act(chosen)
    await visit.press("Explain")


async def turning_pages(
    address: str, number: int, record: Record, *, kind: str, think: tuple[float, float]
) -> None:
    """Somebody who looks around until told to leave."""
    chance = random.Random(1000 + number)  # noqa: S311
    async with Session(address) as visit:
        await asyncio.sleep(chance.uniform(0, think[1]))
        while True:
            record.wait(kind, await visit.act(page=chance.choice(PAGES)))
            record.errors += [f"visitor {number}: {words}" for words in _complaints(visit)]
            await asyncio.sleep(chance.uniform(*think))
            if kind == "light" and visit.says("Records to try") and chance.random() < 0.5:
                record.wait(kind, await visit.press("Open"))


def _complaints(visit: Session) -> list[str]:
    """What a page says went wrong."""
    said = [words for words in TROUBLE if visit.says(words)]
    return [*visit.exceptions, *said]

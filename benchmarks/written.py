"""Results of benchmarks: a JSON file that later runs add to, and a part of a page in docs/."""

import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch

Result: TypeAlias = dict[str, Any]
PAGE: Final = Path("docs/performance.md")


def machine() -> Result:
    """What a figure was measured on; the load tells how busy the machine was with other things."""
    return {
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def merged(path: Path, found: Sequence[Result], key: Callable[[Result], object]) -> list[Result]:
    """Write results to a file, in the place of those of earlier runs with the same key.

    Returns:
        All results of the file.
    """
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    results = {key(result): result for result in (*earlier, *found)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(results.values()), indent=1), encoding="utf-8")
    return list(results.values())


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def replace_part(text: str, name: str, part: str) -> str:
    """The page with another part between `<!-- NAME -->` and `<!-- end of NAME -->`.

    Raises:
        ValueError: the page has no such part.
    """
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page has no part between {begin.strip()} and {end}")
    return f"{before}{begin}\n{part.strip()}\n\n{end}{after}"


def write_part(name: str, part: str, page: Path = PAGE) -> None:
    """Replace a part of a page."""
    text = page.read_text(encoding="utf-8")
    page.write_text(replace_part(text, name, part), encoding="utf-8")

"""`python -m benchmarks [NAME] [options]`: speed is the default."""

import importlib
import sys
from pathlib import Path

KNOWN = "speed consultation text_budget coverage verdicts statistics"
KNOWN += " localisation randomised people profile injections"
KNOWN += " accuracy coverage_gp device lights growth rounds ranking process_on_records"
NAMES = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem in KNOWN.split())


def main() -> int:
    """Run the named benchmark."""
    arguments = sys.argv[1:]
    name = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "speed"
    if name not in NAMES:
        sys.stderr.write(f"There is no benchmark {name!r}. Known: {', '.join(NAMES)}.\n")
        return 2
    return int(importlib.import_module(f"benchmarks.{name}").main(arguments))


if __name__ == "__main__":
    sys.exit(main())

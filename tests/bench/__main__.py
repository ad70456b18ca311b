"""``python -m tests.bench [--quick] [NAME ...]``: one JSON line per figure; all modules when none is named.

A module of this package counts when it has ``figures()``, an iterator of what ``figure.figure`` makes. Exit code 2: no
such module.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

import tests.bench
from tests.bench.figure import QUICK


def modules() -> Iterator[tuple[str, ModuleType]]:
    """The modules that make figures, by name."""
    for info in pkgutil.iter_modules(tests.bench.__path__):
        if info.name == "__main__":
            continue
        module = importlib.import_module(f"tests.bench.{info.name}")
        if hasattr(module, "figures"):
            yield info.name, module


def main() -> int:
    """Run what is asked for."""
    known = dict(modules())
    parser = argparse.ArgumentParser(prog="tests.bench", description="Figures, each beside its baseline.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(known))
    parser.add_argument("--quick", action="store_true", help="few repetitions: a smoke test, no measurement")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"no {' '.join(unknown)}; there are {' '.join(known)}")
    if options.quick:
        os.environ[QUICK] = "1"
    for name in options.names or known:
        for line in known[name].figures():
            print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.faults FOLDER [NAME ...]``: the long forms; draws the table of deploy/README.md from the raw log.

Rounds are added until a fault has struck as often as it should, in this run and in earlier ones with the same folder,
or its minutes are over. Exit code 1 when anything was lost, or when a control lost nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
import traceback
from pathlib import Path

from keys.logging import configure
from tests.faults.all import FAULTS
from tests.faults.tally import BROKE, Fault, Line, Outcome, draw, put_into, read_lines, write_line
from tests.kit import hub_process
from tests.kit.hub_stock import HUB, Stock

STARTED = (HUB, "tests.faults.hub", "tests.kit.office_process")
"""What rounds start by the hundred."""
README = Path(__file__).resolve().parents[2] / "deploy" / "README.md"
MOST_BROKEN = 3
"""Rounds whose rig broke off, until a run gives up."""


def main() -> int:
    """Run what is asked for, then draw."""
    options = _options()
    configure(strict=True)
    hub_process.stock = Stock(hub_process.PROJECT, STARTED)
    options.folder.mkdir(parents=True, exist_ok=True)
    chosen = [fault for fault in FAULTS if not options.names or fault.name in options.names]
    if not options.draw:
        for fault in chosen:
            run(fault, options.folder, minutes=options.minutes, times=options.times or fault.wanted)
    lines = read_lines(options.folder)
    README.write_text(put_into(README.read_text("utf-8"), draw(FAULTS, lines)), encoding="utf-8")
    names = {fault.name for fault in chosen}
    return int(any(line.lost > 0 and not line.control for line in lines if line.fault in names))


def run(fault: Fault, folder: Path, *, minutes: float, times: int) -> None:
    """Its control once, then rounds. A control that loses nothing ends the run: nothing would be shown by it."""
    until, broken = time.monotonic() + 60 * minutes, 0
    lines = [line for line in read_lines(folder) if line.fault == fault.name]
    if (
        not any(line.control and line.lost for line in lines)
        and not _round(fault, folder, fault.seed, control=True).lost
    ):
        raise SystemExit(f"{fault.name}: the control lost nothing")
    struck, number = sum(line.struck for line in lines if not line.control), sum(not line.control for line in lines)
    while struck < times and time.monotonic() < until and broken < MOST_BROKEN:
        line = _round(fault, folder, fault.seed + number, control=False)
        struck, number, broken = struck + line.struck, number + 1, broken + (BROKE in line.told)


def _round(fault: Fault, folder: Path, seed: int, *, control: bool) -> Line:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sluss-faults-", ignore_cleanup_errors=True) as scratch:
        try:
            outcome = asyncio.run((fault.control if control else fault.strike)(Path(scratch), seed))
        except Exception as error:  # the rig broke off: this round shows nothing, and the log says so
            traceback.print_exc()
            outcome = Outcome(0, 0, 0, {BROKE: f"{type(error).__name__}: {str(error)[:200]}"})
    gc.collect()
    line = Line(
        fault.name, control, seed, outcome.struck, outcome.held, outcome.lost, round(time.monotonic() - began, 1),
        outcome.told,
    )  # fmt: skip
    write_line(folder, line)
    print(json.dumps([line.fault, control, seed, line.struck, line.held, line.lost, line.seconds]), flush=True)
    return line


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("folder", type=Path, help="for the raw log; a second run with it goes on where the first ended")
    parser.add_argument("names", nargs="*", choices=[[], *(fault.name for fault in FAULTS)], help="which; all")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="for each fault at most; the last round is finished"
    )
    parser.add_argument("--times", type=int, help="how often each is to strike, instead of its own number")
    parser.add_argument("--draw", action="store_true", help="only draw the table anew")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""What a round of a fault came to, the raw log of all rounds, and the table that is drawn from it.

Rules:
1. *Lost* is what was acknowledged, or shown before, and is afterwards not there exactly once and unaltered.
2. Every round is a line in the raw log, with its seed: ``faults.jsonl`` in the folder that the runner was given.
3. The table is drawn from that log and from nothing else; a fault without a round in it is *not run*.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

LOG_NAME: Final = "faults.jsonl"
BEGIN: Final = "<!-- faults: drawn by make faults -->"
END: Final = "<!-- faults: end -->"
NOT_RUN: Final = "not run"
BROKE: Final = "broke off"
"""In ``told`` of a round whose rig gave up: it shows nothing, either way."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """One round: how often the fault struck, how much was held against what is there, and how much of it was lost."""

    struck: int
    held: int
    lost: int
    told: dict[str, Any] = dataclasses.field(default_factory=dict)  # figures beside, for the raw log


Round = Callable[[Path, int], Awaitable[Outcome]]
"""A round in an empty folder with a seed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: on the command line.
        title: in the table; what strikes, and what is held to.
        defence: what the control takes out.
        wanted: how often it strikes in the long form.
        seed: of the first round; each further one has the next.
        strike: a round.
        control: a round without the defence: it must lose.
    """

    name: str
    title: str
    defence: str
    wanted: int
    seed: int
    strike: Round
    control: Round


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line of the raw log."""

    fault: str
    control: bool
    seed: int
    struck: int
    held: int
    lost: int
    seconds: float
    told: dict[str, Any]


def write_line(folder: Path, line: Line) -> None:
    """Append to the raw log."""
    with (folder / LOG_NAME).open("a", encoding="utf-8") as log:
        log.write(json.dumps(dataclasses.asdict(line)) + "\n")


def read_lines(folder: Path) -> list[Line]:
    """All rounds so far."""
    path = folder / LOG_NAME
    if not path.exists():
        return []
    return [Line(**json.loads(text)) for text in path.read_text("utf-8").splitlines()]


def draw(faults: Iterable[Fault], lines: list[Line]) -> str:
    """The table in Markdown, without the rows that other commands answer for."""
    head = "| fault | struck | rounds, seeds | held | lost | control: without … | it lost | seconds |\n"
    return head + "|---|---|---|---|---|---|---|---|\n" + "".join(_row(fault, lines) for fault in faults)


def put_into(text: str, table: str) -> str:
    """A document with the table between its two markers.

    Raises:
        ValueError: the markers are not there, once each.
    """
    before, begin, rest = text.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in old + after or END in before + after:
        raise ValueError("the markers of the table")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def _row(fault: Fault, lines: list[Line]) -> str:
    mine = [line for line in lines if line.fault == fault.name]
    real, control = [line for line in mine if not line.control], [line for line in mine if line.control]
    cells = [fault.title, *_struck(fault, real), fault.defence, _lost_of(control), str(_seconds(mine))]
    return "| " + " | ".join(cells) + " |\n"


def _struck(fault: Fault, real: list[Line]) -> list[str]:
    if not real:
        return [f"{NOT_RUN} (wanted: {fault.wanted:,})", "-", "-", "-"]
    struck, held, lost = (sum(getattr(line, name) for line in real) for name in ("struck", "held", "lost"))
    seeds, broken = sorted(line.seed for line in real), sum(BROKE in line.told for line in real)
    rounds = f"{len(real)}, {seeds[0]} to {seeds[-1]}" + (f"; {broken} broke off" if broken else "")
    wanted = "" if struck >= fault.wanted else f" of {fault.wanted:,} wanted"
    return [f"{struck:,}{wanted}", rounds, f"{held:,}", f"**{lost:,}**"]


def _lost_of(control: list[Line]) -> str:
    if not control:
        return NOT_RUN
    return f"{sum(line.lost for line in control):,} of {sum(line.held for line in control):,}"


def _seconds(lines: list[Line]) -> int:
    return round(sum(line.seconds for line in lines))

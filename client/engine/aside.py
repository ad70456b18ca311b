"""What was put aside, for whoever registers what comes in: what it is, from whom, and what was done with it.

A document that fails a check has had no effect and is not shown, and has come in all the same (domain.md 2.1 G1 rule
5, 2.12). It stays until somebody has registered it or said how it was dealt with, and after that. A diary number that
is told to the sender is a document of the unit's, so that colleagues' devices know of it; a note stays on this device.

Public signatures:
    listed(context) -> list[Aside]                 oldest first
    find(context, text) -> Aside                   the one whose envelope's id begins so
    deal(context, aside, by=, note=, dnr="")       what was done with it
    is_dealt_with(context, document_id) -> bool    whether somebody has
"""

from __future__ import annotations

import dataclasses
from typing import Final

from client.engine.context import Context
from client.engine.registering import numbers
from keys.errors import LocalError

_COLUMNS: Final = "envelope_id, step, code, kind, unit_id, document_id, at, dnr, note, handled_at, handled_by"
_HEX: Final = frozenset("0123456789abcdef")
_LEAST, _MOST = 4, 64  # hexadecimal digits of an id that a person types


@dataclasses.dataclass(frozen=True, slots=True)
class Aside:
    """One envelope that was put aside.

    Args:
        envelope_id: 32 bytes.
        step: number of the check (FORMATS 8).
        code: why.
        kind: of the document, empty when that could not be read.
        unit_id: of the sender, None when it is not known for certain.
        document_id: None when there was none.
        at: when it came, seconds.
        dnr: its diary number here, empty without one.
        note: how it was dealt with.
        handled_at: when somebody said so, on this device.
        handled_by: who.
    """

    envelope_id: bytes
    step: int
    code: str
    kind: str
    unit_id: bytes | None
    document_id: bytes | None
    at: int
    dnr: str
    note: str
    handled_at: int | None
    handled_by: str

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to deal with it."""
        return self.handled_at is None and not self.dnr


async def listed(context: Context) -> list[Aside]:
    """All of them; registered on another device of the unit counts too."""
    rows = await context.vault.all(f"SELECT {_COLUMNS} FROM quarantine ORDER BY at, envelope_id")  # noqa: S608 - constants
    found = []
    for one in (Aside(*row) for row in rows):
        told = {}
        if one.is_open and one.document_id is not None and one.unit_id is not None:
            told = await numbers(context, one.unit_id, [one.document_id])
        found.append(dataclasses.replace(one, dnr=told[one.document_id]) if one.document_id in told else one)
    return found


async def find(context: Context, text: str) -> Aside:
    """The one whose envelope's id begins with ``text``.

    Raises:
        LocalError: code ``BADID`` when it is no id, ``NOTFOUND``, or ``AMBIGUOUS`` when more than one begins so.
    """
    wanted = text.lower()
    if not _LEAST <= len(wanted) <= _MOST or not _HEX.issuperset(wanted):
        raise LocalError("BADID")
    found = [one for one in await listed(context) if one.envelope_id.hex().startswith(wanted)]
    if len(found) != 1:
        raise LocalError("AMBIGUOUS" if found else "NOTFOUND")
    return found[0]


async def deal(context: Context, aside: Aside, *, by: str, note: str, dnr: str = "") -> None:
    """Write down how it was dealt with; the envelope stays.

    Args:
        context: of the office.
        aside: as it was found.
        by: name of the person.
        note: in words.
        dnr: its diary number, empty for none.
    """
    async with context.vault.transaction():
        await context.vault.write(
            "UPDATE quarantine SET note = ?, dnr = ?, handled_by = ?, handled_at = ? WHERE envelope_id = ?",
            note, dnr or aside.dnr, by, context.clock.now(), aside.envelope_id,
        )  # fmt: skip


async def is_dealt_with(context: Context, document_id: bytes) -> bool:
    """Whether somebody has dealt with a document at this device while it stood aside."""
    return bool(
        await context.vault.value(
            "SELECT 1 FROM quarantine WHERE document_id = ? AND handled_at IS NOT NULL", document_id
        )
    )

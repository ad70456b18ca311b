"""Statistics of this office: count what the vault holds, keep it, and send what is masked.

1. Counting reads every document that took effect here, and keeps nothing but the counts.
2. What is sent is what was approved: the collection's own numbers, masked anew, never counted anew.
3. One report for one time: of two that overlap, one could be taken from the other. The first is taken back before.

Not here: what a cell counts (``casework.figures``), who may do which step (the life cycle).
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import AsyncIterator
from typing import Any, Final

from client.casework.figures.cells import CELLS, DEFINITION_VERSION
from client.casework.figures.counting import Period, Told, count, period_of
from client.casework.figures.suppression import suppress
from client.casework.swedish_time import local_date
from client.engine.context import Context
from client.engine.writing import Order, Writing, Written
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId

COLLECTION: Final = "statistik.sammanstallning"
REVIEW: Final = "statistik.granskning"
REPORT: Final = "statistik.rapport"
_VOID: Final = ("stopped", "refused", "recalling", "recalled")


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """The desk at which is counted."""

    context: Context
    writing: Writing

    async def collect(self, year: int, half: str) -> Written:
        """Count a period and keep the counts in a new thread of the unit.

        Raises:
            RefusedError: the role may not.
            LocalError: code ``EARLY`` while the period is not over.
        """
        period = period_of(year, half)
        if self._today() <= period.last:
            raise LocalError("EARLY", date=period.last.isoformat())
        counted = count([told async for told in self._told()], period)
        content = {
            "year": year,
            "half": half,
            "definition_version": DEFINITION_VERSION,
            "cells": [{"cell": name, "count": counted[name]} for name, _ in CELLS.items],
        }
        return await self.writing.write(Order(kind=COLLECTION, to_unit=self.context.unit_id, content=content))

    async def step(self, thread_id: bytes, step: str) -> Written:
        """Note that somebody has reviewed (``granskad``) or approved (``godkand``) a collection.

        Raises:
            RefusedError: the role may not, or it is not its turn.
            LocalError: code ``NOTFOUND``.
        """
        async with self.context.vault.transaction():
            return await self._step_inside(thread_id, step)

    async def send(self, thread_id: bytes, to_unit: UnitId) -> Written:
        """Queue the masked report of an approved collection.

        Raises:
            RefusedError: not approved, the wrong recipient or role, or code ``OVERLAP``.
            LocalError: code ``NOTFOUND``.
        """
        async with self.context.vault.transaction():
            _, content = await self._collection(thread_id)
            await self._require_no_overlap(period_of(content["year"], content["half"]))
            counts = {row["cell"]: row["count"] for row in content["cells"]}
            masked = suppress(counts, self.context.settings.statistics_threshold)
            report = {name: content[name] for name in ("year", "half", "definition_version")}
            report["cells"] = [_cell(name, masked[name]) for name in masked]
            await self._step_inside(thread_id, "skickad")
            return await self.writing.write_inside(Order(kind=REPORT, to_unit=to_unit, content=report))

    async def _step_inside(self, thread_id: bytes, step: str) -> Written:
        document_id, _ = await self._collection(thread_id)
        own = self.context.unit_id
        order = Order(kind=REVIEW, to_unit=own, content={"step": step}, thread_id=thread_id, reply_to=document_id)
        return await self.writing.write_inside(order)

    async def _collection(self, thread_id: bytes) -> tuple[bytes, dict[str, Any]]:
        """The last collection of a thread."""
        row = await self.context.vault.one(
            "SELECT document_id, body FROM document WHERE thread_id = ? AND kind = ?"
            " ORDER BY at DESC, rowid DESC LIMIT 1",
            thread_id, COLLECTION,
        )  # fmt: skip
        if row is None:
            raise LocalError("NOTFOUND")
        return row[0], decode_body(row[1], max_bytes=MAX_BODY_BYTES)["content"]

    async def _require_no_overlap(self, period: Period) -> None:
        rows = await self.context.vault.all(
            "SELECT d.body, d.state, t.state FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.kind = ? AND d.direction = 'out'",
            REPORT,
        )
        for body, state, thread_state in rows:
            if state in _VOID or thread_state == "atertagen":
                continue
            content = decode_body(body, max_bytes=MAX_BODY_BYTES)["content"]
            other = period_of(content["year"], content["half"])
            if other.first in period or period.first in other:
                raise RefusedError("OVERLAP", date=other.first.isoformat())

    async def _told(self) -> AsyncIterator[Told]:
        """Every document that took effect, one at a time."""
        rows = await self.context.vault.all("SELECT kind, direction, state, thread_id, body, at FROM document")
        for row in rows:
            if row[2] not in _VOID:
                yield _read(row)

    def _today(self) -> datetime.date:
        return _day(self.context.clock.now())


def _read(row: Any) -> Told:
    kind, direction, _, thread_id, body, at = row
    read = decode_body(body, max_bytes=MAX_BODY_BYTES)
    thread = thread_id.hex()
    return Told(
        kind, direction == "out", thread, read["header"].get("principal_ref") or thread, read["content"], _day(at)
    )


def _cell(name: str, count: int | None) -> dict[str, Any]:
    return {"cell": name, "suppressed": True} if count is None else {"cell": name, "suppressed": False, "count": count}


def _day(seconds: int) -> datetime.date:
    return local_date(datetime.datetime.fromtimestamp(seconds, datetime.UTC))

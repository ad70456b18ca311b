"""Some seconds in which a document can still be taken back: it waits as a draft and then leaves by itself.

It is nowhere else meanwhile, so an office that is closed within that time sends it when it is opened again. Queueing
the document and throwing the draft away are one transaction: it leaves once. What the page changes in a draft, and the
sending, happen one after the other (``lock``): nobody hears that a document was taken back which leaves in that moment.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec

from client.api import commands
from client.api.declared import header_fields
from client.api.places import find_kind
from client.casework.kinds.registry import describe
from client.engine.office import Desk
from client.web.forms.drafts import Sheet, find, keep, read_sheet
from client.web.forms.reading import read
from keys.errors import LocalError, LockedError, SlussError
from keys.logging import get_logger

LOOK_SECONDS: Final = 0.5
MAX_LEFT: Final = 64
PERSON_KEY: Final = "principal_ref"
_log = get_logger("page")


class Held:
    """What waits to leave."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.lock = asyncio.Lock()
        self.undo_seconds = int(desk.context.settings.undo_seconds)
        self._task: asyncio.Task[None] | None = None
        self._left: dict[str, dict[str, Any]] = {}

    def start(self) -> None:
        """Look after what waits from now on."""
        self._task = asyncio.create_task(self._run(), name="page-held")

    async def close(self) -> None:
        """Stop; what waits stays a draft."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def left(self, draft_id: str) -> dict[str, Any] | None:
        """What became of a draft that has left lately: ids of document and thread, and its first state."""
        return self._left.get(draft_id)

    async def _run(self) -> None:
        while True:
            try:
                if not self._desk.locking.is_locked:
                    await self.send_due()
            except Exception as error:  # whatever it is: it is tried again, as nothing else ever sends it
                _log.error("held", error_type=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def send_due(self) -> None:
        """Send whose time has come, if this device is to send it; what is refused stays a draft with the reason."""
        for draft in await self._desk.unit.drafts():
            if self._is_due(read_sheet(draft)):
                async with self.lock:
                    await self._send(draft.draft_id)

    def _is_due(self, sheet: Sheet | None) -> bool:
        own, now = self._desk.context.device_id.hex(), self._desk.context.clock.now()
        return sheet is not None and sheet.leaves_at is not None and sheet.leaves_at <= now and sheet.device == own

    async def _send(self, draft_id: bytes) -> None:
        try:
            _, sheet = await find(self._desk.unit, draft_id.hex())
            if not self._is_due(sheet):
                return  # somebody took it back meanwhile
        except LocalError:
            return  # it has left, or was thrown away
        try:
            self._left[draft_id.hex()] = await send(self._desk, sheet, draft_id=draft_id.hex())
            if len(self._left) > MAX_LEFT:
                del self._left[next(iter(self._left))]
        except LockedError:
            return  # in this very moment: it waits until they are open
        except SlussError as error:
            if error.code == "NOTFOUND":
                return  # it has left, or was thrown away, while this was looked at
            _log.info("held", code=error.code)
            await keep(self._desk.unit, msgspec.structs.replace(sheet, leaves_at=None, code=error.code), draft_id)


async def send(desk: Desk, sheet: Sheet, *, draft_id: str | None = None, only_check: bool = False) -> dict[str, Any]:
    """Queue what a draft holds, or only ask whether it may go.

    Raises:
        SlussError: what the command refuses; nothing has changed.
    """
    command, facts = asked(sheet)
    facts |= {"draft_id": draft_id, "only_check": only_check}
    told: dict[str, Any] = await commands.run(desk, command, facts, by_person=only_check)
    return told


def asked(sheet: Sheet) -> tuple[str, dict[str, Any]]:
    """The command that a draft stands for, and its arguments."""
    kind = find_kind(sheet.kind)
    header = read(header_fields(kind), sheet.typed, "header")
    if sheet.consent_id is not None or sheet.thread_id is not None:
        header.pop(PERSON_KEY, None)  # it follows from these
    facts: dict[str, Any] = {
        "kind": sheet.kind,
        "content": read(describe(sheet.kind), sheet.typed, "content"),
        "header": header,
        "consent_id": sheet.consent_id,
        "attachments": sheet.attachments,
        "confirmed": sheet.confirmed,
    }
    if sheet.reply_to is not None:
        return "reply", {**facts, "document_id": sheet.reply_to}
    return "new", {**facts, "to": None if kind.local else sheet.to, "thread_id": sheet.thread_id}

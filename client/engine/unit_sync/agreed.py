"""What the devices of a unit agree on: read state, assignment, stand-ins, notes, drafts.

Rules:
1. Of two settings of the same thing the one with the greater (counter, author) counts; should a device give two with
   the same counter, the greater (holder, at). Counters are Lamport's: each device counts on from the greatest seen.
2. Notes are only ever added.
3. So the outcome hangs on what has come and not on the order in which it came, nor on how often.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from client.casework.flows import By, Side
from client.engine.context import Context
from client.engine.threads import Threads
from keys.errors import RefusedError
from keys.ids import ID_BYTES
from keys.internal import MAX_NOTES, MAX_SETTINGS, Draft, Note, Setting, SettingName, State
from keys.private.identity import random_bytes

MAX_LEAP: Final = 2**32  # a sibling that has counted further than this beyond us is not believed
_COUNTER: Final = "lamport"

T = TypeVar("T")


class Agreed:
    """The agreed state in the vault."""

    def __init__(self, context: Context, threads: Threads) -> None:
        self._context = context
        self._vault = context.vault
        self._threads = threads

    # -- set here -----------------------------------------------------------------------------------------------------

    async def set(self, name: SettingName, target: bytes, *, holder: bytes | None, at: int) -> Setting:
        """Set one value as this device, inside a transaction."""
        setting = Setting(name, target, await self._tick(), self._context.device_id, holder, at)
        await self._take_setting(setting)
        return setting

    async def note(self, thread_id: bytes, text: str) -> Note:
        """Add a note, inside a transaction."""
        note = Note(random_bytes(ID_BYTES), thread_id, self._context.device_id, self._context.clock.now(), text)
        await self._take_note(note)
        return note

    async def draft(self, form: bytes, draft_id: bytes | None = None) -> Draft:
        """Keep a draft, or throw it away with an empty ``form``; inside a transaction."""
        at = self._context.clock.now()
        draft = Draft(draft_id or random_bytes(ID_BYTES), await self._tick(), self._context.device_id, at, form)
        await self._take_draft(draft)
        return draft

    async def _tick(self) -> int:
        counter = await self._vault.number(_COUNTER) + 1
        await self._vault.set_number(_COUNTER, counter)
        return counter

    # -- come from siblings -------------------------------------------------------------------------------------------

    async def take_in(self, state: State) -> None:
        """Take in what a sibling tells, inside a transaction.

        Raises:
            RefusedError: code ``SCH``; a counter that leaps. Nothing was written.
        """
        counters = [setting.counter for setting in state.settings] + [draft.counter for draft in state.drafts]
        known = await self._vault.number(_COUNTER)
        greatest = max(counters, default=0)
        if greatest > known + MAX_LEAP:
            raise RefusedError("SCH", rule="counter")
        if greatest > known:
            await self._vault.set_number(_COUNTER, greatest)
        for setting in state.settings:
            await self._take_setting(setting)
        for note in state.notes:
            await self._take_note(note)
        for draft in state.drafts:
            await self._take_draft(draft)

    async def came(self, document_id: bytes) -> None:
        """A document is here now that a colleague may have read before, inside a transaction."""
        setting = await self.get(SettingName.READ, document_id)
        if setting is not None:
            await self._show_effect(setting)

    # -- in the vault -------------------------------------------------------------------------------------------------

    async def get(self, name: SettingName, target: bytes) -> Setting | None:
        """The value that counts."""
        row = await self._vault.one(
            "SELECT counter, author, holder, at FROM setting WHERE name = ? AND target = ?", name.value, target
        )
        return None if row is None else Setting(name, target, row[0], row[1], row[2] or None, row[3])

    async def notes(self, thread_id: bytes) -> list[Note]:
        """The notes on a thread, oldest first."""
        rows = await self._vault.all(
            "SELECT note_id, thread_id, author, at, text FROM note WHERE thread_id = ? ORDER BY at, note_id", thread_id
        )
        return [Note(*row) for row in rows]

    async def drafts(self) -> list[Draft]:
        """Drafts that were not thrown away, newest first."""
        rows = await self._vault.all(
            "SELECT draft_id, counter, author, at, form FROM draft WHERE form <> x'' ORDER BY at DESC, draft_id"
        )
        return [Draft(*row) for row in rows]

    async def everything(self, since: int = 0) -> list[State]:
        """All that was agreed on since ``since`` (seconds), in pieces that each fit one letter."""
        settings = [
            Setting(SettingName(row[0]), row[1], row[2], row[3], row[4] or None, row[5])
            for row in await self._vault.all("SELECT * FROM setting WHERE at >= ? ORDER BY counter", since)
        ]
        notes = [
            Note(*row)
            for row in await self._vault.all(
                "SELECT note_id, thread_id, author, at, text FROM note WHERE at >= ? ORDER BY at", since
            )
        ]
        told = [State(part, [], []) for part in _parts(settings, MAX_SETTINGS)]
        told += [State([], part, []) for part in _parts(notes, MAX_NOTES)]
        return told + [State([], [], [draft]) for draft in await self.drafts() if draft.at >= since]

    async def _take_setting(self, setting: Setting) -> None:
        changed = await self._vault.write(
            "INSERT INTO setting (name, target, counter, author, holder, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET counter = excluded.counter, author = excluded.author,"
            " holder = excluded.holder, at = excluded.at WHERE (excluded.counter, excluded.author, excluded.holder,"
            " excluded.at) > (setting.counter, setting.author, setting.holder, setting.at)",
            setting.name.value, setting.target, setting.counter, setting.author, setting.holder or b"", setting.at,
        )  # fmt: skip
        if changed:
            await self._show_effect(setting)

    async def _take_note(self, note: Note) -> None:
        await self._vault.write(
            "INSERT OR IGNORE INTO note (note_id, thread_id, author, at, text) VALUES (?, ?, ?, ?, ?)",
            note.note_id, note.thread_id, note.author, note.at, note.text,
        )  # fmt: skip

    async def _take_draft(self, draft: Draft) -> None:
        await self._vault.write(
            "INSERT INTO draft (draft_id, counter, author, at, form) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET counter = excluded.counter, author = excluded.author, at = excluded.at,"
            " form = excluded.form WHERE (excluded.counter, excluded.author, excluded.at, excluded.form)"
            " > (draft.counter, draft.author, draft.at, draft.form)",
            draft.draft_id, draft.counter, draft.author, draft.at, draft.form,
        )  # fmt: skip

    async def _show_effect(self, setting: Setting) -> None:
        """What a setting changes beside itself: the read mark, and the thread of a case that somebody has taken."""
        if setting.name is SettingName.READ:
            await self._vault.write(
                "UPDATE document SET read_at = ? WHERE document_id = ? AND read_at IS NULL", setting.at, setting.target
            )
        elif setting.name is SettingName.ASSIGNED and setting.holder is not None:
            await self._begin_work(setting.target, setting.at)

    async def _begin_work(self, thread_id: bytes, at: int) -> None:
        """Somebody works on it: a step that only this unit sees, where the life cycle has one."""
        thread = await self._threads.get(thread_id)
        if thread is not None:
            await self._threads.act(thread, "take", By(Side(thread.side)), at=at)


def _parts(items: Sequence[T], size: int) -> list[list[T]]:
    return [list(items[start : start + size]) for start in range(0, len(items), size)]

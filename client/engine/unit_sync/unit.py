"""The unit at this desk: what a handler does that concerns colleagues, and what the sync loop drives for them."""

from __future__ import annotations

import dataclasses
from typing import Final

from client.engine.clock import HOUR_SECONDS
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.receipts import forget_early
from client.engine.running import Clocks
from client.engine.threads import Threads
from client.engine.unit_sync.leaving import Leaving
from client.engine.unit_sync.parts import UnitParts
from client.engine.unit_sync.registry import Registry
from keys.cards import StaffCard
from keys.domains import SignedType
from keys.errors import LocalError
from keys.ids import DeviceId
from keys.internal import MAX_DRAFT_BYTES, MAX_NOTE_CHARACTERS, Draft, Note, Setting, SettingName, State
from keys.signed import parse_signed, read_payload
from keys.statements import Revoke, RevokeReason

KEEP_DAYS: Final = 35  # an envelope that is older is not asked about any more (FORMATS 8, check 2)


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """The end of a device as the log has it: ``by`` a device of the unit, or None: an administrator, or the roots."""

    at: int
    reason: RevokeReason
    by: DeviceId | None


@dataclasses.dataclass(frozen=True, slots=True)
class Colleague:
    """One device of the own unit. ``stand_in`` counts until ``until`` (seconds).

    ``certified_until`` in seconds; ``keys``: from when until when the epoch keys that others seal to hold, in seconds;
    None where the hub shows none. ``ended``: how it ended before its time, None while it has not.
    """

    device_id: DeviceId
    card: StaffCard
    is_active: bool
    is_own: bool
    stand_in: DeviceId | None
    until: int | None
    certified_until: int
    keys: tuple[int, int] | None
    ended: Ended | None = None


class UnitSync:
    """One device's part in its unit."""

    def __init__(self, context: Context, threads: Threads, parts: UnitParts) -> None:
        self._context = context
        self._vault = context.vault
        self._threads = threads
        self._parts = parts
        self._letters = parts.letters
        self._agreed = parts.agreed
        self._leaving = Leaving(context, parts.letters)
        self._registry = Registry(context, parts.letters)
        self._clocks = Clocks(context, Consents(context), threads)

    # -- driven by the sync loop --------------------------------------------------------------------------------------

    async def duty(self) -> None:
        """Once a round: who is gone, whether history is wanting, what can be forgotten, what rests from now on."""
        await self._leaving.look()
        await self._parts.comparing.duty()
        await self._parts.history.wish()
        await self._parts.asking.look()
        await self._prune()
        await self._clocks.duty()

    async def drained(self, at: int) -> None:
        """The mailbox was read to its end by a drain that began then (seconds)."""
        await self._parts.history.drained(at)

    async def prepare(self, due_at: int) -> int:
        """Write, sign and seal the letters that are due; returns how many attempts were made."""
        await self._registry.tell_new()
        await self._parts.asking.prepare()
        await self._parts.sharing.prepare()
        await self._parts.lending.prepare()
        return await self._letters.prepare(due_at)

    async def release(self) -> None:
        """Queue what colleagues have approved, and the answers to withdrawals, before anything is sealed."""
        await self._parts.approving.release()
        await self._parts.confirming.write_owed()

    async def retry_later(self, document_id: bytes) -> None:
        """The hub refused an attempt, inside a transaction."""
        await self._letters.retry_later(document_id)

    async def next_due(self) -> float | None:
        """When the next letter or answer is due, in seconds; None when none is."""
        due = [at for at in (await self._letters.next_due(), await self._parts.sharing.next_due()) if at is not None]
        return min(due, default=None)

    # -- done by a handler --------------------------------------------------------------------------------------------

    async def take(self, thread_id: bytes) -> None:
        """Work on a thread as this device.

        Raises:
            LocalError: code ``NOTFOUND``.
        """
        await self._assign(thread_id, self._context.device_id)

    async def hand(self, thread_id: bytes, device_id: bytes) -> DeviceId:
        """Hand a thread to a colleague, or to whoever stands in; returns who has it now.

        Raises:
            LocalError: code ``NOTFOUND``, ``UNK`` when it is no active device of the unit.
        """
        holder = await self._stand_in_of(self._require_colleague(device_id))
        await self._assign(thread_id, holder)
        return holder

    async def stand_in(self, away: bytes, holder: bytes | None, until: int) -> None:
        """Let ``holder`` get what is handed to ``away`` until that time (seconds); None ends it.

        Raises:
            LocalError: code ``UNK``.
        """
        self._require_colleague(away)
        if holder is not None:
            self._require_colleague(holder)
        await self._set(SettingName.STAND_IN, away, holder, until)

    async def read(self, document_id: bytes) -> None:
        """A person has seen a document; colleagues need not be told twice."""
        if await self._agreed.get(SettingName.READ, document_id) is None:
            await self._set(SettingName.READ, document_id, self._context.device_id, self._context.clock.now())

    async def note(self, thread_id: bytes, text: str) -> Note:
        """Add a note to a thread.

        Raises:
            LocalError: code ``NOTFOUND``, ``ARGUMENT`` for no text or too much.
        """
        await self._require_thread(thread_id)
        if not 0 < len(text) <= MAX_NOTE_CHARACTERS:
            raise LocalError("ARGUMENT")
        async with self._vault.transaction():
            note = await self._agreed.note(thread_id, text)
            await self._letters.queue(State([], [note], []))
        return note

    async def reminded(self, reminder_id: bytes) -> None:
        """A person has seen a reminder; colleagues need not be told again."""
        await self._set(SettingName.REMINDED, reminder_id, self._context.device_id, self._context.clock.now())

    async def draft(self, form: bytes, draft_id: bytes | None = None) -> Draft:
        """Keep a draft for all devices of the unit; an empty form throws it away.

        Raises:
            LocalError: code ``BIG``.
        """
        if len(form) > MAX_DRAFT_BYTES:
            raise LocalError("BIG")
        async with self._vault.transaction():
            draft = await self._agreed.draft(form, draft_id)
            await self._letters.queue(State([], [], [draft]))
        return draft

    async def drop_draft(self, draft_id: bytes) -> None:
        """Throw a draft away because it is being sent, inside the transaction that queues the document.

        Raises:
            LocalError: code ``NOTFOUND``; somebody has sent it or thrown it away.
        """
        if all(one.draft_id != draft_id for one in await self._agreed.drafts()):
            raise LocalError("NOTFOUND")
        draft = await self._agreed.draft(b"", draft_id)
        await self._letters.queue(State([], [], [draft]))

    # -- looked at ----------------------------------------------------------------------------------------------------

    async def holder(self, thread_id: bytes) -> Setting | None:
        """Who works on a thread."""
        return await self._agreed.get(SettingName.ASSIGNED, thread_id)

    async def notes(self, thread_id: bytes) -> list[Note]:
        """The notes on a thread, oldest first."""
        return await self._agreed.notes(thread_id)

    async def drafts(self) -> list[Draft]:
        """The unit's drafts, newest first."""
        return await self._agreed.drafts()

    async def colleagues(self) -> list[Colleague]:
        """All devices that the unit ever had, in the order of joining."""
        now = self._context.clock.now()
        found: list[Colleague] = []
        for entry in self._context.replica.directory.unit_devices(self._context.unit_id):
            device_id = DeviceId(entry.statement.device_id)
            setting = await self._agreed.get(SettingName.STAND_IN, device_id)
            stands = setting is not None and setting.holder is not None and setting.at >= now
            found.append(
                Colleague(
                    device_id,
                    self._context.book.staff(device_id),
                    entry.is_active(now),
                    device_id == self._context.device_id,
                    DeviceId(setting.holder) if stands and setting and setting.holder else None,
                    setting.at if stands and setting else None,
                    entry.statement.not_after,
                    self._keys(device_id),
                    None if entry.revoked_size is None else await self._ended(entry.revoked_size),
                )
            )
        return found

    async def _ended(self, size: int) -> Ended:
        """What the leaf says that made the log this long."""
        so = parse_signed(await self._vault.value("SELECT leaf FROM leaf WHERE n = ?", size - 1))
        said = read_payload(so, SignedType.REVOKE, Revoke)
        signers = {one.signer for one in so.signatures}
        unit = self._context.replica.directory.unit_devices(self._context.unit_id)
        by = next((DeviceId(one.statement.device_id) for one in unit if one.certificate in signers), None)
        return Ended(said.at, said.reason, by)

    def _keys(self, device_id: DeviceId) -> tuple[int, int] | None:
        held = self._context.prekeys.held(device_id)
        if held is None:
            return None
        intervals = held.batch.intervals
        return min(one.start for one in intervals) * HOUR_SECONDS, max(one.end for one in intervals) * HOUR_SECONDS

    async def _assign(self, thread_id: bytes, holder: bytes) -> None:
        await self._require_thread(thread_id)
        await self._set(SettingName.ASSIGNED, thread_id, holder, self._context.clock.now())

    async def _set(self, name: SettingName, target: bytes, holder: bytes | None, at: int) -> None:
        async with self._vault.transaction():
            setting = await self._agreed.set(name, target, holder=holder, at=at)
            await self._letters.queue(State([setting], [], []))

    async def _stand_in_of(self, device_id: DeviceId) -> DeviceId:
        setting = await self._agreed.get(SettingName.STAND_IN, device_id)
        if setting is None or setting.holder is None or setting.at < self._context.clock.now():
            return device_id
        return self._require_colleague(setting.holder)

    def _require_colleague(self, device_id: bytes) -> DeviceId:
        known = DeviceId(device_id)
        if known != self._context.device_id and known not in self._context.siblings():
            raise LocalError("UNK")
        return known

    async def _require_thread(self, thread_id: bytes) -> None:
        if await self._threads.get(thread_id) is None:
            raise LocalError("NOTFOUND")

    async def _prune(self) -> None:
        before = self._context.clock.now() - KEEP_DAYS * 86_400
        if not self._vault.glance("SELECT 1 FROM carried WHERE hour < ? LIMIT 1", before // 3600):
            return
        async with self._vault.transaction():
            await self._vault.write("DELETE FROM carried WHERE hour < ?", before // 3600)
            await self._vault.write("DELETE FROM answer WHERE at < ?", before)
            await self._vault.write("DELETE FROM need WHERE noted_at < ?", before)
            await forget_early(self._vault, before)
            await self._parts.requests.prune()

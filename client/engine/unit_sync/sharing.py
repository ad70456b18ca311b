"""Sharing with siblings: answers to needs, and the unit's history for a new device.

Rules:
1. Siblings take turns: the first of them by the digest of (envelope, device) answers at once, each further one a minute
   later, and not at all when it has seen the answer of another.
2. A sibling is answered at most ``MAX_ANSWERS`` envelopes in twenty minutes, and each of them once: whoever asks for
   more waits.
3. History is told in the order in which documents came here, in batches of one envelope of 256 KiB, ``WINDOW`` of them
   per wish. The cursor is ours, so the new device may ask again from where it was.
4. What became of the unit's own documents is shown by the receipts that the recipients signed (`Proofs`).
5. Nothing is told before the sibling has a key to which it can be sealed.
"""

from __future__ import annotations

from typing import Any, Final

from client.engine.context import Context
from client.engine.states import UNSHOWN
from client.engine.threads import Threads
from client.engine.unit_sync.agreed import Agreed
from client.engine.unit_sync.letters import Letters
from client.engine.unit_sync.registry import Registry
from client.engine.unit_sync.requests import Requests
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError
from keys.ids import digest
from keys.internal import (
    MAX_ITEMS,
    MAX_PROOFS,
    History,
    HistoryWish,
    Need,
    Proofs,
    Reshare,
    Reshared,
    ThreadStands,
    Way,
)

WINDOW: Final = 16  # batches per wish: 3.5 MiB
RANK_SECONDS: Final = 60
AGAIN_SECONDS: Final = 1200
MAX_ANSWERS: Final = 512
_ROOM: Final = MAX_BODY_BYTES  # bytes of signed objects and bodies in one batch; a single document may have more
_ITEM_BYTES: Final = 512  # of an item and its thread beside signed object and body
_RECENT_SECONDS: Final = 86_400

# What may be told, when the time (seconds) comes that it is wanted since. A document may be signed long after it was
# written; the hour of its deposit tells.
_TOLD: Final = "signed IS NOT NULL AND max(at, coalesce(deposit_hour, 0) * 3600 + 3599) >= ?"
_ITEM: Final = "direction, state, code, at, deposit_hour, settled_at, signed, salt, body"


class Sharing:
    """The telling side."""

    def __init__(
        self, context: Context, threads: Threads, letters: Letters, *, agreed: Agreed, requests: Requests
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._threads = threads
        self._letters = letters
        self._agreed = agreed
        self._requests = requests
        self._registry = Registry(context, letters)

    # -- what siblings ask --------------------------------------------------------------------------------------------

    async def asked(self, need: Need, device_id: bytes) -> None:
        """A sibling could not open or use something, inside a transaction."""
        now = self._context.clock.now()
        lately = await self._vault.value(
            "SELECT count(*) FROM answer WHERE device_id = ? AND at > ?", device_id, now - AGAIN_SECONDS
        )
        for envelope_id in need.envelopes[: max(0, MAX_ANSWERS - lately)]:
            due_at = now + RANK_SECONDS * self._rank(envelope_id, device_id)
            await self._vault.write(
                "INSERT INTO answer (device_id, envelope_id, due_at, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET due_at = excluded.due_at, at = excluded.at WHERE answer.at <= ?",
                device_id, envelope_id, due_at, now, now - AGAIN_SECONDS,
            )  # fmt: skip

    async def answered(self, reshare: Reshare) -> None:
        """Another sibling has answered, inside a transaction."""
        await self._vault.write_many(
            "UPDATE answer SET due_at = NULL WHERE device_id = ? AND envelope_id = ?",
            [(reshare.device, envelope_id) for envelope_id in reshare.envelopes],
        )

    async def wished(self, wish: HistoryWish, device_id: bytes) -> None:
        """A new sibling wants history from here, inside a transaction."""
        if wish.sibling == self._context.device_id:
            await self._vault.write(
                "INSERT OR REPLACE INTO telling VALUES (?, ?, ?, ?)", device_id, wish.after, WINDOW, wish.since
            )

    # -- what is told -------------------------------------------------------------------------------------------------

    async def next_due(self) -> float | None:
        """When the next answer is due, in seconds; None when none is."""
        value: float | None = await self._vault.value("SELECT min(due_at) FROM answer WHERE due_at IS NOT NULL")
        return value

    async def prepare(self) -> None:
        """Write the letters that are due."""
        now = self._context.clock.now()
        due = await self._vault.all("SELECT device_id, envelope_id FROM answer WHERE due_at <= ? LIMIT 64", now)
        telling = await self._vault.all("SELECT device_id, after, batches, since FROM telling")
        if not due and not telling:
            return
        ready = self._with_keys()
        async with self._vault.transaction():
            for device_id, envelope_id in due:
                if device_id in ready:
                    await self._answer(device_id, envelope_id)
                else:
                    await self._put_off(device_id, envelope_id)
            for device_id, after, batches, since in telling:
                if device_id in ready:
                    await self._tell(device_id, after, batches, since=since)

    def _with_keys(self) -> set[bytes]:
        try:
            return {bytes(target.device_id) for target in self._context.targets(self._context.unit_id)}
        except LocalError:
            return set()

    async def _put_off(self, device_id: bytes, envelope_id: bytes) -> None:
        due_at = self._context.clock.now() + RANK_SECONDS
        await self._vault.write(
            "UPDATE answer SET due_at = ? WHERE device_id = ? AND envelope_id = ?", due_at, device_id, envelope_id
        )

    async def _answer(self, device_id: bytes, envelope_id: bytes) -> None:
        """Tell what an envelope brought; one that is unknown or stands aside here is left to other siblings."""
        await self._vault.write(
            "UPDATE answer SET due_at = NULL WHERE device_id = ? AND envelope_id = ?", device_id, envelope_id
        )
        if await self._vault.value("SELECT 1 FROM quarantine WHERE envelope_id = ?", envelope_id):
            return
        hour = await self._vault.value("SELECT hour FROM seen WHERE envelope_id = ?", envelope_id)
        if hour is None:
            return
        row = await self._vault.one(
            f"SELECT {_ITEM}, document_id, d.thread_id FROM carried JOIN document d USING (document_id)"  # noqa: S608 - constant
            " WHERE envelope_id = ? AND signed IS NOT NULL",
            envelope_id,
        )
        if row is None:  # a receipt or a letter: what it changed is told
            for state in await self._agreed.everything(hour * 3600 - _RECENT_SECONDS):
                await self._letters.queue(state)
        items = [] if row is None else [_item(row)]
        threads = [] if row is None else await self._stands({row[-1]})
        carries = None if row is None else row[-2]
        await self._letters.queue(Reshare(device_id, [envelope_id], items, threads), carries)
        await self._show("document_id = ?", carries)

    async def _tell(self, device_id: bytes, after: int, batches: int, *, since: int) -> None:
        """Some batches of history; at the end, what the unit has agreed on, and what waits for a second person."""
        for _ in range(batches):
            rows = await self._batch(after, since)
            cursor = rows[-1][0] if rows else after
            last = await self._vault.value(f"SELECT max(rowid) FROM document WHERE {_TOLD}", since) or 0  # noqa: S608
            is_last = cursor >= last
            threads = await self._stands({row[-1] for row in rows})
            items = [_item(row[1:]) for row in rows]
            await self._letters.queue(History(device_id, after, cursor, is_last, items, threads))
            await self._show("d.rowid > ? AND d.rowid <= ?", after, cursor)
            after = cursor
            if is_last:
                await self._registry.tell_all()
                for told in (*await self._agreed.everything(), *await self._requests.everything()):
                    await self._letters.queue(told)
                break
        await self._vault.write("DELETE FROM telling WHERE device_id = ?", device_id)

    async def _show(self, which: str, *values: object) -> None:
        """The recipients' receipts for these own documents, as they were signed."""
        rows = await self._vault.all(
            "SELECT DISTINCT p.signed FROM document d JOIN proven USING (document_id) JOIN proof p USING (receipt_id)"  # noqa: S608 - constants
            f" WHERE d.direction = 'out' AND {which}",
            *values,
        )
        for receipts in _portions([signed for (signed,) in rows]):
            await self._letters.queue(Proofs(receipts))

    async def _batch(self, after: int, since: int) -> list[Any]:
        """Rows behind ``after`` of ``since`` or later that fit one envelope, at least one where there is one."""
        rows = await self._vault.all(
            f"SELECT rowid, {_ITEM}, thread_id FROM document"  # noqa: S608 - constant columns
            f" WHERE rowid > ? AND {_TOLD} ORDER BY rowid LIMIT ?",
            after, since, MAX_ITEMS,
        )  # fmt: skip
        taken: list[Any] = []
        room = _ROOM
        for row in rows:
            room -= len(row[7]) + len(row[9]) + _ITEM_BYTES
            if room < 0 and taken:
                break
            taken.append(row)
        return taken

    async def _stands(self, thread_ids: set[bytes]) -> list[ThreadStands]:
        told: list[ThreadStands] = []
        for thread_id in sorted(thread_ids):
            thread = await self._threads.get(thread_id)
            if thread is None:
                continue
            opening = await self._vault.value(
                "SELECT document_id FROM thread_event WHERE thread_id = ? ORDER BY n LIMIT 1", thread_id
            )
            fields = {name: getattr(thread, name) for name in ThreadStands.__struct_fields__ if name != "opening"}
            told.append(ThreadStands(**fields, opening=opening))
        return told

    def _rank(self, envelope_id: bytes, device_id: bytes) -> int:
        """This device's place among those who may answer."""
        others = [one for one in (*self._context.siblings(), self._context.device_id) if one != device_id]
        return sorted(others, key=lambda one: digest(envelope_id + one)).index(self._context.device_id)


def _portions(receipts: list[bytes]) -> list[list[bytes]]:
    """As many to a letter as fit one envelope."""
    made: list[list[bytes]] = []
    room = 0
    for signed in receipts:
        room -= len(signed)
        if room < 0 or len(made[-1]) >= MAX_PROOFS:
            made.append([])
            room = _ROOM - len(signed)
        made[-1].append(signed)
    return made


def _item(row: Any) -> Reshared:
    direction, state, code, at, hour, settled_at, signed, salt, body = row[:9]
    # How a recall ends is told when it has; what a sibling said of a document is said on, and shown there or not.
    state = {"recalling": "sent", UNSHOWN: "available"}.get(state, state)
    return Reshared(Way(direction), state, code, at, hour, settled_at, signed, salt, body)

"""The unit's history: what a device that is new, slept for long or was passed over lacks, and its siblings have.

Rules:
1. A device that joined a unit with older devices asks each of them, oldest first, for all documents, batch after batch.
   One that did not read its mailbox to the end for ``LONG_SECONDS`` asks all its siblings for what came since: its keys
   may have run out meanwhile, and the hub keeps nothing for longer than 33 days. So does one that was passed over: a
   document of a chain is wanting though a later one has come, for ``GAP_SECONDS`` and asked about at most every
   ``GAP_AGAIN_SECONDS``, a sibling's heads are others (``heads``), or the hub was restored and may have lost what only
   siblings had read.
2. When nothing comes for ten minutes the next sibling is asked. History is complete when everybody was asked and at
   least one has told all: the first one may itself have been away.
3. Until then nobody is told that a document was refused, and what was sealed before history was asked for is not asked
   about piece by piece. When it is complete, such envelopes no longer stand aside: a sibling that has read the mailbox
   to its end has told what was in them. How many they were is kept (``TOLD``) and shown.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta
from msgspec.structs import replace

from client.engine.context import Context
from client.engine.unit_sync.letters import Letters
from keys.codec import Bytes16, Record, Uint, decode, encode
from keys.errors import FormatError
from keys.internal import History, HistoryWish

DAY_SECONDS: Final = 86_400
LONG_SECONDS: Final = 14 * DAY_SECONDS  # protocol 5: the weekly keys of a batch of last week reach no further
MARGIN_SECONDS: Final = 7 * DAY_SECONDS  # what was under way when this device last read its mailbox
PATIENCE_SECONDS: Final = 600
GAP_SECONDS: Final = 600  # envelopes that were only reordered have come by then
GAP_AGAIN_SECONDS: Final = 6 * 3600  # a sender who leaves gaps on purpose costs no more than that
GIVE_UP_SECONDS: Final = 35 * DAY_SECONDS  # protocol 5: nothing that is older can be opened by anybody's epoch keys
TOLD: Final = "told_by_history"  # envelopes that stood aside until history told what was in them
_HOUR: Final = 3600
_HISTORY: Final = "history"
_DRAINED: Final = "drained_at"
_LOST: Final = "lost_since"  # seconds; set when the hub was restored, until siblings are asked
_GAPS: Final = "gaps_asked_at"
_DONE: Final = b"done"


class _Standing(Record, frozen=True):
    """How far this device is; only in its vault. ``left``: siblings still to be asked, the one that tells now first."""

    since: Uint  # seconds; 0: from the beginning
    begun_at: Uint
    left: Annotated[list[Bytes16], Meta(max_length=64)]
    has_told: bool
    cursor: Uint
    moved_at: Uint
    batches: Uint  # since the last wish


class CatchingUp:
    """The asking side of history."""

    def __init__(self, context: Context, letters: Letters) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters

    async def is_wanting(self) -> bool:
        """Whether history is missing here that a sibling may have."""
        held = await self._vault.meta(_HISTORY)
        if held == _DONE or not self._others(held):
            return False
        return self._context.clock.now() <= self._begun_at(held) + GIVE_UP_SECONDS

    async def covers(self, hour: int) -> bool:
        """Whether history will bring what was sealed in that hour."""
        held = await self._vault.meta(_HISTORY)
        standing = _read(held)
        before = standing is None or hour < standing.begun_at // _HOUR
        return before and await self.is_wanting()

    async def drained(self, at: int) -> None:
        """The own mailbox was read to its end by a drain that began ``at`` that time (seconds)."""
        if at < await self._vault.number(_DRAINED) + _HOUR:
            return
        async with self._vault.transaction():
            await self._vault.set_number(_DRAINED, at)

    async def hub_was_restored(self) -> None:
        """What siblings had read and the hub then lost may be wanting here, inside a transaction."""
        await self.note_wanting(await self._vault.number(_DRAINED) - DAY_SECONDS)

    async def note_wanting(self, since: int) -> None:
        """Siblings are to be asked for what came since then (seconds), inside a transaction."""
        noted = await self._vault.number(_LOST)
        await self._vault.set_number(_LOST, max(1, min(since, noted or since)))

    async def wish(self) -> None:
        """Ask for history where it is wanting and nothing moves."""
        await self._begin_after_a_long_sleep()
        await self._begin_after_a_loss()
        held = await self._vault.meta(_HISTORY)
        if held == _DONE or self._context.prekeys.held(self._context.device_id) is None:
            return
        now, standing = self._context.clock.now(), _read(held)
        if standing is None:
            await self._ask_all(0)
        elif standing.left and self._is_active(standing.left[0]) and now < standing.moved_at + PATIENCE_SECONDS:
            return
        else:
            async with self._vault.transaction():
                await self._ask_next(standing)

    async def came(self, batch: History, device_id: bytes, window: int) -> None:
        """A batch was taken in, inside a transaction: note it, and ask for more where that is wanted."""
        standing = _read(await self._vault.meta(_HISTORY))
        if standing is None or [device_id, batch.after] != [*standing.left[:1], standing.cursor]:
            return
        if batch.is_last:
            await self._ask_next(replace(standing, has_told=True))
            return
        more = standing.batches + 1 >= window
        moved = replace(
            standing,
            cursor=batch.cursor,
            moved_at=self._context.clock.now(),
            batches=0 if more else standing.batches + 1,
        )
        await self._keep(moved)
        if more:
            await self._letters.queue(HistoryWish(device_id, batch.cursor, standing.since))

    # -- asking -------------------------------------------------------------------------------------------------------

    async def _begin_after_a_long_sleep(self) -> None:
        drained_at, now = await self._vault.number(_DRAINED), self._context.clock.now()
        if not drained_at or now < drained_at + LONG_SECONDS:
            return
        standing = _read(await self._vault.meta(_HISTORY))
        if standing is None or standing.begun_at < drained_at + LONG_SECONDS:
            since = drained_at - MARGIN_SECONDS
            await self._ask_all(since if standing is None else min(since, standing.since))

    async def _begin_after_a_loss(self) -> None:
        held = await self._vault.meta(_HISTORY)
        if not self._context.siblings() or not (held == _DONE or (held is None and not self._elders())):
            return  # nobody to ask, or whoever tells now tells this too
        since = [one for one in (await self._vault.number(_LOST), await self._passed_over_since()) if one]
        if not since:
            return
        async with self._vault.transaction():
            await self._vault.set_number(_LOST, 0)
            await self._vault.set_number(_GAPS, self._context.clock.now())
        await self._ask_all(min(since))

    async def _passed_over_since(self) -> int:
        """From when on documents may be wanting that others of their chains have followed; 0: none, or just asked."""
        now, asked_at = self._context.clock.now(), await self._vault.number(_GAPS)
        if now < asked_at + GAP_AGAIN_SECONDS:
            return 0
        row = self._vault.glance(
            "SELECT device_id, seq FROM gap WHERE unit_id = ? AND noted_at <= ? AND noted_at > ? LIMIT 1",
            self._context.unit_id, now - GAP_SECONDS, asked_at - GAP_SECONDS,
        )  # fmt: skip
        if not row:
            return 0
        before = await self._vault.value(
            "SELECT min(at) FROM (SELECT max(d.at) AS at FROM gap g LEFT JOIN document d ON d.device_id = g.device_id"
            " AND d.direction = 'in' AND d.seq < g.seq WHERE g.unit_id = ? AND g.noted_at > ? GROUP BY g.device_id)",
            self._context.unit_id, asked_at - GAP_SECONDS,
        )  # fmt: skip
        return max(1, (before or 0) - DAY_SECONDS)

    async def _ask_all(self, since: int) -> None:
        others = self._context.siblings() if since else self._elders()
        if others:
            now = self._context.clock.now()
            async with self._vault.transaction():
                await self._ask(_Standing(since, now, [bytes(one) for one in others], False, 0, 0, 0))

    async def _ask_next(self, standing: _Standing) -> None:
        """Go on to the next sibling, inside a transaction; after the last one it is done, or begins again."""
        left = [one for one in standing.left[1:] if self._is_active(one)]
        if left:
            await self._ask(replace(standing, left=left))
        elif standing.has_told:
            await self._finish(standing)
        elif others := (self._context.siblings() if standing.since else self._elders()):
            await self._ask(replace(standing, left=[bytes(one) for one in others]))

    async def _ask(self, standing: _Standing) -> None:
        await self._keep(replace(standing, cursor=0, moved_at=self._context.clock.now(), batches=0))
        await self._letters.queue(HistoryWish(standing.left[0], 0, standing.since))

    async def _finish(self, standing: _Standing) -> None:
        """What was sealed before history was asked for has been told by now."""
        await self._vault.set_meta(_HISTORY, _DONE)
        begun_hour, since_hour = ((at // _HOUR).to_bytes(4) for at in (standing.begun_at, standing.since))
        gone = await self._vault.write(
            "DELETE FROM quarantine WHERE (code IN ('SLOT', 'ROSTER', 'HOUR')"
            " OR code = 'REVOKED' AND (unit_id = ? OR document_id IS NULL))"
            " AND substr(envelope, 6, 4) >= ? AND (at <= ? OR substr(envelope, 6, 4) < ?)",
            self._context.unit_id, since_hour, standing.begun_at, begun_hour,
        )  # fmt: skip
        await self._vault.set_number(TOLD, await self._vault.number(TOLD) + gone)
        await self._context.alarms.aside_went()

    async def _keep(self, standing: _Standing) -> None:
        await self._vault.set_meta(_HISTORY, encode(standing))

    # -- who ----------------------------------------------------------------------------------------------------------

    def _is_active(self, device_id: bytes) -> bool:
        return device_id in self._context.siblings()

    def _others(self, held: bytes | None) -> bool:
        standing = _read(held)
        return bool(self._context.siblings() if standing is not None and standing.since else self._elders())

    def _begun_at(self, held: bytes | None) -> int:
        standing = _read(held)
        if standing is not None:
            return standing.begun_at
        own = self._context.replica.directory.devices.get(self._context.device_id)
        return self._context.clock.now() if own is None else own.statement.not_before

    def _elders(self) -> list[bytes]:
        """Active devices of the unit that joined before this one, oldest first."""
        directory = self._context.replica.directory
        own = directory.devices.get(self._context.device_id)
        if own is None:
            return []
        return [one for one in self._context.siblings() if directory.devices[one].joined_size < own.joined_size]


def _read(held: bytes | None) -> _Standing | None:
    """None where nothing was asked yet, also in what an earlier version wrote."""
    if held is None or held == _DONE:
        return None
    try:
        return decode(held, _Standing, max_bytes=len(held))
    except FormatError:
        return None

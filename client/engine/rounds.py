"""The standing duties of a device: hub and clock, log, own keys and tokens, others' keys.

Each is idempotent and cheap when nothing is to do; a round runs every minute and whenever something asks for it.
"""

from __future__ import annotations

import contextlib
import datetime
from typing import Final

from client.engine.context import Context
from client.engine.link import Link
from client.engine.prekeys import HeldBatch
from client.engine.sessions import HubRefusedError
from hub.wire.limits import week_of
from hub.wire.responses import HelloIs
from keys.errors import LocalError, TrustError
from keys.ids import DeviceId, digest

TOKEN_WEEKS_AHEAD: Final = 4  # a unit that is shut for July still receives
KEEP_DAYS: Final = 40  # longer than the 35 days of check 2
BATCH_DAYS: Final = 7  # protocol 5: uploaded weekly
_BATCH_HOUR: Final = "batch_hour"
_BATCH: Final = "batch_pending"
_PUBLISHED: Final = "batch_published"
_PUBLISHED_AT: Final = "batch_published_at"
SHOWN_SECONDS: Final = 2 * 3600  # hubs make snapshots hourly while batches change
_TOKENS: Final = "token_week"
_TOKENS_BY: Final = "tokens_by"  # number of the directory key that they were made with
_CERTIFICATE: Final = "submit"
_ENDED: Final = "submit_end_"  # followed by the id of the device that is to end
_FORGOT_HOUR: Final = "forgot_hour"


class Rounds:
    """Keeps a device in good standing with its hub."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault
        self._learned: tuple[int, bytes, int] | None = None  # what the log had for us, and the newest key that we have
        self._looked_hour = 0  # when the hub was last asked which tokens it has

    async def run(self, link: Link) -> bool:
        """One round; True when others have new keys, so that what waited for one may go.

        Raises:
            HubError: unreachable.
            LocalError: code ``HUBOTHER`` when the hub is another than the approval named, ``REVOKED`` when this device
                may not go on, ``ROLLBACK``.
        """
        try:
            await self._context.rollback.require_none()
        except LocalError:
            await self._end_itself(link)
            raise
        hello = await self._hello(link)
        await self._submit_certificate(link)
        await self._context.replica.refresh(link)
        await self._submit_ends(link)
        await self._require_standing()
        if self._is_enrolled():
            await self._compare_once(link, hello)
            newest = await self._learn_keys()
            await self._register_tokens(link, newest)
            await self._publish_batch(link)
        has_new_keys = await self._context.prekeys.refresh(link)
        await self._check_own_batch()
        await self._forget_old()
        return has_new_keys

    async def queue_certificate(self, statement: bytes) -> None:
        """Hand the own certificate to the hub's log in the next round, inside a transaction."""
        await self._vault.set_meta(_CERTIFICATE, statement)

    async def queue_end(self, device_id: DeviceId, statement: bytes) -> None:
        """Hand a revocation to the hub's log in every round until it stands there, inside a transaction."""
        await self._vault.set_meta(_ENDED + device_id.hex(), statement)

    async def rotate(self) -> None:
        """Rotate now: make and publish new epoch prekeys in the next round, whatever the day; inside a transaction.

        The old ones stay until their time is over, for what is under way.
        """
        await self._vault.set_number(_BATCH_HOUR, 0)

    async def _require_standing(self) -> None:
        """A device that was revoked deletes its epoch keys, says so and stops.

        Raises:
            LocalError: code ``REVOKED``.
        """
        entry = self._context.replica.directory.devices.get(self._context.device_id)
        if entry is None or entry.revoked_size is None:
            return
        self._context.keeper.forget_all()
        async with self._vault.transaction():
            await self._context.alarms.raise_("REVOKED")
        raise LocalError("REVOKED")

    def _is_enrolled(self) -> bool:
        return self._context.device_id in self._context.replica.directory.devices

    async def _compare_once(self, link: Link, hello: HelloIs) -> None:
        """Ask the hub what it remembers of us, before anything is signed for others since the office was opened."""
        if not self._context.rollback.is_compared:
            await self._context.rollback.compare(hello, await link.status())

    async def _hello(self, link: Link) -> HelloIs:
        hello = await link.hello()
        directory = self._context.replica.directory
        if (hello.federation, hello.hub_id) != (directory.federation, self._context.hub_id):
            raise LocalError("HUBOTHER")
        self._context.clock.heard_hub(hello.seconds)
        if not self._context.clock.is_sane:
            self._looked_hour = 0
        self._context.clock.require_sane()
        return hello

    async def _submit_certificate(self, link: Link) -> None:
        statement = await self._vault.meta(_CERTIFICATE)
        if statement is None:
            return
        try:
            await link.submit(statement)
        except HubRefusedError as error:
            raise TrustError("ENROL", status=error.code) from error
        async with self._vault.transaction():
            await self._vault.write("DELETE FROM meta WHERE name = ?", _CERTIFICATE)

    async def _end_itself(self, link: Link) -> None:
        """All that a device that went back still does: hand in its own end, where its handler has signed it.

        A revocation has no place in a chain that could be signed twice, and it takes nothing but this device along.
        """
        own = _ENDED + self._context.device_id.hex()
        if await self._vault.meta(own) is not None:
            await self._hello(link)
            await self._context.replica.refresh(link)
            await self._submit_ends(link, own)
            await self._require_standing()

    async def _submit_ends(self, link: Link, which: str = _ENDED + "*") -> None:
        """What the log has not got stays here and is told, whatever the hub says: nobody hushes up a revocation."""
        waiting = await self._vault.all("SELECT name, value FROM meta WHERE name GLOB ?", which)
        for name, statement in waiting:
            with contextlib.suppress(HubRefusedError):
                await link.submit(statement)
                await self._context.replica.refresh(link)
            device_id = DeviceId(bytes.fromhex(name[len(_ENDED) :]))
            ended = self._context.replica.directory.devices.get(device_id)
            async with self._vault.transaction():
                if ended is None or ended.revoked_size is None:
                    await self._context.alarms.raise_("NOTENDED")
                else:
                    await self._vault.write("DELETE FROM meta WHERE name = ?", name)
                    await self._context.alarms.clear("NOTENDED")

    async def _learn_keys(self) -> int:
        """Take in a newer directory key that the roots committed to; returns the number of the newest we have.

        Without a copy of it a person is told: after the overlap this device can reach nobody.
        """
        rekeying = self._context.replica.directory.rekeying
        copy = rekeying.sealed_copy(self._context.device_id) or b""
        if self._learned is None or self._learned[:2] != (rekeying.number, copy):
            self._learned = rekeying.number, copy, self._context.keeper.learn(rekeying.steps, copy)
            async with self._vault.transaction():
                if self._learned[2] < rekeying.number:
                    await self._context.alarms.raise_("DIRKEY")
                else:
                    await self._context.alarms.clear("DIRKEY")
        return self._learned[2]

    def _weeks(self, newest: int) -> range:
        """For which weeks we make tokens: those of a key that we have not got are a sibling's to register."""
        week, steps = week_of(self._context.clock.hour()), self._context.replica.directory.rekeying.steps
        after = week + TOKEN_WEEKS_AHEAD + 1
        return range(week, min([after, *(step.from_week for step in steps if step.number > newest)]))

    async def _register_tokens(self, link: Link, newest: int) -> None:
        """Register the own mailbox's tokens for this week and some ahead.

        Once a week, with a new directory key, and when the hub has lost them: an old backup has not got them, and a hub
        whose clock was ahead took them for over. Until they are there nobody could write to the unit.
        """
        week, weeks = week_of(self._context.clock.hour()), self._weeks(newest)
        is_done = await self._vault.number(_TOKENS) == week and await self._vault.number(_TOKENS_BY) == newest
        if is_done and not (week in weeks and await self._is_lost(link, week)):
            return
        for number in weeks:
            token = self._context.keeper.delivery_token(self._context.mailbox_id, number)
            await link.register_token(number, digest(token))
        async with self._vault.transaction():
            await self._vault.set_number(_TOKENS, week)
            await self._vault.set_number(_TOKENS_BY, newest)

    async def _is_lost(self, link: Link, week: int) -> bool:
        """Whether the hub has no token of ours for this week; asked once an hour."""
        hour = self._context.clock.hour()
        if self._looked_hour == hour:
            return False
        self._looked_hour = hour
        return week not in (await link.status()).weeks

    async def _publish_batch(self, link: Link) -> None:
        """Make and publish epoch prekeys weekly; the batch is kept until the hub has it."""
        batch = await self._vault.meta(_BATCH)
        hour = self._context.clock.hour()
        if batch is None and hour < await self._vault.number(_BATCH_HOUR) + BATCH_DAYS * 24:
            return
        if batch is None:
            self._context.clock.require_sane()
            batch = await self._new_batch(hour)
            async with self._vault.transaction():
                await self._vault.set_meta(_BATCH, batch)
                await self._vault.set_number(_BATCH_HOUR, hour)  # of its making: published again it is no younger
        await link.publish_batch(batch)
        async with self._vault.transaction():
            await self._vault.write("DELETE FROM meta WHERE name = ?", _BATCH)
            await self._vault.set_meta(_PUBLISHED, batch)
            await self._vault.set_number(_PUBLISHED_AT, self._context.clock.now())

    async def _forget_old(self) -> None:
        """Once a day: what was kept to tell repetitions, when check 2 would refuse them anyway."""
        hour = self._context.clock.hour()
        if hour < await self._vault.number(_FORGOT_HOUR) + 24 or not self._context.clock.is_sane:
            return
        before = hour - KEEP_DAYS * 24
        async with self._vault.transaction():
            await self._vault.write("DELETE FROM attempt WHERE envelope IS NULL AND hour < ?", before)
            await self._vault.write("DELETE FROM seen WHERE hour < ?", before)
            await self._vault.write("DELETE FROM receipt_seen WHERE hour < ?", before)
            await self._vault.set_number(_FORGOT_HOUR, hour)

    async def _new_batch(self, hour: int) -> bytes:
        """New keys; when the ring has no room for them it is tried again tomorrow, and all else goes on meanwhile."""
        try:
            size = self._context.replica.directory.size
            return self._context.keeper.new_batch(hour, size, high_risk=self._is_at_high_risk())
        except LocalError:
            async with self._vault.transaction():
                await self._vault.set_number(_BATCH_HOUR, hour - (BATCH_DAYS - 1) * 24)
            raise

    def _is_at_high_risk(self) -> bool:
        """Whether the unit's card asks for keys of six hours; one that does not open yet asks for nothing."""
        today = datetime.datetime.fromtimestamp(self._context.clock.now(), datetime.UTC).date()
        try:
            return self._context.book.unit(self._context.unit_id).fact("high_risk", today) is True
        except LocalError:
            return False

    async def _check_own_batch(self) -> None:
        """The hub must show the others the keys that we published, and the newest of them, in every snapshot.

        A newer number than ours is not from us. An older one in a snapshot that is younger than our batch was lost or
        is kept back: then others seal to keys that somebody may have changed for a reason. A batch that was shown
        before needs no time to be shown again.
        """
        own, known = self._context.keeper.batch_no, self._context.prekeys.held(self._context.device_id)
        shown, alarms = self._context.prekeys.shown, self._context.alarms
        if known is not None and known.batch.batch_no > own:
            async with self._vault.transaction():
                await alarms.raise_("OWNKEY", evidence=known.raw)
                await self._context.rollback.found("own-batch")
        elif own == _no(shown):
            if any(alarm.code == "OLDKEY" for alarm in await alarms.open()):
                async with self._vault.transaction():
                    await alarms.clear("OLDKEY")
        elif self._context.prekeys.made_at > await self._published_at() + SHOWN_SECONDS * (_no(known) != own):
            async with self._vault.transaction():
                await alarms.raise_("OLDKEY", evidence=None if shown is None else shown.raw)
                await self._publish_again()

    async def _published_at(self) -> int:
        """When the hub got our newest keys, in seconds; a vault that was not told counts from now."""
        noted = await self._vault.number(_PUBLISHED_AT)
        if noted:
            return noted
        async with self._vault.transaction():
            await self._vault.set_number(_PUBLISHED_AT, self._context.clock.now())
        return self._context.clock.now()

    async def _publish_again(self) -> None:
        """The same batch once more, inside a transaction; for one that was not kept, new keys."""
        published = await self._vault.meta(_PUBLISHED)
        if published is None:
            await self.rotate()
        elif await self._vault.meta(_BATCH) is None:
            await self._vault.set_meta(_BATCH, published)


def _no(held: HeldBatch | None) -> int:
    return 0 if held is None else held.batch.batch_no

"""Noticing that this device is an older copy of itself (protocol 11).

A device that went back would sign places of its chains a second time, and bring back keys that it had deleted.

What gives it away:
1. Offline: ring and vault hold the same counter, which rises with each opening; one of them alone was put back.
2. The hub knows a later batch of ours, or has been told by us that we read further than we remember.
3. A document that this device signed comes back, with a place in its chain that we do not remember.
4. A batch under our own signature has a number that we never gave.

Then nothing is signed, sent or fetched any more (code ``ROLLBACK``), and the epoch keys are deleted: an older copy has
some again that were deleted in time. What is here can be read. The device is revoked, and another one enrolled; senders
keep what it never receipted. One thing it still may sign, when its handler says so: its own end (`rounds`).
A hub that lies in 2 can bring that about as well: it stops a device, as it could by silence, and gains nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Final

from client.engine.alarms import Alarms
from client.engine.vault import Vault
from hub.wire.responses import HelloIs, StatusIs
from keys.errors import LocalError, LockedError
from keys.private.keeper import Keeper

CODE: Final = "ROLLBACK"
_FOUND: Final = "rollback"
_COUNTER: Final = "ring_counter"
_NEXT: Final = "ring_counter_next"
_CURSOR: Final = "cursor"
_READ: Final = "cursor_high"  # highest cursor of the hub's present incarnation; the cursor itself may be set back


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How far a device is: the number of its newest batch, and how far it has read."""

    batch_no: int
    cursor: int


def counters_agree(ring: int, held: int, *, noted: int) -> bool:
    """Whether ring and vault counted the same openings; a crash between the two is no difference when it was noted."""
    return ring == held or ring == held + 1 == noted


def hub_remembers(own: Standing, told: Standing, *, same_hub: bool) -> str:
    """What the hub knows of us beyond our own memory; empty when nothing. A restored hub numbers mailboxes anew."""
    if told.batch_no > own.batch_no:
        return "batch"
    return "cursor" if same_hub and told.cursor > own.cursor else ""


class Rollback:
    """The memory of one device, held against itself and what others remember."""

    def __init__(self, vault: Vault, keeper: Keeper, alarms: Alarms) -> None:
        self._vault = vault
        self._keeper = keeper
        self._alarms = alarms
        self._compared = False
        self._forgot = False
        self._noticed = ""  # inside a transaction that the error undid; noted by ``require_none``

    async def open(self) -> None:
        """Hold ring and vault against each other, and count this opening in both.

        The vault first notes where the ring will go: of a crash in between, and of nothing else, it then knows.
        """
        ring, held = self._keeper.counter, await self._vault.number(_COUNTER)
        if not counters_agree(ring, held, noted=await self._vault.number(_NEXT)):
            async with self._vault.transaction():
                await self.found("counter")
            self._forget_keys()
            return
        async with self._vault.transaction():
            await self._vault.set_number(_COUNTER, ring)
            await self._vault.set_number(_NEXT, ring + 1)
        self._keeper.advance(ring + 1)
        async with self._vault.transaction():
            await self._vault.set_number(_COUNTER, ring + 1)

    async def require_none(self) -> None:
        """Refuse to go on.

        Raises:
            LocalError: code ``ROLLBACK``.
        """
        if self._noticed:
            async with self._vault.transaction():
                await self.found(self._noticed)
            self._noticed = ""
        if await self._vault.meta(_FOUND) is not None:
            self._forget_keys()
            raise LocalError(CODE, device=self._keeper.device_id.hex())

    def _forget_keys(self) -> None:
        """Once; a locked keeper does it when it is open again."""
        if not self._forgot:
            with contextlib.suppress(LockedError):
                self._keeper.forget_all()
                self._forgot = True

    @property
    def is_compared(self) -> bool:
        """Whether the hub was asked since the office was opened; nothing is signed for others before."""
        return self._compared

    async def compare(self, hello: HelloIs, status: StatusIs) -> None:
        """Hold our memory against the hub's.

        Raises:
            LocalError: code ``ROLLBACK``.
        """
        same_hub = hello.incarnation == await self._vault.meta("incarnation")
        own = Standing(self._keeper.batch_no, await self._vault.number(_READ))
        rule = hub_remembers(own, Standing(status.batch_no, status.cursor), same_hub=same_hub)
        if rule:
            await self._stop(rule)
        self._compared = True

    async def saw_own(self, unit_id: bytes, seq: int, *, local: bool = False) -> None:
        """A document under our own signature came back; the chain of local ones is in the documents themselves.

        Raises:
            LocalError: code ``ROLLBACK``.
        """
        table = "document" if local else "chain"
        head = await self._vault.value(
            f"SELECT max(seq) FROM {table} WHERE device_id = ? AND unit_id = ?",  # noqa: S608 - one of two names
            self._keeper.device_id, unit_id,
        )  # fmt: skip
        if seq > (head or 0):
            await self._stop("chain")

    async def found(self, rule: str) -> None:
        """Note that this device went back, inside a transaction."""
        await self._vault.set_meta(_FOUND, rule.encode())
        await self._alarms.raise_(CODE, evidence=rule.encode())

    async def _stop(self, rule: str) -> None:
        if self._vault.is_inside():  # a sibling passed it on; what the transaction writes does not stay
            self._noticed = rule
            raise LocalError(CODE, rule=rule)
        async with self._vault.transaction():
            await self.found(rule)
        self._forget_keys()
        raise LocalError(CODE, rule=rule)


async def move_cursor(vault: Vault, cursor: int) -> None:
    """Everything up to ``cursor`` is here, inside a transaction; the hub is told afterwards."""
    await vault.set_number(_CURSOR, cursor)
    if cursor > await vault.number(_READ):
        await vault.set_number(_READ, cursor)


async def reset_cursor(vault: Vault, last_n: int) -> None:
    """The hub numbers anew, inside a transaction. It may remember from its backup that we had read up to ``last_n``."""
    await vault.set_number(_CURSOR, 0)
    await vault.set_number(_READ, last_n)

"""Telling other processes what was written here, and hearing what they wrote: LISTEN and NOTIFY (PROTOCOL 8.7).

1. A notification is sent after the commit and on its own: inside of the transaction it would make every commit wait for
   the one before (PostgreSQL orders them by one lock), and put the order of deposits into each commit.
2. It may therefore be lost, when a process dies between the two or a connection breaks. So everybody looks every few
   seconds, and at once after listening anew.
3. It says "something changed", or numbers of mailboxes and their last n, sorted; never an id.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from hub.store.base import Stamps, StoreError
from hub.store.postgres.connections import Connections, Line
from keys.ids import MailboxId

CHANNEL: Final = "sluss"
LOOK_SECONDS: Final = 2.0
_ITEMS: Final = 300  # numbers in one notification, of at most 8,000 bytes: 10 digits of a mailbox, 15 of an n
_SOMETHING: Final = "!"
# The commit of a notification is not waited for: it changes nothing that must last.
_TELL: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)"

Heard = Callable[[dict[MailboxId, int] | None], Awaitable[None]]


class Follower:
    """One process's ears and mouth.

    Args:
        connections: where to.
        look_seconds: between two looks.
    """

    def __init__(self, connections: Connections, *, look_seconds: float = LOOK_SECONDS) -> None:
        self._connections = connections
        self._look_seconds = look_seconds
        self._self = secrets.token_hex(4)
        self._own: dict[int, int] = {}  # what this process reached by itself
        self._untold: dict[int, int] = {}
        self._changed = False
        self._talking: asyncio.Task[None] | None = None
        self._ids: dict[int, MailboxId] = {}

    def reached(self, mailboxes: list[tuple[int, int]]) -> None:
        """Numbers of mailboxes and their last n after a commit of this process."""
        for number, last_n in mailboxes:
            self._own[number] = max(last_n, self._own.get(number, 0))
            self._untold[number] = self._own[number]
        self._talk()

    def changed(self) -> None:
        """The directory or the tokens changed by a commit of this process."""
        self._changed = True
        self._talk()

    async def stamps(self) -> Stamps:
        """Where directory and tokens stand."""
        rows = await self._connections.run(lambda line: line.fetch("SELECT name, n FROM stamp"))
        return Stamps(**{row["name"]: row["n"] for row in rows})

    async def follow(self, heard: Heard) -> None:
        """See Store; until cancelled, or the connection breaks.

        Raises:
            StoreError: it broke; call again.
        """
        line = await self._connections.dial()
        told: asyncio.Queue[str] = asyncio.Queue()
        try:
            await self._connections.on(line, lambda line: line.add_listener(CHANNEL, _into(told)))
            line.add_termination_listener(lambda *_: told.put_nowait(""))
            await self._listen(told, heard)
        finally:
            line.terminate()

    async def close(self) -> None:
        """Say what is still to be said."""
        if self._talking is not None:
            await asyncio.gather(self._talking, return_exceptions=True)

    async def _listen(self, told: asyncio.Queue[str], heard: Heard) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        while True:
            message = ""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(look_at):
                    message = await told.get()
                    if not message:
                        raise StoreError("STORE", rule="listening")
            if message:
                await self._hear(message, heard)
                continue
            look_at = loop.time() + self._look_seconds
            await heard(await self._look())
            await heard(None)

    async def _hear(self, message: str, heard: Heard) -> None:
        teller, *items = message.split(" ")
        if teller == self._self:
            return
        if _SOMETHING in items:
            await heard(None)
        reached = dict(item.split(":") for item in items if item != _SOMETHING)
        if any(int(number) not in self._ids for number in reached):
            await self._look()
        await heard({self._ids[int(number)]: int(n) for number, n in reached.items() if int(number) in self._ids})

    async def _look(self) -> dict[MailboxId, int]:
        """Every mailbox that others brought further than this process did."""
        rows = await self._connections.run(lambda line: line.fetch("SELECT no, id, next_n - 1 AS n FROM mailbox"))
        self._ids = {row["no"]: MailboxId(row["id"]) for row in rows}
        return {self._ids[row["no"]]: row["n"] for row in rows if row["n"] > self._own.get(row["no"], 0)}

    def _talk(self) -> None:
        if self._talking is None or self._talking.done():
            self._talking = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._untold or self._changed:
            numbers = sorted(self._untold)[:_ITEMS]
            items = [f"{number}:{self._untold.pop(number)}" for number in numbers]
            if self._changed:
                items.append(_SOMETHING)
                self._changed = False
            payload = " ".join([self._self, *items])
            with contextlib.suppress(StoreError):  # they look by themselves
                await self._connections.run(functools.partial(_notify, payload=payload))


async def _notify(line: Line, *, payload: str) -> None:
    await line.execute(_TELL, CHANNEL, payload)


def _into(told: asyncio.Queue[str]) -> Callable[..., Any]:
    def listener(_line: Any, _pid: int, _channel: str, payload: str) -> None:
        told.put_nowait(payload)

    return listener

"""Connections to PostgreSQL: a bounded number, made when needed, thrown away after any error (PROTOCOL 8.7).

Rules:
1. Whatever went wrong on a connection, it is closed: the next one goes to whoever is the primary then. A connection to
   a former primary would refuse writes for ever. When it was cut, all idle ones are closed: they are no better.
2. A statement has a time limit. When it runs out the outcome is unknown, and the caller is told so.
3. A server that says that it synced when it did not (``fsync = off``) is refused; commits wait for sync and standby
   (``synchronous_commit = on``) whatever the server's own default is.
4. A commit that was cut short while it waited for its standby is reported by the server as done, with a warning. Any
   warning during a write makes its outcome unknown.
5. Every connection holds a shared lock that says "a hub is here"; what must be alone takes it for itself, and is
   refused while anybody else of this hub is connected. A machine that died without a word holds its locks until the
   server has asked for it in vain: half a minute, and not the two hours of a system's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from hub.store.base import StoreBusyError, StoreError, StoreFullError

T = TypeVar("T")
Line: TypeAlias = "asyncpg.Connection[asyncpg.Record]"  # a string: the class is generic for the type checker only
Work = Callable[[Line], Awaitable[T]]

CONNECT_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 2.0  # calling a statement off takes a connection of its own
_DISK_FULL: Final = "53100"
_READ_ONLY: Final = "25006"  # a primary that became a standby
# Everything is looked up by a key. A plan may be made while a table is empty, is then kept by the connection, and must
# still be right when it holds a million rows: so never by reading all of it.
_SETTINGS: Final = {
    "application_name": "sluss-hub",
    "synchronous_commit": "on",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
HERE_LOCK: Final = 0x51_55_53  # an advisory lock's first number, beside that of the schema: one hub is one schema
_HERE: Final = "SELECT pg_try_advisory_lock_shared($1, coalesce(current_schema()::regnamespace::oid::integer, 0))"
_ALONE: Final = "SELECT pg_try_advisory_lock($1, coalesce(current_schema()::regnamespace::oid::integer, 0))"
# The last: a connection that was cut while it answered may fail by asyncpg's own bookkeeping.
_BROKEN: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_OF_SERVER: Final = (*_BROKEN, asyncpg.PostgresError, TimeoutError)
_CUT: Final = frozenset({"08", "57"})  # SQLSTATE classes: connection exception, operator intervention
_UNSAFE: Final = {"fsync": "off", "full_page_writes": "off"}


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """Which database, and how.

    Attributes:
        dsn: ``postgresql://user@host1:port,host2:port/database``; the one of them that takes writes is used.
        passfile: file with the password in libpq's form, or empty for libpq's own places.
        connections: how many at most.
        seconds: longest time for one statement.
        max_waiting: calls that may wait for a connection.
    """

    dsn: str
    passfile: str = ""
    connections: int = 8
    seconds: float = 10.0
    max_waiting: int = 4096


class Connections:
    """Up to ``server.connections`` connections; ``waiting`` calls wait for one.

    Args:
        server: where to.
        alone: nobody else of this hub may be connected; for one connection only.
    """

    def __init__(self, server: Server, *, alone: bool = False) -> None:
        self.server: Final = server
        self._alone = alone
        self._free: asyncio.LifoQueue[Line | None] = asyncio.LifoQueue()
        self._warned: set[Line] = set()
        self.waiting = 0
        self._closing = False
        for _ in range(server.connections):
            self._free.put_nowait(None)

    async def run(self, work: Work[T]) -> T:
        """Run ``work`` on a free connection.

        Raises:
            StoreError: it failed; the outcome is unknown. Code ``BUSY``: too many wait, or the store is closing.
        """
        async with self.held() as line:
            return await self.on(line, work)

    async def on(self, line: Line, work: Work[T]) -> T:
        """Run ``work`` on this connection; after an error it is closed.

        Raises:
            StoreError: as ``run``.
        """
        self._warned.discard(line)
        try:
            result = await work(line)
        except BaseException as error:
            if isinstance(error, TimeoutError):
                await _give_up(line)
            line.terminate()
            if _is_cut(error):
                self._drop_idle()
            if isinstance(error, _OF_SERVER):
                raise store_error(error) from error
            raise
        if line in self._warned:
            line.terminate()
            raise StoreError("STORE", rule="warning")
        return result

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[Line]:
        """A connection for as long as the block lasts.

        Raises:
            StoreError: as ``run``.
        """
        if self._closing or self.waiting >= self.server.max_waiting:
            raise StoreBusyError
        self.waiting += 1
        try:
            line = await self._free.get()
        finally:
            self.waiting -= 1
        try:
            if line is None or line.is_closed():
                line = None
                line = await self.dial()
            yield line
        finally:
            if line is not None and line.is_closed():
                self._warned.discard(line)
                line = None
            self._free.put_nowait(line)

    async def dial(self) -> Line:
        """A new connection to the primary, beside the bounded ones; its maker closes it.

        Raises:
            StoreError: nobody is there, or nobody who takes writes, or it does not sync. Code ``RUNNING``: others are
                there, or somebody who must be alone.
        """
        options: dict[str, Any] = {"passfile": self.server.passfile} if self.server.passfile else {}
        try:
            async with asyncio.timeout(CONNECT_SECONDS * 2):
                line: Line = await asyncpg.connect(
                    self.server.dsn,
                    timeout=CONNECT_SECONDS,
                    command_timeout=self.server.seconds,
                    target_session_attrs=SessionAttribute.read_write,
                    server_settings=_SETTINGS,
                    **options,
                )
        except (*_OF_SERVER, ValueError) as error:
            raise store_error(error) from error
        line.add_log_listener(self._on_log)
        try:
            await self.on(line, _refuse_unsafe)
            await self.on(line, self._be_here)
        except BaseException:
            line.terminate()
            raise
        return line

    async def close(self) -> None:
        """Take no more work, wait for what is under way, close all."""
        self._closing = True
        for _ in range(self.server.connections):
            line = await self._free.get()
            if line is not None:
                with contextlib.suppress(*_OF_SERVER):
                    await line.close(timeout=CONNECT_SECONDS)

    async def _be_here(self, line: Line) -> None:
        if not await line.fetchval(_ALONE if self._alone else _HERE, HERE_LOCK):
            raise StoreError("RUNNING", rule="database")

    def _drop_idle(self) -> None:
        idle = [self._free.get_nowait() for _ in range(self._free.qsize())]
        for line in idle:
            if line is not None:
                line.terminate()
                self._warned.discard(line)
            self._free.put_nowait(None)

    def _on_log(self, line: Any, message: Any) -> None:
        if getattr(message, "severity_en", None) == "WARNING" or getattr(message, "severity", "") == "WARNING":
            self._warned.add(line)


def store_error(error: Exception) -> StoreError:
    """The same fault in our words; SQLSTATE as ``rule``, never the server's text, which may quote values."""
    state = getattr(error, "sqlstate", None) or type(error).__name__
    return StoreFullError() if state == _DISK_FULL else StoreError("STORE", rule=state)


def _is_cut(error: BaseException) -> bool:
    state = getattr(error, "sqlstate", None) or ""
    return isinstance(error, _BROKEN) or state[:2] in _CUT or state == _READ_ONLY


async def _give_up(line: Line) -> None:
    """Close a connection whose statement was called off; the server may still be working at it."""
    with contextlib.suppress(*_OF_SERVER):
        await line.close(timeout=CANCEL_SECONDS)


async def _refuse_unsafe(line: Line) -> None:
    rows = await line.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY ($1)", list(_UNSAFE))
    for row in rows:
        if row["setting"] == _UNSAFE[row["name"]]:
            raise StoreError("STORE", rule=row["name"])

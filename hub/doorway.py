"""Open connections: how many, from where, and on which a device logged in (PROTOCOL 1.4, 4.1). In memory only.

Behind a proxy every connection comes from the proxy. Whose word about the address behind it counts is a setting; a
connection from anybody else is closed before it says anything, or a stranger could name any address as his own.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from hub.clock import Clock
from hub.config import ClientAddress
from hub.connections import Connections
from hub.known import Known
from hub.metrics import Metrics
from hub.proxy_line import MAX_LINE_BYTES, parse_line, source_of
from hub.quota import Sender
from keys.errors import FormatError
from keys.ids import DeviceId

FORWARDED: Final = "X-Forwarded-For"
_END: Final = b"\r\n"


@dataclasses.dataclass(slots=True)
class Connection:
    """What the hub knows of an open connection: where it comes from, and whether a device logged in on it."""

    source: str
    logged_in: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class DoorwayParts:
    """How many connections there may be, which addresses are known, who is told of those that were turned away."""

    connections: Connections
    known: Known
    metrics: Metrics
    clock: Clock


class Doorway:
    """All open connections of one listener.

    Args:
        parts: what it stands on.
        how: how the address behind a proxy is learned.
        trusted: addresses of proxies.
    """

    def __init__(self, parts: DoorwayParts, *, how: ClientAddress, trusted: tuple[str, ...]) -> None:
        self.how: Final = how
        self._connections = parts.connections
        self._known = parts.known
        self._metrics = parts.metrics
        self._clock = parts.clock
        self._trusted = frozenset(source_of(address) for address in trusted)
        self._open: dict[RequestHandler, Connection] = {}

    def opened(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a new connection, and close it when there are too many or it is not the proxy's."""
        name = transport.get_extra_info("peername")
        peer = source_of(str(name[0])) if name else ""
        # In a header the address comes with each request: then only the proxy can count connections by address.
        counted_as = f"{peer} {name[1]}" if self.how is ClientAddress.HEADER and name else peer
        self._open[handler] = Connection(peer)
        is_proxy = self.how is not ClientAddress.CONNECTION
        if is_proxy and peer not in self._trusted:
            self._turn_away(transport)
        else:
            self._admit(handler, counted_as, is_known=not is_proxy and self._known.has(peer, self._clock()))

    def named(self, handler: RequestHandler, source: str) -> None:
        """Count a connection under the address that the proxy's line names."""
        self._open[handler].source = source
        self._connections.leave(handler)
        self._admit(handler, source, is_known=self._known.has(source, self._clock()))

    def sender(self, connection: Connection) -> Sender:
        """Whom limits count for what comes on this connection."""
        return Sender(connection.source, self._known.has(connection.source, self._clock()))

    def answered(self, handler: RequestHandler) -> None:
        """A request was answered: the connection is in use."""
        self._connections.answered(handler)

    def logged_in(self, handler: RequestHandler, device: DeviceId) -> None:
        """A device showed who it is: its address is known, and this connection keeps its place."""
        connection = self._open.get(handler)
        if connection is not None:
            self._connections.release(self._known.note(device, connection.source, self._clock()))
            self._connections.keep(handler, device)

    def closed(self, handler: RequestHandler) -> None:
        """Forget a connection."""
        self._open.pop(handler, None)
        self._connections.leave(handler)

    def of(self, request: web.BaseRequest) -> Connection:
        """The connection of a request.

        Raises:
            ConnectionResetError: it is gone.
            FormatError: the proxy did not say whose request it is.
        """
        connection = self._open.get(request.protocol)
        if connection is None:
            raise ConnectionResetError
        if self.how is ClientAddress.HEADER:
            connection.source = source_of(request.headers.get(FORWARDED, "").rpartition(",")[2])
        return connection

    def _admit(self, handler: RequestHandler, source: str, *, is_known: bool) -> None:
        gone = self._connections.admit(handler, source, is_known=is_known)
        if isinstance(gone, RequestHandler) and isinstance(gone.transport, asyncio.Transport):
            self._turn_away(gone.transport)

    def _turn_away(self, transport: asyncio.Transport) -> None:
        self._metrics.troubles["CONNECTIONS"] += 1
        transport.abort()  # a close waits until what was written is read, and somebody may not read


class LineHandler(RequestHandler):
    """A connection whose first line is the proxy's.

    Args:
        manager: aiohttp's server.
        doorway: told whose it is.
        loop, given: as aiohttp's.
    """

    __slots__ = ("_doorway", "_head")

    def __init__(self, manager: web.Server, doorway: Doorway, *, loop: asyncio.AbstractEventLoop, **given: Any) -> None:
        super().__init__(manager, loop=loop, **given)
        self._doorway = doorway
        self._head: bytearray | None = bytearray()

    def data_received(self, data: bytes) -> None:
        """Take the line off, then be an ordinary connection; a wrong line ends it."""
        if self._head is None:
            super().data_received(data)
            return
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        self._head += data
        line, end, rest = bytes(self._head).partition(_END)
        if not end and len(line) < MAX_LINE_BYTES:
            return
        self._head = None
        try:
            source = parse_line(line[:MAX_LINE_BYTES]) if end else parse_line(b"")
        except FormatError:
            transport.close()
            return
        if source is not None:
            self._doorway.named(self, source)
        if rest and not transport.is_closing():
            super().data_received(rest)

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

from hub.config import ClientAddress
from hub.metrics import Metrics
from hub.proxy_line import MAX_LINE_BYTES, parse_line, source_of
from hub.quota import Connections
from keys.errors import FormatError

FORWARDED: Final = "X-Forwarded-For"
_END: Final = b"\r\n"


@dataclasses.dataclass(slots=True)
class Connection:
    """What the hub knows of an open connection: where it comes from, and whether a device logged in on it."""

    source: str
    counted_as: str | None  # None: turned away
    logged_in: bool = False


class Doorway:
    """All open connections of one listener.

    Args:
        connections: how many there may be.
        metrics: told of those that were turned away.
        how: how the address behind a proxy is learned.
        trusted: addresses of proxies.
    """

    def __init__(
        self, connections: Connections, metrics: Metrics, *, how: ClientAddress, trusted: tuple[str, ...]
    ) -> None:
        self.how: Final = how
        self._connections = connections
        self._metrics = metrics
        self._trusted = frozenset(source_of(address) for address in trusted)
        self._open: dict[RequestHandler, Connection] = {}

    def opened(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a new connection, and close it when there are too many or it is not the proxy's."""
        name = transport.get_extra_info("peername")
        peer = source_of(str(name[0])) if name else ""
        # In a header the address comes with each request: then only the proxy can count connections by address.
        counted_as = f"{peer} {name[1]}" if self.how is ClientAddress.HEADER and name else peer
        is_admitted = self._connections.admit(counted_as)
        self._open[handler] = Connection(peer, counted_as if is_admitted else None)
        if not is_admitted or (self.how is not ClientAddress.CONNECTION and peer not in self._trusted):
            self._turn_away(transport)

    def named(self, handler: RequestHandler, source: str, transport: asyncio.Transport) -> None:
        """Count a connection under the address that the proxy's line names."""
        connection = self._open[handler]
        self._leave(connection)
        connection.source = source
        if self._connections.admit(source):
            connection.counted_as = source
        else:
            self._turn_away(transport)

    def closed(self, handler: RequestHandler) -> None:
        """Forget a connection."""
        connection = self._open.pop(handler, None)
        if connection is not None:
            self._leave(connection)

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

    def _leave(self, connection: Connection) -> None:
        if connection.counted_as is not None:
            self._connections.leave(connection.counted_as)
            connection.counted_as = None

    def _turn_away(self, transport: asyncio.Transport) -> None:
        self._metrics.troubles["CONNECTIONS"] += 1
        transport.close()


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
            self._doorway.named(self, source, transport)
        if rest and not transport.is_closing():
            super().data_received(rest)

"""A flooder, in a process of its own: asks for the whole log from one address, without waiting for answers.

    python -m tests.faults.flooder URL CONNECTIONS RATE

RATE is what it wants to ask a second, all connections together; 0: as fast as answers come, one question at a time on
each. What a connection does not take is not sent, as with any sender. Prints a line when all connections were tried,
goes on until its standard input ends, and prints how much was wanted, sent and answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Final

from hub.wire.frame import frame
from hub.wire.requests import ReadLog
from tests.faults.others import head

SOURCE: Final = "127.0.4.1"
TICK_SECONDS: Final = 0.02
MOST_UNSENT: Final = 64 * 1024  # bytes that a connection has not taken
_BODY: Final = frame(ReadLog(0, 1024))
REQUEST: Final = head(len(_BODY)) + _BODY


class Asker(asyncio.Protocol):
    """One connection. Counts answers by their status lines."""

    def __init__(self, *, endless: bool) -> None:
        self._endless = endless
        self.transport: asyncio.Transport | None = None
        self.sent = self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """One question, unless the connection takes no more."""
        if self.transport is None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() < MOST_UNSENT:
            self.transport.write(REQUEST)
            self.sent += 1

    def data_received(self, data: bytes) -> None:
        """Count answers; with one question at a time, ask the next."""
        answers = data.count(b"HTTP/1.1 ")
        self.answered += answers
        if self._endless and answers:
            self.ask()


async def flood(url: str, connections: int, rate: float) -> dict[str, float]:
    """Ask until standard input ends; returns counts and the time that it took."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    loop, askers = asyncio.get_running_loop(), [Asker(endless=not rate) for _ in range(connections)]
    for asker in askers:  # a connection that the hub closes at once counts for as much as one that asks
        await loop.create_connection(lambda asker=asker: asker, host, int(port), local_addr=(SOURCE, 0))  # type: ignore[misc]
    print("flooding", flush=True)
    began, wanted = time.monotonic(), float(connections)
    ended = loop.run_in_executor(None, sys.stdin.read)
    while not ended.done():
        while rate and wanted < rate * (time.monotonic() - began):
            askers[int(wanted) % connections].ask()
            wanted += 1
        await asyncio.sleep(TICK_SECONDS)
    sent, answered = sum(asker.sent for asker in askers), sum(asker.answered for asker in askers)
    passed = time.monotonic() - began
    return {"wanted": wanted if rate else sent, "sent": sent, "answered": answered, "seconds": passed}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))))

"""Load for the hub's figures, in a process of its own: raw asyncio protocols, requests made beforehand.

    python -m tests.bench.hub_load URL CONNECTIONS SECONDS MAILBOX_HEX TOKEN_HEX [MAILBOX_HEX TOKEN_HEX ...]

Prints one JSON line: answers that said 200 in the measured time, and their rate. Connections take turns at the
mailboxes. Each request is a deposit of 16 KiB with an envelope of its own: eight bytes in the middle of a prepared
frame are counted up, so making it costs one copy.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from urllib.parse import urlsplit

from hub.wire.frame import frame
from hub.wire.requests import Deposit
from keys.envelope import HEADER, MAGIC

SIZE = 16 * 1024
WARM_SECONDS = 1.0


class Requests:
    """An endless supply of different deposits."""

    def __init__(self, path: str, host: str, mailbox: bytes, token: bytes) -> None:
        header = HEADER.pack(MAGIC, 4, int(time.time()) // 3600, os.urandom(32))
        body = frame(Deposit(mailbox, token, header + os.urandom(SIZE - len(header))))
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        request = head + body
        middle = len(head) + 8000
        self._before, self._after = request[:middle], request[middle + 8 :]
        self._counter = itertools.count(int.from_bytes(os.urandom(6)))

    def next(self) -> bytes:
        """The bytes of the next request."""
        return b"".join((self._before, next(self._counter).to_bytes(8), self._after))


class Caller(asyncio.Protocol):
    """One connection that sends a request as soon as the answer to the last one is whole."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._buffer = b""
        self.answers = 0
        self.refusals = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._requests.next())

    def data_received(self, data: bytes) -> None:
        """Count a whole answer and go on."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + 1024:
            return
        if self._buffer.startswith(b"HTTP/1.1 200"):
            self.answers += 1
        else:
            self.refusals += 1
        self._buffer = b""
        self._transport.write(self._requests.next())


async def run(url: str, connections: int, seconds: float, requests: list[Requests]) -> dict[str, float]:
    """Warm up, measure, report."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    callers = [Caller(requests[number % len(requests)]) for number in range(connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, parts.hostname, parts.port)
    await asyncio.sleep(WARM_SECONDS)
    before, started, cpu = sum(caller.answers for caller in callers), time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    answers, took = sum(caller.answers for caller in callers) - before, time.perf_counter() - started
    return {
        "answers": answers,
        "rate": answers / took,
        "refusals": sum(caller.refusals for caller in callers),
        "cpu": (time.process_time() - cpu) / took,
    }


def main() -> None:
    """Read the arguments and print the result."""
    url, connections, seconds, *pairs = sys.argv[1:]
    host, words = urlsplit(url).netloc, [bytes.fromhex(word) for word in pairs]
    requests = [Requests("/v1", host, mailbox, token) for mailbox, token in zip(words[::2], words[1::2], strict=True)]
    print(json.dumps(asyncio.run(run(url, int(connections), float(seconds), requests))))


if __name__ == "__main__":
    main()

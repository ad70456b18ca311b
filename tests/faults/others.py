"""The others: offices that deposit at their own steady pace, each from its own address, whatever somebody else does.

Each deposit comes on a connection of its own, as from an office that has just been opened; loopback has addresses
enough (127.0.2.1, 127.0.2.2, …). What is answered must be there afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Sequence
from typing import Final

import aiohttp

from hub.wire.frame import frame, unframe_response
from hub.wire.limits import HTTP_PATH
from hub.wire.requests import Fetch, Request
from hub.wire.responses import Deposited, Fetched, Response, Waiting
from keys.errors import FormatError
from keys.ids import digest
from tests.unit.hub.device import Device, Link

ANSWER_SECONDS: Final = 10.0
"""An answer that takes longer does not count: an office would try again."""
ROOM_SECONDS: Final = 60.0
UNITS: Final = ("sav", "sodermalm", "bops", "telefon")


@dataclasses.dataclass
class Others:
    """Open-loop senders."""

    devices: Sequence[Device]
    each_per_second: float
    source: str = "127.0.2.{}"  # of each by its number
    offered: int = 0
    answered: dict[bytes, Device] = dataclasses.field(default_factory=dict)
    seconds: list[float] = dataclasses.field(default_factory=list)  # that each answer took

    async def send(self, seconds: float) -> float:
        """Offer deposits for so long; returns the share that was answered in time."""
        offered, answered = self.offered, len(self.answered)
        async with asyncio.TaskGroup() as tasks:
            for number, device in enumerate(self.devices):
                tasks.create_task(self._pace(self.source.format(number + 1), device, seconds))
        return (len(self.answered) - answered) / (self.offered - offered)

    async def missing(self) -> int:
        """How many of those that were answered are not in their mailbox."""
        there: set[bytes] = set()
        for device in self.devices:
            async with Link(device.url) as link:
                there |= await _everything(link, device.bearer)
        return len(self.answered.keys() - there)

    async def _pace(self, source: str, device: Device, seconds: float) -> None:
        began, sent = time.monotonic(), 0
        async with asyncio.TaskGroup() as tasks:
            while time.monotonic() < began + seconds:
                tasks.create_task(self._deposit(source, device))
                sent += 1
                await asyncio.sleep(max(0.0, began + sent / self.each_per_second - time.monotonic()))

    async def _deposit(self, source: str, device: Device) -> None:
        deposit, began = device.deposit(), time.monotonic()
        self.offered += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                done = isinstance(await ask(source, device.url, deposit), Deposited)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, FormatError):
            return
        if done:
            self.answered[digest(deposit.envelope)] = device
            self.seconds.append(time.monotonic() - began)


async def ask(source: str, url: str, request: Request) -> Response:
    """One request from an address, on a connection of its own."""
    body = frame(request)
    reader, writer = await connect(source, url)
    try:
        writer.write(head(len(body)) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return unframe_response(await reader.readexactly(length))
    finally:
        writer.close()


async def _everything(link: Link, bearer: bytes) -> set[bytes]:
    found: set[bytes] = set()
    after = 0
    while True:
        page = await _fetched(link, Fetch(bearer, after, 256))
        if not page.items:
            return found
        after = page.items[-1].n
        found |= {digest(item.envelope) for item in page.items if isinstance(item, Waiting)}


async def _fetched(link: Link, request: Fetch) -> Fetched:
    """A page; the hub may still be busy with closing the connections of whoever was in the way."""
    async with asyncio.timeout(ROOM_SECONDS):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                page = await link.call(request)
                assert isinstance(page, Fetched), page
                return page
            await asyncio.sleep(0.2)


async def connect(source: str, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection from an address of loopback."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    return await asyncio.open_connection(host, int(port), local_addr=(source, 0))


def head(length: int) -> bytes:
    """The head of a request that announces so many bytes."""
    return f"POST {HTTP_PATH} HTTP/1.1\r\nHost: hub\r\nContent-Length: {length}\r\n\r\n".encode()

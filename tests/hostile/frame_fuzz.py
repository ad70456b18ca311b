"""Altered frames against a real hub: never a fault of the hub, never a hang, and what was refused changed nothing.

`make fuzz` tries a hundred thousand; `make test` two thousand. The seed is printed, and the same seed tries the same.

Three kinds of cases, mixed:
  bytes     a valid frame with bytes turned, cut, doubled, inserted
  fields    a valid record with fields replaced by extremes, other lengths and other types, framed as it should be
  around    other sizes, other paths, tiles, the wake connection's first frame
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgpack

from hub.house import House, listening, open_house
from hub.store.sqlite import SqliteStore
from hub.wire import requests
from hub.wire.frame import class_of, frame, unframe_response
from hub.wire.limits import FRAME_BYTES, MAX_REQUEST_BYTES, week_of
from hub.wire.responses import Code, Refused
from keys.ids import digest
from keys.logging import configure
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.unit.hub.device import Device, envelope, now_hour

HANG_SECONDS: Final = 45.0
SETTINGS: Final[dict[str, Any]] = {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, "max_waiting": 50}
_EXTREMES: Final[tuple[Any, ...]] = (
    0, 1, 255, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1, -1, None, True, False,
    b"", b"\x00" * 16, b"\xff" * 32,
    bytes(64), "", "text", [], [[]], [[[[[[[[[]]]]]]]]], 1.5, {"a": 1}, {},
)  # fmt: skip


class FuzzError(AssertionError):
    """A case that the hub must not answer so; the message holds the case in hex."""


@dataclasses.dataclass
class Tally:
    """What the cases came to."""

    cases: int = 0
    accepted: int = 0
    codes: Counter[str] = dataclasses.field(default_factory=Counter)
    slowest_seconds: float = 0.0


class Target:
    """A hub, valid requests for it, and two connections: an anonymous one and one that logged in.

    Args:
        house: the hub in this process.
        url: where it listens.
        samples: valid requests; the ones that change things do so each time anew, or not at all.
    """

    def __init__(self, house: House, url: str, samples: list[requests.Request]) -> None:
        self._house = house
        self._host, _, port = url.removeprefix("http://").rpartition(":")
        self._port = int(port)
        self.samples = samples
        self._connections: dict[bool, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def writes(self) -> tuple[int, int, int]:
        """How many rows and files the stores ever changed; grows with every change and with nothing else."""
        store: Any = self._house.store
        assert isinstance(store, SqliteStore)
        mail = await store._writer.run(lambda connection: connection.total_changes)
        blobs: Any = self._house.blobs
        index = getattr(blobs, "_store", blobs)
        return mail, index._index.total_changes, self._house.log.size

    async def send(self, head: bytes, body: bytes, *, logged_in: bool) -> tuple[int, bytes]:
        """One request over the connection that is open; a fresh one when the hub closed it."""
        for attempt in (0, 1):
            reader, writer = await self._connected(logged_in=logged_in)
            try:
                writer.write(head + body)
                await writer.drain()
                status, answer = await _answer(reader)
                if reader.at_eof():
                    self.hang_up(logged_in=logged_in)
                return status, answer
            except (asyncio.IncompleteReadError, ConnectionError):
                self.hang_up(logged_in=logged_in)
                if attempt:
                    return 0, b""
        raise AssertionError

    def close(self) -> None:
        """Close both connections."""
        for logged_in in (False, True):
            self.hang_up(logged_in=logged_in)

    def hang_up(self, *, logged_in: bool) -> None:
        """Close a connection; the next request opens another."""
        pair = self._connections.pop(logged_in, None)
        if pair is not None:
            pair[1].close()

    async def _connected(self, *, logged_in: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if logged_in not in self._connections:
            self._connections[logged_in] = await asyncio.open_connection(self._host, self._port, limit=2**21)
        return self._connections[logged_in]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    if b"connection: close" in lines or b"transfer-encoding: chunked" in lines:
        return int(head[9:12]), await reader.read()
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    body = await reader.readexactly(length) if length else b""
    return int(head[9:12]), body


def altered_bytes(data: bytes, rng: random.Random) -> bytes:
    """A frame with some bytes other than they were, mostly where they mean something."""
    raw = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(min(len(raw), 220)) if rng.random() < 0.9 else rng.randrange(len(raw))
        match rng.randrange(5):
            case 0:
                raw[at] ^= rng.randint(1, 255)
            case 1:
                raw[at] = rng.choice((0x00, 0x7F, 0x80, 0x90, 0xC0, 0xC1, 0xC4, 0xC6, 0xD9, 0xDC, 0xDD, 0xFF))
            case 2:
                del raw[at : at + rng.randint(1, 8)]
            case 3:
                raw[at:at] = rng.randbytes(rng.randint(1, 8))
            case 4:
                raw[at : at + 4] = rng.randbytes(4)
    if rng.random() < 0.8:  # else it would fail at its length nearly always
        size = min((size for size in FRAME_BYTES if size >= len(raw)), default=len(raw))
        raw = raw[: len(data)] if len(data) in FRAME_BYTES else raw
        raw += bytes(max(0, min(size, MAX_REQUEST_BYTES) - len(raw)))
    return bytes(raw)


def altered_fields(message: requests.Request, rng: random.Random) -> bytes:
    """A record with other values in it, framed as it should be."""
    fields = _fields(message)
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(fields))
        fields[at] = _other(fields[at], rng)
    if rng.random() < 0.1:
        fields.append(rng.choice(_EXTREMES))
    body = msgpack.packb(fields, use_bin_type=True)
    used = 4 + len(body)
    size = class_of(used) if used <= FRAME_BYTES[-1] else used
    return len(body).to_bytes(4) + body + bytes(size - used)


def _fields(message: requests.Request) -> list[Any]:
    data = frame(message)
    fields: list[Any] = msgpack.unpackb(data[4 : 4 + int.from_bytes(data[:4])], raw=False)
    return fields


def _other(value: Any, rng: random.Random) -> Any:
    if isinstance(value, bytes) and value and rng.random() < 0.6:
        raw = bytearray(value)
        raw[rng.randrange(min(len(raw), 64))] ^= rng.randint(1, 255)
        return bytes(raw) if rng.random() < 0.7 else bytes(raw[: rng.randrange(len(raw))])
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 0.6:
        return min(2**64 - 1, max(0, value + rng.choice((-(2**20), -169, -2, -1, 1, 2, 169, 2**20))))
    return rng.choice(_EXTREMES)


_PATHS: Final = (
    "/v1",
    "/v1/",
    "/",
    "/v1/wake",
    "/healthz",
    "/checkpoint",
    "/tile/0/000",
    "/tile/entries/000.p/2",
    "/%00",
)


def around(frame_bytes: bytes, rng: random.Random) -> tuple[bytes, bytes]:
    """A request that is not one frame to the one path."""
    path = rng.choice(_PATHS)
    if rng.random() < 0.5:
        path += rng.choice(("x", "/999", ".p/0", ".p/257", "/../v1", "?a=b", "%2e%2e", "0" * 300))
    if rng.random() < 0.6:
        return f"GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n".encode(), b""
    body = frame_bytes[: rng.choice((0, 1, 1000, len(frame_bytes)))]
    return (
        f"{rng.choice(('POST', 'PUT'))} {path} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode(),
        body,
    )


async def fuzz(target: Target, *, cases: int, seed: int) -> Tally:
    """Try ``cases`` altered requests.

    Raises:
        FuzzError: a status of 500 or above, no answer in time, or a refused frame that changed something.
    """
    rng, tally = random.Random(seed), Tally()
    for number in range(cases):
        message = rng.choice(target.samples)
        logged_in = not isinstance(message, requests.AnonymousRequest)
        kind = rng.random()
        if kind < 0.1:
            head, body = around(frame(message), rng)
        else:
            body = altered_bytes(frame(message), rng) if kind < 0.5 else altered_fields(message, rng)
            head = f"POST /v1 HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        await _try(target, head, body, tally, logged_in=logged_in, name=f"seed {seed} case {number}")
    return tally


async def _try(target: Target, head: bytes, body: bytes, tally: Tally, *, logged_in: bool, name: str) -> None:
    before, began = await target.writes(), time.perf_counter()
    try:
        async with asyncio.timeout(HANG_SECONDS):
            status, answer = await target.send(head, body, logged_in=logged_in)
    except TimeoutError as error:
        raise FuzzError(f"{name}: no answer; {head!r} {body[:300].hex()}") from error
    tally.cases += 1
    tally.slowest_seconds = max(tally.slowest_seconds, time.perf_counter() - began)
    if status >= 500:
        raise FuzzError(f"{name}: status {status}; {head!r} {body[:300].hex()}")
    response = unframe_response(answer) if head.startswith(b"POST /v1 ") and len(answer) in FRAME_BYTES else None
    if isinstance(response, Refused):
        tally.codes[response.code.value] += 1
        if response.code is Code.ANONYMOUS:
            target.hang_up(logged_in=logged_in)
    elif response is not None:
        tally.accepted += 1
        return
    if await target.writes() != before:
        raise FuzzError(f"{name}: refused, and something changed; {head!r} {body[:300].hex()}")


async def samples(house: House, url: str, federation: Federation) -> list[requests.Request]:
    """Valid requests of every kind, as a device of this federation makes them."""
    keeper = federation.units["sav"].keepers[0]
    device = Device(url, federation, keeper)
    async with device:
        await device.open_mailbox()
        hour, bearer = now_hour(), device.bearer
        sealed = envelope(hour)
        token = device.token(hour)
        return [
            requests.Hello(), requests.Deposit(device.mailbox, token, sealed), requests.Recall(os.urandom(32), hour),
            requests.ReadLog(0, 16), requests.ReadCheckpoint(), requests.ReadSnapshot(0, bytes(16)),
            requests.Submit(federation.statements[-1]),
            requests.PutBlob(device.mailbox, token, hour, digest(b"drop"), os.urandom(256 * 1024)),
            requests.GetBlob(digest(b"blob")), requests.FindBlobs(digest(b"blob") * 3),
            requests.DropBlobs(os.urandom(64)), requests.LoginBegin(keeper.device_id),
            requests.LoginProve(keeper.device_id, house.auth.nonce(keeper.device_id), bytes(64)),
            requests.Fetch(bearer, 0, 16), requests.Ack(bearer, 0),
            requests.PublishBatch(bearer, keeper.new_batch(hour, house.log.size)),
            requests.RegisterToken(bearer, week_of(hour), digest(token)), requests.Status(bearer),
            requests.Wake(bearer),
        ]  # fmt: skip


def state_of(data: Path) -> str:
    """SHA-256 over the hub's key, settings and folder of names: what no request may touch."""
    parts = [path.read_bytes() for path in sorted(data.glob("hub.[kt]*"))]
    return hashlib.sha256(b"".join(parts)).hexdigest()


async def main(cases: int, seed: int) -> None:
    """The long form."""
    configure(strict=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "hub"
        federation = Federation.demo(now=int(time.time()), devices=1)
        config = await asyncio.to_thread(found, data, federation, **SETTINGS)
        before = state_of(data)
        async with open_house(data, config) as house, listening(house) as url:
            target = Target(house, url, await samples(house, url, federation))
            began = time.perf_counter()
            tally = await fuzz(target, cases=cases, seed=seed)
            target.close()
        assert state_of(data) == before
    rate = tally.cases / (time.perf_counter() - began)
    print(f"{tally.cases} cases, {rate:.0f}/s, {tally.accepted} accepted, {dict(tally.codes)}, seed {seed},"
          f" slowest {tally.slowest_seconds * 1000:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    chosen = [int(word) for word in sys.argv[1:]] + [100_000, random.SystemRandom().randrange(2**32)]
    asyncio.run(main(chosen[0], chosen[1] if len(sys.argv) > 2 else chosen[-1]))

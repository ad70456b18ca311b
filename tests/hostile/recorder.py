"""What an adversary who sees everything sees: the bytes of every connection, and every file of the hub.

async with Recorder.open(hub.url) as recorder:      # a TCP proxy; offices talk to recorder.url
    ...
    haystack = recorder.wire + files_of(hub.data)
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024
_FIRST_WHOLE = (0, 2, 3)  # first base64 character that hangs on the needle alone, by its offset in a group of three


class Recorder:
    """Passes bytes on and keeps a copy of each stream."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._streams: list[bytearray] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, upstream: str) -> AsyncIterator[Recorder]:
        """Listen on a free port of this machine."""
        parts = urlsplit(upstream)
        recorder = cls(parts.hostname or "", parts.port or 0)
        server = await asyncio.start_server(recorder._serve, "127.0.0.1", 0)
        recorder.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield recorder
        finally:
            server.close()
            for task in recorder._tasks:
                task.cancel()
            await asyncio.gather(*recorder._tasks, return_exceptions=True)

    @property
    def wire(self) -> bytes:
        """Every stream, one after the other."""
        return b"\xff".join(bytes(stream) for stream in self._streams)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._upstream)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, there_writer))
                both.create_task(self._pass(there_reader, writer))
        except (asyncio.CancelledError, OSError, BaseExceptionGroup):
            pass
        finally:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = bytearray()
        self._streams.append(kept)
        while data := await reader.read(CHUNK_BYTES):
            kept += data
            writer.write(data)
            await writer.drain()
        writer.close()


def files_of(folder: Path) -> bytes:
    """All files below a folder, write-ahead logs among them."""
    return b"\xff".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def forms(needle: bytes) -> Iterable[bytes]:
    """A needle as it may lie in a file: raw, in hex, and in base64 at each of the three offsets, in both alphabets."""
    yield needle
    yield needle.hex().encode()
    yield needle.hex().upper().encode()
    for offset, first in enumerate(_FIRST_WHOLE):
        text = base64.b64encode(bytes(offset) + needle)
        whole = text[first : (offset + len(needle)) * 8 // 6]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def found(needles: Iterable[bytes], haystack: bytes) -> list[bytes]:
    """The needles that stand in the haystack in one of their forms."""
    return [needle for needle in needles if any(form in haystack for form in forms(needle))]


def text_forms(text: str) -> list[bytes]:
    """A text in the three encodings in which a program might write it."""
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]

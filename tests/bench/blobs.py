"""Attached files: sealed to disk and opened, beside a bare copy of the same bytes; blobs at the hub, beside bare files.

All write the same bytes to the same disk and sync them. Sealing hashes a file twice and encrypts it once.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from client.engine.attachments import READ_BYTES
from client.engine.stream_files import StreamFiles
from hub.store.blob_folder import open_blobs
from hub.store.blobs import NewBlob
from keys.attachment import BLOB_BYTES
from keys.ids import MailboxId
from tests.bench.figure import Figure, figure, scaled

MIB: Final = 1024 * 1024
FEDERATION: Final = bytes(32)


def figures() -> Iterator[Figure]:
    """MiB per second."""
    mib = scaled(256, 4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        source.write_bytes(os.urandom(mib * MIB))
        files = StreamFiles(folder / "files", FEDERATION)
        copied = _rate(mib, lambda: _copy(source, folder / "copy"))
        with source.open("rb") as file:
            sealing = time.perf_counter()
            sealed = files.seal(iter(lambda: file.read(READ_BYTES), b""))
            sealing = mib / (time.perf_counter() - sealing)
        yield figure("file_seal", sealing, "MiB/s", baseline=copied, goal=0.2)
        opened = _rate(mib, lambda: _written(files, sealed.file_id, sealed.key, folder / "out"))
        yield figure("file_open", opened, "MiB/s", baseline=copied, goal=0.3)
        yield from _hub(folder, scaled(256, 4))


def _hub(folder: Path, blobs: int) -> Iterator[Figure]:
    bodies = [os.urandom(BLOB_BYTES) for _ in range(blobs)]
    bare = folder / "bare"
    bare.mkdir()
    written = _rate(blobs / 4, lambda: [_synced(bare / str(number), body) for number, body in enumerate(bodies)])
    store = open_blobs(folder / "blobs")
    try:
        put = _rate(blobs / 4, lambda: asyncio.run(_put(store, bodies)))
    finally:
        store.close()
    yield figure("blob_put", put, "MiB/s", baseline=written, goal=0.3)


async def _put(store: object, bodies: list[bytes]) -> None:
    for at in range(0, len(bodies), 4):  # as many at once as a device sends
        await asyncio.gather(
            *(
                store.put(NewBlob(MailboxId(bytes(16)), 1, bytes(32), body), most=10**6, most_in_all=10**6)  # type: ignore[attr-defined]
                for body in bodies[at : at + 4]
            )
        )


def _rate(mib: float, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return mib / (time.perf_counter() - began)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _written(files: StreamFiles, file_id: bytes, key: bytes, target: Path) -> None:
    files.save(file_id, key, target)


def _synced(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())

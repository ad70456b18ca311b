"""Putting attached files to the hub, and having dropped there what nobody needs any more (PROTOCOL 4.9).

Of every few blobs the hub is asked first which it has: after a crash, and when a document is sealed anew because no
receipt came, only what is missing is put again. A stream that was made for siblings alone keeps but its index here.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Final, Protocol

from client.engine.blob_pace import STEP, patiently, some_at_a_time
from client.engine.context import Context
from client.engine.link import Link
from client.engine.stream_files import StreamFiles
from hub.wire.limits import MAX_DROPPED_BLOBS, week_of
from keys.attachment import drop_hash
from keys.errors import LocalError, PeerError
from keys.private.stream import drop_secret

GOING: Final = "file_id, document_id, position, mailbox_id, key, shared, blobs, done"


class Put(Protocol):
    """Who is told, inside a transaction, that all of a stream is at the hub."""

    async def put(self, document_id: bytes, position: int, *, file_id: bytes, shared: bool) -> None:
        """All of it is at the hub."""


class Uploading:
    """The way out for blobs."""

    def __init__(self, context: Context, files: StreamFiles, told: Put) -> None:
        self._context = context
        self._vault = context.vault
        self._files = files
        self._told = told

    async def put(self, row: Any, link: Link) -> bool:
        """Put one file; False when a person cancelled it meanwhile.

        Raises:
            HubError, HubRefusedError: as the link. LocalError: code ``ATTLACK``, ``ATTBAD``: the own file is damaged.
        """
        file_id, document_id, position, mailbox_id, key, shared, blobs, done = row
        names = await asyncio.to_thread(_names, self._files, file_id, key)
        while done < blobs:
            step = range(done, min(done + STEP, blobs))
            found = await self._found(link, [names[number] for number in step])
            calls = [
                functools.partial(
                    self._put_blob, link, mailbox_id, blob=(file_id, number), secret=drop_secret(key, names[number])
                )
                for number in step
                if names[number] not in found
            ]
            await some_at_a_time(calls, [])
            done = step.stop
            if not await self._note(file_id, done):
                return False
        if shared:
            await asyncio.to_thread(self._files.keep_index, file_id)
        async with self._vault.transaction():
            put = await self._vault.write(
                "UPDATE upload SET state = 'put', code = '' WHERE file_id = ? AND state = 'going'", file_id
            )
            if put:
                await self._told.put(document_id, position, file_id=file_id, shared=bool(shared))
        return True

    async def let_go(self) -> None:
        """Take down what is over; of what is unwanted, note the blobs that the hub may drop."""
        for file_id, key, shared, state in await self._vault.all(
            "SELECT file_id, key, shared, state FROM upload WHERE state IN ('unwanted', 'over')"
        ):
            pairs = await asyncio.to_thread(drops, self._files, file_id, key) if state == "unwanted" else []
            async with self._vault.transaction():
                await want_dropped(self._context, pairs)
                await self._vault.write("DELETE FROM upload WHERE file_id = ?", file_id)
            if shared:
                await asyncio.to_thread(self._files.remove, file_id)

    async def drop(self, link: Link) -> None:
        """Have the hub delete what nobody needs there.

        Raises:
            HubError, HubRefusedError: as the link; what was not dropped goes with its time.
        """
        while rows := await self._vault.all("SELECT name, secret FROM unwanted LIMIT ?", MAX_DROPPED_BLOBS):
            pairs = [(row[0], row[1]) for row in rows]
            await patiently(functools.partial(link.drop_blobs, pairs))
            async with self._vault.transaction():
                await self._vault.write_many("DELETE FROM unwanted WHERE name = ?", [(name,) for name, _ in pairs])

    async def _found(self, link: Link, names: list[bytes]) -> set[bytes]:
        return await patiently(functools.partial(link.find_blobs, names))

    async def _put_blob(self, link: Link, mailbox_id: bytes, *, blob: tuple[bytes, int], secret: bytes) -> None:
        body = await asyncio.to_thread(self._files.read_blob, *blob)
        hour = self._context.clock.hour()
        token = self._context.keeper.delivery_token(mailbox_id, week_of(hour))
        await link.put_blob(mailbox_id, token, hour=hour, drop_hash=drop_hash(secret), blob=body)

    async def _note(self, file_id: bytes, done: int) -> bool:
        async with self._vault.transaction():
            return bool(
                await self._vault.write(
                    "UPDATE upload SET done = ?, code = '', tries = 0 WHERE file_id = ? AND state = 'going'",
                    done, file_id,
                )
            )  # fmt: skip


async def want_dropped(context: Context, pairs: list[tuple[bytes, bytes]]) -> None:
    """Note blobs that the hub may delete, inside a transaction."""
    await context.vault.write_many("INSERT OR IGNORE INTO unwanted VALUES (?, ?)", pairs)


def drops(files: StreamFiles, file_id: bytes, key: bytes) -> list[tuple[bytes, bytes]]:
    """Names and secrets of all blobs of a stream; none when its index is not here. Blocks."""
    try:
        return [(name, drop_secret(key, name)) for name in files.names(file_id, key)]
    except (LocalError, PeerError):
        return []


def _names(files: StreamFiles, file_id: bytes, key: bytes) -> list[bytes]:
    try:
        return files.names(file_id, key)
    except PeerError as error:
        raise LocalError("ATTBAD") from error

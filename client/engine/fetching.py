"""Fetching attached files from the hub, by the steps of FORMATS 6.3.

Nothing is believed of the hub. A blob that has not the name that was asked for is asked for again and never written;
one that the hub does not have is asked for later, ever less often, and siblings are asked as well. A file is shown when
all of it has come and has passed every step; one that fails is refused with a code and stays visible.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Final, Protocol

from client.engine.blob_pace import STEP, patiently, some_at_a_time
from client.engine.context import Context
from client.engine.link import Link
from client.engine.stream_files import StreamFiles
from keys.attachment import BLOB_BYTES, names_of
from keys.errors import LocalError, PeerError
from keys.ids import digest

COMING: Final = "file_id, document_id, position, size_bytes, sha256, media_type, digest, key, done"
ASK_AGAIN: Final = 3  # at once, for a blob that came wrong


class Came(Protocol):
    """Who is told of a file, inside a transaction."""

    async def came(self, document_id: bytes, position: int, code: str) -> None:
        """It is here; or it was refused with a code."""

    async def lacking(self, document_id: bytes, position: int) -> None:
        """The hub does not have all of it."""


class Fetching:
    """The way in for blobs."""

    def __init__(self, context: Context, files: StreamFiles, told: Came) -> None:
        self._context = context
        self._vault = context.vault
        self._files = files
        self._told = told

    async def fetch(self, row: Any, link: Link) -> bool:
        """Fetch one file; False when a person cancelled it meanwhile.

        Raises:
            HubError: as the link; what came is noted.
            LocalError: code ``BLOBGONE``, ``BLOBBAD``, ``DISK``: to be tried again.
        """
        file_id, document_id, position, size, sha256, media, name, key, done = row
        try:
            if not done or not self._files.is_here(file_id):
                await self._fetch_index(link, file_id, name, key=key, size=size)
                done = 1
            if not await self._fetch_rest(link, file_id, key, done):
                return False
            code = await asyncio.to_thread(self._files.check, file_id, key, size=size, sha256=sha256, media=media)
        except PeerError:
            await self._end(file_id, document_id, position, "ATTBAD")
            return True
        except LocalError as error:
            async with self._vault.transaction():
                if error.code == "BLOBGONE":
                    await self._told.lacking(document_id, position)
                elif error.code == "BLOBBAD":
                    await self._context.alarms.raise_("BLOBBAD", document_id=document_id)
            raise
        if code and not await asyncio.to_thread(self._files.is_sound, file_id, key):
            await self._note(file_id, 0, 0)  # what was right when it came is not any more: our own disk
            raise LocalError("ATTLACK")
        await self._end(file_id, document_id, position, code)
        return True

    async def _fetch_index(self, link: Link, file_id: bytes, name: bytes, *, key: bytes, size: int) -> None:
        """Steps 1 to 3.

        Raises:
            PeerError: it is not the index of a file of this size.
        """
        blob = await self._fetch_blob(link, name)
        index = self._files.open_index(key, blob)
        if index.size_bytes != size:
            raise PeerError("ATTBAD")
        await asyncio.to_thread(self._files.write_blobs, file_id, 0, [blob])
        await self._note(file_id, 1, 1 + len(names_of(index)))

    async def _fetch_rest(self, link: Link, file_id: bytes, key: bytes, done: int) -> bool:
        names = await asyncio.to_thread(self._files.names, file_id, key)
        while done < len(names):
            blobs: list[bytes] = []
            goes_on = True
            try:
                step = names[done : done + STEP]
                await some_at_a_time([functools.partial(self._fetch_blob, link, name) for name in step], blobs)
            finally:
                if blobs:  # a try that brought nothing is no progress, and the next pause is longer
                    await asyncio.to_thread(self._files.write_blobs, file_id, done, blobs)
                    done += len(blobs)
                    goes_on = await self._note(file_id, done, len(names))
            if not goes_on:
                return False
        return True

    async def _fetch_blob(self, link: Link, name: bytes) -> bytes:
        """Step 1: a blob of this name.

        Raises:
            LocalError: code ``BLOBGONE``, ``BLOBBAD``.
        """
        for _ in range(ASK_AGAIN):
            blob = await patiently(functools.partial(link.get_blob, name))
            if not blob:
                raise LocalError("BLOBGONE")
            if len(blob) == BLOB_BYTES and await asyncio.to_thread(digest, blob) == name:
                return blob
        raise LocalError("BLOBBAD")

    async def _end(self, file_id: bytes, document_id: bytes, position: int, code: str) -> None:
        """It is here, or not what was signed: then it is kept visible with its code, and its bytes go."""
        state = "refused" if code else "here"
        async with self._vault.transaction():
            ended = await self._vault.write(
                "UPDATE attachment SET state = ?, code = ? WHERE file_id = ? AND state = 'coming'", state, code, file_id
            )
            if ended:
                await self._told.came(document_id, position, code)
        if code:
            await asyncio.to_thread(self._files.remove, file_id)

    async def _note(self, file_id: bytes, done: int, blobs: int) -> bool:
        async with self._vault.transaction():
            return bool(
                await self._vault.write(
                    "UPDATE attachment SET done = ?, blobs = ?, code = '', tries = 0"
                    " WHERE file_id = ? AND state = 'coming'",
                    done, blobs, file_id,
                )
            )  # fmt: skip

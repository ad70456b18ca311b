"""Attached files of an office: attached at the desk, bound to a document, shown, saved (FORMATS 6.3).

    staged ──written into a document──► here            at the desk that attached it
    coming ──all blobs, all checks────► here, refused   with a key: from the hub
    lacking ──a sibling gives a key───► coming          without one: from a colleague's device
    coming ◄──resume── cancelled ◄──by a person── coming

Not here: files that a document brings (``expecting``), moving blobs (``transfers``), what siblings ask of each other
(``unit_sync.lending``).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from client.casework.media import clean_name
from client.engine.context import Context
from client.engine.stream_files import StreamFiles
from client.engine.stream_writer import SealedFile
from keys.attachment import MAX_ATTACHMENTS
from keys.errors import LocalError

READ_BYTES: Final = 1024 * 1024
STAGED_DAYS: Final = 14  # what was attached and never written into a document goes after that
_COLUMNS: Final = (
    "file_id, document_id, position, state, code, file_name, media_type, size_bytes, sha256, pdfa, digest, key,"
    " fetched, blobs, done, tries"
)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Attached:
    """One attached file as the vault knows it; ``pdfa`` and ``fetched`` are 0 or 1."""

    file_id: bytes
    document_id: bytes | None
    position: int
    state: str
    code: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    pdfa: int
    digest: bytes
    key: bytes | None
    fetched: int
    blobs: int
    done: int
    tries: int


class Attachments:
    """The attached files of an office."""

    def __init__(self, context: Context, files: StreamFiles) -> None:
        self._context = context
        self._vault = context.vault
        self.files: Final = files

    # -- at the desk ---------------------------------------------------------------------------------------------------

    async def stage(self, path: Path, name: str = "") -> Attached:
        """Take in a file of this machine; it is encrypted on its way and can then be attached to one document.

        Raises:
            LocalError: code ``FILE`` with what the system says, ``ATTBIG``, ``ATTEMPTY``, ``DISK``.
        """
        try:
            sealed = await asyncio.to_thread(self._seal_path, path)
        except OSError as error:
            raise LocalError("FILE") from error
        return await self.keep_staged(sealed, name or path.name)

    async def keep_staged(self, sealed: SealedFile, name: str) -> Attached:
        """Know a file that was sealed here."""
        async with self._vault.transaction():
            await self._vault.write(
                "INSERT INTO attachment (file_id, position, state, file_name, media_type, size_bytes, sha256, pdfa,"
                " digest, key, fetched, blobs, done, at) VALUES (?, 0, 'staged', ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
                sealed.file_id, clean_name(name, sealed.media_type), sealed.media_type, sealed.size_bytes,
                sealed.sha256, sealed.pdfa, sealed.digest, sealed.key, sealed.blobs, sealed.blobs,
                self._context.clock.now(),
            )  # fmt: skip
        return await self.staged(sealed.file_id)

    async def staged(self, file_id: bytes) -> Attached:
        """A file that belongs to no document yet.

        Raises:
            LocalError: code ``ATTUSED``.
        """
        rows = await self._rows("file_id = ? AND state = 'staged'", file_id)
        if not rows:
            raise LocalError("ATTUSED")
        return rows[0]

    async def unstage(self, file_id: bytes) -> None:
        """Throw away a file that belongs to no document yet.

        Raises:
            LocalError: code ``ATTUSED``.
        """
        await self.staged(file_id)
        async with self._vault.transaction():
            await self._vault.write("DELETE FROM attachment WHERE file_id = ? AND state = 'staged'", file_id)
        await asyncio.to_thread(self.files.remove, file_id)

    async def tidy(self) -> None:
        """Throw away what was staged long ago."""
        before = self._context.clock.now() - STAGED_DAYS * 86_400
        for one in await self._rows("state = 'staged' AND at < ?", before):
            await self.unstage(one.file_id)

    async def sweep(self) -> None:
        """Delete files that the vault does not know; before anything is sealed or fetched."""
        rows = await self._vault.all("SELECT file_id FROM attachment UNION SELECT file_id FROM upload")
        await asyncio.to_thread(self.files.sweep, {row[0] for row in rows})

    # -- with documents ------------------------------------------------------------------------------------------------

    async def told(self, file_ids: Sequence[bytes]) -> list[dict[str, Any]]:
        """What a document's header says of staged files.

        Raises:
            LocalError: code ``ATTUSED``, ``ATTMANY``.
        """
        if len(file_ids) > MAX_ATTACHMENTS:
            raise LocalError("ATTMANY")
        if len(set(file_ids)) < len(file_ids):
            raise LocalError("ATTUSED")
        return [_told(await self.staged(file_id)) for file_id in file_ids]

    async def bind(self, file_ids: Sequence[bytes], document_id: bytes) -> None:
        """They belong to this document from here on, inside a transaction."""
        for position, file_id in enumerate(file_ids):
            await self._vault.write(
                "UPDATE attachment SET document_id = ?, position = ?, state = 'here' WHERE file_id = ?",
                document_id, position, file_id,
            )  # fmt: skip

    # -- shown and taken out -------------------------------------------------------------------------------------------

    async def of(self, document_id: bytes) -> list[Attached]:
        """The files of a document, in order."""
        return await self._rows("document_id = ? ORDER BY position", document_id)

    async def unsettled(self) -> list[Attached]:
        """Files that are staged, on their way in or out, lacking or refused, oldest first."""
        return await self._rows(
            "state <> 'here' OR file_id IN (SELECT file_id FROM upload WHERE state IN ('going', 'cancelled'))"
            " ORDER BY at, file_id"
        )

    async def one(self, document_id: bytes, position: int) -> Attached:
        """A file of a document.

        Raises:
            LocalError: code ``NOTFOUND``.
        """
        rows = await self._rows("document_id = ? AND position = ?", document_id, position)
        if not rows:
            raise LocalError("NOTFOUND")
        return rows[0]

    async def ready(self, document_id: bytes, position: int) -> tuple[Attached, bytes]:
        """A file that is here whole and checked, and its key.

        Raises:
            LocalError: code ``NOTFOUND``, ``ATTWAIT``, ``ATTLACK``, or that for which it was refused.
        """
        one = await self.one(document_id, position)
        if one.state == "here" and one.key is not None:
            return one, one.key
        raise LocalError(one.code if one.state == "refused" else "ATTLACK" if one.state == "lacking" else "ATTWAIT")

    async def save(self, document_id: bytes, position: int, path: Path) -> Path:
        """Write a file in the clear, to a path or into a folder under its own name; returns where.

        Raises:
            LocalError: as ``ready``; code ``EXISTS``, ``DISK``, ``ATTBAD`` when what lies here was altered.
        """
        one, key = await self.ready(document_id, position)
        target = path / one.file_name if await asyncio.to_thread(path.is_dir) else path
        await asyncio.to_thread(self.files.save, one.file_id, key, target)
        return target

    def pieces(self, one: Attached, key: bytes) -> Iterator[bytes]:
        """A file in the clear, piece by piece."""
        return self.files.pieces(one.file_id, key)

    async def copy(self, one: Attached, key: bytes) -> Attached:
        """The same file once more, staged: for a document that is written anew."""
        sealed = await asyncio.to_thread(self.files.seal, self.pieces(one, key))
        return await self.keep_staged(sealed, one.file_name)

    async def cancel(self, document_id: bytes, position: int) -> None:
        """Stop fetching or sending a file until a person goes on.

        Raises:
            LocalError: code ``NOTFOUND``; nothing of it is under way.
        """
        place = (document_id, position)
        async with self._vault.transaction():
            changed = await self._vault.write(
                "UPDATE attachment SET state = 'cancelled' WHERE document_id = ? AND position = ? AND state = 'coming'",
                *place,
            )
            changed += await self._vault.write(
                "UPDATE upload SET state = 'cancelled'"
                " WHERE document_id = ? AND position = ? AND shared = 0 AND state = 'going'",
                *place,
            )
        if not changed:
            raise LocalError("NOTFOUND")

    async def resume(self, document_id: bytes, position: int) -> None:
        """Go on with a file that was cancelled, or try at once.

        Raises:
            LocalError: code ``NOTFOUND``; nothing of it can be gone on with.
        """
        async with self._vault.transaction():
            changed = await self._vault.write(
                "UPDATE attachment SET state = CASE WHEN state = 'cancelled' THEN 'coming' ELSE state END, tries = 0,"
                " next_at = 0 WHERE document_id = ? AND position = ? AND state IN ('cancelled', 'coming', 'lacking')",
                document_id, position,
            )  # fmt: skip
            changed += await self._vault.write(
                "UPDATE upload SET state = 'going', tries = 0, next_at = 0"
                " WHERE document_id = ? AND position = ? AND shared = 0 AND state IN ('cancelled', 'going')",
                document_id, position,
            )  # fmt: skip
        if not changed:
            raise LocalError("NOTFOUND")

    async def _rows(self, where: str, *values: object) -> list[Attached]:
        rows = await self._vault.all(f"SELECT {_COLUMNS} FROM attachment WHERE {where}", *values)  # noqa: S608 - constant
        return [Attached(*row) for row in rows]

    def _seal_path(self, path: Path) -> SealedFile:
        with path.open("rb") as file:
            return self.files.seal(_read(file))


def _read(file: Any) -> Iterable[bytes]:
    while piece := file.read(READ_BYTES):
        yield piece


def _told(one: Attached) -> dict[str, Any]:
    return {
        "file_name": one.file_name,
        "media_type": one.media_type,
        "size": one.size_bytes,
        "sha256": one.sha256.hex(),
        "stream": one.digest.hex(),
        "pdfa": bool(one.pdfa),
    }

"""Attached files among siblings: who has which, and a stream of its own for whoever lacks one (FORMATS 5.1).

Rules:
1. What a document by mail brings, each device fetches for itself. What a sibling passed on, or the hub has lost, is
   asked for: at once, after twenty minutes, then every six hours.
2. Siblings take turns, as with other needs: the first by the digest of (document, device) gives it at once, each
   further one a minute later, and not at all when another has. Who gives it seals the file anew, under a new key, for
   the own mailbox: nothing at the hub tells that two units have the same file.
3. Nothing is taken on a sibling's word but where to look: the file must be the one that was signed.
4. When all active devices of the unit have a file, its stream goes from the hub.
5. A document by mail is receipted as available when its files are here.
"""

from __future__ import annotations

import asyncio
from typing import Final

from client.engine.attachments import Attachments
from client.engine.context import Context
from client.engine.expecting import found
from client.engine.receipts import Receipts
from client.engine.unit_sync.letters import Letters
from client.engine.uploading import drops, want_dropped
from keys.attachment import Place
from keys.errors import LocalError
from keys.ids import digest
from keys.internal import MAX_PLACES, FileLent, FilesHeld, FilesWanted

RANK_SECONDS: Final = 60
AGAIN_SECONDS: Final = 1200
LATER_SECONDS: Final = 6 * 3600
ALARM_TRIES: Final = 4  # a quarter of an hour after the first try


class Lending:
    """Who is told of files that came, went or are lacking; and what siblings say of theirs."""

    def __init__(self, context: Context, letters: Letters, receipts: Receipts, attachments: Attachments) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters
        self._receipts = receipts
        self._attachments = attachments

    # -- from the transfers, inside a transaction ----------------------------------------------------------------------

    async def came(self, document_id: bytes, position: int, code: str) -> None:
        """It is here; or it was refused with a code, which a person must see."""
        await self._receipts.files_came(document_id)
        for passing in ("BLOBBAD", "BLOBGONE"):
            await self._context.alarms.clear(passing, document_id=document_id)
        if code:
            await self._context.alarms.raise_(code, document_id=document_id)
            return
        await self._letters.queue(FilesHeld([Place(document_id, position)]))
        await self._hold(document_id, position, self._context.device_id)

    async def lacking(self, document_id: bytes, position: int) -> None:
        """The hub does not have all of it: perhaps a sibling has; in the end a person must know."""
        tries = await self._vault.value(
            "SELECT tries FROM attachment WHERE document_id = ? AND position = ?", document_id, position
        )
        if tries in {0, ALARM_TRIES}:
            await self._letters.queue(FilesWanted([Place(document_id, position)]))
        if tries >= ALARM_TRIES:
            await self._context.alarms.raise_("BLOBGONE", document_id=document_id)

    async def put(self, document_id: bytes, position: int, *, file_id: bytes, shared: bool) -> None:
        """A stream is at the hub whole: one for siblings is told."""
        row = await self._vault.one("SELECT key, digest FROM upload WHERE file_id = ?", file_id)
        if shared and row is not None:
            await self._letters.queue(FileLent(Place(document_id, position), row[0], row[1]))

    # -- from siblings, inside a transaction ---------------------------------------------------------------------------

    async def wanted(self, message: FilesWanted, device_id: bytes) -> None:
        """A sibling lacks files."""
        now = self._context.clock.now()
        for place in message.places:
            await self._vault.write(
                "INSERT INTO attachment_answer (document_id, position, due_at, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET due_at = excluded.due_at, at = excluded.at WHERE attachment_answer.at <= ?",
                place.document_id, place.position, now + RANK_SECONDS * self._rank(place.document_id, device_id), now,
                now - AGAIN_SECONDS,
            )  # fmt: skip

    async def lent(self, message: FileLent) -> None:
        """A sibling has put a stream for us to the hub."""
        place = message.place
        await self._vault.write(
            "UPDATE attachment_answer SET due_at = NULL WHERE document_id = ? AND position = ?",
            place.document_id, place.position,
        )  # fmt: skip
        await found(self._context, place.document_id, place.position, key=message.key, digest=message.digest)

    async def held(self, message: FilesHeld, device_id: bytes) -> None:
        """A sibling has files."""
        for place in message.places:
            await self._hold(place.document_id, place.position, device_id)

    # -- from the sync loop --------------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Ask for what is lacking."""
        now = self._context.clock.now()
        due = self._vault.glance(
            "SELECT document_id, position, tries FROM attachment WHERE state = 'lacking' AND next_at <= ? LIMIT ?",
            now, MAX_PLACES,
        )  # fmt: skip
        if not due:
            return
        async with self._vault.transaction():
            await self._letters.queue(FilesWanted([Place(document_id, position) for document_id, position, _ in due]))
            await self._vault.write_many(
                "UPDATE attachment SET code = 'ATTLACK', tries = tries + 1, next_at = ?"
                " WHERE document_id = ? AND position = ?",
                [(now + (LATER_SECONDS if tries else AGAIN_SECONDS), *place) for *place, tries in due],
            )

    async def lend(self) -> None:
        """Seal anew what siblings lack and it is our turn to give; throw away what was chosen long ago and not sent."""
        await self._attachments.tidy()
        rows = await self._vault.all(
            "SELECT document_id, position FROM attachment_answer WHERE due_at <= ?", self._context.clock.now()
        )
        for document_id, position in rows:
            try:
                one, key = await self._attachments.ready(document_id, position)
                files = self._attachments.files
                sealed = await asyncio.to_thread(files.seal, files.pieces(one.file_id, key))
            except LocalError:
                sealed = None  # not here either, or no room: others may have it
            async with self._vault.transaction():
                await self._vault.write(
                    "UPDATE attachment_answer SET due_at = NULL WHERE document_id = ? AND position = ?",
                    document_id, position,
                )  # fmt: skip
                if sealed is not None:
                    await self._vault.write(
                        "INSERT INTO upload (file_id, document_id, position, mailbox_id, key, digest, shared, state,"
                        " blobs, done) VALUES (?, ?, ?, ?, ?, ?, 1, 'going', ?, 0)",
                        sealed.file_id, document_id, position, self._context.mailbox_id, sealed.key,
                        sealed.digest, sealed.blobs,
                    )  # fmt: skip

    async def _hold(self, document_id: bytes, position: int, device_id: bytes) -> None:
        """Note who has it; when all have, what is at the hub for this unit is dropped there."""
        place = (document_id, position)
        await self._vault.write("INSERT OR IGNORE INTO attachment_held VALUES (?, ?, ?)", *place, device_id)
        rows = await self._vault.all(
            "SELECT device_id FROM attachment_held WHERE document_id = ? AND position = ?", *place
        )
        if not set(self._context.siblings()) <= {row[0] for row in rows}:
            return
        await self._vault.write(
            "UPDATE upload SET state = 'unwanted'"
            " WHERE document_id = ? AND position = ? AND shared = 1 AND state = 'put'",
            *place,
        )
        fetched = await self._vault.one(
            "SELECT file_id, key FROM attachment"
            " WHERE document_id = ? AND position = ? AND state = 'here' AND fetched = 1",
            *place,
        )
        if fetched is not None:
            pairs = await asyncio.to_thread(drops, self._attachments.files, fetched[0], fetched[1])
            await want_dropped(self._context, pairs)
            await self._vault.write("UPDATE attachment SET fetched = 0 WHERE file_id = ?", fetched[0])

    def _rank(self, document_id: bytes, device_id: bytes) -> int:
        """This device's place among those who may give it."""
        others = [one for one in (*self._context.siblings(), self._context.device_id) if one != device_id]
        return sorted(others, key=lambda one: digest(document_id + one)).index(self._context.device_id)

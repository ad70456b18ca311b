"""Attached files: taken in, listed with how far they are, saved in the clear, stopped and gone on with.

Content never goes through the API: files are named by their path on this machine, and what is saved in the clear is
saved because somebody said so. Reading a file is reading its document: the same roles may, and it is logged likewise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from client.api.arguments import Attach, FilesOf, OneFile, OneStaged, SaveFile
from client.api.places import find_id
from client.casework.media import PREVIEWED
from client.engine.attachments import Attached
from client.engine.circumstances import Circumstances
from client.engine.office import Desk
from client.engine.reading import Facts, maybe_hex
from keys.attachment import BLOB_BYTES
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError

LABELS: Final = {
    "staged": ("vald, inte skickad", "chosen, not sent"),
    "here": ("finns här", "here"),
    "sending": ("skickas", "being sent"),
    "coming": ("hämtas", "being fetched"),
    "cancelled": ("avbruten", "stopped"),
    "lacking": ("saknas här", "not here"),
    "refused": ("avvisad", "refused"),
}


async def attach(desk: Desk, arguments: Attach) -> Facts:
    """Take in a file; it can then be attached to one document."""
    path = Path(arguments.path)
    if not path.is_absolute():
        raise LocalError("NOFILE")
    return facts_of(await desk.attachments.stage(path, arguments.file_name))


async def unattach(desk: Desk, arguments: OneStaged) -> Facts:
    """Throw away a file that was taken in and not sent."""
    await desk.attachments.unstage(staged_id(arguments.attachment_id))
    return {"attachment_id": arguments.attachment_id}


async def attachments(desk: Desk, arguments: FilesOf) -> list[Facts]:
    """The files of one document; without one, those that are staged, on their way, lacking, or were refused."""
    if arguments.document_id:
        return await files_of(desk, await document_of(desk, arguments.document_id))
    rows = await desk.attachments.unsettled()
    return [await _with_upload(desk, one) for one in rows]


async def attachment_save(desk: Desk, arguments: SaveFile) -> Facts:
    """Write a file in the clear where the person wants it."""
    path = Path(arguments.path)
    if not path.is_absolute():
        raise LocalError("NOFILE")
    document_id = await document_of(desk, arguments.document_id)
    await admit(desk, document_id, arguments.reason)
    saved = await desk.attachments.save(document_id, arguments.position, path)
    return {"path": str(saved)}


async def attachment_cancel(desk: Desk, arguments: OneFile) -> Facts:
    """Stop fetching or sending a file."""
    return await _turned(desk, arguments, desk.attachments.cancel)


async def attachment_resume(desk: Desk, arguments: OneFile) -> Facts:
    """Go on with a file."""
    return await _turned(desk, arguments, desk.attachments.resume)


async def files_of(desk: Desk, document_id: bytes) -> list[Facts]:
    """The files of a document, in order."""
    return [await _with_upload(desk, one) for one in await desk.attachments.of(document_id)]


async def document_of(desk: Desk, text: str) -> bytes:
    """A document, one that waits for a second person, or a consent.

    Raises:
        LocalError: code ``NOTFOUND``, ``BADID``, ``AMBIGUOUS``.
    """
    try:
        return await find_id(desk.context.vault, "document", text)
    except LocalError as error:
        if error.code != "NOTFOUND":
            raise
    try:
        return await find_id(desk.context.vault, "request", text)
    except LocalError as error:
        if error.code != "NOTFOUND":
            raise
    return await find_id(desk.context.vault, "consent", text)  # whose scan is kept with it


async def admit(desk: Desk, document_id: bytes, reason: str) -> None:
    """Ask whether the person may read the document, and write down that she does.

    Raises:
        LocalError: code ``NOTFOUND``. RefusedError: code ``READER``, ``ENTRY``.
    """
    vault = desk.context.vault
    row = await vault.one("SELECT thread_id, body FROM document WHERE document_id = ?", document_id)
    row = row or await vault.one("SELECT thread_id, body FROM request WHERE document_id = ?", document_id)
    if row is None and await vault.value("SELECT 1 FROM consent WHERE consent_id = ?", document_id):
        return
    if row is None:
        raise LocalError("NOTFOUND")
    kind = str(decode_body(row[1], max_bytes=MAX_BODY_BYTES)["header"]["message_type"])
    await Circumstances(desk.context).admit(document_id, kind, row[0], reason)


def staged_id(text: str) -> bytes:
    """The id of a staged file.

    Raises:
        LocalError: code ``BADID``.
    """
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise LocalError("BADID") from error


def facts_of(one: Attached) -> Facts:
    """A file without its content; sizes in bytes, ``done_bytes`` of ``total_bytes`` as they travel."""
    return {
        "attachment_id": one.file_id.hex() if one.document_id is None else None,
        "document_id": maybe_hex(one.document_id),
        "position": one.position,
        "file_name": one.file_name,
        "media_type": one.media_type,
        "size": one.size_bytes,
        "pdfa": bool(one.pdfa),
        "sha256": one.sha256.hex(),
        "previewed": one.media_type in PREVIEWED,
        **_stands(one.state, one.code, one.done, one.blobs),
    }


async def _with_upload(desk: Desk, one: Attached) -> Facts:
    """A file on its way out stands as far as that is."""
    facts = facts_of(one)
    row = await desk.context.vault.one(
        "SELECT state, code, done, blobs FROM upload WHERE file_id = ? AND state IN ('going', 'cancelled')", one.file_id
    )
    if row is None:
        return facts
    return {**facts, **_stands("sending" if row[0] == "going" else row[0], *row[1:])}


def _stands(state: str, code: str, done: int, blobs: int) -> dict[str, Any]:
    return {
        "state": state,
        "state_label": LABELS[state][0],
        "code": code,
        "done_bytes": done * BLOB_BYTES,
        "total_bytes": blobs * BLOB_BYTES,
    }


async def _turned(desk: Desk, arguments: OneFile, turn: Any) -> Facts:
    document_id = await document_of(desk, arguments.document_id)
    await turn(document_id, arguments.position)
    desk.sync.nudge()
    return await _with_upload(desk, await desk.attachments.one(document_id, arguments.position))

"""Attached files at the page: into a draft, how far they are, opened apart from it, saved, stopped, gone on with."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from aiohttp import BodyPartReader, web

from client.api.attachments import admit, document_of
from client.casework.media import clean_name
from client.engine.attachments import Attached
from client.lang.catalogue import translate
from client.web.asking import ask, told
from client.web.forms.drafts import Sheet, find, keep, require_staying
from client.web.gate import FRAMED, SESSION, SHARED
from client.web.render import render
from keys.attachment import MAX_ATTACHMENTS
from keys.errors import LocalError

_CHUNK: Final = 256 * 1024
_TURNS: Final = frozenset({"attachment_cancel", "attachment_resume"})


@told
async def open_file(request: web.Request) -> web.StreamResponse:
    """A file, in a frame with an origin of its own; the page around it leaves when it must."""
    address, name = await _address(request, save=False)
    request[FRAMED] = request.app[SHARED].preview.origin
    return render(request, "file.html", address=address, file_name=name)


@told
async def save_file(request: web.Request) -> web.StreamResponse:
    """Hand a file over to be saved."""
    address, _ = await _address(request, save=True)
    raise web.HTTPSeeOther(address)


async def _address(request: web.Request, *, save: bool) -> tuple[str, str]:
    """Where a file is found, once, and its name. Reading it is reading its document."""
    shared = request.app[SHARED]
    shared.desk.locking.require_open()
    document_id, position = await document_of(shared.desk, request.match_info["document_id"]), _position(request)
    one, _ = await shared.desk.attachments.ready(document_id, position)
    await admit(shared.desk, document_id, "handlaggning")
    return shared.preview.address(document_id, position, save=save), one.file_name


@told
async def turn(request: web.Request) -> web.StreamResponse:
    """Stop fetching or sending a file, or go on."""
    form = await request.post()
    act = str(form.get("act", ""))
    facts = {"document_id": request.match_info["document_id"], "position": _position(request)}
    if act in _TURNS:
        await ask(request, act, **facts)
    back = str(form.get("back", "/"))
    raise web.HTTPSeeOther(back if back.startswith(("/thread/", "/approvals/")) else "/")


@told
async def chosen(request: web.Request) -> web.StreamResponse:
    """The files of a draft, and where to choose more."""
    shared, session = request.app[SHARED], request[SESSION]
    draft_id, sheet = await find(shared.desk.unit, request.match_info["draft_id"])
    return render(
        request,
        "attach.html",
        draft_id=draft_id.hex(),
        files=await staged(request, sheet),
        room=MAX_ATTACHMENTS - len(sheet.attachments),
        ticket=shared.uploads.ticket(draft_id.hex(), session.form_token),
    )


@told
async def take_out(request: web.Request) -> web.StreamResponse:
    """Take a file out of a draft."""
    shared, gone = request.app[SHARED], str((await request.post()).get("attachment_id", ""))
    async with shared.held.lock:
        draft_id, sheet = await find(shared.desk.unit, request.match_info["draft_id"])
        require_staying(sheet)
        left = [one for one in sheet.attachments if one != gone]
        if left != sheet.attachments:
            await keep(shared.desk.unit, msgspec.structs.replace(sheet, attachments=left), draft_id)
    if left != sheet.attachments:
        await ask(request, "unattach", attachment_id=gone)
        request[SESSION].notice = translate("Filen är borttagen ur utkastet.")
    raise web.HTTPSeeOther(f"/draft/{draft_id.hex()}/files")


@told
async def upload(request: web.Request) -> web.StreamResponse:
    """Take in what the browser sends, piece by piece; it is encrypted before it touches the disk.

    Raises:
        web.HTTPForbidden: the ticket is unknown, used, or of another session.
    """
    shared = request.app[SHARED]
    ticket = request.match_info["ticket"]
    wanted = shared.uploads.use(ticket, request[SESSION].form_token)
    if wanted is None:
        raise web.HTTPForbidden(text=shared.stranger(request[SESSION].lang), content_type="text/html")
    shared.desk.locking.require_open()
    draft_id, sheet = await find(shared.desk.unit, wanted)
    require_staying(sheet)
    taken = await _parts(request, MAX_ATTACHMENTS - len(sheet.attachments))
    async with shared.held.lock:
        _, sheet = await find(shared.desk.unit, wanted)
        require_staying(sheet)
        ids = [*sheet.attachments, *(one.file_id.hex() for one in taken)]
        await keep(shared.desk.unit, msgspec.structs.replace(sheet, attachments=ids), draft_id)
    raise web.HTTPSeeOther(f"/draft/{draft_id.hex()}/files")


async def staged(request: web.Request, sheet: Sheet) -> list[dict[str, Any]]:
    """The files of a draft; one that a colleague chose at her machine is not here."""
    known = {one["attachment_id"]: one for one in await ask(request, "attachments") if one["attachment_id"]}
    return [known.get(one, {"attachment_id": one, "file_name": ""}) for one in sheet.attachments]


async def _parts(request: web.Request, room: int) -> list[Attached]:
    reader = await request.multipart()
    taken: list[Attached] = []
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
            continue
        if len(taken) >= room:
            raise LocalError("ATTMANY")
        taken.append(await _part(request, part, part.filename))
    return taken


async def _part(request: web.Request, part: BodyPartReader, name: str) -> Attached:
    attachments = request.app[SHARED].desk.attachments
    writer = await asyncio.to_thread(attachments.files.writer)
    try:
        while piece := await part.read_chunk(_CHUNK):
            await asyncio.to_thread(writer.feed, bytes(piece))
        sealed = await asyncio.to_thread(writer.finish)
    except BaseException:
        writer.abort()
        raise
    return await attachments.keep_staged(sealed, clean_name(name, sealed.media_type))


def _position(request: web.Request) -> int:
    """From the address, where it stands as people count."""
    text = request.match_info["number"]
    if not text.isdecimal() or not 1 <= int(text) <= MAX_ATTACHMENTS:
        raise LocalError("NOTFOUND")
    return int(text) - 1

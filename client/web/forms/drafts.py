"""A draft as the page keeps it: what was typed, for whom, and when it is to leave.

It lies in the vault and travels to the unit's other devices, so a colleague can go on with it.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from multidict import MultiDictProxy

from client.api.declared import header_fields
from client.api.places import find_kind
from client.casework.defaults import Writing, defaults_of
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import describe
from client.casework.swedish_time import local_date
from client.engine.unit_sync.unit import UnitSync
from client.web.forms.widgets import ROW, as_typed
from keys.attachment import MAX_ATTACHMENTS
from keys.errors import LocalError
from keys.internal import Draft

Short = Annotated[str, Meta(max_length=200)]


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form of a draft.

    Args:
        kind: of the document to be.
        to: unit id, hexadecimal.
        thread_id: of the thread that it belongs to, hexadecimal.
        reply_to: document that it answers, hexadecimal.
        consent_id: consent that it leans on, hexadecimal.
        typed: texts by name of the control.
        confirmed: a person has looked at what deserves a second look.
        leaves_at: when it is to leave (seconds); None while it is being written.
        device: which device is to send it, hexadecimal.
        code: why it could not leave.
        attachments: ids of files that were taken in at this device, hexadecimal.
    """

    kind: Short
    to: Short
    thread_id: Short | None = None
    reply_to: Short | None = None
    consent_id: Short | None = None
    typed: dict[Short, list[Annotated[str, Meta(max_length=20_000)]]] = {}
    confirmed: bool = False
    leaves_at: int | None = None
    device: Short = ""
    code: Short = ""
    attachments: Annotated[list[Short], Meta(max_length=MAX_ATTACHMENTS)] = []


def read_sheet(draft: Draft) -> Sheet | None:
    """The form of a draft; None when another program keeps it in a form of its own."""
    try:
        return msgspec.json.decode(draft.form, type=Sheet)
    except msgspec.MsgspecError:
        return None


async def find(unit: UnitSync, draft_id: str) -> tuple[bytes, Sheet]:
    """A draft by its id.

    Raises:
        LocalError: code ``NOTFOUND``.
    """
    for draft in await unit.drafts():
        sheet = read_sheet(draft)
        if draft.draft_id.hex() == draft_id and sheet is not None:
            return draft.draft_id, sheet
    raise LocalError("NOTFOUND")


async def keep(unit: UnitSync, sheet: Sheet, draft_id: bytes | None = None) -> str:
    """Keep a draft; returns its id."""
    draft = await unit.draft(msgspec.json.encode(sheet), draft_id)
    return draft.draft_id.hex()


def looked_at(sheet: Sheet) -> str:
    """What stands for all that somebody saw of a draft before she sends it: another word after every change."""
    seen = msgspec.structs.replace(sheet, confirmed=False, leaves_at=None, device="", code="")
    return hashlib.sha256(msgspec.json.encode(seen, order="sorted")).hexdigest()


def require_staying(sheet: Sheet) -> None:
    """Somebody has looked at what leaves: nothing changes it any more, in no other tab and at no other machine.

    Raises:
        LocalError: code ``LEAVING``.
    """
    if sheet.leaves_at is not None:
        raise LocalError("LEAVING")


def proposed_in(kind: Kind, writing: Writing) -> dict[str, list[str]]:
    """What stands in a new form, by name of the control."""
    proposed = defaults_of(kind, writing)
    return as_typed(describe(kind.name), proposed, "content") | as_typed(header_fields(kind), proposed, "header")


def redated(sheet: Sheet, writing: Writing) -> Sheet:
    """The draft as it opens on a later day: a proposed date that lay ahead and has passed is proposed anew."""
    kind, today = find_kind(sheet.kind), local_date(writing.now).isoformat()
    fresh = proposed_in(kind, writing)
    ahead = {
        name
        for at, fields in (("content", describe(kind.name)), ("header", header_fields(kind)))
        for info in fields
        if info.spec.window is not None and not info.spec.window.back and (name := f"{at}.{info.name}") in fresh
    }
    old = {name for name in ahead if "" < next(iter(sheet.typed.get(name, [])), "")[:10] < today}
    return msgspec.structs.replace(sheet, typed={**sheet.typed, **{name: fresh[name] for name in old}})


def filled(sheet: Sheet, posted: MultiDictProxy[Any]) -> Sheet:
    """The draft with what was typed; one row more where that was asked for."""
    typed = {
        name: [str(text) for text in posted.getall(name)]
        for name in posted
        if name.startswith(("content.", "header.", ROW))
    }
    added = str(posted.get("add", ""))
    if added:
        count = next(iter(typed.get(ROW + added, ["0"])))
        typed[ROW + added] = [str((int(count) if count.isdecimal() else 0) + 1)]
    consent_id = str(posted.get("consent_id", "")) or None
    return msgspec.structs.replace(sheet, typed=typed, consent_id=consent_id, confirmed=False, code="")

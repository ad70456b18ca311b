"""Documents and threads: listing, showing, writing, replying.

A document whose identity number looks wrong, or a question in general words that may yet point out a person, is refused
with ``CONFIRM`` until the call says ``confirmed``. That is seen when the rules have read it, so it is written and taken
back in one transaction.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from client.api.approvals import approved_by, listed, matches, shown, thread_of_requests
from client.api.arguments import Filter, New, OneThread, Reply, Show
from client.api.attachments import files_of, staged_id
from client.api.clocks import clocks, of_thread, overdue_threads, timed
from client.api.colleagues import assigned, notes
from client.api.contacts import doubts
from client.api.failure import sentence_of
from client.api.places import find_id, find_kind, find_unit, own_staff
from client.api.reviewing import reviewed
from client.api.standing import reading
from client.casework.kinds.kind import Gate, Kind
from client.casework.kinds.registry import KINDS
from client.casework.kinds.utforare import PROVIDER
from client.casework.problems import InvalidBodyError, Problem, problem
from client.engine.keeping import KEPT
from client.engine.office import Desk
from client.engine.reading import Facts
from client.engine.registering import numbers
from client.engine.writing import Order, Written
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId

#: Fields of the header that say who, when and where; they are never taken from outside.
OWN_FIELDS: Final = frozenset(
    {
        "message_id", "thread_id", "in_reply_to", "message_type", "schema_version", "sender_unit", "recipient_unit",
        "created_at", "seen",
    }
)  # fmt: skip
#: Reasons of warnings that hold a document up until a person has confirmed it.
_CONFIRMED: Final = frozenset({"identity", "guess", "small_place"})


async def list_documents(desk: Desk, arguments: Filter) -> list[Facts]:
    """Documents, newest first, with those that wait for a second person."""
    wanted = {"direction": arguments.direction, "state": arguments.state, "kind": arguments.kind}
    rows = await reading(desk).documents(**wanted)
    overdue = await overdue_threads(desk)
    rows = [{**row, "overdue": row["thread_id"] in overdue} for row in rows]
    waiting = [row for row in await listed(desk) if matches(row, wanted)]
    return sorted([*waiting, *rows], key=lambda row: str(row["at"]), reverse=True) if waiting else rows


async def show(desk: Desk, arguments: Show) -> Facts:
    """One document; it counts as read from here on, at the colleagues' too."""
    try:
        document_id = await find_id(desk.context.vault, "document", arguments.document_id)
    except LocalError as error:
        if error.code != "NOTFOUND":
            raise
        waiting = await find_id(desk.context.vault, "request", arguments.document_id)
        return {**await shown(desk, await desk.approving.get(waiting), arguments.reason), "approved_by": None}
    told = await reading(desk).document(document_id, arguments.reason)
    files = await files_of(desk, document_id)
    facts = {**told, "approved_by": await approved_by(desk, document_id), "attachments": files}
    if facts["direction"] == "in":
        await desk.unit.read(document_id)
        desk.sync.nudge()
    return facts


async def list_threads(desk: Desk, _arguments: object) -> list[Facts]:
    """All threads, the last changed first, with those of which nothing has left yet."""
    await clocks(desk).refresh()
    rows = await timed(desk, await reading(desk).threads())
    known = {row["thread_id"] for row in rows}
    unopened = [row["thread_id"] for row in await listed(desk) if row["thread_id"] not in known]
    waiting = [await thread_of_requests(desk, thread_id) for thread_id in dict.fromkeys(unopened)]
    return [*await timed(desk, waiting), *rows]


async def show_thread(desk: Desk, arguments: OneThread) -> Facts:
    """One thread with documents, also those that wait; their diary numbers, who works on it, and the unit's notes."""
    try:
        thread_id = await find_id(desk.context.vault, "thread", arguments.thread_id)
        await clocks(desk).refresh()
        facts = await reading(desk).thread(thread_id)
    except LocalError as error:
        if error.code != "NOTFOUND":
            raise
        facts = await thread_of_requests(desk, arguments.thread_id)
        thread_id = bytes.fromhex(facts["thread_id"])
    ids = [bytes.fromhex(row["document_id"]) for row in facts["documents"]]
    diary = await numbers(desk.context, bytes.fromhex(facts["unit_id"]), ids)
    rows = [{**row, "diary": diary.get(bytes.fromhex(row["document_id"]), "")} for row in facts["documents"]]
    return {
        **facts,
        **await of_thread(desk, facts),
        "documents": [*rows, *await listed(desk, thread_id=thread_id)],
        "assigned": await assigned(desk, thread_id),
        "notes": await notes(desk, thread_id),
    }


async def new(desk: Desk, arguments: New) -> Facts:
    """Queue a document for a unit, or keep one of a local kind."""
    kind = find_kind(arguments.kind)
    vault = desk.context.vault
    thread_id = None if arguments.thread_id is None else await find_id(vault, "thread", arguments.thread_id)
    order = Order(
        kind=arguments.kind,
        to_unit=_recipient(desk, kind, arguments.to),
        content=arguments.content,
        header=await _header(desk, arguments, thread_id),
        thread_id=thread_id,
        reply_to=None if thread_id is None else await _last_of(desk, thread_id),
        consent_id=await _consent(desk, arguments.consent_id),
        attachments=_attached(arguments),
    )
    return await _write(desk, order, arguments)


def _attached(arguments: New | Reply) -> tuple[bytes, ...]:
    return tuple(staged_id(one) for one in arguments.attachments)


def _recipient(desk: Desk, kind: Kind, to: str | None) -> UnitId:
    """The unit that is named; none is needed for what stays here.

    Raises:
        LocalError: code ``UNK`` when nobody is named and it cannot stay.
    """
    if to is None and kind.local:
        return desk.context.unit_id
    return find_unit(desk.context, to or "")


async def reply(desk: Desk, arguments: Reply) -> Facts:
    """Queue an answer, or keep a local one; where a consent is needed and none is named it is the thread's.

    What follows a document that stayed here goes to the other unit of the thread, and answers the last that both have.
    """
    kind = find_kind(arguments.kind)
    vault = desk.context.vault
    document_id = await find_id(vault, "document", arguments.document_id)
    row = await vault.one(
        "SELECT d.thread_id, d.unit_id, t.unit_id FROM document d JOIN thread t USING (thread_id)"
        " WHERE d.document_id = ?",
        document_id,
    )  # fmt: skip
    if row is None:
        raise LocalError("NOTFOUND")
    own = desk.context.unit_id
    follows = row[1] == own and not kind.local
    consent_id = await _consent(desk, arguments.consent_id)
    order = Order(
        kind=arguments.kind,
        to_unit=own if kind.local else UnitId(row[2] if follows else row[1]),
        content=arguments.content,
        header=await _header(desk, arguments, row[0]),
        thread_id=row[0],
        reply_to=await _last_of(desk, row[0], beside=own) if follows else document_id,
        consent_id=consent_id or await _consent_of(desk, row[0], arguments),
        attachments=_attached(arguments),
    )
    return await _write(desk, order, arguments)


class _CheckedError(Exception):
    """Ends the transaction of a document that was only to be checked."""


async def _write(desk: Desk, order: Order, asked: New | Reply) -> Facts:
    own_staff(desk.context)  # says what is wrong before the first contact with the hub
    written: Written | None = None
    try:
        async with desk.context.vault.transaction():
            written = await desk.writing.write_inside(order)
            if asked.only_check:
                raise _CheckedError
            require_confirmed(written, confirmed=asked.confirmed)
            if asked.draft_id is not None:
                await desk.unit.drop_draft(_draft_id(asked.draft_id))
    except _CheckedError:
        assert written is not None  # noqa: S101 - narrows the type
        return {**await told_of(desk, written, order.to_unit), "state": "checked", **reviewed(desk, written)}
    except RefusedError as error:
        if error.code == "ROL" and not _takes(desk, order):
            raise RefusedError("RECIPIENT", kind=order.kind) from error
        raise
    desk.sync.nudge()
    return await told_of(desk, written, order.to_unit)


def _draft_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise LocalError("BADID") from error


def _takes(desk: Desk, order: Order) -> bool:
    """Whether units of the recipient's type may get this kind."""
    types = find_kind(order.kind).recipient_types
    return not types or desk.context.book.unit(order.to_unit).card.unit_type in types


def require_confirmed(written: Written, *, confirmed: bool) -> None:
    """Inside the transaction that wrote it.

    Raises:
        InvalidBodyError: code ``CONFIRM``, with every field that a person must have looked at.
    """
    doubtful = tuple(one for one in written.verdict.warnings if one.reason in _CONFIRMED)
    if doubtful and not confirmed:
        raise InvalidBodyError(tuple(dataclasses.replace(one, code="CONFIRM") for one in doubtful))


def _state_of(written: Written) -> str:
    if written.awaits:
        return "awaiting"
    return KEPT if written.is_local else "queued"


def written_facts(written: Written) -> Facts:
    """What a queued document is known by, and what deserves a second look."""
    return {
        "document_id": written.document_id.hex(),
        "thread_id": written.thread_id.hex(),
        "state": _state_of(written),
        "warnings": [warning_facts(one) for one in written.verdict.warnings],
    }


async def told_of(desk: Desk, written: Written, to_unit: UnitId) -> Facts:
    """As ``written_facts``, with what is doubtful about the recipient's keys."""
    facts = written_facts(written)
    return {
        **facts,
        "warnings": facts["warnings"] + [warning_facts(one) for one in await doubts(desk.context, to_unit)],
    }


def warning_facts(one: Problem) -> dict[str, str]:
    """A problem or warning as other programs get it: where, why, and a sentence without content."""
    return {
        "path": one.path,
        "reason": one.reason,
        "code": one.code,
        "sentence": one.sentence_sv,
        "sentence_en": sentence_of(one, "en"),
    }


async def _header(desk: Desk, arguments: New | Reply, thread_id: bytes | None) -> Facts:
    """What the handler says of the header; the person's key follows from the thread where a kind is about one.

    Raises:
        InvalidBodyError: a field that only this office itself may fill in.
    """
    header = arguments.header
    own = sorted(OWN_FIELDS.intersection(header))
    if own:
        raise InvalidBodyError(tuple(problem(f"header.{name}", "forbidden") for name in own))
    kind = KINDS.get(arguments.kind)
    thread = None if thread_id is None else await desk.threads.get(thread_id)
    if thread is None or kind is None or not kind.about_person or thread.principal is None:
        return header
    # A provider asks nobody's consent, and encloses none: it names the one that its order leaned on.
    leant_on = thread.consent_id if kind.sender_types == PROVIDER and "disclosure_basis" not in header else None
    named = {} if leant_on is None else {"consent_ref": leant_on.hex()}
    return {"principal_ref": thread.principal, **named, **header}


async def _consent(desk: Desk, consent_id: str | None) -> bytes | None:
    return None if consent_id is None else await find_id(desk.context.vault, "consent", consent_id)


async def _consent_of(desk: Desk, thread_id: bytes, arguments: Reply) -> bytes | None:
    """The thread's consent; nothing when the kind needs none or another basis is named."""
    kind = KINDS.get(arguments.kind)
    if kind is None or kind.gate is not Gate.CONSENT or "disclosure_basis" in arguments.header:
        return None
    thread = await desk.threads.get(thread_id)
    return None if thread is None else thread.consent_id


async def _last_of(desk: Desk, thread_id: bytes, *, beside: bytes = b"") -> bytes | None:
    """The thread's last document, which a further one answers; ``beside``: none that stayed at this unit."""
    found: bytes | None = await desk.context.vault.value(
        "SELECT document_id FROM document WHERE thread_id = ? AND unit_id <> ? ORDER BY at DESC, rowid DESC LIMIT 1",
        thread_id, beside,
    )  # fmt: skip
    return found

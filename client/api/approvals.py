"""Approvals by two: what waits for a second person, and what she and its author may do.

A request is shown as the document that the recipient will get: kind, recipient, every field, the consent it leans on
and the legal basis. What a person approves is what lay under the id that she was shown; a request is never changed.
"""

from __future__ import annotations

from typing import Any, Final

from client.api.arguments import Arguments, Declined, OneDocument, Redated
from client.api.attachments import files_of
from client.api.places import find_id
from client.api.standing import reading
from client.casework.case_rules import is_current
from client.casework.codes import explain
from client.casework.kinds.registry import KINDS
from client.engine.circumstances import Circumstances
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.requirements import today
from client.engine.states import STATES
from client.engine.threat_results import RESULT
from client.engine.unit_sync.requests import Request
from keys.document import Document
from keys.domains import SignedType
from keys.errors import LocalError
from keys.ids import DeviceId
from keys.second_signature import SecondSignature
from keys.signed import parse_signed, read_payload

#: State of a request -> state of the document that is listed for it.
_LISTED: Final = {"open": "awaiting", "approved": "approved", "declined": "declined", "withdrawn": "stopped"}


async def approvals(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """What waits for a second person, and what came of it, oldest first."""
    return [_facts(desk, request) for request in await desk.approving.all()]


async def approval_show(desk: Desk, arguments: OneDocument) -> Facts:
    """One request, as the recipient will read it."""
    return await shown(desk, await desk.approving.get(await _find(desk, arguments)))


async def approve(desk: Desk, arguments: OneDocument) -> Facts:
    """Answer for a colleague's document too; it then leaves from her machine."""
    document_id = await _find(desk, arguments)
    await desk.approving.approve(document_id)
    return await _after(desk, document_id)


async def decline(desk: Desk, arguments: Declined) -> Facts:
    """Say why it should not go; its author is told."""
    document_id = await _find(desk, arguments)
    await desk.approving.decline(document_id, arguments.reason)
    return await _after(desk, document_id)


async def approval_withdraw(desk: Desk, arguments: OneDocument) -> Facts:
    """Take back an own request."""
    document_id = await _find(desk, arguments)
    await desk.approving.withdraw(document_id)
    return await _after(desk, document_id)


async def approval_take_over(desk: Desk, arguments: Redated) -> Facts:
    """Write the draft of a device that is gone anew; returns the new request."""
    written = await desk.approving.take_over(await _find(desk, arguments), arguments.dates)
    return await _after(desk, written.document_id)


async def approval_renew(desk: Desk, arguments: Redated) -> Facts:
    """Write an own request anew with new days; returns the new request."""
    written = await desk.approving.renew(await _find(desk, arguments), arguments.dates)
    return await _after(desk, written.document_id)


async def listed(desk: Desk, *, thread_id: bytes | None = None) -> list[Facts]:
    """Requests as rows of a list of documents, newest first."""
    found = [one for one in await desk.approving.all() if thread_id in {None, one.draft.thread_id}]
    return [_as_document(desk, one) for one in reversed(found)]


async def thread_of_requests(desk: Desk, text: str) -> Facts:
    """A thread of which nothing has left yet: its first document waits for a second person.

    Raises:
        LocalError: as ``find_id``.
    """
    thread_id = await find_id(desk.context.vault, "unopened", text)
    rows = await listed(desk, thread_id=thread_id)
    if not rows:
        raise LocalError("NOTFOUND")
    first = rows[-1]
    kind = KINDS[first["kind"]]
    return {
        "thread_id": thread_id.hex(),
        "flow": kind.flow,
        "state": first["state"],
        "state_label": first["state_label"],
        "final": False,
        "side": "fragare",
        "unit_id": first["unit_id"],
        "unit": first["unit"],
        "principal_ref": first["principal_ref"],
        "consent_id": first["consent_id"],
        "deadline": None,
        "begun_at": first["at"],
        "changed_at": rows[0]["at"],
        "documents": [],
        "events": [],
    }


async def shown(desk: Desk, request: Request, reason: str = "beslut") -> Facts:
    """A request with its whole content, and what stands in the way of approving it here; read like a document.

    Raises:
        RefusedError: code ``READER`` or ``ENTRY``.
    """
    draft = request.draft
    await Circumstances(desk.context).admit(draft.document_id, draft.kind, draft.thread_id, reason)
    return {
        **_facts(desk, request),
        "header": request.body["header"],
        "content": request.body["content"],
        "receipts": [],
        "replies": [],
        "attachments": await files_of(desk, draft.document_id),
        "passed": [
            {"path": one.path, "label": one.label, "value": one.value, "type": one.holds.value}
            for one in desk.approving.passed(request)
        ],
    }


async def approved_by(desk: Desk, document_id: bytes) -> Facts | None:
    """Who gave the second signature under a document that has one."""
    raw = await desk.context.vault.value("SELECT signed FROM document WHERE document_id = ?", document_id)
    approval = None if raw is None else read_payload(parse_signed(raw), SignedType.DOCUMENT, Document).approval
    if approval is None:
        return None
    given = read_payload(parse_signed(approval), SignedType.APPROVAL, SecondSignature)
    card = desk.context.book.staff(DeviceId(given.by_device))
    roles = [role.value for role in card.roles]
    return {"name": card.name, "title": card.title, "roles": roles, "at": iso(given.approved_at)}


async def _find(desk: Desk, arguments: OneDocument) -> bytes:
    return await find_id(desk.context.vault, "request", arguments.document_id)


async def _after(desk: Desk, document_id: bytes) -> Facts:
    desk.sync.nudge()
    return _facts(desk, await desk.approving.get(document_id))


def _facts(desk: Desk, request: Request) -> Facts:
    decision, obstacle = request.decision, desk.approving.obstacle(request)
    told = explain(obstacle) if obstacle else None
    return {
        **_as_document(desk, request),
        "author": _name(desk, request.author),
        "own": request.author == desk.context.device_id,
        "decided_by": "" if decision is None else _name(desk, decision.by_device),
        "decided_at": None if decision is None else iso(decision.at),
        "reason": "" if decision is None else decision.reason,
        "second_roles": sorted(KINDS[request.draft.kind].second_roles),
        "legal_basis": request.draft.legal_basis,
        "obstacle": obstacle,
        "obstacle_sentence": "" if told is None else f"{told.sentence} {told.next_step}",
    }


def _as_document(desk: Desk, request: Request) -> Facts:
    draft, header = request.draft, request.body["header"]
    state = "queued" if request.queued_at is not None else _LISTED[request.state]
    return {
        "document_id": draft.document_id.hex(),
        "direction": "out",
        "state": state,
        "state_label": STATES.get(state, (state, state))[0],
        "code": "" if request.decision is None else request.decision.code,
        "kind": draft.kind,
        "title": KINDS[draft.kind].title_sv,
        "unit_id": draft.unit_id.hex(),
        "unit": reading(desk).unit_name(draft.unit_id),
        "thread_id": draft.thread_id.hex(),
        "reply_to": None if draft.reply_to is None else draft.reply_to.hex(),
        "consent_id": header.get("consent_ref"),
        "principal_ref": header.get("principal_ref"),
        "at": iso(request.at),
        "deposit_hour": None,
        "settled_at": None,
        "unread": False,
        "overtaken": False,
        "expired": draft.kind == RESULT and not is_current(request.body["content"], today(desk.context)),
        "replaced": False,
    }


def _name(desk: Desk, device_id: bytes) -> str:
    try:
        return desk.context.book.staff(DeviceId(device_id)).name
    except LocalError:
        return ""


def matches(row: Facts, wanted: dict[str, Any]) -> bool:
    """Whether a listed request is what a filter asks for; empty values ask for all."""
    return all(not value or row[name] == value for name, value in wanted.items())

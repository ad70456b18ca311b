"""What else happens to a consent: refused, found to be a mistake; and how it came to where it stands.

A refusal never leaves the unit. A mistake takes effect when another person has approved the document that says so.
"""

from __future__ import annotations

from typing import Any, Final

from client.api.arguments import Arguments
from client.api.cases import case_key
from client.api.consent_arguments import ConsentMistake, ConsentRefuse, OneConsent
from client.api.consents import reading_consents
from client.api.documents import written_facts
from client.api.places import find_id, own_staff
from client.casework.codelists import BASES_WITHOUT_DECISION
from client.casework.kinds.samtycke import KINDS as CONSENT_KINDS
from client.engine.case_file import CaseFile
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.writing import Order
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError

_KINDS: Final = tuple(kind.name for kind in CONSENT_KINDS)
_SHOWN_ROWS: Final = 10_000


async def consent_refuse(desk: Desk, arguments: ConsentRefuse) -> Facts:
    """Note that the person does not sign, and end the case here; nobody else is told."""
    own_staff(desk.context)
    content: dict[str, Any] = {
        "what": arguments.what,
        "informed_of_consequence": arguments.informed_of_consequence,
        "date": arguments.date or CaseFile(desk.context, desk.consents, desk.threads).today().isoformat(),
    }
    content |= {"excluded": list(arguments.excluded)} if arguments.excluded else {}
    content |= {"note": arguments.note} if arguments.note else {}
    header: dict[str, Any] = {}
    if arguments.principal_ref is not None:
        header["principal_ref"] = await case_key(desk, arguments.principal_ref)
    async with desk.context.vault.transaction():
        before = {one.thread_id for one in await desk.threads.all() if one.is_final}
        order = Order(kind="samtycke.vagrat", to_unit=desk.context.unit_id, content=content, header=header)
        written = await desk.writing.write_inside(order)
        ended = [one for one in await desk.threads.all() if one.is_final and one.thread_id not in before]
    desk.sync.nudge()
    closed = [one.thread_id.hex() for one in ended if one.thread_id != written.thread_id]
    return {**written_facts(written), "closed": closed}


async def consent_mistake(desk: Desk, arguments: ConsentMistake) -> Facts:
    """Ask a colleague to confirm that a consent was entered by mistake; it is out of force when she has."""
    own_staff(desk.context)
    consent_id = await find_id(desk.context.vault, "consent", arguments.consent_id)
    held = await desk.consents.get(consent_id)
    if held is None:
        raise LocalError("NOCONSENT")
    content = {"consent_id": consent_id.hex(), "reason": arguments.reason}
    content |= {"note": arguments.note} if arguments.note else {}
    header = {"principal_ref": held.record.principal_ref}
    order = Order(kind="samtycke.felregistrerat", to_unit=desk.context.unit_id, content=content, header=header)
    written = await desk.writing.write(order)
    desk.sync.nudge()
    return written_facts(written)


async def consent_history(desk: Desk, arguments: OneConsent) -> Facts:
    """How a consent came to where it stands: its records with their events, what was told of it, and who confirmed."""
    consent_id = await find_id(desk.context.vault, "consent", arguments.consent_id)
    facts = await reading_consents(desk).one(consent_id)
    family = await desk.consents.family(consent_id)
    return {
        "consent_id": facts["consent_id"],
        "principal_ref": facts["principal_ref"],
        "newest": facts["newest"],
        "versions": [await _version(desk, bytes(one.consent_id)) for one in family],
        "withdrawals": facts["withdrawals"],
        "documents": await _documents(desk, str(facts["principal_ref"])),
    }


async def disclosures(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """Documents that went or came without consent on another ground: which, and who decided; newest first."""
    marks = ", ".join("?" for _ in BASES_WITHOUT_DECISION)
    rows = await desk.context.vault.all(
        "SELECT document_id, thread_id, direction, kind, unit_id, state, at, body FROM document"  # noqa: S608 - only marks
        f" WHERE legal_basis NOT IN ({marks}) ORDER BY at DESC, rowid DESC LIMIT ?",
        *BASES_WITHOUT_DECISION, _SHOWN_ROWS,
    )  # fmt: skip
    return [_disclosure(desk, *row) for row in rows]


def _disclosure(desk: Desk, *row: Any) -> Facts:
    document_id, thread_id, direction, kind, unit_id, state, at, body = row
    header = decode_body(body, max_bytes=MAX_BODY_BYTES)["header"]
    return {
        "document_id": document_id.hex(),
        "thread_id": thread_id.hex(),
        "direction": direction,
        "kind": kind,
        "unit": reading_consents(desk).unit_name(unit_id),
        "state": state,
        "at": iso(at),
        "disclosure_basis": header["disclosure_basis"],
        "disclosure_decision": header.get("disclosure_decision"),
    }


async def _version(desk: Desk, consent_id: bytes) -> Facts:
    one = await reading_consents(desk).one(consent_id)
    record = one["record"]
    shown = ("consent_id", "supersedes", "status", "status_label", "current", "valid_from", "valid_to", "circle")
    return {**{name: one[name] for name in shown}, "signed_at": record.get("signed_at"), "events": record["events"]}


async def _documents(desk: Desk, principal: str) -> list[Facts]:
    """Documents about the person's consent, oldest first."""
    marks = ", ".join("?" for _ in _KINDS)
    rows = await desk.context.vault.all(
        "SELECT d.document_id, d.direction, d.kind, d.unit_id, d.state, d.at FROM document d"  # noqa: S608 - only marks
        f" JOIN thread t USING (thread_id) WHERE t.principal = ? AND d.kind IN ({marks}) ORDER BY d.at, d.rowid",
        principal, *_KINDS,
    )  # fmt: skip
    name_of = reading_consents(desk).unit_name
    return [
        {
            "document_id": document_id.hex(),
            "direction": direction,
            "kind": kind,
            "unit": name_of(unit_id),
            "state": state,
            "at": iso(at),
        }
        for document_id, direction, kind, unit_id, state, at in rows
    ]

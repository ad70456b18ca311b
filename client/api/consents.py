"""Consents: registering one that was signed on paper, telling others, withdrawing, reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import structs

from client.api import scans
from client.api.arguments import Arguments
from client.api.cases import case_key
from client.api.consent_arguments import ConsentMore, ConsentNew, ConsentWithdraw, OneConsent
from client.api.consent_records import record_before, record_of
from client.api.documents import require_confirmed, told_of
from client.api.places import find_id, find_unit, names
from client.api.standing import reading
from client.casework.flow_tables import FLOWS
from client.engine import told
from client.engine.consents import HeldConsent
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.reading_consents import ReadingConsents
from client.engine.requirements import require_whole
from client.engine.thread import Thread
from client.engine.writing import Order, Written
from keys.ids import UnitId

#: States of a consent thread in which a supplement is understood at the other end.
_OPEN: Final = frozenset({"aktivt", "snart_utgatt"})
#: Lists of a record whose rows hold units by id.
_NAMING_UNITS: Final = ("parties", "private_parties", "not_concerned", "circle")


async def consent_list(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """Every consent in force or not, with its status, what it covers, and whose it is where a document here tells."""
    return await listed(desk)


async def listed(desk: Desk) -> list[Facts]:
    """The same, for other commands."""
    every, vault = await reading_consents(desk).all(), desk.context.vault
    return [{**one, "person": await told.person(vault, one["principal_ref"])} for one in every]


async def consent_show(desk: Desk, arguments: OneConsent) -> Facts:
    """One consent; ``names`` has the name of each unit that its record holds by id."""
    facts = await reading_consents(desk).one(await find_id(desk.context.vault, "consent", arguments.consent_id))
    record, known = facts["record"], names(desk.context)
    rows = [row for block in _NAMING_UNITS for row in record.get(block, [])]
    held = {row[key] for row in rows for key in ("unit", "org") if row.get(key)}
    return {**facts, "names": {unit_id: known.name_of(unit_id) for unit_id in sorted(held)}}


async def consent_new(desk: Desk, arguments: ConsentNew) -> Facts:
    """Sign and keep a record, and tell units of it; all of it or nothing. It begins a case, or belongs to one here."""
    if arguments.principal_ref is not None:
        record = {**arguments.record, "principal_ref": await case_key(desk, arguments.principal_ref)}
        arguments = structs.replace(arguments, record=record)
    return await register(desk, arguments, await record_before(desk, arguments.record.get("supersedes")))


async def consent_supplement(desk: Desk, arguments: ConsentMore) -> Facts:
    """Sign and keep what the person has signed in addition to a consent, and tell units of it."""
    before = await record_before(desk, arguments.consent_id)
    return await register(desk, ConsentNew(**_asked(arguments)), before, change="utokad")


async def consent_renew(desk: Desk, arguments: ConsentMore) -> Facts:
    """Sign and keep a renewal: a new signature, a new time, the purposes of today; the rest is as before."""
    before = await record_before(desk, arguments.consent_id)
    return await register(desk, ConsentNew(**_asked(arguments)), before, change="fornyad")


def _asked(arguments: ConsentMore) -> Facts:
    return {name: getattr(arguments, name) for name in ("record", "scan", "send_to", "header", "confirmed")}


async def register(desk: Desk, arguments: ConsentNew, before: HeldConsent | None, *, change: str = "") -> Facts:
    """Sign and keep a record, and tell units of it.

    Args:
        desk: of the office.
        arguments: the record and whom to tell.
        before: the record that it continues.
        change: ``utokad`` or ``fornyad``; empty to see from the record.

    Raises:
        RefusedError: code ``CNS-04`` when an authority is left out, ``WITHDRAWN``, or the record does not hold up.
    """
    units = [find_unit(desk.context, name) for name in arguments.send_to]
    scan, given = await scans.staged_scan(desk, arguments.scan, arguments.record)
    held = desk.consents.sign(record_of(desk.context, given, before, change=change))
    require_whole(desk.context, held.record)
    enclosed = list(zip(units, await scans.copies(desk, scan, len(units)), strict=True))
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
        await scans.keep(desk, scan, held.consent_id)
        told = [await _tell(desk, held, unit_id, arguments.header, files=files) for unit_id, files in enclosed]
        for one in told:
            require_confirmed(one, confirmed=arguments.confirmed)
    desk.sync.nudge()
    facts = [await told_of(desk, one, unit_id) for one, unit_id in zip(told, units, strict=True)]
    return {
        "consent_id": held.record.consent_id,
        "principal_ref": held.record.principal_ref,
        "documents": [one["document_id"] for one in facts],
        "warnings": [warning for one in facts for warning in one["warnings"]],
    }


async def consent_withdraw(desk: Desk, arguments: ConsentWithdraw) -> Facts:
    """Register a withdrawal: stop what waits, call back what is undelivered, tell everybody who has it."""
    consent_id = await find_id(desk.context.vault, "consent", arguments.consent_id)
    content: dict[str, Any] = {
        "scope": arguments.scope,
        "received_how": arguments.received_how,
        "at": arguments.at or iso(desk.context.clock.now()),
    }
    if arguments.recipient is not None:
        content["recipient"] = find_unit(desk.context, arguments.recipient).hex()
    if arguments.purposes:
        content["purposes"] = list(arguments.purposes)
    before = await _states(desk)
    documents = await desk.withdrawing.withdraw(consent_id, content, desk.writing)
    changed = (await _states(desk)).items() - before.items()
    delivered = await _delivered(desk, consent_id)
    desk.sync.nudge()
    return {
        "documents": [one.hex() for one in documents],
        "stopped": sum(state == "stopped" for _, state in changed),
        "recalling": sum(state == "recalling" for _, state in changed),
        "delivered": delivered,
    }


def reading_consents(desk: Desk) -> ReadingConsents:
    """The read side of the consents."""
    return ReadingConsents(desk.context, desk.consents, reading(desk))


async def _states(desk: Desk) -> dict[bytes, str]:
    rows = await desk.context.vault.all("SELECT document_id, state FROM document WHERE direction = 'out'")
    return {row[0]: row[1] for row in rows}


async def _delivered(desk: Desk, consent_id: bytes) -> list[Facts]:
    """What the recipients have already, or may have: they keep it and are told; ring them when it matters."""
    found: list[Facts] = []
    for one in [bytes(held.consent_id) for held in await desk.consents.family(consent_id)]:
        rows = await desk.context.vault.all(
            "SELECT document_id, unit_id FROM document WHERE direction = 'out' AND consent_id = ?"
            " AND kind_class = 'content' AND state IN ('sent', 'unshown', 'available', 'registered')",
            one,
        )
        for document_id, unit_id in rows:
            name = desk.context.book.unit(UnitId(unit_id)).card.name_sv
            found.append({"document_id": document_id.hex(), "unit": name})
    return found


# -- telling others ---------------------------------------------------------------------------------------------------


async def _tell(
    desk: Desk, held: HeldConsent, unit_id: UnitId, header: Facts, *, files: Sequence[bytes] = ()
) -> Written:
    """Queue the document that carries the record to one unit, inside a transaction."""
    thread = await desk.threads.of_consent_flow(unit_id, held.record.principal_ref)
    continues = thread is not None and held.record.supersedes is not None and _takes_supplement(thread)
    last: bytes | None = None
    if thread is not None and continues:
        last = await desk.context.vault.value(
            "SELECT document_id FROM document WHERE thread_id = ? ORDER BY at DESC, rowid DESC LIMIT 1",
            thread.thread_id,
        )
    content = {"consent_id": held.record.consent_id, "case_type": held.record.case_type, "scan_enclosed": bool(files)}
    if continues:
        content["change"] = "fornyelse" if held.record.events[0].type == "fornyad" else "tillagg"
    order = Order(
        kind="samtycke.utokat" if continues else "samtycke.registrerat",
        to_unit=unit_id,
        content=content,
        header=header,
        thread_id=thread.thread_id if thread is not None and continues else None,
        reply_to=last,
        consent_id=held.consent_id,
        attachments=tuple(files),
    )
    return await desk.writing.write_inside(order)


def _takes_supplement(thread: Thread) -> bool:
    """We told it first, and the other end still counts on it."""
    return thread.flow in FLOWS and thread.side == "fragare" and thread.state in _OPEN

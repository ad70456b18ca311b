"""Which of the consents here would open one kind of document to one unit, and why the others would not.

It asks the rules' own function, of what is known before anything is written: kind, recipient, record, withdrawals, day.
A consent that fits may still be refused for what the document says: that is asked when it is written.
"""

from __future__ import annotations

import datetime
from typing import Any

from client.api.consent_arguments import ConsentFit
from client.api.consents import listed
from client.api.failure import failure_of
from client.api.places import find_kind, find_unit, names
from client.casework.authorities import required_authorities
from client.casework.concerned import units_of
from client.casework.consent import ConsentRecord
from client.casework.consent_rules import PLACEMENT_SIGNATURES, ConsentQuestion, ConsentRefusedError, decide
from client.casework.kinds.kind import Kind
from client.engine.office import Desk
from client.engine.party import party
from client.engine.reading import Facts
from client.engine.requirements import own_sets, today
from keys.ids import UnitId


async def consent_fit(desk: Desk, arguments: ConsentFit) -> list[Facts]:
    """Every consent as in a list, with ``code`` and sentences of what stands in the way; those that fit come first."""
    kind, recipient = find_kind(arguments.kind), find_unit(desk.context, arguments.to)
    found = [await _fit(desk, one, kind, recipient) for one in await listed(desk)]
    return sorted(found, key=lambda one: bool(one["code"]))


async def _fit(desk: Desk, summary: Facts, kind: Kind, recipient: UnitId) -> Facts:
    held = await desk.consents.get(bytes.fromhex(summary["consent_id"]))
    told: dict[str, Any] = {"code": "", "sentence": "", "sentence_en": ""}
    if held is not None:
        try:
            decide(await _question(desk, held.record, kind, recipient))
        except ConsentRefusedError as error:
            swedish, english = (failure_of(error, lang, names(desk.context)).title for lang in ("sv", "en"))
            told = {"code": error.code, "sentence": swedish, "sentence_en": english}
    return {**summary, **told}


async def _question(desk: Desk, record: ConsentRecord, kind: Kind, recipient: UnitId) -> ConsentQuestion:
    context = desk.context
    sender, to = party(context, context.unit_id), party(context, recipient)
    now = datetime.datetime.fromtimestamp(context.clock.now(), datetime.UTC)
    responsible = UnitId(bytes.fromhex(record.controller_unit))
    sets = own_sets(context, responsible)
    types = {record.case_type, kind.case_type} - {""}
    required = [required_authorities(one, today(context), sets, record.applicable) for one in types]
    return ConsentQuestion(
        kind=kind,
        basis="samtycke",
        sender_unit=sender.unit_id,
        recipient_unit=to.unit_id,
        sender_authority=sender.authority,
        recipient_authority=to.authority,
        recipient_private=to.private,
        record=record,
        withdrawals=await desk.consents.withdrawals(record),
        required=frozenset().union(*required),
        required_units=units_of(types, party(context, responsible)),
        principal_ref=record.principal_ref,
        now=now,
        withdrawals_checked_at=now,  # read anew before anything leaves
        limits_decided=True,
        signatures=PLACEMENT_SIGNATURES,
    )

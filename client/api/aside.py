"""What was put aside: the list, the diary number that the sender is told, and a note of what was done."""

from __future__ import annotations

import datetime
from typing import Annotated

from msgspec import Meta

from client.api.arguments import Arguments, New
from client.api.documents import new
from client.api.places import own_staff
from client.api.standing import reading
from client.casework.codes import explain
from client.casework.header import MAX_DNR
from client.casework.kinds.registry import KINDS
from client.casework.swedish_time import local_date
from client.engine import aside
from client.engine.clock import iso_of
from client.engine.office import Desk
from client.engine.reading import Facts
from client.engine.registering import REGISTERED
from keys.errors import RefusedError

_Begins = Annotated[str, Meta(min_length=4, max_length=64)]
_Note = Annotated[str, Meta(max_length=1000)]


class AsideNote(Arguments, frozen=True, kw_only=True):
    """How something that was put aside was dealt with."""

    envelope_id: _Begins
    note: Annotated[str, Meta(min_length=1, max_length=1000)]


class AsideRegister(Arguments, frozen=True, kw_only=True):
    """The diary number of something that was put aside."""

    envelope_id: _Begins
    dnr: Annotated[str, Meta(min_length=1, max_length=MAX_DNR)]
    note: _Note = ""


async def quarantine(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """What failed a check, with words for the code, and what was done with it; never its content."""
    return [_told(desk, one) for one in await aside.listed(desk.context)]


async def quarantine_handled(desk: Desk, arguments: AsideNote) -> Facts:
    """Somebody has dealt with one.

    Raises:
        LocalError: code ``BADID``, ``NOTFOUND`` or ``AMBIGUOUS``.
    """
    found = await aside.find(desk.context, arguments.envelope_id)
    await aside.deal(desk.context, found, by=own_staff(desk.context)["name"], note=arguments.note)
    return _told(desk, await aside.find(desk.context, found.envelope_id.hex()))


async def quarantine_register(desk: Desk, arguments: AsideRegister) -> Facts:
    """Register one; its sender is told the number, where it is known for certain who that is.

    That says nothing of its effect, of which there was none; what became of it the sender hears in a receipt.

    Raises:
        LocalError: code ``BADID``, ``NOTFOUND`` or ``AMBIGUOUS``.
        RefusedError: code ``HASDNR`` when it has a number already; ``ROL`` and others when the number may not be sent.
            Nothing is noted.
    """
    found = await aside.find(desk.context, arguments.envelope_id)
    if found.dnr:
        raise RefusedError("HASDNR")
    if found.document_id is not None and found.unit_id is not None and found.unit_id != desk.context.unit_id:
        today = local_date(datetime.datetime.fromtimestamp(desk.context.clock.now(), datetime.UTC)).isoformat()
        content = {"document": found.document_id.hex(), "registered_on": today}
        header = {"sender_dnr": arguments.dnr}
        await new(desk, New(kind=REGISTERED, to=found.unit_id.hex(), content=content, header=header))
    by = own_staff(desk.context)["name"]
    await aside.deal(desk.context, found, by=by, note=arguments.note, dnr=arguments.dnr)
    return _told(desk, await aside.find(desk.context, found.envelope_id.hex()))


def _told(desk: Desk, one: aside.Aside) -> Facts:
    told = explain(one.code)
    return {
        "envelope_id": one.envelope_id.hex(),
        "step": one.step,
        "code": one.code,
        "kind": one.kind,
        "kind_title": KINDS[one.kind].title_sv if one.kind in KINDS else "",
        "unit_id": None if one.unit_id is None else one.unit_id.hex(),
        "unit": reading(desk).unit_name(one.unit_id),
        "document_id": None if one.document_id is None else one.document_id.hex(),
        "at": iso_of(one.at),
        "open": one.is_open,
        "dnr": one.dnr,
        "note": one.note,
        "handled_at": None if one.handled_at is None else iso_of(one.handled_at),
        "handled_by": one.handled_by,
        "sentence": told.sentence,
        "next_step": told.next_step,
    }

"""Asking a colleague to approve that a file is taken out: it waits at the approvals, as any document that takes two.

Not here: taking it out (``case_export``, ``consent_papers``), and whether it was approved (`client.engine.taking_out`).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from client.api.arguments import OneCase
from client.api.cases import case_key
from client.api.consent_arguments import OneConsent
from client.api.documents import written_facts
from client.api.places import find_id, own_staff
from client.casework.kinds.uttag import ONE_CONSENT, WHOLE_CASE
from client.engine.office import Desk
from client.engine.reading import Facts
from client.engine.requirements import today
from client.engine.taking_out import DONE, REQUEST, Approved
from client.engine.writing import Order
from keys.errors import LocalError

Why = Annotated[str, Meta(min_length=1, max_length=300)]


class CaseExportAsk(OneCase, frozen=True, kw_only=True):
    """A case that somebody means to take out; why, and for whom."""

    why: Why


class ConsentExportAsk(OneConsent, frozen=True, kw_only=True):
    """A consent that somebody means to take out; why, and for whom."""

    why: Why


async def case_export_ask(desk: Desk, arguments: CaseExportAsk) -> Facts:
    """Ask for a whole case."""
    key = await case_key(desk, arguments.principal_ref)
    return await _ask(desk, key, {"what": WHOLE_CASE, "why": arguments.why})


async def consent_export_ask(desk: Desk, arguments: ConsentExportAsk) -> Facts:
    """Ask for one consent."""
    held = await desk.consents.get(await find_id(desk.context.vault, "consent", arguments.consent_id))
    if held is None:
        raise LocalError("NOCONSENT")
    content = {"what": ONE_CONSENT, "consent_id": held.record.consent_id, "why": arguments.why}
    return await _ask(desk, held.record.principal_ref, content)


async def taken_out(desk: Desk, approved: Approved) -> None:
    """The file is there: what was approved serves for no other one."""
    content = {"taken_on": today(desk.context).isoformat()}
    order = Order(
        kind=DONE,
        to_unit=desk.context.unit_id,
        content=content,
        header={"principal_ref": approved.principal_ref},
        thread_id=approved.thread_id,
        reply_to=approved.document_id,
    )
    await desk.writing.write(order)
    desk.sync.nudge()


async def _ask(desk: Desk, key: str, content: Facts) -> Facts:
    own_staff(desk.context)
    header = {"principal_ref": key}
    written = await desk.writing.write(
        Order(kind=REQUEST, to_unit=desk.context.unit_id, content=content, header=header)
    )
    desk.sync.nudge()
    return written_facts(written)

"""Writing a document: fill in its header, ask the rules, and queue it, all in the vault (domain.md 2.0.2).

Nothing of this needs the hub. The consent is asked about twice: here, and again when the document leaves
(``judging.Gate``), because a withdrawal may come in between. What two must answer for is judged as if it were approved,
and held; when it has been approved all rules are asked again before it is queued.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Awaitable, Callable
from typing import Any

from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS
from client.casework.problems import InvalidBodyError, problem
from client.casework.question import Verdict
from client.casework.row_guards import Stage
from client.casework.rules import check_outgoing
from client.casework.validate import Message
from client.engine.attachments import Attachments
from client.engine.case_file import CaseFile
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.drafting import basis_of, draft_of, encoded
from client.engine.guarding import Guarding
from client.engine.judging import Judging, seconded
from client.engine.keeping import Keeping
from client.engine.names import ClosedUnitError
from client.engine.outbox import Outbox
from client.engine.seconding import Second, Seconding
from client.engine.signing import Draft
from client.engine.thread import may_go_on
from client.engine.threads import Threads
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError, RefusedError
from keys.ids import DeviceId, UnitId
from keys.private.identity import random_bytes

MAY_BE_GIVEN = frozenset(
    {
        "priority", "reply_by", "sender_dnr", "recipient_dnr", "disclosure_basis", "disclosure_decision",
        "limits_decision",
        "secrecy_marks", "subject_person", "principal_ref", "consent_ref",
    }
)  # fmt: skip
"""What of a header a handler says; the rest follows from device, unit and kind."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a handler wants to send. Ids are 16 bytes; ``header`` holds what differs from the defaults.

    A local kind is written to the own unit. ``attachments`` are staged files.
    """

    kind: str
    to_unit: UnitId
    content: dict[str, Any]
    header: dict[str, Any] = dataclasses.field(default_factory=dict)
    thread_id: bytes | None = None
    reply_to: bytes | None = None
    consent_id: bytes | None = None
    enclosed: tuple[bytes, ...] = ()
    attachments: tuple[bytes, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A queued or kept document, what a person should look at once more, and whether a colleague must approve it."""

    document_id: bytes
    thread_id: bytes
    verdict: Verdict
    is_local: bool
    awaits: bool = False


Hold = Callable[[Draft], Awaitable[None]]
Kept = Callable[[Message, "Writing"], Awaitable[None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Exits:
    """Where a document goes: to the outbox, into the unit's own keeping, or to wait for a second person.

    Inside a transaction: ``hold`` refuses what nobody here could approve; ``kept``: what a local document does besides.
    """

    outbox: Outbox
    keeping: Keeping
    hold: Hold
    attachments: Attachments
    kept: Kept


class Writing:
    """The desk at which documents are written.

    Args:
        context, consents, threads: of the office.
        exits: where a document goes from here.
        seconding: verifies second signatures.
    """

    def __init__(
        self, context: Context, consents: Consents, threads: Threads, *, exits: Exits, seconding: Seconding
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self._threads = threads
        self._judging = Judging(context, consents, threads)
        self._guarding = Guarding(context, consents, threads)
        self._exits = exits
        self._seconding = seconding
        self._case_file = CaseFile(context, consents, threads)

    async def write(self, order: Order) -> Written:
        """Check a document and queue it, or keep it when its kind is local, durably.

        Raises:
            RefusedError: a rule says no; nothing has changed.
            LocalError: code ``UNK``, ``DISK``, ``BIG``, ``REVOKED``.
        """
        async with self._vault.transaction():
            return await self.write_inside(order)

    async def write_inside(self, order: Order) -> Written:
        """As ``write``, inside a transaction of the caller's."""
        kind = _kind(order.kind)
        self._require_standing()
        order = await self._addressed(order, kind)
        consent = await self._consents.leaned_on(order.consent_id, order.to_unit, kind)
        document_id, thread_id = random_bytes(16), order.thread_id or random_bytes(16)
        enclosed = order.enclosed or (() if consent is None else (consent.parcel,))
        body: dict[str, Any] = {
            "header": await self._header(order, kind, consent, document_id=document_id, thread_id=thread_id),
            "content": order.content,
            "consents": list(enclosed),
        }
        if order.attachments:
            body["header"]["attachments"] = await self._exits.attachments.told(order.attachments)
        body["content"] = await self._case_file.completed(body)
        verdict = await self._judge_in_some_role(body, order, consent)
        draft = draft_of(encoded(body), random_bytes(32))
        await self._exits.attachments.bind(order.attachments, document_id)
        if awaits := verdict.asks_for_two:
            await self._exits.hold(draft)
        else:
            await self._take_exit(draft, verdict, consent)
        return Written(document_id, thread_id, verdict, kind.local, awaits)

    async def release_inside(self, draft: Draft) -> None:
        """Queue a held document of this device that carries its approval, inside a transaction of the caller's.

        Raises:
            RefusedError: a rule says no by now; nothing has changed.
            LocalError: as ``write``.
        """
        self._require_standing()
        self._require_active(UnitId(draft.unit_id))
        body = decode_body(draft.body, max_bytes=MAX_BODY_BYTES)
        reference = body["header"].get("consent_ref")
        consent = None if reference is None else await self._consents.get(bytes.fromhex(reference))
        second = self._seconding.of_draft(draft, body["header"], draft.approval)
        verdict = await self._judge(body, UnitId(draft.unit_id), consent, second)
        await self._take_exit(draft, verdict, consent)

    async def _take_exit(self, draft: Draft, verdict: Verdict, consent: HeldConsent | None) -> None:
        await self._require_same_thread(draft.unit_id, verdict.message.kind, draft.thread_id)
        local = verdict.message.kind.local
        if local:
            await self._exits.keeping.keep(draft)
        else:
            reference = None if consent is None else consent.consent_id
            urgent = verdict.message.header.priority != "rutin"
            await self._exits.outbox.queue(draft, consent_id=reference, urgent=urgent)
        await self._threads.refold(draft.thread_id)
        if local:
            await self._exits.kept(verdict.message, self)

    async def _addressed(self, order: Order, kind: Kind) -> Order:
        """The order as it may be: a local kind stays here, another one leaves, and to a unit that is active.

        What opens a thread at its recipient answers nothing that the recipient has.
        """
        stays = order.to_unit == self._context.unit_id
        if kind.local is not stays:
            raise RefusedError("LOCAL" if kind.local else "SELF", kind=kind.name)
        if stays:
            return dataclasses.replace(order, consent_id=None, enclosed=())
        self._require_active(order.to_unit)
        thread = None if order.thread_id is None else await self._threads.get(order.thread_id)
        begun_here = thread is not None and thread.unit_id == self._context.unit_id
        return dataclasses.replace(order, reply_to=None) if begun_here else order

    def _require_standing(self) -> None:
        """A device that was revoked writes nothing: it would never leave."""
        own = self._context.replica.directory.devices.get(self._context.device_id)
        if own is not None and own.revoked_size is not None:
            raise LocalError("REVOKED")

    def _require_active(self, unit_id: UnitId) -> None:
        if not self._context.book.unit(unit_id).is_active:
            raise ClosedUnitError(self._context.book.successor_name(unit_id))

    async def _judge_in_some_role(self, body: dict[str, Any], order: Order, consent: HeldConsent | None) -> Verdict:
        """As the person of this device, in the first of her certified roles that may do this now."""
        card = self._context.book.staff(self._context.device_id)
        refused = RefusedError("ROL")
        approved = Second(DeviceId(b""), "", _kind(order.kind).second_roles, 0)
        for role in card.roles:
            body["header"]["sender_staff"] = {"name": card.name, "role": role.value}
            try:
                return await self._judge(body, order.to_unit, consent, approved)
            except RefusedError as error:
                refused = error
                if error.code != "ROL":
                    break
        raise refused

    async def _judge(
        self, body: dict[str, Any], to_unit: UnitId, consent: HeldConsent | None, second: Second | None
    ) -> Verdict:
        question = await self._judging.question(
            body,
            sender=self._context.unit_id,
            recipient=to_unit,
            record=None if consent is None else consent.record,
            checked_at=self._context.clock.now(),  # queueing needs no hub; leaving does
        )
        verdict = check_outgoing(seconded(question, second))
        await self._guarding.require(body, Stage.WRITTEN)
        return verdict

    async def _header(
        self, order: Order, kind: Kind, consent: HeldConsent | None, *, document_id: bytes, thread_id: bytes
    ) -> dict[str, Any]:
        now = datetime.datetime.fromtimestamp(self._context.clock.now(), datetime.UTC)
        defaults = {
            "message_id": document_id.hex(),
            "thread_id": thread_id.hex(),
            "in_reply_to": None if order.reply_to is None else order.reply_to.hex(),
            "seen": [one.hex() for one in await self._threads.seen(thread_id, local=kind.local)] or None,
            "message_type": kind.name,
            "schema_version": kind.schema_version,
            "sender_unit": self._context.unit_id.hex(),
            "recipient_unit": order.to_unit.hex(),
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "priority": "rutin",
            "disclosure_basis": basis_of(kind, has_consent=consent is not None),
            "consent_ref": None if consent is None else consent.record.consent_id,
            "principal_ref": _principal(kind, order, consent),
            "subject_generic": kind.subject,
        }
        if not order.header.keys() <= MAY_BE_GIVEN:
            raise InvalidBodyError((problem("header", "unknown"),))
        header = {**defaults, **order.header}
        return {name: value for name, value in header.items() if value is not None}

    async def _require_same_thread(self, to_unit: bytes, kind: Kind, thread_id: bytes) -> None:
        await self._threads.steps.require_room(thread_id)
        known = await self._threads.get(thread_id)
        if known is not None and not may_go_on(known, kind, to_unit, own=self._context.unit_id):
            raise RefusedError("STA", rule="thread")


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        raise InvalidBodyError((problem("header.message_type", "kind", code="KIND"),))
    return kind


def _principal(kind: Kind, order: Order, consent: HeldConsent | None) -> str | None:
    """The person's key in the case: the consent's; a contact that begins here gets a new one."""
    if consent is not None:
        return consent.record.principal_ref
    begins = kind.local and kind.about_person and order.thread_id is None
    return random_bytes(16).hex() if begins else None

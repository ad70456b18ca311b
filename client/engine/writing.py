"""Writing a document: fill in its header, ask the rules, and queue it, all in the vault (domain.md 2.0.2).

Nothing of this needs the hub. The consent is asked about twice: here, and again when the document leaves
(``judging.Gate``), because a withdrawal may come in between.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from client.casework.codelists import STAYS
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS
from client.casework.problems import InvalidBodyError, problem
from client.casework.rules import Verdict, check_outgoing
from client.engine.circumstances import Circumstances
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.judging import Judging
from client.engine.keeping import Keeping
from client.engine.names import ClosedUnitError
from client.engine.outbox import Outbox
from client.engine.signing import Draft
from client.engine.threads import Thread, Threads
from keys.codec import decode, encode_body
from keys.consent import MAX_PARCEL_BYTES, Parcel
from keys.document import MAX_BODY_BYTES, KindClass, body_commit
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId, digest
from keys.private.identity import random_bytes

CONSENT_KINDS = frozenset({"samtycke.registrerat", "samtycke.utokat"})
WITHDRAWAL_KIND = "samtycke.aterkallat"

_MAY_BE_GIVEN = frozenset(
    {
        "priority", "reply_by", "sender_dnr", "recipient_dnr", "disclosure_basis", "disclosure_decision",
        "secrecy_marks", "subject_person", "principal_ref", "consent_ref",
    }
)  # fmt: skip
"""What of a header a handler says; the rest follows from device, unit and kind."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a handler wants to send. Ids are 16 bytes; ``header`` holds what differs from the defaults.

    A local kind is written to the own unit.
    """

    kind: str
    to_unit: UnitId
    content: dict[str, Any]
    header: dict[str, Any] = dataclasses.field(default_factory=dict)
    thread_id: bytes | None = None
    reply_to: bytes | None = None
    consent_id: bytes | None = None
    enclosed: tuple[bytes, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A queued or kept document and what a person should look at once more."""

    document_id: bytes
    thread_id: bytes
    verdict: Verdict
    is_local: bool


class Writing:
    """The desk at which documents are written."""

    def __init__(
        self, context: Context, consents: Consents, threads: Threads, *, outbox: Outbox, keeping: Keeping
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self._threads = threads
        self._judging = Judging(context, consents, threads)
        self._circumstances = Circumstances(context)
        self._outbox = outbox
        self._keeping = keeping

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
        consent = None if order.consent_id is None else await self._consents.newest(order.consent_id)
        document_id, thread_id = random_bytes(16), order.thread_id or random_bytes(16)
        enclosed = order.enclosed or (() if consent is None else (consent.parcel,))
        body: dict[str, Any] = {
            "header": self._header(order, kind, consent, document_id=document_id, thread_id=thread_id),
            "content": order.content,
            "consents": list(enclosed),
        }
        verdict = await self._judge_in_some_role(body, order, consent)
        draft = _draft(order, body, document_id=document_id, thread_id=thread_id)
        if kind.local:
            await self._keeping.keep(draft)
        else:
            urgent = body["header"]["priority"] != "rutin"
            await self._outbox.queue(draft, consent_id=None if consent is None else consent.consent_id, urgent=urgent)
        await self._move(order, verdict, consent, draft)
        return Written(document_id, thread_id, verdict, kind.local)

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
        for role in card.roles:
            body["header"]["sender_staff"] = {"name": card.name, "role": role.value}
            try:
                return await self._judge(body, order, consent)
            except RefusedError as error:
                refused = error
                if error.code != "ROL":
                    break
        raise refused

    async def _judge(self, body: dict[str, Any], order: Order, consent: HeldConsent | None) -> Verdict:
        question = await self._judging.question(
            body,
            sender=self._context.unit_id,
            recipient=order.to_unit,
            record=None if consent is None else consent.record,
            checked_at=self._context.clock.now(),  # queueing needs no hub; leaving does
        )
        verdict = check_outgoing(question)
        await self._circumstances.check_outgoing(body)
        return verdict

    def _header(
        self, order: Order, kind: Kind, consent: HeldConsent | None, *, document_id: bytes, thread_id: bytes
    ) -> dict[str, Any]:
        now = datetime.datetime.fromtimestamp(self._context.clock.now(), datetime.UTC)
        defaults = {
            "message_id": document_id.hex(),
            "thread_id": thread_id.hex(),
            "in_reply_to": None if order.reply_to is None else order.reply_to.hex(),
            "message_type": kind.name,
            "schema_version": kind.schema_version,
            "sender_unit": self._context.unit_id.hex(),
            "recipient_unit": order.to_unit.hex(),
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "priority": "rutin",
            "disclosure_basis": _basis(kind, consent),
            "consent_ref": None if consent is None else consent.record.consent_id,
            "principal_ref": _principal(kind, order, consent),
            "subject_generic": kind.subject,
        }
        if not order.header.keys() <= _MAY_BE_GIVEN:
            raise InvalidBodyError((problem("header", "unknown"),))
        header = {**defaults, **order.header}
        return {name: value for name, value in header.items() if value is not None}

    async def _move(self, order: Order, verdict: Verdict, consent: HeldConsent | None, draft: Draft) -> None:
        known = await self._threads.get(draft.thread_id)
        kind, own = verdict.message.kind, self._context.unit_id
        if known is not None and not may_go_on(known, kind, order.to_unit, own=own):
            raise RefusedError("STA", rule="thread")
        consent_id = None if known is None else known.consent_id
        if consent is not None:
            consent_id = consent.consent_id
        now = self._context.clock.now()
        thread = Thread(
            thread_id=draft.thread_id,
            flow=kind.flow,
            state=verdict.state,
            side="fragare" if known is None else known.side,
            unit_id=counterpart(known, order.to_unit, own=own),
            principal=verdict.message.header.principal_ref or (None if known is None else known.principal),
            consent_id=consent_id,
            deadline=None if verdict.due is None else int(verdict.due.timestamp()),
            begun_at=now if known is None else known.begun_at,
            changed_at=now,
        )
        await self._threads.save(thread, verdict.message.event, draft.document_id)


def may_go_on(known: Thread, kind: Kind, to_unit: bytes, *, own: bytes) -> bool:
    """Whether a document to ``to_unit`` may go on a thread that is here.

    Between two units it stays; what the unit writes for itself may stand in any thread; and a thread that has only been
    in this unit leaves it with a document that can open a thread elsewhere.
    """
    leaves = known.unit_id == own and kind.opens_thread
    return known.flow == kind.flow and (to_unit in {known.unit_id, own} or leaves)


def counterpart(known: Thread | None, to_unit: bytes, *, own: bytes) -> bytes:
    """The other unit of a thread after a document to ``to_unit``; the own one as long as nobody else is in it."""
    return to_unit if known is None or to_unit != own else known.unit_id


def class_of(kind: str) -> KindClass:
    """What a kind is to the engine: the part of it that is signed."""
    if kind == WITHDRAWAL_KIND:
        return KindClass.WITHDRAWAL
    declared = KINDS.get(kind)
    if declared is not None and declared.local:
        return KindClass.LOCAL
    return KindClass.CONSENT if kind in CONSENT_KINDS else KindClass.CONTENT


def enclosed_digests(kind: str, enclosed: list[bytes]) -> list[bytes]:
    """Digests of what a body encloses: the consents' signed objects, or the withdrawals themselves.

    Raises:
        FormatError: not parcels.
    """
    if kind == WITHDRAWAL_KIND:
        return [digest(raw) for raw in enclosed]
    return [digest(decode(raw, Parcel, max_bytes=MAX_PARCEL_BYTES).signed) for raw in enclosed]


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        raise InvalidBodyError((problem("header.message_type", "kind", code="KIND"),))
    return kind


def _basis(kind: Kind, consent: HeldConsent | None) -> str:
    """The basis of disclosure where the handler names none."""
    if kind.local:
        return STAYS
    return "samtycke" if consent is not None else "inga_personuppgifter"


def _principal(kind: Kind, order: Order, consent: HeldConsent | None) -> str | None:
    """The person's key in the case: the consent's; a contact that begins here gets a new one."""
    if consent is not None:
        return consent.record.principal_ref
    begins = kind.local and kind.about_person and order.thread_id is None
    return random_bytes(16).hex() if begins else None


def _draft(order: Order, body: dict[str, Any], *, document_id: bytes, thread_id: bytes) -> Draft:
    data, salt = encode_body(body), random_bytes(32)
    if len(data) > MAX_BODY_BYTES:
        raise RefusedError("BIG")
    return Draft(
        document_id=document_id,
        unit_id=order.to_unit,
        kind=order.kind,
        kind_class=class_of(order.kind).value,
        thread_id=thread_id,
        reply_to=order.reply_to,
        salt=salt,
        body=data,
        body_commit=body_commit(salt, data),
        consents=b"".join(enclosed_digests(order.kind, body["consents"])),
        legal_basis=body["header"]["disclosure_basis"],
    )

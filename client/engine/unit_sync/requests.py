"""Requests for a second signature: what waits, at whom, and what the unit's devices have said about it.

Rules:
1. A request is never changed: another text is another document, with another id and another approval.
2. Words on it are only ever added. Where it stands follows from what has come, not from the order of its coming: a
   withdrawal counts before a refusal, a refusal before an approval; an approval counts while its signature holds, so
   that one by a device that was revoked, or one that has grown old, leaves the request open again.
3. What a colleague tells of others' requests and refusals is believed: it can only keep a document back. An approval
   proves itself, and serves nobody but the device that wrote the very same bytes.
4. Once its author's device has queued it, the request is over; the others see the copy of what was sent.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from client.casework.kinds.registry import KINDS
from client.casework.validate import validate_body
from client.engine.context import Context
from client.engine.drafting import draft_of
from client.engine.expecting import expect
from client.engine.seconding import Second, Seconding, same_person
from client.engine.signing import Draft
from client.engine.threads import Threads
from client.engine.unit_sync.letters import Letters
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import FormatError, LocalError, RefusedError
from keys.ids import DeviceId
from keys.internal import ApprovalRequest, Decision, Outcome

OPEN: Final = "open"
KEEP_SECONDS: Final = 35 * 86_400  # decided requests; as long as anything is asked about (unit_sync.unit)
_COLUMNS: Final = "document_id, author, salt, body, at, queued_at"
_RANK: Final = {OPEN: 0, **{outcome.value: rank for rank, outcome in enumerate(Outcome, start=1)}}


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A document that waits, or waited, for a second person. ``state`` is ``open`` or an outcome; times in seconds."""

    draft: Draft
    body: dict[str, Any]
    author: DeviceId
    at: int
    queued_at: int | None
    state: str
    decision: Decision | None
    second: Second | None

    @property
    def waits(self) -> bool:
        """Whether somebody is to look at it."""
        return self.state == OPEN and self.queued_at is None


class Requests:
    """The requests in the vault."""

    def __init__(self, context: Context, letters: Letters, threads: Threads, seconding: Seconding) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters
        self._threads = threads
        self._seconding = seconding

    # -- made here ----------------------------------------------------------------------------------------------------

    async def hold(self, draft: Draft) -> None:
        """Keep a document of this device until somebody has approved it, inside a transaction.

        Raises:
            RefusedError: code ``NOSECOND``; nobody in the unit could.
        """
        if not self.who_may(draft.kind, self._context.device_id):
            raise RefusedError("NOSECOND", kind=draft.kind)
        message = ApprovalRequest(self._context.device_id, self._context.clock.now(), draft.salt, draft.body)
        await self._keep(message, draft)
        await self._letters.queue(message)

    async def decide(self, draft: Draft, outcome: Outcome, *, approval: bytes | None = None, **why: str) -> None:
        """Say something on a request as this device, inside a transaction; ``why`` holds ``code`` or ``reason``."""
        own, now = self._context.device_id, self._context.clock.now()
        code, reason = why.get("code", ""), why.get("reason", "")
        decision = Decision(draft.document_id, outcome, own, now, code, reason, approval)
        await self._add(decision)
        await self._letters.queue(decision)

    async def queued(self, document_id: bytes) -> None:
        """The author's device has queued it, inside a transaction."""
        now = self._context.clock.now()
        await self._vault.write("UPDATE request SET queued_at = ? WHERE document_id = ?", now, document_id)

    def who_may(self, kind: str, author: bytes) -> list[DeviceId]:
        """Active devices of the unit whose person may approve what the device ``author`` writes."""
        roles = KINDS[kind].second_roles
        book, name = self._context.book, self._context.book.staff(DeviceId(author)).name
        found: list[DeviceId] = []
        for device_id in (self._context.device_id, *self._context.siblings()):
            card = book.staff(device_id)
            has_role = not roles.isdisjoint(role.value for role in card.roles)
            if device_id != author and has_role and not same_person(card.name, name):
                found.append(device_id)
        return found

    # -- come from siblings -------------------------------------------------------------------------------------------

    async def take_request(self, message: ApprovalRequest) -> None:
        """Take in what a sibling tells, inside a transaction.

        Raises:
            RefusedError: not of a device of the unit, or not a document that it could send.
        """
        self._require_own(message.author)
        try:
            draft = draft_of(message.body, message.salt)
            body = decode_body(message.body, max_bytes=MAX_BODY_BYTES)
        except (FormatError, KeyError, TypeError, ValueError) as error:
            raise RefusedError("SCH", rule="request") from error
        validate_body(body, await self._threads.opening(draft.thread_id))
        if body["header"]["sender_unit"] != self._context.unit_id.hex():
            raise RefusedError("SIG", rule="request")
        await self._keep(message, draft)
        await expect(self._context, draft.document_id, body["header"], draft.attachments)

    async def take_decision(self, decision: Decision) -> None:
        """Take in a word on a request, also on one that has not come; inside a transaction.

        Raises:
            RefusedError: not of a device of the unit, or an approval that it did not sign.
        """
        self._require_own(decision.by_device)
        if (decision.outcome is Outcome.APPROVED) is (decision.approval is None):
            raise RefusedError("SCH", rule="decision")
        if decision.approval is not None:
            payload, _ = self._seconding.read(decision.approval)
            if (payload.document_id, payload.by_device) != (decision.document_id, decision.by_device):
                raise RefusedError("SIG", rule="decision")
        await self._add(decision)

    def _require_own(self, device_id: bytes) -> None:
        entry = self._context.replica.directory.devices.get(DeviceId(device_id))
        if entry is None or entry.statement.unit_id != self._context.unit_id:
            raise RefusedError("SIG", rule="request")

    # -- in the vault -------------------------------------------------------------------------------------------------

    async def get(self, document_id: bytes) -> Request:
        """One request.

        Raises:
            LocalError: code ``NOTFOUND``.
        """
        row = await self._vault.one(f"SELECT {_COLUMNS} FROM request WHERE document_id = ?", document_id)  # noqa: S608
        if row is None:
            raise LocalError("NOTFOUND")
        return await self._request(row)

    async def all(self) -> list[Request]:
        """All that are not over, oldest first: not queued by their author, and nothing sent of them here."""
        rows = await self._vault.all(
            f"SELECT {_COLUMNS} FROM request r WHERE queued_at IS NULL AND NOT EXISTS"  # noqa: S608 - constant columns
            " (SELECT 1 FROM document d WHERE d.document_id = r.document_id) ORDER BY at, document_id"
        )
        return [await self._request(row) for row in rows]

    async def count(self) -> int:
        """How many wait that nobody has said anything of."""
        found: int = await self._vault.value(
            "SELECT count(*) FROM request r WHERE queued_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM document d WHERE d.document_id = r.document_id)"
            " AND NOT EXISTS (SELECT 1 FROM decision w WHERE w.document_id = r.document_id)"
        )
        return found

    async def approved(self) -> list[Request]:
        """Requests of this device that were approved and are not queued yet."""
        waiting = self._vault.glance(
            "SELECT 1 FROM request r JOIN decision d USING (document_id)"
            " WHERE r.author = ? AND r.queued_at IS NULL AND d.outcome = 'approved' LIMIT 1",
            self._context.device_id,
        )
        found = await self.all() if waiting else []
        return [one for one in found if one.author == self._context.device_id and one.state == Outcome.APPROVED]

    async def everything(self) -> list[ApprovalRequest | Decision]:
        """What a new device is told: all that still waits, and what was said of it."""
        told: list[ApprovalRequest | Decision] = []
        for request in await self.all():
            if request.state != Outcome.WITHDRAWN:
                told.append(ApprovalRequest(request.author, request.at, request.draft.salt, request.draft.body))
                told += await self._decisions(request.draft.document_id)
        return told

    async def prune(self) -> None:
        """Forget requests that are over or decided, after a while; inside a transaction."""
        before = self._context.clock.now() - KEEP_SECONDS
        over = (
            "SELECT document_id FROM request r WHERE at < ? AND (queued_at IS NOT NULL"
            " OR EXISTS (SELECT 1 FROM document d WHERE d.document_id = r.document_id)"
            " OR EXISTS (SELECT 1 FROM decision w WHERE w.document_id = r.document_id AND w.outcome <> 'approved'))"
        )
        await self._vault.write(f"DELETE FROM request WHERE document_id IN ({over})", before)  # noqa: S608 - constant
        await self._vault.write(
            "DELETE FROM decision WHERE at < ? AND document_id NOT IN (SELECT document_id FROM request)", before
        )

    async def _keep(self, message: ApprovalRequest, draft: Draft) -> None:
        await self._vault.write(
            "INSERT OR IGNORE INTO request (document_id, author, unit_id, thread_id, salt, body, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            draft.document_id, message.author, draft.unit_id, draft.thread_id, message.salt, message.body, message.at,
        )  # fmt: skip

    async def _add(self, decision: Decision) -> None:
        await self._vault.write(
            "INSERT OR IGNORE INTO decision VALUES (?, ?, ?, ?, ?, ?, ?)",
            decision.document_id, decision.outcome.value, decision.by_device, decision.at, decision.code,
            decision.reason, decision.approval,
        )  # fmt: skip

    async def _decisions(self, document_id: bytes) -> list[Decision]:
        rows = await self._vault.all(
            "SELECT document_id, outcome, device_id, at, code, reason, approval FROM decision WHERE document_id = ?"
            " ORDER BY at, device_id",
            document_id,
        )
        return [Decision(row[0], Outcome(row[1]), *row[2:]) for row in rows]

    async def _request(self, row: Any) -> Request:
        document_id, author, salt, data, at, queued_at = row
        draft, body = draft_of(data, salt), decode_body(data, max_bytes=MAX_BODY_BYTES)
        state, decided, second = OPEN, None, None
        for decision in await self._decisions(document_id):
            found = self._counting(draft, body["header"], author, decision)
            if decision.approval is not None and found is None:
                continue
            if _RANK[decision.outcome.value] > _RANK[state]:
                state, decided, second = decision.outcome.value, decision, found
        approval = None if decided is None else decided.approval
        draft = dataclasses.replace(draft, approval=approval)
        return Request(draft, body, DeviceId(author), at, queued_at, state, decided, second)

    def _counting(self, draft: Draft, header: dict[str, Any], author: bytes, decision: Decision) -> Second | None:
        """The second person behind an approval that holds now and comes from somebody who may give it."""
        if decision.approval is None:
            return None
        try:
            second = self._seconding.verify(
                decision.approval, self._seconding.subject(draft, author), self._seconding.now(header)
            )
        except RefusedError:
            return None
        return None if KINDS[draft.kind].second_roles.isdisjoint(second.roles) else second

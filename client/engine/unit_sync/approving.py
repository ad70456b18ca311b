"""Approving at the desk: see what waits, approve or decline it, take back one's own, take over what was left behind.

1. Whoever approves signs the very bytes that the recipient gets, and is told beforehand what stands in the way.
2. Before anything is sealed, the author's device queues what was approved since; all rules are asked again. What a rule
   stops by then is withdrawn with that rule's code, and an alarm tells the author.
3. A draft whose author's device is gone is written anew by a colleague, as a document of her own with its own approval.
4. A draft of which a date has passed while it waited is not approved: its author writes it anew with new days.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from client.casework.kinds.registry import KINDS
from client.casework.passed import Passed, passed_dates, with_dates
from client.casework.rules import check_reshared
from client.engine.attachments import Attached, Attachments
from client.engine.circumstances import Circumstances
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.judging import Judging, seconded
from client.engine.requirements import today
from client.engine.seconding import Second, Seconding, same_person
from client.engine.signing import Draft
from client.engine.unit_sync.requests import Request, Requests
from client.engine.writing import MAY_BE_GIVEN, Order, Writing, Written
from keys.errors import RefusedError
from keys.ids import UnitId
from keys.internal import Outcome

_FOLLOWS = frozenset({"consent_ref"})  # from the consent that is the newest by then
_NONE: Mapping[str, str] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Tools:
    """What an approval is judged and given with."""

    consents: Consents
    judging: Judging
    seconding: Seconding
    writing: Writing
    attachments: Attachments


class Approving:
    """What a handler does with requests, and what follows from it."""

    def __init__(self, context: Context, requests: Requests, tools: Tools) -> None:
        self._context = context
        self._vault = context.vault
        self._requests = requests
        self._tools = tools
        self._circumstances = Circumstances(context)

    async def all(self) -> list[Request]:
        """What waits or was declined or stopped, oldest first."""
        return await self._requests.all()

    async def count(self) -> int:
        """How many wait that nobody has said anything of; asks no key, so that a locked office can tell."""
        return await self._requests.count()

    async def get(self, document_id: bytes) -> Request:
        """One request, for a person who may read it.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: code ``READER``, ``ENTRY``.
        """
        request = await self._requests.get(document_id)
        await self._circumstances.require_reader(request.draft.kind, request.draft.thread_id)
        return request

    def seconds(self, kind: str) -> list[str]:
        """Names of the colleagues who may approve what this device writes of a kind."""
        book, own = self._context.book, self._context.device_id
        return list(dict.fromkeys(book.staff(one).name for one in self._requests.who_may(kind, own)))

    def obstacle(self, request: Request) -> str:
        """The code of what keeps the person of this device from approving it; empty when nothing does."""
        book, own = self._context.book, self._context.device_id
        card = book.staff(own)
        if not request.waits:
            return "DECIDED"
        if request.author == own or same_person(card.name, book.staff(request.author).name):
            return "OWNDRAFT"
        if KINDS[request.draft.kind].second_roles.isdisjoint(role.value for role in card.roles):
            return "NOTSECOND"
        if not self._is_here(request):
            return "AUTHORGONE"
        return "DATEPASSED" if self.passed(request) else ""

    def passed(self, request: Request) -> tuple[Passed, ...]:
        """The dates of a request that lay ahead when it was written, and do not any more."""
        return passed_dates(request.body, today(self._context))

    async def approve(self, document_id: bytes) -> None:
        """Answer for a colleague's document too; her device sends it then.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: code ``DECIDED``, ``OWNDRAFT``, ``NOTSECOND``, ``AUTHORGONE``, ``DATEPASSED``, or that of a
                rule that says no.
            LocalError: code ``ATTWAIT``, ``ATTLACK``; an attached file is not here.
        """
        request = await self._for_decision(document_id)
        await self._judge(request)
        for position in range(len(request.draft.attachments)):  # nobody answers for a file that she could not see
            await self._tools.attachments.ready(document_id, position)
        approval = self._tools.seconding.sign(self._tools.seconding.subject(request.draft, request.author))
        async with self._vault.transaction():
            await self._requests.decide(request.draft, Outcome.APPROVED, approval=approval)

    async def decline(self, document_id: bytes, reason: str) -> None:
        """Say why a colleague's document should not go.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: as for ``approve``, but for a date that has passed.
        """
        request = await self._for_decision(document_id, but="DATEPASSED")
        async with self._vault.transaction():
            await self._requests.decide(request.draft, Outcome.DECLINED, reason=reason)

    async def withdraw(self, document_id: bytes) -> None:
        """Take back a request of this device, also one that was declined.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: code ``DECIDED``, ``NOTAUTHOR``.
        """
        request = await self._own(document_id)
        async with self._vault.transaction():
            await self._requests.decide(request.draft, Outcome.WITHDRAWN)

    async def take_over(self, document_id: bytes, dates: Mapping[str, str] = _NONE) -> Written:
        """Write the draft of a device that is gone anew, as this device; it needs an approval of its own.

        Args:
            document_id: of the request.
            dates: new days by path, for those of ``passed``.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: code ``DECIDED``, ``AUTHORHERE``, or a rule says no; nothing has changed.
        """
        request = await self._requests.get(document_id)
        if request.queued_at is not None or request.state == Outcome.WITHDRAWN:
            raise RefusedError("DECIDED")
        if self._is_here(request):
            raise RefusedError("AUTHORHERE")
        return await self._anew(request, dates, "TAKENOVER")

    async def renew(self, document_id: bytes, dates: Mapping[str, str]) -> Written:
        """Write an own draft anew with other days; it needs an approval of its own, and the old one is taken back.

        Args:
            document_id: of the request.
            dates: new days by path, for those of ``passed``.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: code ``DECIDED``, ``NOTAUTHOR``, or a rule says no; nothing has changed.
        """
        request = await self._own(document_id)
        return await self._anew(request, dates, "RENEWED")

    async def _anew(self, request: Request, dates: Mapping[str, str], code: str) -> Written:
        draft = request.draft
        header, content = with_dates(request.body, dates, today(self._context))
        reference = header.get("consent_ref")
        order = Order(
            kind=draft.kind,
            to_unit=UnitId(draft.unit_id),
            content=content,
            header={name: header[name] for name in (MAY_BE_GIVEN - _FOLLOWS) & header.keys()},
            thread_id=draft.thread_id,
            reply_to=draft.reply_to,
            consent_id=None if reference is None else bytes.fromhex(reference),
            attachments=tuple([one.file_id for one in await self._copies(draft)]),
        )
        async with self._vault.transaction():
            written = await self._tools.writing.write_inside(order)
            await self._requests.decide(draft, Outcome.WITHDRAWN, code=code)
        return written

    async def release(self) -> None:
        """Queue what colleagues have approved of this device's requests; what a rule stops by now is withdrawn."""
        for request in await self._requests.approved():
            try:
                async with self._vault.transaction():
                    await self._tools.writing.release_inside(request.draft)
                    await self._requests.queued(request.draft.document_id)
            except RefusedError as error:
                async with self._vault.transaction():
                    await self._requests.decide(request.draft, Outcome.WITHDRAWN, code=error.code)
                    await self._context.alarms.raise_("NOTSENT", document_id=request.draft.document_id)

    async def _copies(self, draft: Draft) -> list[Attached]:
        """The files of a draft once more: what was sealed for another document is not sealed for this one."""
        found = [
            await self._tools.attachments.ready(draft.document_id, position)
            for position in range(len(draft.attachments))
        ]
        return [await self._tools.attachments.copy(one, key) for one, key in found]

    async def _own(self, document_id: bytes) -> Request:
        """A request of this device on which something can be said yet."""
        request = await self._requests.get(document_id)
        if request.author != self._context.device_id:
            raise RefusedError("NOTAUTHOR")
        if request.queued_at is not None or request.state == Outcome.WITHDRAWN:
            raise RefusedError("DECIDED")
        return request

    async def _for_decision(self, document_id: bytes, *, but: str = "") -> Request:
        request = await self.get(document_id)
        code = self.obstacle(request)
        if code not in {"", but}:
            raise RefusedError(code)
        return request

    async def _judge(self, request: Request) -> None:
        """By the rules of the work, as the recipient will; the place in the thread is asked when it leaves."""
        card = self._context.book.staff(self._context.device_id)
        second = Second(self._context.device_id, card.name, frozenset(role.value for role in card.roles), 0)
        enclosed = request.body["consents"]
        held = self._tools.consents.verify(enclosed[0], self._context.unit_id) if enclosed else None
        question = await self._tools.judging.question(
            request.body,
            sender=self._context.unit_id,
            recipient=UnitId(request.draft.unit_id),
            record=None if held is None else held.record,
            checked_at=self._context.clock.now(),
        )
        check_reshared(seconded(question, second))

    def _is_here(self, request: Request) -> bool:
        return request.author in {self._context.device_id, *self._context.siblings()}

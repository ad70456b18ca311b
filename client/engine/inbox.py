"""The inbox: drain the mailbox, run the checks, let documents take effect, move the cursor (FORMATS 8).

Order of a drain:
1. Fetch a window of what waits and take every envelope through checks 0 to 15; while one is checked, the keeper's
   process is opening the next.
2. Withdrawals of the whole mailbox take effect before any other document does or is shown.
3. Check 16 and step 17, one vault transaction per group: document, ids, chain head, effect, receipt to send. What came
   too early, also in another drain, is taken in once what it waited for has (``early``).
4. Step 18: only then the cursor moves, here and at the hub.

What fails a check is quarantined with its number and code; it stays visible and is never dropped. Its sender is told
where the signature holds and another try would fail as well (checks 14 to 16).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

from client.casework.kinds.registry import KINDS
from client.engine.arrival import Arrival, DropError, EarlyError, Effects, QuarantineError, SeenError
from client.engine.checks import CHECKS, Check, sender_of
from client.engine.context import Context
from client.engine.early import Early
from client.engine.link import Link
from client.engine.opened import Opened, groups, is_withdrawal, number_of
from client.engine.opening import TURN, Opening
from client.engine.receipts import Receipts
from client.engine.rollback import move_cursor, reset_cursor
from client.engine.window import fetch, window
from hub.wire.responses import Fetched, Waiting, Withheld
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document, Receipt, ReceiptEntry, ReceiptStatus
from keys.errors import PeerError, RefusedError

GROUP: Final = 128  # documents per vault transaction
_SAME: Final = 14
_AGAIN: Final = (
    1,
    _SAME,
)  # two of a kind may come in one drain: these checks are asked once more inside the transaction
_RULES: Final = 16  # the check by the rules of the work; before it nothing of a body is believed
#: Before check 16 this too is told, by domain.md 2.12's codes: by then it is known who signed and what.
_TOLD: Final = {_SAME: "DUP"}
_CURSOR: Final = "cursor"
_INCARNATION: Final = "incarnation"


def reads_anew(known: bytes | None, incarnation: bytes, *, cursor: int, last_n: int) -> bool:
    """Whether a mailbox is to be read from its start again: its numbers are others than those that the cursor counts.

    So it is after a restore, and when it ends before our cursor. What was handled before is known by its id.
    """
    return (known is not None and known != incarnation) or last_n < cursor


@dataclasses.dataclass(slots=True)
class Drained:
    """What a drain did."""

    handled: int = 0
    accepted: int = 0
    quarantined: int = 0


class Inbox:
    """The way in.

    Args:
        context: of the office.
        receipts: what is owed to senders.
        effects: check 16.
        checks: 0 to 15 by number; tests take one out to show that it is needed.
    """

    def __init__(
        self, context: Context, receipts: Receipts, effects: Effects, checks: Mapping[int, Check] = CHECKS
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._receipts = receipts
        self._effects = effects
        self._checks = checks
        self._opening = Opening(context, checks)
        self._early = Early(context, self._opening)
        #: Units something of which took effect; at first the own, for what another process saw last.
        self._heard: set[bytes] = {bytes(context.unit_id)}

    async def drain(self, link: Link) -> Drained:
        """Handle everything that waited when the drain began.

        Raises:
            HubError: unreachable; what was handled so far is handled.
        """
        self._opening.begin()
        done, began = Drained(), self._context.clock.hour()
        cursor = await self._vault.number(_CURSOR)
        page = await fetch(link, cursor)
        if reads_anew(await self._note_incarnation(page), page.incarnation, cursor=cursor, last_n=page.last_n):
            cursor, page = 0, await fetch(link, 0)
        last_n, items = page.last_n, await window(link, page)
        if items and items[-1].n < last_n:
            await self._withdrawals_first(link, cursor, last_n)
        while items:
            await self._handle(items, link, done)
            cursor = items[-1].n
            await link.ack(cursor)
            if cursor >= last_n:
                break
            items = await window(link, await fetch(link, cursor))
        await self._take_early(link, done)
        self._forget_keys(began)
        return done

    async def _note_incarnation(self, page: Fetched) -> bytes | None:
        """Take in the hub's incarnation; returns the one that was known before."""
        known: bytes | None = await self._vault.meta(_INCARNATION)
        if known == page.incarnation:
            return known
        async with self._vault.transaction():
            await self._vault.set_meta(_INCARNATION, page.incarnation)
            await reset_cursor(self._vault, page.last_n)
            if known is not None:
                await self._effects.incarnation_changed()
        return known

    async def _withdrawals_first(self, link: Link, cursor: int, last_n: int) -> None:
        """More waits than one window holds: go through all of it once for the withdrawals alone."""
        while cursor < last_n:
            page = await fetch(link, cursor)
            if not page.items:
                return
            cursor = page.items[-1].n
            arrivals = await self._opening.open_all(page.items, link)
            urgent = [arrival for arrival in arrivals if is_withdrawal(arrival)]
            for group in groups(urgent, GROUP):
                await self._commit(group, [], cursor=None, done=Drained())

    async def _handle(self, items: Sequence[Waiting | Withheld], link: Link, done: Drained) -> None:
        withheld = [item for item in items if isinstance(item, Withheld)]
        arrivals = await self._opening.open_all(items, link)
        arrivals.sort(key=lambda arrival: (not is_withdrawal(arrival), number_of(arrival)))
        parts = list(groups(arrivals, GROUP)) or [[]]
        for index, group in enumerate(parts):
            last = index == len(parts) - 1
            cursor = items[-1].n if last else None
            await self._commit(group, withheld if last else [], cursor=cursor, done=done)

    async def _commit(
        self, group: Sequence[Opened], withheld: Sequence[Withheld], *, cursor: int | None, done: Drained
    ) -> None:
        """Step 17, and the own half of step 18."""
        async with self._vault.transaction():
            for number, opened in enumerate(group):
                await self._settle(opened, done)
                if number % TURN == 0:
                    await asyncio.sleep(0)
            for item in withheld:
                await self._vault.write(
                    "INSERT OR IGNORE INTO recalled VALUES (?, ?, ?)",
                    item.envelope_id, item.hour, self._context.clock.now(),
                )  # fmt: skip
            if cursor is not None:
                await move_cursor(self._vault, cursor)

    async def _settle(self, opened: Opened, done: Drained) -> None:
        arrival = opened.arrival
        done.handled += 1
        try:
            if opened.end is not None:
                raise opened.end
            for number in _AGAIN:
                if number in self._checks:
                    await self._checks[number](arrival, self._context)
            await self._take_effect(arrival)
            self._took_effect(arrival, done)
        except DropError:
            await self._vault.set_number("dropped", await self._vault.number("dropped") + 1)
            return
        except SeenError as end:
            await self._came_again(arrival, end.repeat)
        except QuarantineError as end:
            done.quarantined += 1
            await self._quarantine(arrival, end)
        await self._vault.write("INSERT OR IGNORE INTO seen VALUES (?, ?)", arrival.envelope_id, arrival.hour)

    def _took_effect(self, arrival: Arrival, done: Drained) -> None:
        done.accepted += 1
        if arrival.document is not None:
            self._heard.add(arrival.document.from_unit)

    async def _take_early(self, link: Link, done: Drained) -> None:
        """What came too early, again and again as long as one of them is taken in: the next may wait for that one."""
        while self._heard:
            waiting = await self._early.reopened(link, self._heard)
            self._heard.clear()
            for opened in waiting:
                async with self._vault.transaction():
                    await self._settle_early(opened, done)

    async def _settle_early(self, opened: Opened, done: Drained) -> None:
        """One of them: taken in, still too early, or to be left where it lies; then its sender hears why."""
        arrival = opened.arrival
        try:
            if opened.end is not None:
                raise opened.end
            if _SAME in self._checks:
                await self._checks[_SAME](arrival, self._context)
            await self._take_effect(arrival)
            self._took_effect(arrival, done)
        except EarlyError:
            return
        except (DropError, SeenError):
            await self._early.give_up(arrival.envelope_id)
        except QuarantineError as end:
            await self._early.give_up(arrival.envelope_id, end.code if end.step == _RULES else "")

    async def _came_again(self, arrival: Arrival, document_id: bytes | None) -> None:
        document = arrival.document
        if document is None or document_id is None:
            return
        if not await self._receipts.repeat(document_id):
            await self._owe(arrival, document, ReceiptStatus.AVAILABLE, "")  # a sibling brought it before the mail
        await self._effects.came_again(arrival, document_id)

    async def _take_effect(self, arrival: Arrival) -> None:
        match arrival.payload:
            case Receipt() as receipt if receipt.from_unit == self._context.unit_id:
                await self._effects.learn(receipt)
            case Receipt() as receipt:
                await self._receipts.learn(receipt, arrival.signed.raw if arrival.signed else b"")
            case Document() as document:
                try:
                    await self._effects.accept(arrival, document)
                except RefusedError as error:
                    await self._owe(arrival, document, ReceiptStatus.REFUSED, error.code)
                    raise QuarantineError(_RULES, error.code) from error
                await self._owe(arrival, document, ReceiptStatus.AVAILABLE, "")
            case _:
                raise QuarantineError(9, "FMT")

    async def _owe(self, arrival: Arrival, document: Document, status: ReceiptStatus, code: str) -> None:
        signed = arrival.signed
        if signed is None:
            raise QuarantineError(5, "FMT")
        entry = ReceiptEntry(
            document_id=document.document_id,
            document_digest=signed.digest,
            status=status,
            code=code,
            at=self._context.clock.now(),
            envelope_id=arrival.envelope_id,
            deposit_hour=arrival.hour,
            deposit_signature=arrival.signature,
        )
        await self._receipts.owe(entry, document.from_unit)

    async def _quarantine(self, arrival: Arrival, end: QuarantineError) -> None:
        document = arrival.document
        document_id = None if document is None else document.document_id
        await self._vault.write(
            "INSERT OR IGNORE INTO quarantine"
            " (envelope_id, step, code, unit_id, document_id, envelope, at, kind, hour, signature)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arrival.envelope_id, end.step, end.code, sender_of(arrival), document_id, arrival.raw,
            self._context.clock.now(), _kind_of(arrival) if end.step == _RULES else "",
            arrival.hour if isinstance(end, EarlyError) else None, arrival.signature,
        )  # fmt: skip
        if end.step in _TOLD and document is not None and document.from_unit != self._context.unit_id:
            await self._owe(arrival, document, ReceiptStatus.REFUSED, _TOLD[end.step])
        await self._effects.put_aside(arrival, end)
        evidence = arrival.signed.raw if arrival.signed is not None else None
        if end.code == "FORK":
            await self._context.replica.mark_fork()
        elif end.code == "EQUIV":
            await self._context.alarms.raise_("EQUIV", document_id=document_id, evidence=evidence)
        elif end.code == "PID":
            # It is refused and sealed away, but it came: whoever registers what comes in has to know.
            await self._context.alarms.raise_("CAMEPID", document_id=document_id)
        else:
            await self._context.alarms.raise_("QUARANTINE")

    def _forget_keys(self, began_hour: int) -> None:
        """Let the keys go whose time is over (protocol 5); never by a clock that is off."""
        clock = self._context.clock
        if clock.is_sane:
            self._context.keeper.forget(clock.hour(), began_hour)


def _kind_of(arrival: Arrival) -> str:
    """The kind that a body says it is, empty for one that cannot be read or that this program does not know."""
    try:
        body = decode_body(arrival.content.body, max_bytes=MAX_BODY_BYTES) if arrival.content else {}
        kind = body["header"]["message_type"]
    except (PeerError, KeyError, TypeError):
        return ""
    return kind if isinstance(kind, str) and kind in KINDS else ""

"""Clocks that run outside threads: our consents that end, follow-up, what is to be registered (domain.md 2.7, 2.13).

Each part is worked out as a whole when something that it rests on has changed. They only tell; nothing moves by them.
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from client.casework import repetition
from client.casework.clock_rows import Clock
from client.casework.clock_table_case import (
    FOLLOW_UP,
    FOLLOW_UP_AT_REVIEW,
    FOLLOW_UP_DURING,
    REGISTER,
    REMOVE_ENTRY,
    RENEW,
)
from client.casework.codelists import FOLLOW_UP_PURPOSES
from client.casework.consent import ConsentRecord
from client.casework.consent_status import Status, status
from client.casework.flow_tables import FLOWS
from client.casework.flows import Side, is_final
from client.casework.follow_up import Closing, mode_of, plan_follow_up
from client.casework.swedish_time import local_date
from client.engine.clock_row import Dates, Running, Runs, instant, run
from client.engine.consents import Consents
from client.engine.contents import content_of
from client.engine.context import Context
from keys.errors import LocalError

_CLOSING: Final = "avslut.notis"
_AFTER: Final = "uppfoljning_efter_avslut"
_VOID: Final = ("stopped", "refused", "recalling", "recalled")
_RUNS: Final = frozenset({Status.AKTIVT, Status.SNART_UTGATT, Status.UTGATT})
_ENTRIES: Final = b"entries"
_REMOVED: Final = ", ".join(f"'{one.name}'" for one in FLOWS["kollision"].states if one.final)
_DONE: Final = "diary_rowid"
_REVIEWS: Final = b"reviews"
_PLAN: Final = "plan.upprattad"
#: When the case of a closing thread ``a`` was closed; NULL while that is only proposed, or was not followed.
CLOSED_AT: Final = (
    "iif(a.state IN ('utkast', 'foreslagen', 'avslutas_inte'), NULL, coalesce((SELECT min(n.at) FROM document n"
    " WHERE n.thread_id = a.thread_id AND n.kind = 'avslut.notis'), a.begun_at))"
)


class CaseClocks:
    """Works the parts out, inside a transaction."""

    def __init__(self, context: Context, consents: Consents) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self.parts: dict[bytes, tuple[Clock, Callable[[], Awaitable[list[Running]]]]] = {
            b"consents": (RENEW, self._ending),
            b"closings": (FOLLOW_UP, self._after_closing),
            b"support": (FOLLOW_UP_DURING, self._during_support),
            _REVIEWS: (FOLLOW_UP_AT_REVIEW, self._at_review),
            b"register": (REGISTER, self._unregistered),
            _ENTRIES: (REMOVE_ENTRY, self._entries_left),
        }

    # -- consents -----------------------------------------------------------------------------------------------------

    async def _ending(self) -> list[Running]:
        """Consents that this unit registered, that stand, and that nothing continues."""
        held = await self._consents.all()
        continued = {one.record.supersedes for one in held}
        found = []
        for one in held:
            if one.unit_id != self._context.unit_id or one.record.consent_id in continued:
                continue
            if status(one.record, await self._consents.withdrawals(one.record), self._today()) in _RUNS:
                begins = _midnight(one.record.valid_from)
                found.append(
                    self._own(RENEW, one.consent_id, one.record.principal_ref, since=begins, dates=dates_of(one.record))
                )
        return _known(found)

    # -- follow-up ----------------------------------------------------------------------------------------------------

    async def _after_closing(self) -> list[Running]:
        """Closed cases that are followed up and have not been since."""
        await self._vault.write(  # what runs only while the case is open
            "INSERT OR IGNORE INTO clock_stale SELECT h.thread_id FROM thread h JOIN thread a"  # noqa: S608
            f" ON a.principal = h.principal AND a.flow = 'avslut' AND {CLOSED_AT} >= h.begun_at"
            " WHERE h.flow = 'hotbild' AND h.deadline IS NOT NULL"
        )
        for part in (_ENTRIES, _REVIEWS):  # as often as this is asked
            await self._vault.write("INSERT OR IGNORE INTO clock_stale VALUES (?)", part)
        found = []
        for document_id, principal, content in await self._closings():
            closing = await self._closing(content, principal)
            plan = None if closing is None else plan_follow_up(closing, self._mode())
            if plan is None or plan.due is None:
                continue
            found.append(self._own(FOLLOW_UP, document_id, principal, since=_midnight(content["closed_on"])))
        return _known(found)

    async def _closing(self, content: dict[str, Any], principal: str) -> Closing | None:
        said = content.get("followup_consent") is True
        until = await self._purpose_until(principal) if said else None
        try:
            closed_on = datetime.date.fromisoformat(content["closed_on"])
            ended = bool(content["ended_by_person"])
        except (KeyError, TypeError, ValueError):
            return None
        signed = until is not None  # and said when it closed
        return Closing(closed_on=closed_on, ended_by_person=ended, consented=signed, purpose_until=until)

    async def _purpose_until(self, principal: str) -> datetime.date | None:
        """The last day on which the person may be followed up; None when she has not signed that, or taken it back."""
        days = [
            datetime.date.fromisoformat(one.valid_to)
            for held in await self._consents.of_person(principal)
            if not await self._is_taken_back(held.record)
            for one in held.record.purposes
            if one.purpose == _AFTER and one.signed
        ]
        return max(days, default=None)

    async def _is_taken_back(self, record: ConsentRecord) -> bool:
        withdrawals = await self._consents.withdrawals(record)
        return any(one.scope != "syfte" or one.purposes & FOLLOW_UP_PURPOSES for one in withdrawals)

    async def _closings(self) -> list[tuple[bytes, str, dict[str, Any]]]:
        """Of cases that nobody has followed up since."""
        rows = await self._vault.all(
            "SELECT d.document_id, t.principal, d.body, d.at, d.state FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.kind = ? AND d.direction = 'out' AND t.principal IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM thread u WHERE u.flow = 'uppfoljning' AND u.principal = t.principal AND u.begun_at > d.at)"
            " ORDER BY d.at",
            _CLOSING,
        )
        newest = {row[1]: row for row in rows if row[4] not in _VOID}  # one closing is told to several parties
        return [(row[0], row[1], content_of(row[2])) for row in newest.values()]

    async def _during_support(self) -> list[Running]:
        """Where the unit follows up while the support lasts: since the last follow-up, or since the plan."""
        if self._mode() != "under_pagaende":
            return []
        rows = await self._vault.all(
            "SELECT p.principal, p.begun_at, p.state, (SELECT max(u.begun_at) FROM thread u"
            " WHERE u.flow = 'uppfoljning' AND u.principal = p.principal) FROM thread p"
            " WHERE p.flow = 'plan' AND p.side = ? AND p.principal IS NOT NULL ORDER BY p.begun_at DESC",
            Side.ASKER.value,
        )
        oldest = {row[0]: row for row in rows if not is_final(FLOWS["plan"], row[2])}
        return _known(
            self._own(FOLLOW_UP_DURING, bytes.fromhex(principal), principal, since=max(begun, last or 0))
            for principal, begun, _, last in oldest.values()
        )

    async def _at_review(self) -> list[Running]:
        """Where the unit follows up at each review: of each open plan its day, until there was a follow-up since."""
        if self._mode() != "vid_omprovning":
            return []
        rows = await self._vault.all(
            "SELECT p.principal, p.state, d.at, d.body, (SELECT max(u.begun_at) FROM thread u"
            " WHERE u.flow = 'uppfoljning' AND u.principal = p.principal)"
            " FROM thread p JOIN document d USING (thread_id) WHERE p.flow = 'plan' AND p.side = ?"
            " AND p.principal IS NOT NULL AND d.kind = ? AND d.direction = 'out'"
            " AND d.state NOT IN ('stopped', 'refused', 'recalling', 'recalled') ORDER BY d.at, d.rowid",
            Side.ASKER.value, _PLAN,
        )  # fmt: skip
        newest = {row[0]: row for row in rows if not is_final(FLOWS["plan"], row[1])}
        return _known(
            self._own(
                FOLLOW_UP_AT_REVIEW, bytes.fromhex(principal), principal, since=at,
                dates={"review_date": content_of(raw).get("review_date")},
            )
            for principal, _, at, raw, followed in newest.values()
            if followed is None or followed < at
        )  # fmt: skip

    # -- placements that are over -------------------------------------------------------------------------------------

    async def _entries_left(self) -> list[Running]:
        """Our questions about a placement that has ended, which nobody has removed yet."""
        rows = await self._vault.all(
            "SELECT q.document_id, q.body FROM document q JOIN thread t USING (thread_id)"  # noqa: S608 - constant words
            f" WHERE q.kind = ? AND q.direction = 'out' AND t.state NOT IN ({_REMOVED})",
            repetition.QUESTION,
        )
        found = []
        for document_id, raw in rows:
            about = bytes.fromhex(str(content_of(raw).get("placement")))
            over = await self._vault.one("SELECT state, changed_at FROM thread WHERE thread_id = ?", about)
            if over is not None and is_final(FLOWS["placering"], over[0]):
                found.append(self._own(REMOVE_ENTRY, document_id, None, since=over[1]))
        return _known(found)

    # -- registration -------------------------------------------------------------------------------------------------

    async def _unregistered(self) -> list[Running]:
        """Documents about a person that came and have no diary number here; the oldest begins the clock.

        What was put aside came too, whomever it is about: until it is registered or somebody has dealt with it.
        """
        await self._read_diary()
        oldest = await self._vault.value(
            "SELECT min(d.at) FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.direction = 'in' AND d.state = 'accepted' AND t.principal IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM diary g WHERE g.document_id = d.document_id)"
        )
        aside = await self._vault.value(
            "SELECT min(at) FROM quarantine q WHERE handled_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM diary g WHERE g.document_id = q.document_id)"
        )
        oldest = min((at for at in (oldest, aside) if at is not None), default=None)
        unit_id = bytes(self._context.unit_id)
        return _known([] if oldest is None else [self._own(REGISTER, unit_id, None, since=oldest)])

    async def _read_diary(self) -> None:
        """Which documents colleagues and we have registered since the last look."""
        rows = await self._vault.all(
            "SELECT rowid, body FROM document WHERE rowid > ? AND kind = 'kvittens.registrerad' AND direction = 'out'",
            await self._vault.number(_DONE),
        )
        for rowid, body in rows:
            named = bytes.fromhex(str(content_of(body).get("document", "")))
            await self._vault.write("INSERT OR IGNORE INTO diary VALUES (?)", named)
            await self._vault.set_number(_DONE, rowid)

    # -- shared -------------------------------------------------------------------------------------------------------

    def _own(
        self, clock: Clock, subject: bytes, principal: str | None, *, since: int, dates: Dates | None = None
    ) -> Running | None:
        runs = Runs(subject, Side.ASKER, bytes(self._context.unit_id), principal)
        return run(self._context, clock, runs, since=since, dates=dates or {})

    def _mode(self) -> str:
        try:
            facts = self._context.book.unit(self._context.unit_id).facts_on(self._today())
        except LocalError:
            facts = {}
        return mode_of(facts)

    def _today(self) -> datetime.date:
        return local_date(instant(self._context.clock.now()))


def dates_of(record: ConsentRecord) -> Dates:
    """The dates of a record from which clocks count."""
    return {"valid_to": record.valid_to}


def _known(found: Iterable[Running | None]) -> list[Running]:
    return [one for one in found if one is not None]


def _midnight(day: str) -> int:
    return int(datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), datetime.UTC).timestamp())

"""Asking casework: gathers from vault and directory what its rules want to know. The same at both ends."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from client.casework.consent import ConsentRecord
from client.casework.crossing import Outcome
from client.casework.kinds.registry import KINDS
from client.casework.question import Context as Question
from client.casework.row_guards import Stage
from client.casework.rules import check_leaving
from client.casework.two_persons import TWO
from client.engine import told
from client.engine.clock import iso_of
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.guarding import Guarding
from client.engine.party import Moment, party, regions_of
from client.engine.requirements import own_sets
from client.engine.seconding import Second, Seconding
from client.engine.signing import Draft
from client.engine.steps import seen_of
from client.engine.thread import Thread
from client.engine.threads import Threads
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import RefusedError
from keys.ids import UnitId


class Judging:
    """Puts questions to ``client.casework.rules``."""

    def __init__(self, context: Context, consents: Consents, threads: Threads) -> None:
        self._context = context
        self._consents = consents
        self._threads = threads

    async def question(
        self, body: dict[str, Any], *, sender: UnitId, recipient: UnitId, record: ConsentRecord | None,
        checked_at: int | None, moment: Moment | None = None,
    ) -> Question:  # fmt: skip
        """The question for one document.

        Args:
            body: decoded.
            sender: the unit whose device signed or will sign.
            recipient: the unit that it is written to.
            record: the consent that came with it, verified.
            checked_at: when the own mailbox was last read to its end, seconds.
            moment: when it was sent, for what others sent. One with the size of a log was taken in by a sibling then,
                and is judged by that time altogether; mail by now, and by what the cards say of the day of sending.
        """
        as_of = None if moment is None or moment.size is None else moment.sent_at
        header = body.get("header")
        thread_id = _id(header)
        thread = None if thread_id is None else await self._threads.get(thread_id)
        own = sender == self._context.unit_id
        responsible = None if record is None else UnitId(bytes.fromhex(record.controller_unit))
        now = self._context.clock.now() if as_of is None else min(as_of, self._context.clock.now())
        withdrawals = () if record is None else await self._consents.withdrawals(record)
        replaced_by = None if record is None or as_of is not None else await self._consents.later(record)
        principal = header.get("principal_ref") if isinstance(header, dict) else None
        return Question(
            body=body,
            sender=party(self._context, sender, moment),
            recipient=party(self._context, recipient, moment),
            state=None if thread is None else thread.state,
            place=None if thread is None or sender == recipient else await self._threads.place(thread, seen_of(header)),
            asker_unit=None if thread is None else self._asker(thread).hex(),
            opening=None if thread is None else await self._threads.opening(thread.thread_id),
            record=record,
            withdrawals=tuple(one for one in withdrawals if as_of is None or one.at < iso_of(now)),
            replaced_by=replaced_by,
            withdrawals_of_later=() if replaced_by is None else await self._consents.withdrawals(replaced_by),
            own_sets={} if responsible is None else own_sets(self._context, responsible, moment),
            controller=None if responsible is None else party(self._context, responsible, moment),
            known_custody=await self._known_custody(principal) if own and record is not None else "",
            police_regions={} if record is None else self._regions(record, moment),
            now=_instant(now),
            withdrawals_checked_at=None if checked_at is None else _instant(checked_at),
            known_protected=own and await self._is_protected(header, principal),
        )

    async def _is_protected(self, header: object, principal: object) -> bool:
        """Asked for what tells a unit of the person; of nothing else."""
        kind = KINDS.get(str(header.get("message_type"))) if isinstance(header, dict) else None
        if kind is None or not kind.chooses_recipient:
            return False
        return await told.is_protected(self._context.vault, principal, but=_id(header, "message_id"))

    async def _known_custody(self, principal: object) -> str:
        return str(await told.custody(self._context.vault, principal) or "")

    def _regions(self, record: ConsentRecord, moment: Moment | None) -> dict[str, frozenset[str]]:
        """The regions of the police units that a consent names; of one that is not known, none at all."""
        named = {one.unit for one in record.parties if one.authority == "polis" and one.unit is not None}
        return {unit: regions_of(self._context, UnitId(bytes.fromhex(unit)), moment) for unit in named}

    def _asker(self, thread: Thread) -> bytes:
        return bytes(self._context.unit_id) if thread.side == "fragare" else thread.unit_id


class Gate:
    """Asked again right before a document is signed: may it still leave?"""

    def __init__(
        self, context: Context, consents: Consents, judging: Judging, *, seconding: Seconding, guarding: Guarding
    ) -> None:
        self._context = context
        self._consents = consents
        self._judging = judging
        self._guarding = guarding
        self._seconding = seconding

    async def __call__(self, draft: Draft) -> None:
        """Ask about its consent and second signature, what vault and directory say, and whether what it leans on left.

        Raises:
            RefusedError: it must not leave any more.
        """
        body = decode_body(draft.body, max_bytes=MAX_BODY_BYTES)
        reference = body["header"].get("consent_ref")
        held = None if reference is None else await self._consents.get(bytes.fromhex(reference))
        question = await self._judging.question(
            body,
            sender=self._context.unit_id,
            recipient=UnitId(draft.unit_id),
            record=None if held is None else held.record,
            checked_at=self._context.freshness.drained_at,
        )
        check_leaving(seconded(question, self._seconding.of_draft(draft, body["header"], draft.approval)))
        await self._guarding.require(body, Stage.LEAVES)
        outcome = await self._context.vault.value(
            "SELECT outcome FROM document WHERE document_id = ?", draft.document_id
        )
        if outcome == Outcome.VOID.value:  # what it leaned on never left, or was refused
            raise RefusedError("STA", rule="leans")


def seconded(question: Question, second: Second | None) -> Question:
    """The same question about a document that a second person, verified, answers for too."""
    if second is None:
        return question
    return dataclasses.replace(question, signatures=TWO, second_roles=second.roles)


def _id(header: object, name: str = "thread_id") -> bytes | None:
    text = header.get(name) if isinstance(header, dict) else None
    try:
        return bytes.fromhex(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _instant(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)

"""Reading an office: what a person or a program is shown of the vault, as plain values for JSON.

Rules:
1. Ids are hexadecimal, instants are ISO 8601 in UTC with ``Z``; a value that is not known is None.
2. What failed a check is told by step, code and sender; its content is never shown.
3. Showing a document marks it read. Nothing else here writes.

Not here: consents (``reading_consents``), words for codes (``casework.codes``), who may ask (``client.api``).
"""

from __future__ import annotations

import datetime
from typing import Any, Final, NamedTuple

from client.casework.crossing import Outcome
from client.casework.flow_tables import FLOWS
from client.casework.flows import Side
from client.casework.kinds.registry import KINDS
from client.engine.circumstances import Circumstances
from client.engine.context import Context
from client.engine.enclosed import enclosed_ids
from client.engine.keeping import KEPT
from client.engine.names import UnitFacts
from client.engine.requirements import today
from client.engine.states import STATES
from client.engine.thread import Thread
from client.engine.threads import Threads
from client.engine.threat_results import RESULT, standing
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError
from keys.ids import UnitId

Facts = dict[str, Any]

_COUNTED: Final = {
    "outbox": "outbox",
    "unread": "document WHERE direction = 'in' AND read_at IS NULL",
    "quarantine": "quarantine WHERE handled_at IS NULL",
    "receipts_due": "receipt_due WHERE due_at IS NOT NULL",
    "gaps": "gap",
}
_SHOWN_ROWS: Final = 10_000  # a list longer than this is not read by a person


class _Row(NamedTuple):
    """One row of ``document``, in the order of ``_COLUMNS``."""

    document_id: bytes
    direction: str
    state: str
    code: str
    kind: str
    unit_id: bytes
    thread_id: bytes
    reply_to: bytes | None
    consent_id: bytes | None
    at: int
    deposit_hour: int | None
    settled_at: int | None
    read_at: int | None
    outcome: str


_COLUMNS: Final = ", ".join(_Row._fields)


def iso(seconds: float | None) -> str | None:
    """An instant as text, or None."""
    if seconds is None:
        return None
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_hex(value: bytes | None) -> str | None:
    """An id as text, or None."""
    return None if value is None else value.hex()


def unit_facts(unit: UnitFacts) -> Facts:
    """A unit for the address list."""
    return {
        "unit_id": unit.unit_id.hex(),
        "name_sv": unit.card.name_sv,
        "name_en": unit.card.name_en,
        "unit_type": unit.card.unit_type,
        "organisation": unit.organisation.name,
        "active": unit.is_active,
        "kommunkod": unit.kommunkod,
        "police_region": unit.card.police_region,
    }


class Reading:
    """The read side of an open office."""

    def __init__(self, context: Context, threads: Threads) -> None:
        self._context = context
        self._vault = context.vault
        self._threads = threads
        self._circumstances = Circumstances(context)

    def unit_name(self, unit_id: bytes | None) -> str:
        """The Swedish name of a unit; empty when the directory does not tell."""
        if unit_id is None:
            return ""
        try:
            return self._context.book.unit(UnitId(unit_id)).card.name_sv
        except LocalError:
            return ""

    # -- documents ----------------------------------------------------------------------------------------------------

    async def documents(self, *, direction: str = "", state: str = "", kind: str = "") -> list[Facts]:
        """Documents, newest first; an empty argument asks for all."""
        rows = await self._vault.all(
            f"SELECT {_COLUMNS} FROM document"  # noqa: S608 - constant columns
            " WHERE ? IN ('', direction) AND ? IN ('', state) AND ? IN ('', kind)"
            " ORDER BY at DESC, rowid DESC LIMIT ?",
            direction, state, kind, _SHOWN_ROWS,
        )  # fmt: skip
        return [await self._document(_Row(*row)) for row in rows]

    async def document(self, document_id: bytes, reason: str = "handlaggning") -> Facts:
        """One document with its content; it counts as read from here on, and its reading may be logged.

        Raises:
            LocalError: code ``NOTFOUND``; RefusedError: code ``READER`` or ``ENTRY``.
        """
        with_body = f"SELECT {_COLUMNS}, body FROM document WHERE document_id = ?"  # noqa: S608 - constant columns
        found = await self._vault.one(with_body, document_id)
        if found is None:
            raise LocalError("NOTFOUND")
        row = _Row(*found[:-1])
        await self._circumstances.admit(document_id, row.kind, row.thread_id, reason)
        await self._mark_read(row)
        body = decode_body(found[-1], max_bytes=MAX_BODY_BYTES)
        facts = await self._document(row)
        thread = await self._threads.get(row.thread_id)
        return {
            **facts,
            "unread": False,
            "header": body["header"],
            "content": body["content"],
            "consents": enclosed_ids(row.kind, body["consents"]),
            "receipts": _receipts(facts),
            "replies": [] if thread is None else self._replies(thread),
        }

    def _replies(self, thread: Thread) -> list[str]:
        """Kinds that this office's side may write in the thread, whatever their content."""
        sides, begun_here = {Side(thread.side), Side.EITHER}, thread.unit_id == self._context.unit_id
        fitting = [kind for kind in KINDS.values() if kind.flow == thread.flow and kind.side in sides]
        return [kind.name for kind in fitting if kind.local or not begun_here]

    async def _document(self, row: _Row) -> Facts:
        """A document as a row of any list; of a threat result it says whether anything may lean on it still."""
        known = await standing(self._vault, row.document_id, today(self._context)) if row.kind == RESULT else None
        return {
            "document_id": row.document_id.hex(),
            "direction": row.direction,
            "state": row.state,
            "state_label": STATES.get(row.state, (row.state, row.state))[0],
            "code": row.code,
            "kind": row.kind,
            "title": KINDS[row.kind].title_sv if row.kind in KINDS else row.kind,
            "unit_id": row.unit_id.hex(),
            "unit": self.unit_name(row.unit_id),
            "local": row.state == KEPT,
            "thread_id": row.thread_id.hex(),
            "reply_to": maybe_hex(row.reply_to),
            "consent_id": maybe_hex(row.consent_id),
            "at": iso(row.at),
            "deposit_hour": None if row.deposit_hour is None else iso(row.deposit_hour * 3600),
            "settled_at": iso(row.settled_at),
            "unread": row.direction == "in" and row.read_at is None,
            "overtaken": row.outcome == Outcome.OVERTAKEN.value,
            "expired": known is not None and known.expired,
            "replaced": known is not None and known.replaced,
        }

    async def _mark_read(self, row: _Row) -> None:
        if row.direction == "in" and row.read_at is None:
            async with self._vault.transaction():
                await self._vault.write(
                    "UPDATE document SET read_at = ? WHERE document_id = ? AND read_at IS NULL",
                    self._context.clock.now(), row.document_id,
                )  # fmt: skip

    # -- threads ------------------------------------------------------------------------------------------------------

    async def threads(self) -> list[Facts]:
        """All threads, the last changed first."""
        return [self._thread(thread) for thread in await self._threads.all()]

    async def thread(self, thread_id: bytes) -> Facts:
        """One thread with its documents and how it came to its state.

        Raises:
            LocalError: code ``NOTFOUND``.
        """
        thread = await self._threads.get(thread_id)
        if thread is None:
            raise LocalError("NOTFOUND")
        documents = await self._vault.all(
            f"SELECT {_COLUMNS} FROM document WHERE thread_id = ? ORDER BY at, rowid",  # noqa: S608 - constant columns
            thread_id,
        )
        events = await self._vault.all(
            "SELECT e.n, e.event, e.state, document_id, e.at, coalesce(d.outcome, 'applied') FROM thread_event e"
            " LEFT JOIN document d USING (document_id) WHERE e.thread_id = ? ORDER BY e.n",
            thread_id,
        )
        return {
            **self._thread(thread),
            "documents": [await self._document(_Row(*row)) for row in documents],
            "events": [_event(thread, row) for row in events],
        }

    def _thread(self, thread: Thread) -> Facts:
        return {
            "thread_id": thread.thread_id.hex(),
            "flow": thread.flow,
            "state": thread.state,
            "state_label": _state_label(thread.flow, thread.state),
            "final": thread.is_final,
            "side": thread.side,
            "unit_id": thread.unit_id.hex(),
            "unit": self.unit_name(thread.unit_id),
            "local": thread.unit_id == self._context.unit_id,
            "principal_ref": thread.principal,
            "consent_id": maybe_hex(thread.consent_id),
            "deadline": iso(thread.deadline),
            "begun_at": iso(thread.begun_at),
            "changed_at": iso(thread.changed_at),
        }

    # -- what needs a look --------------------------------------------------------------------------------------------

    async def gaps(self) -> list[Facts]:
        """Documents that senders numbered and that have not come."""
        rows = await self._vault.all("SELECT device_id, seq, noted_at FROM gap ORDER BY noted_at, seq")
        return [{"device_id": row[0].hex(), "number": row[1], "noted_at": iso(row[2])} for row in rows]

    async def counts(self) -> dict[str, int]:
        """How much waits, by name."""
        return {name: await self._vault.value(f"SELECT count(*) FROM {what}") for name, what in _COUNTED.items()}  # noqa: S608


def _state_label(flow: str, state: str) -> str:
    return FLOWS[flow].state(state).label if flow in FLOWS else state


def _event(thread: Thread, row: Any) -> Facts:
    n, event, state, document_id, at, outcome = row
    after = {"state": state, "state_label": _state_label(thread.flow, state), "outcome": outcome}
    return {"n": n, "event": event, **after, "document_id": maybe_hex(document_id), "at": iso(at)}


def _receipts(facts: Facts) -> list[Facts]:
    """What is known of a document's way, in order: state, words and time."""
    if facts["direction"] == "in":
        known = [("accepted", facts["at"])]
    elif facts["local"]:
        known = [(KEPT, facts["at"])]
    else:
        known = [("queued", facts["at"]), ("sent", facts["deposit_hour"])]
        known += [(facts["state"], facts["settled_at"])] if facts["state"] not in {"queued", "sent"} else []
    seen = [(state, at) for state, at in known if state != "sent" or at is not None]
    return [{"state": state, "label": STATES[state][0], "at": at} for state, at in seen]

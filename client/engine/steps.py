"""What the documents of a thread do in it: read out of their bodies once, kept beside them, put into casework's words.

Not here: what follows for the thread (``threads``), the rules (``client.casework.crossing``).
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from typing import Any, Final

import msgspec

from client.casework.actions import variant_of
from client.casework.crossing import Outcome, Sent
from client.casework.flow_tables import FLOWS
from client.casework.flows import Side
from client.casework.kinds.registry import KINDS
from client.engine.vault import Vault
from keys.codec import Bytes16, Record, Uint, decode, decode_body, encode
from keys.consent import MAX_PARCEL_BYTES, MAX_RECORD_BYTES, Parcel
from keys.document import MAX_BODY_BYTES
from keys.errors import FormatError, RefusedError
from keys.ids import ID_BYTES

MAX_THREAD: Final = 512  # documents of a thread: bounds what folding it costs; a case has some ten
_MAX_STEP_BYTES: Final = 4096
_WITHOUT_EFFECT: Final = frozenset({"refused", "stopped", "recalled"})
_THERE: Final = frozenset({"available", "registered"})
_FROM_BEFORE: Final = b""
_UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    FormatError,
    LookupError,
    TypeError,
    ValueError,
    msgspec.MsgspecError,
)


class Step(Record, frozen=True):
    """What one document does. ``dates``: fields that a deadline asks for, pairs of name and day, or number of days."""

    event: str
    role: str
    seen: list[Bytes16]
    created_at: Uint
    principal: str | None
    variant: str
    dates: list[list[str | int]]
    opens: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A document of a thread in the vault, and its step. Times in seconds; ``is_kept``: the step stands there too."""

    document_id: bytes
    thread_id: bytes
    is_own: bool
    state: str
    kind: str
    unit_id: bytes
    consent_id: bytes | None
    outcome: str
    at: int
    settled_at: int | None
    step: Step
    is_kept: bool = False

    @property
    def is_local(self) -> bool:
        """Whether the unit wrote it for itself."""
        return KINDS[self.kind].local

    def sent(self, own: Side) -> Sent:
        """As casework wants it, for an end that has this part in the thread."""
        other = Side.ANSWERER if own is Side.ASKER else Side.ASKER
        there = self.at if not self.is_own else self.settled_at if self.state in _THERE else None
        return Sent(
            document_id=self.document_id,
            event=self.step.event,
            side=own if self.is_own else other,
            role=self.step.role,
            seen=frozenset(self.step.seen),
            created_at=self.step.created_at,
            at=self.at,
            available_at=there,
            # What opens a thread stays in it: a thread whose opening was refused is the sender's alone.
            local=self.is_local,
            void=self.is_own and self.state in _WITHOUT_EFFECT and bool(self.step.seen),
        )


class Steps:
    """The steps in the vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def held(self, thread_id: bytes) -> list[Held]:
        """The documents of a thread in the order in which they came."""
        rows = await self._vault.all(
            "SELECT document_id, direction, state, kind, unit_id, consent_id, outcome, at, settled_at, step,"
            " CASE WHEN length(step) > 0 THEN NULL ELSE body END"
            " FROM document WHERE thread_id = ? ORDER BY rowid LIMIT ?",
            thread_id, MAX_THREAD,
        )  # fmt: skip
        found: list[Held] = []
        for document_id, direction, state, kind, unit, consent_id, outcome, at, settled_at, raw, body in rows:
            before = [one.document_id for one in found] if raw == _FROM_BEFORE else None
            step = decode(raw, Step, max_bytes=_MAX_STEP_BYTES) if raw else read_step(kind, body, before)
            if step is not None:
                is_own = direction == "out"
                held = Held(
                    document_id, thread_id, is_own, state, kind, unit, consent_id, outcome, at, settled_at, step,
                    bool(raw),
                )  # fmt: skip
                found.append(held)
        return found

    async def require_room(self, thread_id: bytes) -> None:
        """One more document fits into the thread.

        Raises:
            RefusedError: code ``LONG``.
        """
        if await self._vault.value("SELECT count(*) FROM document WHERE thread_id = ?", thread_id) >= MAX_THREAD:
            raise RefusedError("LONG", most=MAX_THREAD)

    async def keep(self, held: list[Held]) -> None:
        """Keep steps that were just read out, inside a transaction."""
        for one in held:
            if one.is_kept:
                continue
            await self._vault.write(
                "UPDATE document SET step = ? WHERE document_id = ? AND (step IS NULL OR step = x'')",
                encode(one.step), one.document_id,
            )  # fmt: skip

    async def mark(self, held: Held, outcome: Outcome) -> bool:
        """Note what a document did, inside a transaction; whether that is new."""
        if held.outcome == outcome.value:
            return False
        await self._vault.write(
            "UPDATE document SET outcome = ? WHERE document_id = ?", outcome.value, held.document_id
        )
        return True

    async def lacks(self, seen: list[bytes]) -> bool:
        """Whether one of these has not come here, nor was refused here."""
        for document_id in seen:
            known = await self._vault.value(
                "SELECT 1 FROM document WHERE document_id = ?1"
                " UNION ALL SELECT 1 FROM receipt_due WHERE document_id = ?1 AND status = 'refused'",
                document_id,
            )
            if known is None:
                return True
        return False


def between_two(held: list[Held], unit_id: bytes | None) -> list[Held]:
    """The documents of a thread that is with this unit, or that no other unit is in yet; the own ones with them.

    A thread is with the first unit to which a document of it went, or from which one came.
    """
    own = {one.unit_id for one in held if one.is_local}
    others = [one.unit_id for one in held if not one.is_local]
    chosen = unit_id if unit_id is not None and unit_id not in own else next(iter(others), unit_id)
    return [one for one in held if one.is_local or one.unit_id == chosen]


def has_opening(held: list[Held]) -> bool:
    """Whether the document with which a thread begins is among them."""
    return any(one.step.opens for one in held)


def seen_of(header: object) -> list[bytes]:
    """What a header says that its author had seen; the document it answers is always among it."""
    if not isinstance(header, dict):
        return []
    named = header.get("seen")
    texts = [*(named if isinstance(named, list | tuple) else ()), header.get("in_reply_to")]
    return list(dict.fromkeys(raw for raw in map(_id, texts) if raw is not None))


def read_step(kind_name: str, data: bytes, before: list[bytes] | None = None) -> Step | None:
    """What a document does, out of its body; None for one that says nothing to this program.

    Args:
        kind_name: of the document.
        data: the encoded body.
        before: what it has seen, for a document from before documents said that.
    """
    try:
        body = decode_body(data, max_bytes=MAX_BODY_BYTES)
    except FormatError:
        return None
    return step_of(kind_name, body, before)


def written(kind_name: str, data: bytes, at: int, number: int) -> tuple[int, int, int]:
    """When a document was written, to put documents into that order; a clock that runs ahead does not count.

    The hub and sealing again put what comes into any order. Of one second, what came later is later.

    Args:
        kind_name: of the document.
        data: the encoded body.
        at: when it was written here, or came, seconds.
        number: its row.
    """
    step = read_step(kind_name, data)
    return (at if step is None else min(step.created_at, at)), at, number


def step_of(kind_name: str, body: dict[str, Any], before: list[bytes] | None = None) -> Step | None:
    """What a document does, as ``read_step``, out of its decoded body."""
    kind = KINDS.get(kind_name)
    if kind is None:
        return None
    try:
        header, content = body["header"], body["content"]
        event = kind.event.choose(msgspec.convert(content, kind.content))
        return Step(
            event=event,
            role=str(header["sender_staff"]["role"]),
            seen=seen_of(header) if before is None else before,
            created_at=_seconds(header["created_at"]),
            principal=header.get("principal_ref"),
            variant=variant_of(FLOWS[kind.flow], content) if kind.opens_thread else "",
            dates=_dates(kind.flow, content, body["consents"]),
            opens=kind.opens_thread,
        )
    except _UNREADABLE:
        return None


def _dates(flow_name: str, content: dict[str, Any], consents: list[bytes]) -> list[list[str | int]]:
    """The days from which deadlines of the flow count, and their number; a consent's end stands in its record."""
    spans = [span for state in FLOWS[flow_name].states for span in state.deadlines.values()]
    names = {name for span in spans for name in (span.anchor, span.counted_by) if name}
    known = dict(content)
    if "valid_to" in names and len(consents) == 1:
        with contextlib.suppress(FormatError):  # a withdrawal encloses itself, and no record
            record = decode(consents[0], Parcel, max_bytes=MAX_PARCEL_BYTES).record
            known["valid_to"] = decode_body(record, max_bytes=MAX_RECORD_BYTES).get("valid_to")
    return [[name, known[name]] for name in sorted(names) if isinstance(known.get(name), str | int)]


def _seconds(text: str) -> int:
    return max(0, int(datetime.datetime.fromisoformat(text).timestamp()))


def _id(text: object) -> bytes | None:
    try:
        raw = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        return None
    return raw if len(raw) == ID_BYTES else None

"""What vault and directory say that a rule asks for beside the document itself (domain.md 2.5, 2.6).

0. A case rests while a refusal in it has a code that this program does not know.
1. A confirmation leaves, and is taken in by the police, only with a fresh verdict on the place that had its effect.
2. A question about a placement that looks like a search for somebody needs a named person's decision.
3. Threat and placement content is shown to certain roles only, a removed entry to nobody, and each reading is logged.
4. An order goes to a provider only while the directory says that it is verified and checked.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Final

from client.casework import placement, providers, repetition
from client.casework.codelists import POLICE_TYPES
from client.casework.crossing import Outcome
from client.casework.flow_tables import FLOWS
from client.casework.flows import is_final
from client.casework.kinds.registry import KINDS
from client.casework.swedish_time import local_date
from client.engine.clock import HOUR_SECONDS
from client.engine.contents import content_of
from client.engine.context import Context
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import RefusedError
from keys.ids import UnitId

#: States of an own document that never took effect.
_VOID: Final = ("stopped", "refused", "recalling", "recalled")
#: Refused with a code of a later program: the case rests until a person decides (domain.md 2.12).
UNKNOWN: Final = "UNKCODE"
_ALWAYS: Final = frozenset({"samtycke", "kvittens"})
_COMPARED: Final = frozenset({repetition.QUESTION, "kollision.utfall"})


class Circumstances:
    """Asks the vault and the directory."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    async def require_provider(self, body: dict[str, Any]) -> None:
        """The directory vouches for a provider that gets an order.

        Raises:
            RefusedError: code ``PROVIDER``.
        """
        provider = self._context.book.unit(UnitId(bytes.fromhex(body["header"]["recipient_unit"])))
        today = local_date(self._now())
        providers.require_verified({name: provider.fact(name, today) for name in providers.FACTS}, today)

    async def require_clear_there(self, body: dict[str, Any]) -> None:
        """At the end that takes a confirmation in: the police alone can tell whether they cleared the place.

        Raises:
            RefusedError: code ``KOL-01``, ``KOL-02``.
        """
        if self._context.book.unit(self._context.unit_id).card.unit_type in POLICE_TYPES:
            await self.require_clear(body)

    async def require_reader(self, kind: str, thread_id: bytes) -> None:
        """Refuse to show a document to a role that has no business with it.

        Raises:
            RefusedError: code ``READER``, or ``ENTRY`` for what was removed when the placement ended.
        """
        declared = KINDS.get(kind)
        if declared is None or not declared.readers:
            return
        roles = {role.value for role in self._context.book.staff(self._context.device_id).roles}
        if not roles & declared.readers:
            raise RefusedError("READER", kind=kind)
        state = await self._vault.value("SELECT state FROM thread WHERE thread_id = ?", thread_id)
        if kind in _COMPARED and isinstance(state, str) and is_final(FLOWS[declared.flow], state):
            raise RefusedError("ENTRY", kind=kind)

    async def admit(self, document_id: bytes, kind: str, thread_id: bytes, reason: str) -> None:
        """Ask whether a document may be shown here, and write down that it is.

        Raises:
            RefusedError: code ``READER`` or ``ENTRY``.
        """
        await self.require_reader(kind, thread_id)
        await self._note_read(document_id, kind, reason)

    async def _note_read(self, document_id: bytes, kind: str, reason: str) -> None:
        """Who reads threat or placement content; nothing of it is shown before this is durable."""
        declared = KINDS.get(kind)
        if declared is not None and declared.readers:
            await self.note(document_id, kind, reason)

    async def note(self, what: bytes, kind: str, reason: str) -> None:
        """Write down that the person of this device was shown, or took out, something of the case."""
        card = self._context.book.staff(self._context.device_id)
        async with self._vault.transaction():
            await self._vault.write(
                "INSERT INTO read_log (document_id, kind, staff, roles, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
                what, kind, card.name, " ".join(role.value for role in card.roles), reason,
                self._context.clock.now(),
            )  # fmt: skip

    async def require_decided(self, body: dict[str, Any]) -> None:
        """A refusal that nobody here can read stops its case until somebody has put the alarm away (domain.md 2.12).

        What takes a consent back, what is told of documents, and what stays in the unit goes on.

        Raises:
            RefusedError: code ``UNKCODE``.
        """
        header = body["header"]
        kind = KINDS[header["message_type"]]
        if kind.local or kind.flow in _ALWAYS:
            return
        waits = await self._vault.value(
            "SELECT d.document_id FROM alarm a JOIN document d USING (document_id) JOIN thread t USING (thread_id)"
            " WHERE a.code = ? AND a.seen_at IS NULL AND a.cleared_at IS NULL"
            " AND (t.thread_id = ? OR t.principal = ?) LIMIT 1",
            UNKNOWN, bytes.fromhex(header["thread_id"]), header.get("principal_ref"),
        )  # fmt: skip
        if waits is not None:
            raise RefusedError(UNKNOWN)

    async def require_clear(self, body: dict[str, Any]) -> None:
        """The verdicts on the place that had their effect.

        Raises:
            RefusedError: code ``KOL-01``, ``KOL-02``.
        """
        rows = await self._vault.all(
            "SELECT d.body, d.state, d.outcome FROM document d JOIN thread t USING (thread_id)"
            " WHERE d.kind = ? AND t.principal = ?",
            placement.VERDICT, body["header"].get("principal_ref"),
        )  # fmt: skip
        # A verdict without effect clears nothing; it warns as much as any.
        verdicts = [
            (content_of(raw), outcome == Outcome.APPLIED.value) for raw, state, outcome in rows if state not in _VOID
        ]
        content = body["content"]
        placement.require_clear(
            [content for content, counts in verdicts if counts or content.get("verdict") != placement.CLEAR],
            place=content.get("place"),
            moves_at=content.get("moves_at"),
            now=self._now(),
        )

    async def require_checked(self, body: dict[str, Any]) -> None:
        """The questions of the own unit about this placement and place, each with the newest answer; its own look.

        Raises:
            RefusedError: code ``KOL-03``, ``KOL-04``.
        """
        rows = await self._vault.all(
            "SELECT q.body, a.body, a.at FROM document q LEFT JOIN document a ON a.document_id ="
            " (SELECT document_id FROM document WHERE thread_id = q.thread_id AND kind = ?"
            " AND direction = 'in' ORDER BY at DESC, rowid DESC LIMIT 1)"
            " WHERE q.kind = ? AND q.direction = 'out' AND q.state NOT IN ('stopped', 'refused',"
            " 'recalling', 'recalled') AND NOT EXISTS"
            " (SELECT 1 FROM document r WHERE r.thread_id = q.thread_id AND r.kind = 'kollision.borttagen')",
            placement.OUTCOME, repetition.QUESTION,
        )  # fmt: skip
        content, key = body["content"], str(body["header"].get("thread_id"))
        asked = [(repetition.asked(content_of(raw), self._now()), answer, at) for raw, answer, at in rows]
        looked = [
            placement.Looked("" if answer is None else str(content_of(answer).get("outcome")), _instant(at or 0))
            for one, answer, at in asked
            if one.placement == key and content.get("place") in one.cells
        ]
        placement.require_checked([*looked, *await self._own_check(key, content)], content.get("checked_at"))

    async def _own_check(self, key: str, content: dict[str, Any]) -> list[placement.Looked]:
        """The newest that two of the unit found about that placement and place, by themselves."""
        rows = await self._vault.all(
            "SELECT body, at FROM document WHERE kind = ? AND thread_id = ? ORDER BY at DESC, rowid DESC",
            placement.OWN_CHECK, bytes.fromhex(key),
        )  # fmt: skip
        checks = [(content_of(raw), at) for raw, at in rows]
        here = [(one, at) for one, at in checks if one.get("place") == content.get("place")]
        return [placement.Looked(str(one.get("outcome")), _instant(at)) for one, at in here[:1]]

    async def require_calm(self, body: dict[str, Any]) -> None:
        """The own unit's questions of that kind beside this one, by the times that they bear.

        Raises:
            RefusedError: code ``REPEAT``.
        """
        if body["content"].get("repeat_decision") is not None:
            return
        past = [_asked(one, _made(one["header"])) for one, _ in await self._others(body, "direction = 'out'")]
        _require_none(repetition.signs(_asked(body, _made(body["header"])), past))

    async def require_calm_there(self, body: dict[str, Any], hour: int) -> None:
        """Those of the unit that asks, by times that the hub's hours bound; ``hour``: in which it got this one.

        Raises:
            RefusedError: code ``REPEAT``.
        """
        if body["content"].get("repeat_decision") is not None:
            return
        sender = bytes.fromhex(body["header"]["sender_unit"])
        rows = await self._others(body, "direction = 'in' AND unit_id = ?", sender)
        past = [_asked_there(one, deposited) for one, deposited in rows]
        new = _asked_there(body, self._context.clock.now() if not hour else (hour + 1) * HOUR_SECONDS)
        _require_none(repetition.signs_there(new, past))

    async def _others(self, body: dict[str, Any], of_whom: str, *values: bytes) -> list[tuple[dict[str, Any], int]]:
        """Questions of that kind, each with when the hub had it, in seconds."""
        header = body["header"]
        rows = await self._vault.all(
            f"SELECT body, coalesce((deposit_hour + 1) * {HOUR_SECONDS}, at) FROM document WHERE {of_whom}"  # noqa: S608
            " AND kind = ? AND state <> 'stopped' AND document_id <> ?",
            *values, header["message_type"], bytes.fromhex(header["message_id"]),
        )  # fmt: skip
        return [(decode_body(raw, max_bytes=MAX_BODY_BYTES), at) for raw, at in rows]

    def _now(self) -> datetime.datetime:
        return _instant(self._context.clock.now())


def _asked(body: dict[str, Any], at: datetime.datetime) -> repetition.Asked:
    if body["header"]["message_type"] == repetition.NEED:
        return repetition.needed(body, at)
    return repetition.asked(body["content"], at)


def _asked_there(body: dict[str, Any], deposited: int) -> repetition.Asked:
    written = _made(body["header"])
    asked = _asked(body, repetition.bounded(written, _instant(deposited)))
    return dataclasses.replace(asked, written=written, decided=body["content"].get("repeat_decision") is not None)


def _require_none(found: tuple[str, ...]) -> None:
    if found:
        raise RefusedError("REPEAT", rule=found[0])


def _made(header: dict[str, Any]) -> datetime.datetime:
    return datetime.datetime.fromisoformat(str(header["created_at"]))


def _instant(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)

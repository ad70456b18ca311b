"""Full-text search in the vault: texts and labels of the documents that are here, their file names, notes on threads.

1. The index lies in the vault, encrypted like everything there. The page brings it up to date beside its other work; a
   search itself takes in no more than ``AT_ONCE`` documents, so a backlog does not hold it up, and says how many lack.
2. A search is words; a document fits when each of them begins a word of it. Nothing else of FTS5's language is
   understood, so what a person types is never an error.
3. Letters count as in Swedish: å, ä and ö are letters of their own; capitals do not matter.
4. What only certain roles may read is found by its title and the other unit; its content and files are not here.
5. What came last stands first. A ranking by fit would have to weigh every document that has a common word.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.engine.context import Context
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError
from keys.ids import UnitId

MAX_FOUND: Final = 50
MAX_WORDS: Final = 8
AT_ONCE: Final = 20  # some 40 ms of work
_WORD: Final = re.compile(r"\w+")
#: Around a hit in the excerpt; control characters, which no text of a document may hold.
BEGIN, END = "\x02", "\x03"


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One document that fits. ``excerpt`` has its hits between ``BEGIN`` and ``END``."""

    document_id: bytes
    thread_id: bytes
    kind: str
    unit_id: bytes
    at: int
    excerpt: str


@dataclasses.dataclass(frozen=True, slots=True)
class Hits:
    """One page of what fits; whether there are more; and how many documents the index does not hold yet."""

    found: list[Found]
    more: bool
    lacking: int


class Searching:
    """The index of one vault."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    async def search(self, text: str, page: int = 0) -> Hits:
        """The documents that fit, newest first; nothing for no words.

        Args:
            text: what somebody typed.
            page: from 0, ``MAX_FOUND`` documents each.
        """
        words = _WORD.findall(text)[:MAX_WORDS]
        if not words:
            return Hits([], more=False, lacking=0)
        await self.index(AT_ONCE)
        rows = await self._vault.all(
            "SELECT d.document_id, d.thread_id, d.kind, d.unit_id, d.at, found.excerpt"
            " FROM (SELECT rowid AS place, snippet(document_text, 0, ?2, ?3, '…', 24) AS excerpt FROM document_text"
            "  WHERE document_text MATCH ?1 ORDER BY rowid DESC LIMIT ?4 OFFSET ?5) AS found"
            " CROSS JOIN document d ON d.rowid = found.place ORDER BY found.place DESC",
            " ".join(f'"{word}"*' for word in words), BEGIN, END, MAX_FOUND + 1, page * MAX_FOUND,
        )  # fmt: skip
        lacking = await self._vault.value("SELECT count(*) FROM unindexed")
        return Hits([Found(*row) for row in rows[:MAX_FOUND]], more=len(rows) > MAX_FOUND, lacking=lacking)

    async def index(self, at_most: int) -> int:
        """Take in some of what has come since the last time, in one transaction; returns how many."""
        rows = await self._vault.all(
            "SELECT d.rowid, d.document_id, d.kind, d.unit_id, d.thread_id, d.body"
            " FROM unindexed CROSS JOIN document d USING (document_id) LIMIT ?",
            at_most,
        )
        if not rows:
            return 0
        async with self._vault.transaction():
            for place, document_id, kind, unit_id, thread_id, body in rows:
                texts = [*self._texts(kind, unit_id, body), *self._files(kind, document_id)]
                texts += self._notes(document_id, thread_id)
                await self._vault.write(
                    "INSERT OR REPLACE INTO document_text (rowid, text) VALUES (?, ?)", place, "\n".join(texts)
                )
                await self._vault.write("DELETE FROM unindexed WHERE document_id = ?", document_id)
        return len(rows)

    def _files(self, kind: str, document_id: bytes) -> list[str]:
        if kind in KINDS and KINDS[kind].readers:
            return []
        names = "SELECT file_name FROM attachment WHERE document_id = ? ORDER BY position"
        return [row[0] for row in self._vault.glance(names, document_id)]

    def _notes(self, document_id: bytes, thread_id: bytes) -> list[str]:
        """Of its thread, where this is its newest document."""
        newest = "SELECT document_id FROM document WHERE thread_id = ? ORDER BY at DESC, rowid DESC LIMIT 1"
        if self._vault.glance(newest, thread_id)[0][0] != document_id:
            return []
        notes = "SELECT text FROM note WHERE thread_id = ? ORDER BY at"
        return [row[0] for row in self._vault.glance(notes, thread_id)]

    def _texts(self, kind: str, unit_id: bytes, body: bytes) -> Iterator[str]:
        with contextlib.suppress(LocalError):
            yield self._context.book.unit(UnitId(unit_id)).card.name_sv
        if kind in KINDS:
            yield KINDS[kind].title_sv
            if KINDS[kind].readers:
                return
            told = decode_body(body, max_bytes=MAX_BODY_BYTES)
            yield from _values(describe(kind), told["content"])
            yield from _values(describe_header(), told["header"])


def _values(fields: Sequence[FieldInfo], form: Mapping[str, Any]) -> Iterator[str]:
    for info in fields:
        value = form.get(info.name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from _values(info.children, one)
            elif isinstance(one, str) and info.spec.holds not in {FieldType.ID, FieldType.SHA256}:
                yield dict(info.choices).get(one, one)

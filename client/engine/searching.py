"""Full-text search in the vault: texts, labels and names of the documents that are here.

1. The index lies in the vault, encrypted like everything there. It is brought up to date before each search.
2. A search is words; a document fits when each of them begins a word of it. Nothing else of FTS5's language is
   understood, so what a person types is never an error.
3. Letters count as in Swedish: å, ä and ö are letters of their own; capitals do not matter.
4. What only certain roles may read is found by its title and the other unit; its content is not in the index.
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
_AT_ONCE: Final = 200
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


class Searching:
    """The index of one vault."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    async def search(self, text: str) -> list[Found]:
        """The documents that fit best, at most ``MAX_FOUND``; nothing for no words."""
        words = _WORD.findall(text)[:MAX_WORDS]
        if not words:
            return []
        await self.index()
        rows = await self._vault.all(
            "WITH best AS MATERIALIZED (SELECT rowid AS place FROM document_text WHERE document_text MATCH ?1"
            " ORDER BY rank LIMIT ?4)"  # an excerpt is made of those that are shown, not of all that fit
            " SELECT d.document_id, d.thread_id, d.kind, d.unit_id, d.at,"
            " snippet(document_text, 1, ?2, ?3, '…', 24) FROM document_text JOIN document d USING (document_id)"
            " WHERE document_text MATCH ?1 AND document_text.rowid IN (SELECT place FROM best) ORDER BY rank",
            " ".join(f'"{word}"*' for word in words), BEGIN, END, MAX_FOUND,
        )  # fmt: skip
        return [Found(*row) for row in rows]

    async def index(self) -> None:
        """Take in what has come since the last time, some hundred documents in one transaction."""
        while rows := await self._vault.all(
            "SELECT d.document_id, d.kind, d.unit_id, d.body"
            " FROM unindexed CROSS JOIN document d USING (document_id) LIMIT ?",
            _AT_ONCE,
        ):
            async with self._vault.transaction():
                for document_id, kind, unit_id, body in rows:
                    await self._vault.write(
                        "INSERT INTO document_text (document_id, text) VALUES (?, ?)",
                        document_id, "\n".join(self._texts(kind, unit_id, body)),
                    )  # fmt: skip
                    await self._vault.write("DELETE FROM unindexed WHERE document_id = ?", document_id)

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

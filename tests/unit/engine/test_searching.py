"""Searching in a vault: beginnings of words, what stands first, what is found beside texts, and a backlog."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.engine.context import Context
from client.engine.searching import AT_ONCE, MAX_FOUND, Searching
from keys.cards import Role
from tests.unit.engine.test_circumstances import keep, opened


async def found(context: Context, text: str, page: int = 0) -> list[bytes]:
    """The documents of a page."""
    return [one.document_id for one in (await Searching(context).search(text, page)).found]


async def advised(context: Context, count: int, **content: str) -> list[bytes]:
    """So many answers with these words, in the order in which they came."""
    before = {row[0] for row in await context.vault.all("SELECT document_id FROM document")}
    for _ in range(count):
        await keep(context, "konsultation.svar", **content)
    while await Searching(context).index(AT_ONCE):
        pass
    rows = await context.vault.all("SELECT document_id FROM document ORDER BY rowid")
    return [row[0] for row in rows if row[0] not in before]


async def test_one_letter_is_enough_and_the_newest_stands_first(tmp_path: Path) -> None:
    """Beginnings of one, two, three and more letters; å is no a; more than a page is said, and turned."""
    async with opened(tmp_path, "sav", Role.HANDLAGGARE) as context:
        came = await advised(context, MAX_FOUND + 2, advice="Zebror på Åland")
        for text in ("z", "ze", "zeb", "zebr", "ZEBROR", "z å", "åla zeb"):
            assert await found(context, text) == came[::-1][:MAX_FOUND], text
            assert await found(context, text, 1) == came[::-1][MAX_FOUND:], text
        hits = [await Searching(context).search("zebror", page) for page in (0, 1)]
        assert [one.more for one in hits] == [True, False]
        assert "\x02Zebror\x03" in hits[0].found[0].excerpt
        assert await found(context, "aland") == []
        assert await found(context, '" OR NEAR(') == []


async def test_a_note_and_a_files_name_are_found(tmp_path: Path) -> None:
    """Also when they come after the document was indexed; a note by the newest document of its thread."""
    async with opened(tmp_path, "sav", Role.HANDLAGGARE) as context:
        (document,) = await advised(context, 1, advice="Råd")
        assert await found(context, "giraff") == []
        thread = await context.vault.value("SELECT thread_id FROM document WHERE document_id = ?", document)
        async with context.vault.transaction():
            await context.vault.write(
                "INSERT INTO note (note_id, thread_id, author, at, text) VALUES (x'01', ?, x'02', 1, 'Giraffen')",
                thread,
            )
            await context.vault.write(
                "INSERT INTO attachment (file_id, document_id, position, state, file_name, media_type, size_bytes,"
                " sha256, pdfa, digest, fetched, blobs, done, at)"
                " VALUES (x'03', ?, 0, 'here', 'tapir.pdf', '', 0, x'', 0, x'', 0, 0, 0, 1)",
                document,
            )
        assert await found(context, "giraff") == [document]
        assert await found(context, "tapir") == [document]
        assert await found(context, "råd") == [document]


async def test_a_search_does_not_wait_for_a_backlog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes in a part and says how much lacks; the next part makes it whole."""
    monkeypatch.setattr("client.engine.searching.AT_ONCE", 3)
    async with opened(tmp_path, "sav", Role.HANDLAGGARE) as context:
        for _ in range(5):
            await keep(context, "konsultation.svar", advice="Zebra")
        first, second = await Searching(context).search("zebra"), await Searching(context).search("zebra")
        assert [(len(one.found), one.lacking) for one in (first, second)] == [(3, 2), (5, 0)]
        assert await Searching(context).index(AT_ONCE) == 0

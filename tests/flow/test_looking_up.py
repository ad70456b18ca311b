"""A full vault answers as quickly as an empty one: nothing that is asked when a document comes reads all documents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.engine.office import Desk
from tests.flow.test_clocks import WITH_POLICE, assessed, close
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units, open_units
from tests.kit.visitor import visiting

#: Tables whose rows go when they are done, or are written by hand one by one; and those that a list shows whole.
SHORT = {"attachment_answer", "clock_stale", "decision", "document_text_config", "draft", "gap", "jotting", "request"}
SHORT |= {"running", "telling", "unindexed", "untold", "unwanted", "thread", "consent"}
ASKS = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


@pytest.fixture
async def cases(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one with the police."""
    async with open_units(tmp_path, hub.url, federation, WITH_POLICE) as opened:
        yield opened


def listened_to(desk: Desk) -> set[str]:
    """The statements of all connections of a vault from now on, with their values; grows."""
    vault: Any = desk.context.vault
    asked = set[str]()
    for connection in (vault._near_writer, vault._glancer, vault._reader._conn):
        connection.set_trace_callback(asked.add)
    return asked


def reads_whole(connection: Any, statement: str) -> set[str]:
    """Tables whose rows SQLite would all go through; an index of theirs does not count."""
    tables = dict(connection.execute("SELECT rootpage, name FROM sqlite_master WHERE type = 'table'").fetchall())
    steps = connection.execute("EXPLAIN " + statement).fetchall()  # address, opcode, p1, p2, ...
    cursors = {step[2]: tables.get(step[3]) for step in steps if step[1] in {"OpenRead", "OpenWrite"}}
    return {cursors[step[2]] for step in steps if step[1] in {"Rewind", "Last"} and cursors.get(step[2])}


async def test_a_document_that_comes_makes_nobody_read_all_others(cases: Units) -> None:
    """From a request to a closed case, over the work list and the open documents, each row is found by an index.

    SQLite chooses its way by the indexes alone, so this holds for a vault of any size.
    """
    desks = [cases[key].desk for key in WITH_POLICE]
    asked = [listened_to(desk) for desk in desks]
    request, _, consent_id = await assessed(cases)
    await close(cases, consent_id, request.verdict.message.header.principal_ref or "")
    for desk in desks:
        async with visiting(desk) as visitor:
            await visitor.enter()
            seen = await visitor.get("/?view=all")
            for link in (*seen.links("/thread/"), f"/document/{request.document_id.hex()}"):
                await visitor.get(link)
    apart = desks[0].context.vault.apart()
    apart.text_factory = lambda raw: raw.decode("utf-8", "replace")  # EXPLAIN tells values too
    questions = [one for one in set().union(*asked) if one.lstrip().startswith(ASKS)]
    assert len(questions) > 100
    assert {one: whole for one in questions if (whole := reads_whole(apart, one) - SHORT)} == {}
    assert reads_whole(apart, "SELECT body FROM document WHERE salt = x''") == {"document"}
    assert reads_whole(apart, "DELETE FROM quarantine WHERE note = ''") == {"quarantine"}
    apart.close()

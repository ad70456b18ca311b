"""``sluss approvals``, ``approve`` and ``decline`` at a terminal: the second person's own machine, as a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.test_approvals import ask
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units, open_units, rows
from tests.unit.cli.terminal import Desk, Dialogue, Said

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one at the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def at_terminal(units: Units, key: str) -> Desk:
    """Close an office in this process; its handler goes on at the command line."""
    await units.pop(key).close()
    return Desk.fresh(units.path / key.replace("/", "-"))


async def asked(units: Units) -> str:
    """Eva's request to the police, which Bo's machine has; its id."""
    made = await ask(units)
    await units.settle(4)
    return str(made["document_id"])


def said_no_then_yes(desk: Desk, document_id: str) -> tuple[Said, Said]:
    """``sluss approve`` twice: the person reads and declines to sign, then signs."""
    outcomes = []
    for answer in ("n", "j"):
        dialogue = Dialogue(desk.command("approve", document_id[:8]))
        dialogue.answer("Står du också för dokumentet?", answer)
        outcomes.append(dialogue.end())
    return outcomes[0], outcomes[1]


async def test_the_second_person_reads_asks_herself_and_signs(units: Units) -> None:
    """The list and the whole document are shown; a no signs nothing, a yes does, and then it leaves from Eva's."""
    document_id = await asked(units)
    bo = await at_terminal(units, "sav/bo")
    (row,) = await asyncio.to_thread(bo.json, "approvals")
    assert (row["document_id"], row["state"], row["author"], row["obstacle"]) == (document_id, "awaiting", "Eva Ek", "")
    refused, done = await asyncio.to_thread(said_no_then_yes, bo, document_id)
    assert (refused.code, "Inget skrevs under." in refused.words) == (0, True)
    assert (done.code, "1280" in done.out, "Eva Ek" in done.out) == (0, True, True)
    await units.settle(3)
    assert [kind for (kind,) in await rows(units["bops/pia"], "kind FROM document")] == ["hotbild.begaran"]


async def test_a_no_needs_a_reason_and_is_told_to_the_author(units: Units) -> None:
    """Without one the command is wrong; the author reads it in the list, and cannot approve what is her own."""
    document_id = await asked(units)
    bo = await at_terminal(units, "sav/bo")
    assert (await asyncio.to_thread(bo.run, "decline", document_id)).code == 2
    done = await asyncio.to_thread(bo.json, "decline", document_id, "--reason", "Fel ort.")
    assert done["state"] == "declined"
    await units.settle(3)
    eva = await at_terminal(units, "sav/eva")
    table = await asyncio.to_thread(eva.run, "approvals", as_json=False)
    assert (table.code, "Fel ort." in table.out) == (0, True)
    assert (await asyncio.to_thread(eva.run, "approve", document_id)).code == 3
    assert await rows(units["bops/pia"], "kind FROM document") == []

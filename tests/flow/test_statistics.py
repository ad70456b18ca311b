"""Statistics from vault to recipient, through a real hub: counted, reviewed, approved, masked, sent once."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from client.engine.office import Desk, Office
from client.engine.writing import Order
from keys.cards import Role
from keys.errors import SlussError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PASSPHRASE, Offices, make_folder

ROLES = {
    "sav": (Role.HANDLAGGARE, Role.STATISTIKER, Role.BESLUTSFATTARE),
    "scb": (Role.STATISTIKER,),
    "sodermalm": (Role.HANDLAGGARE,),
}
YEAR = datetime.datetime.now(datetime.UTC).year - 1
_BACK = 366 * 86_400


@pytest.fixture
def federation() -> Federation:
    """Beside Stockholm and the police, a county board that receives statistics."""
    made = Federation.demo(devices=0, now=int(datetime.datetime.now(datetime.UTC).timestamp()))
    made.add_organisation("lan", "Länsstyrelsen", kind="lansstyrelse")
    made.add_unit("scb", "lan", unit_type="statistikmottagare", name="Statistiken")
    return made


@pytest.fixture
async def offices(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Offices]:
    """Three offices with their roles; the office that counts was asked six times last year, and answered thrice."""
    opened = Offices()
    opened.federation = federation
    async with contextlib.AsyncExitStack() as stack:
        for unit, roles in ROLES.items():
            folder = make_folder(tmp_path / unit, federation, unit, f"Stina {unit}", address=hub.url, roles=roles)
            opened[unit] = await Office.open(folder, PASSPHRASE)
            stack.push_async_callback(opened[unit].close)
        await opened.settle()
        await opened.know_each_other()
        for n in range(6):
            asked = await opened["sodermalm"].desk.writing.write(opened.ask("sav"))
            await opened.settle(2)
            if n % 2:
                await _answer(opened, asked.thread_id, asked.document_id)
        await opened.settle()
        await _a_year_ago(opened["sav"].desk)
        yield opened


async def _answer(offices: Offices, thread_id: bytes, document_id: bytes) -> None:
    content = CONTENTS["konsultation.svar"]
    order = Order(
        kind="konsultation.svar",
        to_unit=offices.unit("sodermalm"),
        content=content,
        thread_id=thread_id,
        reply_to=document_id,
    )
    await offices["sav"].desk.writing.write(order)


async def _a_year_ago(desk: Desk) -> None:
    """The vault as it looks a year later."""
    async with desk.context.vault.transaction():
        await desk.context.vault.write("UPDATE document SET at = at - ?", _BACK)


async def _refused(desk: Desk, command: str, **arguments: Any) -> str:
    with pytest.raises(SlussError) as caught:
        await run(desk, command, arguments)
    return caught.value.code


async def _approved(desk: Desk, half: str = "hela") -> str:
    made = await run(desk, "statistics_collect", {"year": YEAR, "half": half})
    thread_id: str = made["thread_id"]
    await run(desk, "statistics_review", {"thread_id": thread_id})
    await run(desk, "statistics_approve", {"thread_id": thread_id})
    return thread_id


async def test_from_vault_to_recipient(offices: Offices) -> None:
    """The recipient gets every cell; the three answers, and what could give them away, are masked."""
    desk, receiver = offices["sav"].desk, offices["scb"].desk
    made = await run(desk, "statistics_collect", {"year": YEAR})
    assert made["state"] == "kept"
    thread_id = made["thread_id"]
    assert await _refused(desk, "statistics_approve", thread_id=thread_id) == "STA"
    assert await _refused(desk, "statistics_send", thread_id=thread_id, to="Statistiken") == "STA"
    await run(desk, "statistics_review", {"thread_id": thread_id})
    await run(desk, "statistics_approve", {"thread_id": thread_id})
    assert await _refused(desk, "statistics_send", thread_id=thread_id, to="Sodermalm") == "ROL"
    assert (await run(desk, "thread", {"thread_id": thread_id}))["state"] == "godkand"
    sent = await run(desk, "statistics_send", {"thread_id": thread_id, "to": "Statistiken"})
    assert (await run(desk, "thread", {"thread_id": thread_id}))["state"] == "skickad"
    await offices.settle()
    got = await run(receiver, "show", {"document_id": sent["document_id"]})
    shown = {row["cell"]: row.get("count") for row in got["content"]["cells"]}
    hidden = {"konsultationer_besvarade", "konsultationer_minutes", "median_days_intake"}
    assert {name for name, value in shown.items() if value is None} == hidden
    assert shown["konsultationer_in"] == 6
    kinds = [kind for (kind,) in await receiver.context.vault.all("SELECT kind FROM document")]
    assert kinds == ["statistik.rapport"]


async def test_one_report_for_one_time(offices: Offices) -> None:
    """A half beside the whole year would give the other half away; after the first is taken back another may go."""
    desk = offices["sav"].desk
    first, half = await _approved(desk), await _approved(desk, "forsta")
    sent = await run(desk, "statistics_send", {"thread_id": first, "to": "Statistiken"})
    assert await _refused(desk, "statistics_send", thread_id=half, to="Statistiken") == "OVERLAP"
    assert (await run(desk, "thread", {"thread_id": half}))["state"] == "godkand"
    content = {"taken_back_on": f"{YEAR + 1}-02-01", "reason": "fel_period"}
    back = {"document_id": sent["document_id"], "kind": "statistik.atertagen", "content": content}
    await run(desk, "reply", back)
    await run(desk, "statistics_send", {"thread_id": half, "to": "Statistiken"})
    await offices.settle()
    states = {row["state"] for row in await run(offices["scb"].desk, "threads", {})}
    assert states == {"atertagen", "skickad"}


async def test_a_period_is_counted_when_it_is_over(offices: Offices) -> None:
    """Two counts of a period that still runs would differ by what happened in between."""
    assert await _refused(offices["sav"].desk, "statistics_collect", year=YEAR + 1) == "EARLY"


async def test_a_handler_does_not_count(offices: Offices) -> None:
    """Counting is for those who count and for those who answer for it."""
    assert await _refused(offices["sodermalm"].desk, "statistics_collect", year=YEAR) == "ROL"

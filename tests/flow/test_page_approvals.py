"""Two people at two pages: one writes, the other sees exactly what leaves, and says yes or no."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.api.commands import run
from client.casework.header import MAX_DNR
from keys.cards import Role
from tests.flow.test_approvals import KIND, ask
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS
from tests.kit.units import Units, open_units
from tests.kit.visitor import Visitor, visiting

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}
Room = tuple[Units, dict[str, Visitor]]


@pytest.fixture
async def room(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Room]:
    """Everybody at a page."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as units, contextlib.AsyncExitStack() as stack:
        visitors = {key: await stack.enter_async_context(visiting(units[key].desk)) for key in STAFF}
        for visitor in visitors.values():
            await visitor.enter()
        yield units, visitors


async def test_what_one_approves_is_what_the_recipient_reads(room: Room) -> None:
    """The waiting document is counted, shown with every field, approved, and it arrives; its author cannot."""
    units, at = room
    made = await ask(units)
    await units.settle()
    here = f"/approvals/{made['document_id']}"
    assert "1 dokument väntar på ditt godkännande" in (await at["sav/bo"].get("/")).text
    own = await at["sav/eva"].get(here)
    assert "någon annan ska godkänna det" in own.text
    assert 'value="approve"' not in own.source
    shown = await at["sav/bo"].get(here)
    refused = await at["sav/eva"].post(own, here, act="approve")
    assert refused.status == 422
    done = await at["sav/bo"].post(shown, here, act="approve")
    assert "Du har godkänt dokumentet" in done.text
    await units.settle()
    thread = (await at["bops/pia"].get("/?view=new")).links("/thread/")[0]
    got = await at["bops/pia"].get(thread)
    assert "Godkänt av Bo Berg" in got.text
    said = {word for word in CONTENTS[KIND].values() if isinstance(word, str) and " " in word}
    assert said
    for text in {"Malmö", *said}:
        assert text in shown.text
        assert text in got.text


async def test_a_date_that_passes_while_it_waits_is_given_anew(room: Room) -> None:
    """Whoever may approve is told and may still say no; its author types the new day alone, and all else is kept."""
    units, at = room
    desk = units["sav/eva"].desk
    now = datetime.datetime.fromtimestamp(desk.context.clock.now(), datetime.UTC)
    made = await ask(units, header={"reply_by": f"{now + datetime.timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"})
    await units.settle()
    units.dial.turn(2 * 86_400)
    here = f"/approvals/{made['document_id']}"
    shown = await at["sav/bo"].get(here)
    assert "Ett datum i dokumentet har passerat" in shown.text
    assert ('value="approve"' in shown.source, 'value="decline"' in shown.source) == (False, True)
    refused = await at["sav/bo"].post(shown, here, act="approve")
    assert (refused.status, "Ett datum i dokumentet har passerat" in refused.text) == (422, True)
    own = await at["sav/eva"].get(here)
    assert own.values("date:header.reply_by")[0]
    unsaid = await at["sav/eva"].post(own, here, {"date:header.reply_by": ""}, act="approval_renew")
    assert unsaid.status == 422
    wish = (now + datetime.timedelta(days=9)).strftime("%Y-%m-%dT09:00")
    listed = await at["sav/eva"].post(own, here, {"date:header.reply_by": wish}, act="approval_renew")
    assert "Dokumentet är skrivet på nytt" in listed.text
    old, new = await run(desk, "approvals", {})
    assert [(one["state"], one["code"]) for one in (old, new)] == [("stopped", "RENEWED"), ("awaiting", "")]
    before, after = [await run(desk, "approval_show", {"document_id": one["document_id"]}) for one in (old, new)]
    assert after["header"]["reply_by"][:10] == wish[:10]
    assert (after["content"], after["consent_id"]) == (before["content"], before["consent_id"])


async def test_a_no_carries_its_reason(room: Room) -> None:
    """Without a reason it is asked for; with one the author reads it and may take the document back."""
    units, at = room
    made = await ask(units)
    await units.settle()
    here = f"/approvals/{made['document_id']}"
    shown = await at["sav/bo"].get(here)
    assert (await at["sav/bo"].post(shown, here, act="decline", reason=" ")).status == 422
    await at["sav/bo"].post(shown, here, act="decline", reason="Fel ort.")
    await units.settle()
    assert "Fel ort." in (await at["sav/eva"].get("/approvals")).text
    waiting = await at["sav/eva"].get(f"/thread/{made['thread_id']}")
    assert "Inte godkänd" in waiting.text


async def test_a_thread_of_which_nothing_has_left_is_shown(room: Room) -> None:
    """It says that a colleague must approve first, offers nothing that the rules would refuse, and can be printed."""
    units, at = room
    made = await ask(units)
    thread = await at["sav/eva"].get(f"/thread/{made['thread_id']}")
    assert thread.status == 200
    assert "En kollega ska först godkänna det som är skrivet." in thread.text
    assert thread.values("kind") == []
    printed = await at["sav/eva"].get(f"/thread/{made['thread_id']}/print")
    assert "Sekretess kan gälla" in printed.text
    assert printed.values("form_token") == []


async def test_a_document_that_one_may_not_read_closes_a_line_and_not_the_thread(room: Room) -> None:
    """The hotline of the unit sees the thread, and why its documents are not for it; nothing of their text is there."""
    units, at = room
    made = await ask(units)
    await units.settle()
    shown = await at["sav/bo"].get(f"/approvals/{made['document_id']}")
    await at["sav/bo"].post(shown, f"/approvals/{made['document_id']}", act="approve")
    hotline = await units.join("sav/tea", "Tea Telefon", roles=[Role.TELEFON])
    await units.settle(6)
    async with visiting(hotline.desk) as tea:
        await tea.enter()
        seen = await tea.get(f"/thread/{made['thread_id']}")
    assert seen.status == 200
    assert "Din roll får inte läsa dokumentet" in seen.text
    assert "Malmö" in shown.text
    assert "Malmö" not in seen.text


async def test_a_diary_number_is_given_where_the_document_is_read(room: Room) -> None:
    """The recipient writes it; both ends show it, and the sender's document is registered."""
    units, at = room
    made = await ask(units)
    await units.settle()
    await run(units["sav/bo"].desk, "approve", {"document_id": made["document_id"]})
    await units.settle()
    here = f"/thread/{made['thread_id']}"
    seen = await at["bops/pia"].get(here)
    number = "A" * (MAX_DNR + 1)
    wrong = await at["bops/pia"].post(seen, here, act="register", document_id=made["document_id"], number=number)
    assert (wrong.status, wrong.values("number")) == (422, [number])
    after = await at["bops/pia"].post(seen, here, act="register", document_id=made["document_id"], number="A-12/2026")
    assert "Diarienummer A-12/2026" in after.text
    assert after.values("number") == []
    await units.settle()
    back = await at["sav/eva"].get(here)
    assert "Diarienummer A-12/2026" in back.text
    assert "Registrerad" in back.text

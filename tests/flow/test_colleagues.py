"""Colleagues at their commands: who has what, what is read, what was registered by one counts for all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.api.commands import run
from client.engine.writing import Order
from keys.errors import LocalError, RefusedError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sav/ulla": "Ulla Um", "bops/pia": "Pia Po"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Three devices at sav, one at the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def test_the_commands_of_a_unit(units: Units) -> None:
    """Eva takes a case, hands it to Bo and writes a note; Ulla sees both."""
    eva, ulla = units["sav/eva"].desk, units["sav/ulla"].desk
    written = await units["bops/pia"].desk.writing.write(units.ask("sav"))
    await units.settle()
    thread_id = written.thread_id.hex()
    staff = await run(eva, "staff", {})
    assert [(one["name"], one["own"]) for one in staff] == [("Eva Ek", True), ("Bo Berg", False), ("Ulla Um", False)]
    taken = await run(eva, "take", {"thread_id": thread_id})
    assert taken["assigned"]["name"] == "Eva Ek"
    handed = await run(eva, "hand", {"thread_id": thread_id[:8], "to": "bo"})
    assert handed["assigned"]["name"] == "Bo Berg"
    await run(eva, "note", {"thread_id": thread_id, "text": "Ring först."})
    await units.settle()
    seen = await run(ulla, "thread", {"thread_id": thread_id})
    assert (seen["assigned"]["name"], [one["text"] for one in seen["notes"]]) == ("Bo Berg", ["Ring först."])
    for to in ("", "Pia Po", "nobody"):
        with pytest.raises(LocalError):
            await run(eva, "hand", {"thread_id": thread_id, "to": to})


async def test_standing_in_for_some_days(units: Units) -> None:
    """While Ulla stands in for Eva, what is handed to Eva is Ulla's; 0 days ends it."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    written = await units["bops/pia"].desk.writing.write(units.ask("sav"))
    await units.settle()
    rows_of_staff = await run(eva, "stand_in", {"to": "Ulla Um", "days": 3})
    assert rows_of_staff[0]["stand_in"] == rows_of_staff[2]["device_id"]
    await units.settle()
    order = {"thread_id": written.thread_id.hex(), "to": "Eva Ek"}
    assert (await run(bo, "hand", order))["assigned"]["name"] == "Ulla Um"
    await run(eva, "stand_in", {"to": "Ulla Um", "days": 0})
    await units.settle()
    assert (await run(bo, "hand", order))["assigned"]["name"] == "Eva Ek"


async def test_what_one_has_read_is_read(units: Units) -> None:
    """A document that Eva has seen is not new to Bo."""
    written = await units["bops/pia"].desk.writing.write(units.ask("sav"))
    await units.settle()
    assert (await run(units["sav/bo"].desk, "status", {}))["unread"] == 1
    await run(units["sav/eva"].desk, "show", {"document_id": written.document_id.hex()})
    await units.settle()
    assert (await run(units["sav/bo"].desk, "status", {}))["unread"] == 0


async def test_a_draft_is_everybodys_until_it_is_thrown_away(units: Units) -> None:
    """Eva begins, Bo goes on, Ulla throws it away."""
    eva, bo, ulla = (units[f"sav/{name}"].desk.unit for name in ("eva", "bo", "ulla"))
    draft = await eva.draft(b"one")
    await units.settle()
    await bo.draft(b"two", draft.draft_id)
    await units.settle()
    assert [one.form for one in await eva.drafts()] == [b"two"]
    await ulla.draft(b"", draft.draft_id)
    await units.settle()
    assert [await one.drafts() for one in (eva, bo, ulla)] == [[], [], []]


async def test_a_consent_and_its_withdrawal_count_for_the_whole_unit(units: Units) -> None:
    """Eva registers a consent, Bo sends by it; Ulla registers the withdrawal, and Eva's next request does not leave."""
    eva, bo, ulla = (units[f"sav/{name}"].desk for name in ("eva", "bo", "ulla"))
    held = eva.consents.sign(units.consent_fields("sav", ["sav", "bops"]))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    await units.settle()
    request = Order(
        kind="hotbild.begaran",
        to_unit=units.unit("bops"),
        content=CONTENTS["hotbild.begaran"],
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )
    await bo.writing.write(request)
    await units.settle()
    assert await rows(units["bops/pia"], "kind FROM document") == [("hotbild.begaran",)]
    content = {"received_how": "telefon", "at": held.record.valid_from + "T08:00:00Z"}
    await ulla.withdrawing.withdraw(held.consent_id, content, ulla.writing)
    await units.settle()
    assert {row[0] for row in await rows(units["bops/pia"], "kind FROM document")} == {
        "hotbild.begaran",
        "samtycke.aterkallat",
        "samtycke.aterkallelse_bekraftad",  # which her program writes by itself
    }
    with pytest.raises(RefusedError) as caught:
        await eva.writing.write(request)
    assert caught.value.code == "CNS-08"
    found = [await rows(units[key], "thread_id, state FROM thread ORDER BY 1") for key in STAFF if key != "bops/pia"]
    assert found[0] == found[1] == found[2]
    assert {row[1] for row in found[0]} == {"aterkallat", "stoppad_samtycke"}

"""Deadlines and reminders in real offices: alike everywhere, gone for all when one acts, and nothing moves by them."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.api.commands import run
from client.casework.swedish_time import at_local
from client.engine.office import Desk
from client.engine.writing import Order, Written
from tests.flow.test_case import assessed, decision
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS
from tests.kit.units import Units, open_units

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}
WITH_POLICE = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}
DAY = 86_400


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


@pytest.fixture
async def cases(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one with the police."""
    async with open_units(tmp_path, hub.url, federation, WITH_POLICE) as opened:
        yield opened


async def reminders(units: Units, *keys: str) -> list[list[tuple[str, str, bool]]]:
    """Of each device: clock, why, and whether it is the own unit's turn."""
    found = [await run(units[key].desk, "reminders", {}) for key in keys]
    return [[(one["clock"], one["why"], one["ours"]) for one in told] for told in found]


async def overdue(desk: Desk) -> list[tuple[str, list[str], bool]]:
    """The view of the work list: what is waited for, whose turn, and whether that is us."""
    listed = await run(desk, "work", {"view": "overdue"})
    assert listed["counts"]["overdue"] == len(listed["rows"])
    assert all(row["overdue"] for row in listed["rows"])
    return [(row["awaited"], row["responsible"], row["ours"]) for row in listed["rows"]]


async def asked(units: Units) -> Written:
    """A consultation of Olle's that has come to sav."""
    written = await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units.settle()
    return written


async def state(units: Units, key: str, thread_id: bytes) -> str:
    """Of a thread at a device."""
    thread = await units[key].desk.threads.get(thread_id)
    assert thread is not None
    return thread.state


async def test_overdue_is_seen_by_all_and_moves_nothing(units: Units) -> None:
    """A question that nobody takes is overdue on every machine, with the unit whose turn it is, and stays as it was."""
    written = await asked(units)
    units.dial.turn(10 * DAY)
    name = units.federation.units["sav"].card.name_sv
    for key in ("sav/eva", "sav/bo", "sodermalm/olle"):
        assert await overdue(units[key].desk) == [("Någon tar hand om frågan", [name], key != "sodermalm/olle")]
        assert (await run(units[key].desk, "status", {}))["overdue"] == 1
        assert await state(units, key, written.thread_id) == "tillganglig"
        (row,) = await run(units[key].desk, "threads", {})
        assert (row["overdue"], row["responsible"]) == (True, [name])


async def test_a_document_that_cannot_be_read_leaves_the_list_whole(units: Units) -> None:
    """Its thread stands there without a clock; the others have theirs."""
    broken, sound = await asked(units), await asked(units)
    vault = units["sav/eva"].desk.context.vault
    async with vault.transaction():
        await vault.write("UPDATE document SET body = x'ff' WHERE document_id = ?", broken.document_id)
        await vault.write("INSERT OR IGNORE INTO clock_stale SELECT thread_id FROM thread")
    rows = {row["thread_id"]: row for row in (await run(units["sav/eva"].desk, "work", {}))["rows"]}
    assert rows[broken.thread_id.hex()]["deadline"] is None
    assert rows[sound.thread_id.hex()]["awaited"] == "Någon tar hand om frågan"


async def test_a_reminder_ends_for_every_device_when_one_acts(units: Units) -> None:
    """Eva and Bo are reminded; when Eva takes the case nobody is any more, and the next clock runs for both."""
    written = await asked(units)
    units.dial.turn(10 * DAY)
    told = await reminders(units, "sav/eva", "sav/bo")
    assert [[(clock, ours) for clock, _, ours in one] for one in told] == [[("konsultation.ta_emot", True)]] * 2
    units.dial.turn(-10 * DAY)  # the hub's clock is the machine's
    await units["sav/eva"].desk.unit.take(written.thread_id)
    await units.settle()
    units.dial.turn(10 * DAY)
    told = await reminders(units, "sav/eva", "sav/bo")
    assert [[clock for clock, _, _ in one] for one in told] == [["konsultation.svar"]] * 2
    units.dial.turn(-10 * DAY)
    assert await reminders(units, "sav/eva", "sav/bo") == [[], []]


async def test_a_reminder_that_one_has_seen_comes_again_with_its_next_stage(units: Units) -> None:
    """Bo puts a reminder away for Eva too; a week later both hear of it again."""
    await asked(units)
    units.dial.turn(8 * DAY)
    (told,) = await run(units["sav/bo"].desk, "reminders", {})
    units.dial.turn(-8 * DAY)
    await units["sav/bo"].desk.unit.reminded(bytes.fromhex(told["reminder_id"]))
    await units.settle()
    units.dial.turn(8 * DAY)
    assert await reminders(units, "sav/eva", "sav/bo") == [[], []]
    assert len(await overdue(units["sav/eva"].desk)) == 1
    units.dial.turn(7 * DAY)
    assert await reminders(units, "sav/eva", "sav/bo") == [[("konsultation.ta_emot", "again", True)]] * 2


async def test_a_silent_consultation_rests_and_is_taken_up_again(units: Units) -> None:
    """Thirty days after a question back it rests at both ends, is not overdue, and the answer opens it again."""
    written = await asked(units)
    olle, eva = units["sodermalm/olle"].desk, units["sav/eva"].desk
    back = Order(
        kind="konsultation.komplettering",
        to_unit=units.unit("sodermalm"),
        content=CONTENTS["konsultation.komplettering"],
        thread_id=written.thread_id,
        reply_to=written.document_id,
    )
    asked_back = await eva.writing.write(back)
    await units.settle()
    units.dial.turn(29 * DAY)
    for key in STAFF:
        await units[key].desk.unit._clocks.duty()
    assert await state(units, "sav/bo", written.thread_id) == "vantar_fragare"
    units.dial.turn(2 * DAY)
    for key in ("sav/eva", "sav/bo", "sodermalm/olle"):
        await units[key].desk.unit._clocks.duty()
        assert await state(units, key, written.thread_id) == "avslutad_tyst"
        assert await overdue(units[key].desk) == []
        assert (await run(units[key].desk, "work", {"view": "open"}))["rows"] == []
    answer = dataclasses.replace(back, to_unit=units.unit("sav"), reply_to=asked_back.document_id)
    units.dial.turn(-31 * DAY)  # the hub's clock is the machine's
    await olle.writing.write(answer)
    await units.settle()
    assert [await state(units, key, written.thread_id) for key in ("sav/eva", "sav/bo", "sodermalm/olle")] == [
        "pagar"
    ] * 3


async def test_a_decided_target_group_lasts_as_long_as_its_result(cases: Units) -> None:
    """The thread is due when the last day of the police's result is over, and the unit hears of it a week ahead."""
    written, result, consent_id = await assessed(cases, valid_until=day(cases, 60))
    await cases["sav/eva"].desk.writing.write(decision(cases, written, result, consent_id))
    await cases.settle()
    for key in ("sav/eva", "sav/bo", "bops/pia"):
        thread = await run(cases[key].desk, "thread", {"thread_id": written.thread_id.hex()})
        assert (thread["state"], thread["awaited"]) == ("malgrupp_beslutad", "Ny bedömning innan resultatet går ut")
        assert thread["deadline"] == ends(day(cases, 60))
    cases.dial.turn(54 * DAY)
    clock = ("hotbild.giltighet", "before", True)
    assert [clock in told for told in await reminders(cases, "sav/eva", "sav/bo", "bops/pia")] == [True, True, False]


async def test_a_consent_is_recalled_and_what_came_is_to_be_registered(cases: Units) -> None:
    """Thirty days before a consent ends its unit hears of it, once more after seven; the police do not."""
    await assessed(cases)
    assert ("handling.registrering", "end", True) not in (await reminders(cases, "sav/eva"))[0]
    cases.dial.turn(271 * DAY)
    told = await run(cases["sav/eva"].desk, "reminders", {})
    clocks = {one["clock"]: one for one in told}
    assert (clocks["samtycke.fornyelse"]["why"], clocks["samtycke.fornyelse"]["overdue"]) == ("before", False)
    assert clocks["samtycke.fornyelse"]["consent_id"]
    assert clocks["handling.registrering"]["overdue"]
    assert "samtycke.fornyelse" not in {one["clock"] for one in await run(cases["bops/pia"].desk, "reminders", {})}
    await run(cases["sav/eva"].desk, "reminded", {"reminder_id": clocks["samtycke.fornyelse"]["reminder_id"]})
    assert "samtycke.fornyelse" not in [one[0] for one in (await reminders(cases, "sav/eva"))[0]]
    cases.dial.turn(24 * DAY)
    assert ("samtycke.fornyelse", "before", True) in (await reminders(cases, "sav/eva"))[0]


async def close(units: Units, consent_id: bytes, principal: str) -> None:
    """Eva closes a case, today, and tells the police; the person has signed that she may be followed up."""
    eva = units["sav/eva"].desk
    fields = units.consent_fields("sav", ["sav", "bops"], consent_id="f0" * 16)
    after = {"purpose": "uppfoljning_efter_avslut", "signed": True, "valid_to": day(units, 500)}
    fields["purposes"] = [*fields["purposes"], after]
    held = eva.consents.sign(fields)
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    filled = {name: value for name, value in CONTENTS["avslut.notis"].items() if name != "count_in_stats"}
    order = Order(
        kind="avslut.notis",
        to_unit=units.unit("bops"),
        content={**filled, "closed_on": day(units, 0)},
        header={"principal_ref": principal},
        consent_id=consent_id,
    )
    await eva.writing.write(order)
    await units.settle()


async def test_a_closed_case_is_followed_up_and_thinned_out(cases: Units) -> None:
    """Eleven months later the unit hears of the follow-up, unless it works otherwise; after years of thinning out.

    The threat result and the consent of a closed case call for nothing.
    """
    asked, _, consent_id = await assessed(cases)
    await close(cases, consent_id, asked.verdict.message.header.principal_ref or "")
    follows = ("uppfoljning.efter_avslut", "before", True)
    for ahead, expected in ((0, False), (300, False), (340, True)):
        cases.dial.turn(ahead * DAY)
        (bo,) = await reminders(cases, "sav/bo")
        assert (follows in bo) is expected
        assert not {one[0] for one in bo} & {"hotbild.giltighet", "samtycke.fornyelse", "arende.gallring"}
        cases.dial.turn(-ahead * DAY)
    await cases.change_card("sav", follow_up="vid_omprovning")
    cases.dial.turn(340 * DAY)
    assert follows not in (await reminders(cases, "sav/bo"))[0]
    cases.dial.turn(7 * 366 * DAY)
    assert ("arende.gallring", "again", True) in (await reminders(cases, "sav/bo"))[0]


def day(units: Units, days: int) -> str:
    """A day some days from today."""
    now = units["sav/eva"].desk.context.clock.now()
    return (datetime.datetime.fromtimestamp(now, datetime.UTC) + datetime.timedelta(days=days)).date().isoformat()


def ends(text: str) -> str:
    """The end of a day in Sweden, as the API tells it."""
    midnight = at_local(datetime.date.fromisoformat(text) + datetime.timedelta(days=1), datetime.time())
    return midnight.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_the_card_of_the_unit_that_is_waited_for_sets_the_time(units: Units) -> None:
    """Another handling time on the card moves the end at once; a unit that is closed now is told with who answers."""
    eva = units["sav/eva"].desk
    person = {"principal_ref": "ab" * 16}
    content = CONTENTS["intag.kontakt"] | {"awaiting_prison": "nej"}
    written = await eva.writing.write(
        Order(kind="intag.kontakt", to_unit=units.unit("sav"), content=content, header=person)
    )
    for step in ("samtycke_efterfragat", "samtycke_undertecknat"):
        order = Order(
            kind="intag.handelse", to_unit=units.unit("sav"), content={"step": step}, thread_id=written.thread_id,
            reply_to=written.document_id, header=person,
        )  # fmt: skip
        await eva.writing.write(order)
    before = await run(eva, "thread", {"thread_id": written.thread_id.hex()})
    begun = datetime.datetime.fromisoformat(before["clocks"][0]["begun_at"])
    assert datetime.datetime.fromisoformat(before["deadline"]) - begun == datetime.timedelta(days=21)
    deputy = units.unit("sodermalm").hex()
    await units.change_card("sav", handling_days=14, opening_hours={"man": "00:00-00:01"}, deputies=[deputy])
    after = await run(eva, "thread", {"thread_id": written.thread_id.hex()})
    assert datetime.datetime.fromisoformat(after["deadline"]) - begun == datetime.timedelta(days=14)
    assert after["deputies"] == [units.federation.units["sodermalm"].card.name_sv]

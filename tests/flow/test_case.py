"""A case at one desk: what it holds, what it refuses, who may read, and who comes back."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from client.casework.swedish_time import local_date
from client.engine import told
from client.engine.names import AddressBook
from client.engine.office import Desk
from client.engine.writing import Order, Written
from keys.cards import Role
from keys.errors import LocalError, RefusedError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows
from tests.kit.visitor import visiting

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}
GOALS = ("own_housing", "own_income", "no_social_need", "no_active_protection")


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one with the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


def day(units: Units, days: int) -> str:
    """A day from today, in Sweden."""
    now = units["sav/eva"].desk.context.clock.now()
    today = local_date(datetime.datetime.fromtimestamp(now, datetime.UTC))
    return (today + datetime.timedelta(days=days)).isoformat()


async def assessed(
    units: Units, *, person: str = "", consent_id: bytes = b"", **result: Any
) -> tuple[Written, str, bytes]:
    """A request and its result: the request, the result's id, and the consent; of a person, or on a consent."""
    eva, pia = units["sav/eva"].desk, units["bops/pia"].desk
    about = {"principal_ref": person, "consent_id": person} if person else {}
    known = await eva.consents.get(consent_id)
    held = known or eva.consents.sign(units.consent_fields("sav", ["sav", "bops"], **about))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    order = Order(
        kind="hotbild.begaran",
        to_unit=units.unit("bops"),
        content=CONTENTS["hotbild.begaran"],
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )
    asked = await eva.writing.write(order)
    await units.settle()
    content = {**CONTENTS["hotbild.resultat"], "valid_until": day(units, 30), **result}
    answer = dataclasses.replace(
        order,
        kind="hotbild.resultat",
        to_unit=units.unit("sav"),
        content=content,
        header={},
        thread_id=asked.thread_id,
        reply_to=asked.document_id,
    )
    told = await pia.writing.write(answer)
    await units.settle()
    return asked, told.document_id.hex(), held.consent_id


def decision(units: Units, asked: Written, result: str, consent_id: bytes) -> Order:
    """On the target group, leaning on a result."""
    return Order(
        kind="malgrupp.beslut",
        to_unit=units.unit("bops"),
        content={**CONTENTS["malgrupp.beslut"], "police_result": result},
        thread_id=asked.thread_id,
        reply_to=bytes.fromhex(result),
        consent_id=consent_id,
    )


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "control"])
async def test_what_came_under_an_earlier_card_is_passed_on(
    units: Units, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    """By today's card the consent of a request names too few: a new colleague of the police gets it all the same."""
    if not is_kept:
        monkeypatch.setattr(AddressBook, "unit_at", lambda book, unit_id, _size: book.unit(unit_id))
    asked, result, _ = await assessed(units)
    await units.change_card("sav", required_authorities={"intag": ["polis", "socialtjanst", "sis"]})
    per = await units.join("bops/per", "Per Po")
    await units.know_each_other()
    await units.settle(6)
    there = {asked.document_id, bytes.fromhex(result)}
    found = {one for (one,) in await rows(per, "document_id FROM document")}
    assert found == (there if is_kept else there - {asked.document_id})
    assert (("HISTORY",) in await rows(per, "code FROM alarm")) is not is_kept


async def told_on_page(desk: Desk, thread_id: bytes, words: str) -> list[bool]:
    """Whether the page of a thread says so, and the print of it."""
    async with visiting(desk) as visitor:
        await visitor.enter()
        return [words in (await visitor.get(f"/thread/{thread_id.hex()}{more}")).text for more in ("", "/print")]


async def code_of(desk: Desk, order: Order) -> str:
    """Of the refusal, empty when it was taken."""
    try:
        await desk.writing.write(order)
    except RefusedError as error:
        return error.code
    return ""


async def test_a_decision_leans_on_a_result_that_counts(units: Units) -> None:
    """On the police's own result it is taken; on a document that is no result, or is not here, it is refused."""
    asked, result, consent_id = await assessed(units)
    eva = units["sav/eva"].desk
    for wrong in ("ab" * 16, asked.document_id.hex()):
        assert await code_of(eva, decision(units, asked, wrong, consent_id)) == "NORESULT"
    assert await code_of(eva, decision(units, asked, result, consent_id)) == ""
    await units.settle()
    assert (await units["bops/pia"].desk.threads.get(asked.thread_id)).state == "malgrupp_beslutad"  # type: ignore[union-attr]


async def test_an_expired_result_supports_nothing_new_and_is_shown_as_expired(units: Units) -> None:
    """After its last day the decision is refused, and the case tells the date."""
    asked, result, consent_id = await assessed(units, valid_until=(last := day(units, 0)))
    units.dial.turn(2 * 86_400)
    eva = units["sav/eva"].desk
    assert await code_of(eva, decision(units, asked, result, consent_id)) == "OLDTHREAT"
    assert (await eva.threads.get(asked.thread_id)).state == "resultat_lamnat"  # type: ignore[union-attr]
    key = asked.verdict.message.header.principal_ref or ""
    case = await run(eva, "case", {"principal_ref": key[:8]})
    (told,) = case["threat_results"]
    assert (told["document_id"], told["valid_until"], told["current"]) == (result, last, False)
    assert "outcome" not in told
    assert (await run(eva, "show", {"document_id": result}))["expired"] is True
    assert (await run(eva, "show", {"document_id": asked.document_id.hex()}))["expired"] is False
    assert await told_on_page(eva, asked.thread_id, "Bedömningen har gått ut.") == [True, True]
    assert [one["thread_id"] for one in case["threads"]] == [asked.thread_id.hex()]
    assert [one["consent_id"] for one in case["consents"]] == [consent_id.hex()]


async def test_a_result_counts_for_its_own_person_until_a_later_word(units: Units) -> None:
    """Not for somebody else; not after a later result of the same police; not after the person has come back."""
    asked, first, consent_id = await assessed(units)
    other, theirs, _ = await assessed(units, person="b0" * 16)
    eva, pia = units["sav/eva"].desk, units["bops/pia"].desk
    assert await code_of(eva, decision(units, asked, theirs, consent_id)) == "NORESULT"
    key = asked.verdict.message.header.principal_ref or ""

    async def standing() -> dict[str, bool]:
        found = (await run(eva, "case", {"principal_ref": key}))["threat_results"]
        return {one["document_id"]: one["current"] for one in found}

    assert await standing() == {first: True}
    again, second, _ = await assessed(units, consent_id=consent_id)
    assert await standing() == {first: False, second: True}
    for desk in (eva, pia):  # who wrote it sees it too
        told = [(await run(desk, "show", {"document_id": one}))["replaced"] for one in (first, second)]
        assert told == [True, False]
    assert await code_of(eva, decision(units, asked, first, consent_id)) == "OLDTHREAT"
    assert (await run(eva, "show", {"document_id": first}))["expired"] is False
    for thread, is_old in ((asked.thread_id, True), (again.thread_id, False)):
        assert await told_on_page(eva, thread, "Det har kommit något senare i ärendet.") == [is_old, is_old]

    notice = {**CONTENTS["aterkomst.notis"], "new_consent": consent_id.hex()}
    returned = Order(kind="aterkomst.notis", to_unit=units.unit("sav"), content=notice, header={"principal_ref": key})
    assert await code_of(eva, returned) == ""
    assert await standing() == {first: False, second: False}
    assert await code_of(eva, decision(units, again, second, consent_id)) == "OLDTHREAT"
    assert (await run(eva, "show", {"document_id": theirs}))["replaced"] is False
    assert other.thread_id != again.thread_id


@pytest.mark.parametrize(("said", "code"), [({}, "NOPASS"), ({"may_pass_on": True}, "")])
async def test_a_handover_names_a_threat_result_where_the_police_let_it(
    units: Units, said: dict[str, bool], code: str
) -> None:
    """Without their word in the result the request stays here; one that does not name the result may leave."""
    asked, result, consent_id = await assessed(units, **said)
    key = asked.verdict.message.header.principal_ref
    order = Order(
        kind="overlamnande.forfragan",
        to_unit=units.unit("bops"),
        content={**CONTENTS["overlamnande.forfragan"], "threat_result": result},
        header={"subject_person": PERSON_BLOCK, "principal_ref": key},
        consent_id=consent_id,
    )
    assert await code_of(units["sav/eva"].desk, order) == code


async def test_a_result_that_was_kept_back_replaces_no_newer_one(units: Units) -> None:
    """The hub gave the first result out after the second: what was written last counts, not what came last.

    Were the second another unit's, both would stand beside each other.
    """
    asked, first, consent_id = await assessed(units)
    units.dial.turn(60)
    again, second, _ = await assessed(units, consent_id=consent_id)
    eva = units["sav/eva"].desk
    async with eva.context.vault.transaction():
        await eva.context.vault.write("UPDATE document SET at = at + 600 WHERE document_id = ?", bytes.fromhex(first))
    shown = [(await run(eva, "show", {"document_id": one}))["replaced"] for one in (first, second)]
    assert shown == [True, False]
    assert await code_of(eva, decision(units, asked, first, consent_id)) == "OLDTHREAT"
    assert await code_of(eva, decision(units, again, second, consent_id)) == ""
    async with eva.context.vault.transaction():
        other = b"another unit's id"[:16], bytes.fromhex(second)
        await eva.context.vault.write("UPDATE document SET unit_id = ? WHERE document_id = ?", *other)
    assert (await run(eva, "show", {"document_id": first}))["replaced"] is False


async def test_every_reading_of_a_threat_is_logged(units: Units) -> None:
    """With who, which and why, before anything is shown; a consultation or a contact is not."""
    asked, result, _ = await assessed(units)
    eva = units["sav/eva"].desk
    contact = await run(eva, "new", {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]})
    await run(eva, "show", {"document_id": contact["document_id"]})
    assert await run(eva, "reads", {}) == []
    await run(eva, "show", {"document_id": result, "reason": "granskning"})
    await run(eva, "show", {"document_id": asked.document_id.hex()})
    log = await run(eva, "reads", {})
    assert [(one["document_id"], one["staff"], one["reason"]) for one in log] == [
        (asked.document_id.hex(), "Eva Ek", "handlaggning"),
        (result, "Eva Ek", "granskning"),
    ]
    assert await run(units["sav/bo"].desk, "reads", {}) == []


async def test_the_hotline_reads_no_threat(units: Units) -> None:
    """A device of the role ``telefon`` takes contacts and sees them; a threat is refused."""
    _, result, _ = await assessed(units)
    hotline = await units.join("sav/tea", "Tea Telefon", roles=[Role.TELEFON])
    await units.know_each_other()
    await units.settle(6)
    bo = hotline.desk
    contact = await run(bo, "new", {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]})
    assert (await run(bo, "show", {"document_id": contact["document_id"]}))["content"]["channel"] == "telefon"
    with pytest.raises(RefusedError) as caught:
        await run(bo, "show", {"document_id": result})
    assert caught.value.code == "READER"
    assert await rows(hotline, "* FROM read_log") == []


async def test_a_caller_comes_back_with_the_code(units: Units) -> None:
    """On another device too; the code itself is nowhere, and only the number of returns is kept."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    given = await run(eva, "return_code_new", {})
    content = {**CONTENTS["intag.kontakt"], "return_code_check": given["check"]}
    kept = await run(eva, "new", {"kind": "intag.kontakt", "content": content})
    await units.settle()
    spoken = " ".join(given["code"][at : at + 4] for at in range(0, 16, 4)).lower()
    found = await run(bo, "return_code_find", {"code": spoken})
    assert found == {"document_id": kept["document_id"], "returned": 1}
    other = await run(eva, "return_code_new", {})
    with pytest.raises(LocalError) as caught:
        await run(bo, "return_code_find", {"code": other["code"]})
    assert caught.value.code == "NOTFOUND"
    for key in ("sav/eva", "sav/bo"):
        for (body,) in await rows(units[key], "body FROM document"):
            assert given["code"].encode() not in body


def closing(units: Units, principal: str, consent_id: bytes, **content: Any) -> Order:
    """To the police."""
    filled = {name: value for name, value in CONTENTS["avslut.notis"].items() if name != "count_in_stats"}
    return Order(
        kind="avslut.notis",
        to_unit=units.unit("bops"),
        content={**filled, **content},
        header={"principal_ref": principal},
        consent_id=consent_id,
    )


async def test_who_counts_is_computed(units: Units) -> None:
    """Nobody fills it in, and a word that does not agree is refused."""
    asked, _, consent_id = await assessed(units)
    eva, key = units["sav/eva"].desk, asked.verdict.message.header.principal_ref or ""
    assert await code_of(eva, closing(units, key, consent_id, count_in_stats=True)) == "SCH"
    written = await eva.writing.write(closing(units, key, consent_id))
    assert written.verdict.message.content.count_in_stats is False  # type: ignore[attr-defined]
    await units.settle()
    assert (await units["bops/pia"].desk.threads.get(written.thread_id)).state == "meddelad"  # type: ignore[union-attr]


async def test_a_closing_that_names_nobody_waits_for_two_when_the_case_says_protected(units: Units) -> None:
    """The form has no person in it; that the registration is protected stands in the contact before."""
    asked, _, consent_id = await assessed(units)
    eva, key = units["sav/eva"].desk, asked.verdict.message.header.principal_ref or ""
    header = {"principal_ref": key, "subject_person": {**PERSON_BLOCK, "protected": "okant"}}
    contact = Order(kind="intag.kontakt", to_unit=units.unit("sav"), content=CONTENTS["intag.kontakt"], header=header)
    await eva.writing.write(contact)
    held = await eva.writing.write(closing(units, key, consent_id))
    assert held.awaits
    await units.settle()
    assert await units["bops/pia"].desk.threads.get(held.thread_id) is None
    await run(units["sav/bo"].desk, "approve", {"document_id": held.document_id.hex()})
    await units.settle()
    assert await units["bops/pia"].desk.threads.get(held.thread_id) is not None


def back(units: Units, consent_id: bytes) -> Order:
    """Somebody is back at sav."""
    content = {**CONTENTS["aterkomst.notis"], "new_consent": consent_id.hex()}
    return Order(kind="aterkomst.notis", to_unit=units.unit("sav"), content=content)


def decided(units: Units, again: Written, outcome: str) -> Order:
    """What the new assessment of somebody who is back led to."""
    return Order(
        kind="aterkomst.beslut",
        to_unit=units.unit("sav"),
        content={"outcome": outcome},
        header={"principal_ref": again.verdict.message.header.principal_ref},
        thread_id=again.thread_id,
        reply_to=again.document_id,
    )


async def test_a_return_needs_a_new_consent(units: Units) -> None:
    """Neither one that is not here nor one that an ended thread leaned on; a new one is taken."""
    asked, _, consent_id = await assessed(units)
    eva = units["sav/eva"].desk
    assert await code_of(eva, back(units, b"\7" * 16)) == "CNS-01"
    thread = await eva.threads.get(asked.thread_id)
    assert thread is not None
    async with eva.context.vault.transaction():
        await eva.threads.save(dataclasses.replace(thread, state="avvisad"), "reject", None)
    assert await code_of(eva, back(units, consent_id)) == "OLDCONSENT"
    held = eva.consents.sign(units.consent_fields("sav", ["sav", "bops"], consent_id="c1" * 16))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    assert await code_of(eva, back(units, held.consent_id)) == ""


async def test_stockholm_opens_nothing_before_the_police_chose_the_door(units: Units) -> None:
    """The unit's card says that the police come first; a refusal needs no door, and after the choice it is opened."""
    asked, _, consent_id = await assessed(units)
    eva, pia = units["sav/eva"].desk, units["bops/pia"].desk
    header = {"principal_ref": asked.verdict.message.header.principal_ref}
    order = Order(kind="intag.kontakt", to_unit=units.unit("sav"), content=CONTENTS["intag.kontakt"], header=header)
    kept = await eva.writing.write(order)
    step = dataclasses.replace(order, kind="intag.handelse", thread_id=kept.thread_id, reply_to=kept.document_id)
    for name in ("samtycke_efterfragat", "samtycke_undertecknat"):
        await eva.writing.write(dataclasses.replace(step, content={"step": name}))
    opened = dataclasses.replace(step, kind="intag.beslut", content={"outcome": "oppnat"})
    assert await code_of(eva, opened) == "DOOR"
    door = Order(
        kind="intag.dorrval",
        to_unit=units.unit("sav"),
        content={"door": "EFH", "threat_confirmed": "bekraftad_hog"},
        header={"subject_person": PERSON_BLOCK},
        consent_id=consent_id,
    )
    await pia.writing.write(door)
    await units.settle()
    assert await code_of(eva, opened) == ""
    assert (await eva.threads.get(kept.thread_id)).state == "oppnat"  # type: ignore[union-attr]


async def test_who_comes_back_to_stockholm_waits_for_the_police_again(units: Units) -> None:
    """The door of the earlier case opens nothing; the one that the police choose under the new consent does."""
    eva, pia = units["sav/eva"].desk, units["bops/pia"].desk
    asked, _, old = await assessed(units)
    door = Order(
        kind="intag.dorrval",
        to_unit=units.unit("sav"),
        content={"door": "EFH", "threat_confirmed": "bekraftad_hog"},
        header={"subject_person": PERSON_BLOCK},
        consent_id=old,
    )
    await pia.writing.write(door)
    await units.settle()
    new = {"consent_id": "c1" * 16, "principal_ref": asked.verdict.message.header.principal_ref}
    held = eva.consents.sign(units.consent_fields("sav", ["sav", "bops"], **new))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    again = await eva.writing.write(back(units, held.consent_id))
    opened = decided(units, again, "oppnat")
    assert await code_of(eva, opened) == "DOOR"
    await tell_police(units, held.consent_id)
    await pia.writing.write(dataclasses.replace(door, consent_id=held.consent_id))
    await units.settle()
    assert await code_of(eva, opened) == ""
    # A third time: the police have chosen under the newest consent before the return was noted.
    third = eva.consents.sign(units.consent_fields("sav", ["sav", "bops"], **new | {"consent_id": "c2" * 16}))
    async with eva.context.vault.transaction():
        await eva.consents.keep(third)
    await tell_police(units, third.consent_id)
    await pia.writing.write(dataclasses.replace(door, consent_id=third.consent_id))
    await units.settle()
    noted = await eva.writing.write(back(units, third.consent_id))
    assert await code_of(eva, decided(units, noted, "oppnat")) == ""


async def tell_police(units: Units, consent_id: bytes) -> None:
    """A consent of sav, told to the police."""
    content = {"consent_id": consent_id.hex(), "case_type": "intag", "scan_enclosed": False}
    header = {"subject_person": PERSON_BLOCK}
    order = Order(
        kind="samtycke.registrerat", to_unit=units.unit("bops"), content=content, header=header, consent_id=consent_id
    )
    await units["sav/eva"].desk.writing.write(order)
    await units.settle()


async def test_who_comes_back_under_lvm_is_not_opened_where_the_card_says_no(units: Units) -> None:
    """The newest contact of her case says that she is in compulsory care."""
    await units.change_card("sav", takes_lvm=False, gatekeeper="enheten_sjalv")
    eva, to = units["sav/eva"].desk, units.unit("sav")
    held = eva.consents.sign(units.consent_fields("sav", ["sav", "bops"]))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    content = CONTENTS["intag.kontakt"] | {"custody": "lvm"}
    header = {"principal_ref": held.record.principal_ref}
    await eva.writing.write(Order(kind="intag.kontakt", to_unit=to, content=content, header=header))
    again = await eva.writing.write(back(units, held.consent_id))
    for outcome, code in (("oppnat", "CARE"), ("avslag", "")):
        assert await code_of(eva, decided(units, again, outcome)) == code


def word(units: Units, kind: str, document: bytes, **more: Any) -> Order:
    """What the police say of a document, to sav."""
    content = {**CONTENTS[kind], "document": document.hex()}
    return Order(kind=kind, to_unit=units.unit("sav"), content=content, **more)


async def test_a_diary_number_comes_back_sealed(units: Units) -> None:
    """The sender's document counts as registered, at both devices; the number stands in the header only."""
    asked, result, _ = await assessed(units)
    pia = units["bops/pia"].desk
    header = {"sender_dnr": "POL 2026/77"}
    for wrong in (b"\7" * 16, bytes.fromhex(result)):
        assert await code_of(pia, word(units, "kvittens.registrerad", wrong, header=header)) == "NODOC"
    await pia.writing.write(word(units, "kvittens.registrerad", asked.document_id, header=header))
    await units.settle()
    for key in ("sav/eva", "sav/bo"):
        found = await rows(units[key], f"state FROM document WHERE document_id = x'{asked.document_id.hex()}'")
        assert found == [("registered",)]
        (came,) = await rows(units[key], "document_id FROM document WHERE kind = 'kvittens.registrerad'")
        shown = await run(units[key].desk, "show", {"document_id": came[0].hex()})
        assert shown["header"]["sender_dnr"] == "POL 2026/77"


async def test_a_persons_refusal_alarms_and_undoes_nothing(units: Units) -> None:
    """The document was received: it keeps its state, and its thread too."""
    asked, _, _ = await assessed(units)
    eva = units["sav/eva"].desk
    await units["bops/pia"].desk.writing.write(word(units, "kvittens.avvisad", asked.document_id))
    await units.settle()
    alarms = {(one.code, one.document_id) for one in await eva.context.alarms.open()}
    assert ("REFUSED", asked.document_id) in alarms
    assert (await eva.threads.get(asked.thread_id)).state == "resultat_lamnat"  # type: ignore[union-attr]
    found = await rows(units["sav/eva"], f"state FROM document WHERE document_id = x'{asked.document_id.hex()}'")
    assert found == [("available",)]


async def test_compulsory_care_is_not_opened_where_the_card_says_no(units: Units) -> None:
    """Whoever is under LVM is taken down as a contact and not opened; under another custody she is."""
    await units.change_card("sav", takes_lvm=False, takes_lvu=False)
    eva, to, codes = units["sav/eva"].desk, units.unit("sav"), []
    for custody, key in (("lvm", "ab" * 16), ("hakte", "cd" * 16)):
        person = {"principal_ref": key}
        content = CONTENTS["intag.kontakt"] | {"custody": custody}
        contact = await eva.writing.write(Order(kind="intag.kontakt", to_unit=to, content=content, header=person))
        rest = {"to_unit": to, "header": person, "thread_id": contact.thread_id, "reply_to": contact.document_id}
        for step in ("samtycke_efterfragat", "samtycke_undertecknat"):
            await eva.writing.write(Order(kind="intag.handelse", content={"step": step}, **rest))  # type: ignore[arg-type]
        codes.append(await code_of(eva, Order(kind="intag.beslut", content={"outcome": "oppnat"}, **rest)))  # type: ignore[arg-type]
    assert codes == ["CARE", ""]
    lvm, now = "ab" * 16, 0
    for custody in ("nej", "okant"):  # she is free again; who does not know says nothing of it
        content = CONTENTS["intag.kontakt"] | {"custody": custody}
        said = Order(kind="intag.kontakt", to_unit=to, content=content, header={"principal_ref": lvm})
        await eva.writing.write(said)
        now += await told.custody(eva.context.vault, lvm) == "nej"
    assert now == 2
    assert await told.custody(eva.context.vault, "ef" * 16, lvm) == "nej"

"""Consents at the page: registered, told, supplemented, renewed, withdrawn, refused; and why one does not fit."""

from __future__ import annotations

import datetime
import re
from typing import Any

import msgspec

from client.api.commands import run
from keys.codec import decode, decode_body, encode, encode_body
from keys.consent import MAX_PARCEL_BYTES, MAX_RECORD_BYTES, Parcel
from tests.flow.test_approvals import consent_of
from tests.flow.test_page_approvals import Room
from tests.flow.test_page_approvals import room as room  # noqa: PLC0414 - a fixture
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units
from tests.kit.visitor import Seen, Visitor, typed

#: What the office fills in itself: never in the form.
_OWN = ("consent_id", "record_version", "principal_ref", "controller_unit", "special_category", "witness_staff",
        "storage", "jurisdiction", "events")  # fmt: skip


def local(instant: str) -> str:
    """An instant as a browser's field for Swedish time holds it."""
    moment = datetime.datetime.fromisoformat(instant).astimezone(datetime.UTC) + datetime.timedelta(hours=1)
    return moment.strftime("%Y-%m-%dT%H:%M")


def record_of(units: Units, *parties: str, **changes: Any) -> dict[str, Any]:
    """The texts of the form for a record that names these units."""
    fields = units.consent_fields("sav", ["sav", *parties], **changes)
    plain = plain_values(fields)
    plain["signed_at"] = local(str(plain["signed_at"]))
    return typed(plain, "record")


def plain_values(fields: dict[str, Any]) -> dict[str, Any]:
    """As they would travel: lists, and nothing that is absent."""
    built: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fields))
    return {name: value for name, value in built.items() if name not in _OWN and value is not None}


async def begun(visitor: Visitor) -> Seen:
    """The form for a new consent, as one comes to it."""
    return await visitor.post(await visitor.get("/consents/new"), "/consents/new", case_type="hotbild")


async def register(visitor: Visitor, units: Units, *parties: str) -> Seen:
    """Fill in the form and save it; the units are told."""
    form = await begun(visitor)
    person = typed(PERSON_BLOCK, "header.subject_person")
    return await visitor.post(form, form.path, {**record_of(units, *parties), **person}, tell="ja", confirmed="ja")


async def test_a_consent_is_registered_and_told(room: Room) -> None:
    """From the choice of a case to the recipient's list; what must be named stands in the form already."""
    units, at = room
    eva = at["sav/eva"]
    chosen = await eva.get("/consents/new")
    assert "hotbild" in chosen.values("case_type")
    form = await begun(eva)
    assert set(form.values("rows:record.parties")) == {"2"}
    done = await register(eva, units, "bops")
    assert done.status == 200, done.text
    assert "Samtycket är registrerat." in done.text
    await units.settle()
    name = PERSON_BLOCK["full_name"]
    for visitor in (eva, at["bops/pia"]):
        assert name in (await visitor.get("/consents")).text
    quiet = await consent_of(units, "sav/eva")
    key = (await run(units["sav/eva"].desk, "consent_show", {"consent_id": quiet}))["principal_ref"]
    assert f"ärende {key[:8]}" in (await eva.get("/consents")).text
    listed = await run(units["bops/pia"].desk, "consent_list", {})
    assert [(one["status"], done.path.endswith(one["consent_id"])) for one in listed] == [("aktivt", True)]
    assert "Givet" in done.text
    assert units.unit("sav").hex() not in done.text  # a unit is told by its name
    printed = await eva.get(f"{done.path}/print")
    assert "Underskrift" in printed.text
    assert "Bops" in printed.text


async def test_what_is_missing_is_told_and_nothing_typed_is_lost(room: Room) -> None:
    """422, at the field, and a row more keeps what stands there."""
    units, at = room
    eva = at["sav/eva"]
    form = await begun(eva)
    fields = record_of(units, "bops")
    fields["record.signed_place"] = ""
    refused = await eva.post(form, form.path, fields, tell="ja")
    assert refused.status == 422
    assert ("input", "tell", True) in {(tag, a.get("name"), "checked" in a) for tag, a in refused.elements}
    assert "#f-record-signed_place" in refused.links("#f-")
    more = await eva.post(form, form.path, fields, add="record.parties")
    assert set(more.values("rows:record.parties")) == {"3"}
    assert more.values("record.notice_version") == [fields["record.notice_version"]]
    assert await run(units["sav/eva"].desk, "consent_list", {}) == []


async def test_a_consent_that_does_not_fit_says_why(room: Room) -> None:
    """At the form of a request: the one that names the police fits, the one that does not is told with its code."""
    units, at = room
    eva, desk = at["sav/eva"], units["sav/eva"].desk
    fits = (await register(eva, units, "bops")).path.rpartition("/")[2]
    told = await run(desk, "consent_fit", {"kind": "hotbild.begaran", "to": "bops"})
    assert [(one["consent_id"], one["code"]) for one in told] == [(fits, "")]
    assert [one["person"] for one in told] == [PERSON_BLOCK["full_name"]]
    elsewhere = await run(desk, "consent_fit", {"kind": "hotbild.begaran", "to": units.unit("sodermalm").hex()})
    assert [one["code"] for one in elsewhere] == ["CNS-03"]
    draft = await eva.post(await eva.get("/write"), "/drafts", kind="hotbild.begaran", to=units.unit("sodermalm").hex())
    assert "Passar inte:" in draft.text
    assert "CNS-03" in draft.text
    assert PERSON_BLOCK["full_name"] in draft.text


async def test_a_withdrawal_tells_what_it_could_still_stop(room: Room) -> None:
    """Every way counts; the recipient's consent is withdrawn too."""
    units, at = room
    eva = at["sav/eva"]
    seen = await register(eva, units, "bops")
    await units.settle()
    done = await eva.post(seen, f"{seen.path}/withdraw", received_how="telefon", scope="helt")
    assert "Samtycket är återkallat" in done.text
    await units.settle()
    listed = await run(units["bops/pia"].desk, "consent_list", {})
    assert [one["status"] for one in listed] == ["aterkallat"]


async def test_a_renewal_is_a_new_form_of_the_same_consent(room: Room) -> None:
    """Only what is new is typed; the old one points to it, and the history has both."""
    units, at = room
    eva = at["sav/eva"]
    first = await register(eva, units, "bops")
    form = await eva.get(f"{first.path}/renew")
    whole = record_of(units, "bops")
    names = {
        attrs["name"] for _, attrs in form.elements if attrs.get("name", "").startswith(("record.", "rows:record."))
    }
    fields = {name: value for name, value in whole.items() if name in names}
    renewed = await eva.post(form, form.path, fields)
    assert renewed.status == 200, renewed.text
    assert renewed.path != first.path
    assert "Förnyat" in renewed.text
    old = await eva.get(first.path)
    assert renewed.path in old.links("/consents/")


async def test_who_is_not_concerned_is_said_in_a_supplement(room: Room) -> None:
    """Without a signature; whoever has the consent is told, and nothing of before is lost. What is signed needs one."""
    units, at = room
    eva = at["sav/eva"]
    first = await register(eva, units, "bops")
    form = await eva.get(f"{first.path}/supplement")
    more = await eva.post(form, form.path, {}, add="record.not_concerned")
    assert not [attrs for _, attrs in more.elements if "decided_by" in attrs.get("name", "")]
    person = typed(PERSON_BLOCK, "header.subject_person")
    row = {"record.not_concerned.0.authority": "kriminalvard", "record.not_concerned.0.reason": "Utskriven i mars."}
    fields = {**row, "rows:record.not_concerned": "1", **person}
    done = await eva.post(more, form.path, fields, tell="ja")
    assert done.status == 200, done.text
    assert "Utskriven i mars." in done.text
    await units.settle()
    (listed,) = await run(units["bops/pia"].desk, "consent_list", {})
    assert listed["consent_id"] == done.path.rpartition("/")[2]
    assert [one["unit_id"] for one in listed["parties"]] == [units.unit(name).hex() for name in ("sav", "bops")]
    wider = await eva.post(more, form.path, {**fields, "record.data_categories": "ekonomi_skulder"})
    assert (wider.status, "#f-record-signed_at" in wider.links("#f-")) == (422, True)


async def test_a_language_that_was_written_freely_is_chosen_when_it_is_renewed(room: Room) -> None:
    """As records held it before there was a list: they are read by the list, and their renewal asks anew."""
    units, at = room
    eva, desk = at["sav/eva"], units["sav/eva"].desk
    held = desk.consents.sign(units.consent_fields("sav", ["sav", "bops"]))
    parcel = decode(held.parcel, Parcel, max_bytes=MAX_PARCEL_BYTES)
    fields = decode_body(parcel.record, max_bytes=MAX_RECORD_BYTES)
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
    for language, offered in {"sv": "sv", "tigrinja": "ti", "svenska med tolk": "und"}.items():
        old = encode(msgspec.structs.replace(parcel, record=encode_body({**fields, "notice_language": language})))
        async with desk.context.vault.transaction():
            await desk.context.vault.write("UPDATE consent SET parcel = ?", old)
        form = await eva.get(f"/consents/{held.consent_id.hex()}/renew")
        chosen = form.source.partition('name="record.notice_language"')[2].partition("</select>")[0]
        assert re.findall(r'value="(\w*)" selected', chosen) == [offered], language
    names = {attrs.get("name", "") for _, attrs in form.elements}
    texts = {name: value for name, value in record_of(units, "bops").items() if name in names}
    done = await eva.post(form, form.path, texts | {"record.notice_language": "so"})
    assert "Somaliska" in done.text


async def test_a_refusal_ends_the_case_here(room: Room) -> None:
    """Nobody is told; without the person being informed it is refused."""
    units, at = room
    eva = at["sav/eva"]
    form = await eva.get("/refusal")
    done = await eva.post(form, form.path, what="helt", informed="ja")
    assert "Vägran är noterad" in done.text
    await units.settle()
    assert await run(units["bops/pia"].desk, "threads", {}) == []


async def test_a_consent_and_a_refusal_belong_to_the_case_that_one_reads(room: Room) -> None:
    """From the contact's page: the person's key follows through the choice, the form, and a form that was wrong."""
    units, at = room
    eva, desk = at["sav/eva"], units["sav/eva"].desk
    keys = {}
    for what in ("consent", "refusal"):
        begun = await run(desk, "new", {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]})
        keys[what] = (
            begun["thread_id"],
            (await run(desk, "thread", {"thread_id": begun["thread_id"]}))["principal_ref"],
        )
    thread, key = keys["consent"]
    page = await eva.get(f"/thread/{thread}")
    assert set(page.values("case")) == {key}
    chosen = await eva.post(page, "/consents/new", case=key)
    assert set(chosen.values("case")) == {key}
    form = await eva.post(chosen, "/consents/new", case=key, case_type="hotbild")
    assert form.values("case") == [key]
    assert key not in form.path
    wrong = await eva.post(form, form.path, case=key)
    assert (wrong.status, wrong.values("case")) == (422, [key])
    done = await eva.post(wrong, form.path, record_of(units, "bops"), case=key)
    made = await run(desk, "consent_show", {"consent_id": done.path.rpartition("/")[2]})
    assert made["record"]["principal_ref"] == key

    thread, key = keys["refusal"]
    form = await eva.post(await eva.get(f"/thread/{thread}"), "/refusal/begin", case=key)
    assert key not in form.path
    wrong = await eva.post(form, form.path, what="helt", case=key)
    assert (wrong.status, wrong.values("case")) == (422, [key])
    await eva.post(wrong, form.path, what="helt", informed="ja", case=key)
    assert (await run(desk, "thread", {"thread_id": thread}))["final"] is True
    assert [one["consent_id"] for one in await run(desk, "consent_list", {})] == [made["consent_id"]]


async def test_the_form_to_sign_is_printed_in_the_words_that_were_chosen(room: Room) -> None:
    """Plain, easy, for a child; from a consent with what it covers; Swedish on an English page too."""
    units, at = room
    eva = at["sav/eva"]
    choice = await eva.get("/consents/paper")
    plain = await eva.post(choice, "/consents/paper", case_type="placering")
    assert "Samtycke till att myndigheter delar uppgifter om dig" in plain.text
    assert "Vårdnadshavare:" not in plain.text
    easy = await eva.post(choice, "/consents/paper", case_type="placering", easy="ja", child="ja")
    assert "Får vi prata om dig med andra?" in easy.text
    assert easy.text.count("Vårdnadshavare:") == 2
    made = await register(eva, units, "bops")
    again = await eva.post(made, "/consents/paper", case_type="hotbild", consent_id=made.path.rpartition("/")[2])
    assert "Bops" in again.text
    assert "Bops" not in plain.text
    await eva.post(made, "/language", lang="en")
    english = await eva.post(choice, "/consents/paper", case_type="placering")
    assert ("article", "sv") in {(tag, attrs.get("lang")) for tag, attrs in english.elements}
    assert "Samtycke till att myndigheter delar uppgifter om dig" in english.text


async def test_what_went_without_consent_is_listed_with_its_decision(room: Room) -> None:
    """The ground, who decided and when; and nothing that leant on a consent."""
    units, at = room
    eva = at["sav/eva"]
    assert "Inget." in (await eva.get("/disclosures")).text
    decision = {
        "lagrum": "OSL 10 kap. 27 §",
        "beslutsfattare": {"name": "Bo Berg", "role": "beslutsfattare"},
        "datum": "2026-01-05",
        "motivering": "Fara för liv.",
    }
    header = {"subject_person": PERSON_BLOCK, "disclosure_basis": "generalklausul", "disclosure_decision": decision}
    content = CONTENTS["hotbild.begaran"]
    order = {"kind": "hotbild.begaran", "to": "bops", "content": content}
    key = {"principal_ref": "ab" * 16}
    made = await run(units["sav/eva"].desk, "new", {**order, "header": {**header, **key}, "confirmed": True})
    await run(units["sav/eva"].desk, "new", {**order, "consent_id": await consent_of(units, "sav/eva"),
              "header": {"subject_person": PERSON_BLOCK}, "confirmed": True})  # fmt: skip
    seen = await eva.get("/disclosures")
    assert seen.links("/thread/") == [f"/thread/{made['thread_id']}#d-{made['document_id']}"]
    assert "Generalklausulen" in seen.text
    assert "Beslut enligt OSL 10 kap. 27 § av Bo Berg 5 jan 2026" in seen.text

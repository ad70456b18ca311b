"""What happens to a consent after it was registered: refused, widened, renewed, taken back, found to be a mistake."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from client.api.commands import run
from client.casework.problems import InvalidBodyError
from client.engine.office import Desk
from keys.errors import LocalError, RefusedError
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows
from tests.unit.casework.samples import record_as_dict, sample_record

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po", "sodermalm/olle": "Olle Ohlin"}
#: What the office fills in itself.
OWN = {"consent_id", "record_version", "principal_ref", "controller_unit", "special_category", "witness_staff"}
OWN |= {"storage", "jurisdiction", "events"}
KIND = "hotbild.begaran"
_OF_CASE = "body FROM document JOIN thread USING (thread_id) WHERE principal = '{}'"
CONFIRMED = "samtycke.aterkallelse_bekraftad"
TODAY = datetime.datetime.now(datetime.UTC).date()
UNTIL = (TODAY + datetime.timedelta(days=300)).isoformat()


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, HubProcess]]:
    """A federation and its running hub."""
    federation = Federation.demo(devices=0, now=int(time.time()))
    with HubProcess.create(tmp_path_factory.mktemp("hub"), federation).running() as hub:
        yield federation, hub


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def units(
    founded: tuple[Federation, HubProcess], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Units]:
    """Two devices at sav, one at the police, one at another social services office; the tests share them."""
    federation, hub = founded
    async with open_units(Path(tmp_path_factory.mktemp("units")), hub.url, federation, STAFF) as opened:
        yield opened


def record(*names: str, **changes: Any) -> dict[str, Any]:
    """A signed record as a person would write it."""
    fields = json.loads(json.dumps(record_as_dict(sample_record(valid_from=TODAY.isoformat(), valid_to=UNTIL))))
    fields["purposes"] = [{**one, "valid_to": UNTIL} for one in fields["purposes"]]
    fields["parties"] = [party(name) for name in names]
    return {name: value for name, value in fields.items() if name not in OWN} | changes


def party(name: str, authority: str = "") -> dict[str, Any]:
    """One authority of the record."""
    authority = authority or ("polis" if name == "Bops" else "socialtjanst")
    return {"authority": authority, "unit": name, "role": "bada"}


#: A signature of its own.
SIGNED = {"signed_at": f"{TODAY.isoformat()}T00:00:01Z", "original_sha256": "ce" * 32}
PURPOSES = record()["purposes"]
PLACING: dict[str, Any] = {
    **SIGNED,
    "parties": [party("Sodermalm", "mottagande_kommun")],
    "circle": [{"unit": "Sodermalm"}],
    "purposes": [{"purpose": "placering", "signed": True, "valid_to": UNTIL}],
    "second_staff": {"name": "Bo Berg", "role": "beslutsfattare"},
}


async def register(desk: Desk, fields: dict[str, Any], *send_to: str, **more: Any) -> dict[str, Any]:
    """A consent that is told to these units."""
    asked = {"record": fields, "send_to": list(send_to), "header": {"subject_person": PERSON_BLOCK}}
    made: dict[str, Any] = await run(desk, "consent_new", asked | more)
    return made


async def ask(desk: Desk, consent_id: str | None, to: str = "Bops", **more: Any) -> dict[str, Any]:
    """A threat request."""
    header = {"subject_person": PERSON_BLOCK} | more
    asked = {"kind": KIND, "to": to, "content": CONTENTS[KIND], "header": header, "consent_id": consent_id}
    made: dict[str, Any] = await run(desk, "new", asked)
    return made


async def refusal(desk: Desk, command: str, arguments: dict[str, Any]) -> str:
    """The code with which a command is refused."""
    with pytest.raises(RefusedError) as caught:
        await run(desk, command, arguments)
    return caught.value.code


async def came(units: Units, key: str, kind: str, principal: object) -> int:
    """How many documents of a kind have come to a device in a case."""
    return len(
        await rows(
            units[key],
            "1 FROM document JOIN thread USING (thread_id) WHERE direction = 'in'"
            f" AND kind = '{kind}' AND principal = '{principal}'",
        )
    )


async def test_a_record_without_a_required_authority_is_a_refusal(units: Units) -> None:
    """CNS-04 before anything is kept; with the authority set aside and a reason, or named, it is a consent."""
    desk, before = units["sav/eva"].desk, await rows(units["sav/eva"], "1 FROM consent")
    assert await refusal(desk, "consent_new", {"record": record("Sav")}) == "CNS-04"
    with_custody = record("Sav", "Bops", applicable=["kriminalvard"])
    assert await refusal(desk, "consent_new", {"record": with_custody}) == "CNS-04"
    assert await rows(units["sav/eva"], "1 FROM consent") == before
    aside = {
        "authority": "kriminalvard",
        "reason": "Ingen kontakt.",
        "decided_by": {"name": "E", "role": "handlaggare"},
    }
    await register(desk, with_custody | {"not_concerned": [aside]})


async def test_a_handler_sets_aside_in_a_supplement_and_nothing_of_before_is_lost(units: Units) -> None:
    """By whoever registers, without a signature; rows are joined, said anew they replace, and a name ends them."""
    desk = units["sav/eva"].desk
    sis = {"authority": "sis", "reason": "Ingen vård där.", "decided_by": {"name": "E", "role": "beslutsfattare"}}
    provider = {"org": units.unit("sodermalm").hex(), "purpose": "informationsutbyte", "signed": True}
    first = record("Sav", "Bops", not_concerned=[sis], private_parties=[provider])
    made = await register(desk, first)
    one = {"consent_id": made["consent_id"]}
    rows_of = [
        {"authority": "kriminalvard", "reason": "Inte där längre."},
        {"authority": "socialtjanst", "unit": "Sodermalm", "reason": "Beslutar inte här."},
        {"authority": "polis", "region": "syd", "reason": "Bara ett möte."},
    ]
    aside = await run(desk, "consent_supplement", one | {"record": {"not_concerned": rows_of}})
    shown = (await run(desk, "consent_show", {"consent_id": aside["consent_id"]}))["record"]
    by = {"name": "Eva Ek", "role": "handlaggare"}
    unit = units.unit("sodermalm").hex()
    told = [sis, *({**row, "decided_by": by} for row in rows_of)]
    told[2] = told[2] | {"unit": unit}
    assert shown["not_concerned"] == told
    assert [shown[name] for name in ("signed_at", "private_parties")] == [first["signed_at"], [provider]]
    more = {"parties": [party("Sodermalm", "kriminalvard")], "data_categories": ["halsa"], "gdpr_basis": ["9_2_h"]}
    unsigned = await refusal(desk, "consent_supplement", one | {"record": more})
    again = {"authority": "sis", "reason": "Vården är slut."}
    more |= {"not_concerned": [again], "private_parties": [provider | {"purpose": "overlamnande"}]}
    wider = await run(desk, "consent_supplement", one | {"record": more | SIGNED})
    shown = (await run(desk, "consent_show", {"consent_id": wider["consent_id"]}))["record"]
    assert unsigned == "SCH"
    assert [(row["authority"], row.get("region")) for row in shown["not_concerned"]] == [
        ("polis", "syd"),
        ("sis", None),
    ]
    assert shown["not_concerned"][1] == {**again, "decided_by": by}
    assert shown["data_categories"] == [*first["data_categories"], "halsa"]
    assert shown["gdpr_basis"] == [*first["gdpr_basis"], "9_2_h"]
    assert [row["purpose"] for row in shown["private_parties"]] == ["informationsutbyte", "overlamnande"]
    both = {"record": {"not_concerned": [{"authority": "polis", "reason": "Nej."}]}}
    assert await refusal(desk, "consent_supplement", one | both) == "SCH"  # named, and so not set aside


async def test_a_refusal_ends_the_case_and_leaves_the_unit_by_no_way(units: Units) -> None:
    """The open threads stop on all devices of the unit; nobody else hears of it; only other grounds remain."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    contact = {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]}
    begun = await run(eva, "new", contact)
    await units.settle()
    key = (await eva.threads.all())[0].principal
    done = await run(eva, "consent_refuse", {"principal_ref": key, "what": "helt", "informed_of_consequence": True})
    assert done["closed"] == [begun["thread_id"]]
    await units.settle()
    for desk in (eva, bo):
        thread = await desk.threads.get(bytes.fromhex(begun["thread_id"]))
        assert thread is not None
        assert thread.state == "avslutad_samtycke_vagrat"
    for key_of in ("bops/pia", "sodermalm/olle"):
        assert await rows(units[key_of], f"1 FROM thread WHERE principal = '{key}'") == []
    with pytest.raises(RefusedError) as caught:
        await ask(eva, None, principal_ref=key)
    assert caught.value.code in {"CNS-01", "SCH"}
    advice = {"kind": "konsultation.fraga", "to": "Sodermalm", "content": CONTENTS["konsultation.fraga"]}
    await run(eva, "new", advice)
    decision = {
        "lagrum": "OSL 10 kap. 28 §",
        "beslutsfattare": {"name": "Bo Berg", "role": "beslutsfattare"},
        "datum": TODAY.isoformat(),
        "motivering": "Anmälan enligt lag.",
    }
    await ask(eva, None, principal_ref=key, disclosure_basis="uppgiftsskyldighet", disclosure_decision=decision)
    await units.settle()
    assert await came(units, "bops/pia", KIND, key) == 1
    for desk in (eva, units["bops/pia"].desk):
        (shown,) = await run(desk, "disclosures", {})
        assert (shown["kind"], shown["disclosure_decision"]["beslutsfattare"]["name"]) == (KIND, "Bo Berg")


async def test_there_is_nothing_to_refuse_where_a_consent_is_in_force(units: Units) -> None:
    """HASCONSENT; and who was not told what a refusal means has not refused."""
    desk = units["sav/eva"].desk
    made = await register(desk, record("Sav", "Bops"))
    asked = {"principal_ref": made["principal_ref"], "what": "helt", "informed_of_consequence": True}
    assert await refusal(desk, "consent_refuse", asked) == "HASCONSENT"
    assert await refusal(desk, "consent_refuse", {"what": "helt", "informed_of_consequence": False}) == "SCH"


async def test_a_withdrawal_is_confirmed_by_the_recipient_itself(units: Units) -> None:
    """Each recipient answers once, by no one's hand, says why it keeps what it has, and the history shows it."""
    desk = units["sav/eva"].desk
    made = await register(desk, record("Sav", "Bops"), "Bops")
    await units.settle()
    await run(desk, "consent_withdraw", {"consent_id": made["consent_id"], "received_how": "telefon"})
    await units.settle(5)
    for key in ("sav/eva", "sav/bo"):
        assert await came(units, key, CONFIRMED, made["principal_ref"]) == 1
    told = await run(desk, "consent_history", {"consent_id": made["consent_id"]})
    assert [(one["kind"], one["direction"]) for one in told["documents"]] == [
        ("samtycke.registrerat", "out"),
        ("samtycke.aterkallat", "out"),
        (CONFIRMED, "in"),
    ]
    answer = await run(desk, "show", {"document_id": told["documents"][-1]["document_id"]})
    assert (answer["content"]["kept_because"], answer["content"]["consent_id"]) == (
        "allman_handling",
        made["consent_id"],
    )
    thread = await desk.threads.get(bytes.fromhex(answer["thread_id"]))
    assert thread is not None
    assert thread.state == "aterkallat"


async def test_a_unit_with_two_devices_answers_once(units: Units) -> None:
    """The police withdraw; of the two devices that hear of it one answers."""
    desk = units["sav/eva"].desk
    made = await register(desk, record("Sav", "Bops"), "Bops")
    await units.settle()
    pia = units["bops/pia"].desk
    await run(pia, "consent_withdraw", {"consent_id": made["consent_id"], "received_how": "besok"})
    await units.settle(5)
    assert await came(units, "bops/pia", CONFIRMED, made["principal_ref"]) == 1


async def test_what_one_recipient_hears_all_of_them_hear(units: Units) -> None:
    """The person tells the police, who know of no other recipient: the responsible unit tells them, once."""
    eva, bo, pia, olle = (units[key].desk for key in STAFF)
    made = await register(eva, record("Sav", "Bops", "Sodermalm"), "Bops", "Sodermalm")
    await units.settle()
    await run(pia, "consent_withdraw", {"consent_id": made["consent_id"], "received_how": "besok"})
    await units.settle(6)
    for desk in (eva, bo, pia, olle):
        assert (await run(desk, "consent_show", {"consent_id": made["consent_id"]}))["status"] == "aterkallat"
    assert await came(units, "sodermalm/olle", "samtycke.aterkallat", made["principal_ref"]) == 1
    assert await came(units, "bops/pia", "samtycke.aterkallat", made["principal_ref"]) == 0
    assert await came(units, "sav/eva", CONFIRMED, made["principal_ref"]) == 1


async def test_a_mistake_is_taken_back_by_two(units: Units) -> None:
    """Nothing happens before a colleague approves; then it is out of force for all, and stays to be seen."""
    eva, bo, pia = (units[key].desk for key in ("sav/eva", "sav/bo", "bops/pia"))
    made = await register(eva, record("Sav", "Bops"), "Bops")
    await units.settle()
    one = {"consent_id": made["consent_id"]}
    assert await refusal(pia, "consent_mistake", one | {"reason": "fel_person"}) == "NOTOURS"
    asked = await run(eva, "consent_mistake", one | {"reason": "fel_person"})
    assert asked["state"] == "awaiting"
    await units.settle()
    await ask(eva, made["consent_id"])
    assert (await run(pia, "consent_show", one))["status"] == "aktivt"
    await run(bo, "approve", {"document_id": asked["document_id"]})
    await units.settle(5)
    for desk in (eva, bo, pia):
        shown = await run(desk, "consent_show", one)
        assert (shown["status"], len(shown["withdrawals"])) == ("felregistrerat", 1)
    with pytest.raises(RefusedError) as caught:
        await ask(eva, made["consent_id"])
    assert (caught.value.code, "mistaken" in caught.value.fields) == ("CNS-01", True)
    assert await came(units, "sav/eva", CONFIRMED, made["principal_ref"]) == 1
    assert await refusal(eva, "consent_withdraw", one | {"received_how": "brev"}) == "WITHDRAWN"


async def test_a_renewal_takes_the_place_of_the_old_record(units: Units) -> None:
    """A new record with a new signature; what leans on the consent leans on it, and the recipient is told so."""
    eva, pia = units["sav/eva"].desk, units["bops/pia"].desk
    made = await register(eva, record("Sav", "Bops"), "Bops")
    await units.settle()
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signed = {"signed_at": at, "original_sha256": "cd" * 32, "purposes": record()["purposes"]}
    fresh = {"consent_id": made["consent_id"], "record": signed}
    more = {"send_to": ["Bops"], "header": {"subject_person": PERSON_BLOCK}}
    renewed = await run(eva, "consent_renew", fresh | more)
    sent = await ask(eva, made["consent_id"])
    await units.settle()
    assert (await run(pia, "show", {"document_id": sent["document_id"]}))["consents"] == [renewed["consent_id"]]
    told = await run(pia, "consent_history", {"consent_id": made["consent_id"]})
    assert [[event["type"] for event in one["events"]] for one in told["versions"]] == [
        ["informerad", "given"],
        ["fornyad"],
    ]
    listed = {one["consent_id"] for one in await run(pia, "consent_list", {})}
    assert (renewed["consent_id"] in listed, made["consent_id"] in listed) == (True, False)
    (last,) = [one for one in told["documents"] if one["kind"] == "samtycke.utokat"]
    assert (await run(pia, "show", {"document_id": last["document_id"]}))["content"]["change"] == "fornyelse"
    await run(eva, "consent_withdraw", {"consent_id": made["consent_id"], "received_how": "telefon"})
    assert await refusal(eva, "consent_renew", fresh) == "WITHDRAWN"


async def test_a_renewal_holds_what_was_signed_and_no_more(units: Units) -> None:
    """Purposes that were not signed again are over, and so is what leans on them; without any it is no renewal."""
    desk = units["sav/eva"].desk
    line = {"org": units.unit("sodermalm").hex(), "purpose": "informationsutbyte", "signed": True}
    made = await register(desk, record("Sav", "Bops", private_parties=[line]))
    fresh = {"consent_id": made["consent_id"], "record": dict(SIGNED)}
    with pytest.raises(InvalidBodyError) as caught:
        await run(desk, "consent_renew", fresh)
    assert [(one.path, one.reason) for one in caught.value.problems] == [("purposes", "missing")]
    fresh["record"]["purposes"] = PURPOSES[:1]
    renewed = await run(desk, "consent_renew", fresh)
    shown = (await run(desk, "consent_show", {"consent_id": renewed["consent_id"]}))["record"]
    assert (shown["purposes"], shown["private_parties"], len(shown["parties"])) == (PURPOSES[:1], [], 2)
    with pytest.raises(RefusedError) as refused:
        await ask(desk, made["consent_id"])
    assert (refused.value.code, refused.value.fields) == ("CNS-05", {"purpose": "hotbildsbedomning"})
    fresh["record"] = {**fresh["record"], "purposes": PURPOSES, "parties": [party("Sav"), party("Sodermalm")]}
    assert await refusal(desk, "consent_renew", fresh) == "CNS-04"


async def test_a_supplement_for_a_placement_stays_in_its_circle(units: Units) -> None:
    """Who the person is placed with is told to the circle alone; documents to others never carry it, nor name it."""
    eva, pia, olle = (units[key].desk for key in ("sav/eva", "bops/pia", "sodermalm/olle"))
    made = await register(eva, record("Sav", "Bops"), "Bops")
    asked = {"consent_id": made["consent_id"], "record": PLACING, "header": {"subject_person": PERSON_BLOCK}}
    assert await refusal(eva, "consent_supplement", asked | {"send_to": ["Bops"]}) == "CNS-03"
    asked["record"] = PLACING | {"circle": [{"unit": "Sodermalm"}, {"unit": "Bops"}]}
    apart = await run(eva, "consent_supplement", asked | {"send_to": ["Sodermalm"]})
    await ask(eva, apart["consent_id"])
    plain = await run(
        eva,
        "consent_renew",
        {"consent_id": made["consent_id"], "record": {"notice_version": "2027", "purposes": PURPOSES} | SIGNED},
    )
    await ask(eva, plain["consent_id"])
    await units.settle()
    assert apart["consent_id"] in {one["consent_id"] for one in await run(olle, "consent_list", {})}
    secrets = (bytes.fromhex(apart["consent_id"]), units.unit("sodermalm"))
    bodies = await rows(units["bops/pia"], _OF_CASE.format(made["principal_ref"]))
    assert len(bodies) == 3
    for (body,) in bodies:
        for one in secrets:
            assert one not in body
            assert one.hex().encode() not in body
    assert apart["consent_id"] not in {one["consent_id"] for one in await run(pia, "consent_list", {})}
    await run(eva, "consent_withdraw", {"consent_id": made["consent_id"], "received_how": "telefon"})
    await units.settle(5)
    assert (await run(olle, "consent_show", {"consent_id": apart["consent_id"]}))["status"] == "aterkallat"


async def test_a_withdrawal_does_not_name_a_supplement_to_those_outside_of_its_circle(units: Units) -> None:
    """All is taken back, and the police, who are not in the circle, do not learn that there was one."""
    eva, olle = units["sav/eva"].desk, units["sodermalm/olle"].desk
    made = await register(eva, record("Sav", "Bops"), "Bops")
    more = {"send_to": ["Sodermalm"], "header": {"subject_person": PERSON_BLOCK}}
    apart = await run(eva, "consent_supplement", {"consent_id": made["consent_id"], "record": PLACING} | more)
    await units.settle()
    await run(eva, "consent_withdraw", {"consent_id": made["consent_id"], "received_how": "telefon"})
    await units.settle(5)
    assert (await run(olle, "consent_show", {"consent_id": apart["consent_id"]}))["status"] == "aterkallat"
    bodies = await rows(units["bops/pia"], _OF_CASE.format(made["principal_ref"]))
    assert len(bodies) == 3
    for (body,) in bodies:
        assert apart["consent_id"].encode() not in body
        assert bytes.fromhex(apart["consent_id"]) not in body


async def test_whoever_knows_only_the_circle_may_take_back_all(units: Units) -> None:
    """The person says it where she is placed: it counts for the whole consent."""
    eva, olle = units["sav/eva"].desk, units["sodermalm/olle"].desk
    made = await register(eva, record("Sav", "Bops"))
    more = {"send_to": ["Sodermalm"], "header": {"subject_person": PERSON_BLOCK}}
    apart = await run(eva, "consent_supplement", {"consent_id": made["consent_id"], "record": PLACING} | more)
    await units.settle()
    await run(olle, "consent_withdraw", {"consent_id": apart["consent_id"], "received_how": "besok"})
    await units.settle()
    assert (await run(eva, "consent_show", {"consent_id": made["consent_id"]}))["status"] == "aterkallat"
    with pytest.raises(RefusedError) as caught:
        await ask(eva, made["consent_id"])
    assert caught.value.code == "CNS-08"


async def test_whoever_takes_a_consent_out_is_written_down(units: Units) -> None:
    """Each form of the export is one line of the log of reads; units stand in it by name, and its status is today's."""
    desk = units["sav/eva"].desk
    made = await register(desk, record("Sav", "Bops"))
    before = len(await run(desk, "reads", {}))
    for form in ("27560", "fhir", "json"):
        told = await run(desk, "consent_export", {"consent_id": made["consent_id"], "format": form})
        assert "Bops" in told["text"]
        assert json.loads(told["text"])
    logged = (await run(desk, "reads", {}))[: -before or None]
    assert [(one["kind"], one["staff"], one["reason"], one["document_id"]) for one in logged] == [
        (f"samtycke.export.{form}", "Eva Ek", "utlamnande", made["consent_id"]) for form in ("json", "fhir", "27560")
    ]
    own = json.loads(told["text"])
    assert (own["status"], own["record"]["consent_id"]) == ("aktivt", made["consent_id"])


async def test_two_answer_for_a_consent_that_tells_where_somebody_is_placed(units: Units) -> None:
    """Only the colleague's approval of that very consent lets it be taken out, once; nothing is logged before."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    first = await register(eva, record("Sav", "Bops"))
    more = {"send_to": ["Sodermalm"], "header": {"subject_person": PERSON_BLOCK}}
    placing = await run(eva, "consent_supplement", {"consent_id": first["consent_id"], "record": PLACING} | more)
    wanted, before = {"consent_id": placing["consent_id"]}, len(await run(eva, "reads", {}))
    for one in (first, placing):
        assert await refusal(eva, "consent_export", wanted) == "TAKEOUT"
        asked = await run(
            eva, "consent_export_ask", {"consent_id": one["consent_id"], "why": "Personen har bett om det."}
        )
        await units.settle()
        await run(bo, "approve", {"document_id": asked["document_id"]})
        await units.settle()
    assert len(await run(eva, "reads", {})) == before
    assert json.loads((await run(eva, "consent_export", wanted))["text"])
    assert await refusal(eva, "consent_export", wanted) == "TAKEOUT"
    assert await refusal(bo, "consent_export", wanted) == "TAKEOUT"


async def test_the_form_asks_for_those_that_the_case_type_needs(units: Units) -> None:
    """What the record says already stands on it; what it lacks and the case type asks for is added."""
    desk = units["sav/eva"].desk
    asked = {"parties": [party("Bops")], "purposes": [{"purpose": "placering", "valid_to": UNTIL}], "valid_to": UNTIL}
    paper = await run(desk, "consent_form", {"case_type": "plan", "record": asked | {"applicable": ["skatteverket"]}})
    rows_of = paper["text"].split("Myndigheter som omfattas")[1].split("Uppgifter som omfattas")[0]
    assert [line for line in rows_of.splitlines() if line.startswith("- ")] == [
        "- Bops",
        "- Socialtjänsten",
        "- Skatteverket",
    ]
    assert f"Till och med {UNTIL}" in paper["text"]
    easy = await run(desk, "consent_form", {"case_type": "intag", "easy": True})
    assert "Om du säger nej" in easy["html"]


async def test_a_consent_belongs_to_a_case_that_is_here(units: Units) -> None:
    """The beginning of the case's key is enough; with a key of no case here nothing is kept."""
    desk = units["sav/eva"].desk
    begun = await run(desk, "new", {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]})
    key = (await run(desk, "thread", {"thread_id": begun["thread_id"]}))["principal_ref"]
    made = await register(desk, record("Sav", "Bops"), principal_ref=key[:12])
    case = await run(desk, "case", {"principal_ref": key})
    assert [one["consent_id"] for one in case["consents"]] == [made["consent_id"]]
    before = await rows(units["sav/eva"], "1 FROM consent")
    with pytest.raises(LocalError, match="NOTFOUND"):
        await register(desk, record("Sav", "Bops"), principal_ref=random_bytes(16).hex())
    assert await rows(units["sav/eva"], "1 FROM consent") == before


async def test_who_answers_for_the_data_stands_in_the_record(units: Units) -> None:
    """Number and name from the organisation's card, where it is reached from the unit's: in record, form and export.

    A unit whose card does not say it yet makes records as before, and nobody types it in.
    """
    eva, pia = units["sav/eva"].desk, units["bops/pia"].desk
    typed = {"name": "Någon annan", "org_number": "1"}
    before = await register(eva, record("Sav", "Bops", controller=typed), "Bops")
    assert "controller" not in (await run(eva, "consent_show", {"consent_id": before["consent_id"]}))["record"]
    reached = {"postal_address": "Box 1, Ort", "contact": "010-00 00", "dataskyddsombud": "dso@ort.invalid"}
    await units.change_card("sav", **reached)
    made = await register(eva, record("Sav", "Bops", controller=typed), "Bops")
    await units.settle()
    told = {"name": "Stockholms stad", "org_number": "212000-0142", "address": "Box 1, Ort", "contact": "010-00 00"}
    told |= {"dataskyddsombud": "dso@ort.invalid"}
    for desk in (eva, pia):
        shown = await run(desk, "consent_show", {"consent_id": made["consent_id"]})
        assert shown["record"]["controller"] == told
    form = await run(eva, "consent_form", {"case_type": "intag"})
    exported = await run(pia, "consent_export", {"consent_id": made["consent_id"], "format": "27560"})
    assert all(words in form["text"] and words in exported["text"] for words in told.values())

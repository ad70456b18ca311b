"""The consent rule at a recipient whose sender keeps no rule: every code, and records that were changed or replayed.

What is refused is put aside with its code: no document, no thread, and no record comes of it. Parcels whose bytes were
changed are in `test_consent_mutated`, CNS-10 and CNS-11 in `test_consent_wire`. CNS-02 cannot come from a record that
was read: one without a signed original is none (CNS-01).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.casework.consent import Party
from client.casework.consent_events import append_event
from client.engine import consents
from client.engine.consents import HeldConsent
from client.engine.reading_consents import record_fields
from keys.codec import decode, decode_body, encode, encode_body
from keys.consent import MAX_PARCEL_BYTES, Consent, Parcel, WithdrawalScope, record_commit
from keys.domains import SignedType
from keys.errors import RefusedError
from keys.ids import digest
from keys.private.identity import random_bytes
from tests.hostile.attacked import Attacked
from tests.kit.federation import Federation
from tests.kit.offices import PERSON_BLOCK, Offices

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}
KIND = "hotbild.begaran"
Fields = dict[str, Any]
Change = Callable[[Fields], None]


def fields_of(offices: Offices, **changes: Any) -> Fields:
    """A record that names both, of a fresh person."""
    fresh = {"consent_id": random_bytes(16).hex(), "principal_ref": random_bytes(16).hex()}
    fields: Fields = offices.consent_fields("sav", ["sav", "bops"], **fresh)
    return fields | changes


def signed(offices: Offices, fields: Fields) -> bytes:
    """A parcel with any record at all, honestly signed by the malicious unit."""
    keeper, data, salt = offices["sav"].desk.context.keeper, encode_body(fields), random_bytes(32)
    unit_id, consent_id = offices.unit("sav"), bytes.fromhex(fields["consent_id"])
    payload = Consent(1, 1, consent_id, unit_id, keeper.device_id, 1, record_commit(salt, data))
    return encode(Parcel(keeper.sign(SignedType.CONSENT, encode(payload)), salt, data))


def letter(attacked: Attacked, fields: Fields, parcel: bytes, **header: Any) -> bytes:
    """A threat request that leans on the record."""
    about = {"consent_ref": fields["consent_id"], "principal_ref": fields["principal_ref"]}
    return attacked.forge.envelope(attacked.forge.letter(KIND, body={"header": about | header}, enclosed=[parcel]))


async def told(attacked: Attacked, offices: Offices, held: HeldConsent) -> None:
    """Let the police know of a record by a sound request."""
    fields = record_fields(held.record)
    assert await attacked.outcome(letter(attacked, fields, held.parcel)) == ("accepted",)


async def refused(attacked: Attacked, raw: bytes, code: str) -> None:
    """Put aside with this code; nothing else has changed but the chain."""
    before = await attacked.state()
    assert await attacked.outcome(raw) == (16, code)
    assert await attacked.state() | {"chain": [], "gap": []} == before | {"chain": [], "gap": []}
    row = await attacked.vault.one("SELECT unit_id, envelope FROM quarantine WHERE envelope_id = ?", digest(raw))
    assert (row[0], row[1]) == (attacked.forge.sender.unit_id, raw)  # who and what is kept, sealed as it came


def events(fields: Fields, *types: str) -> list[Fields]:
    """A whole chain of these events."""
    made: tuple[Any, ...] = ()
    for event_type in types:
        made = append_event(fields["consent_id"], made, event_type, at="2026-03-01T08:00:00Z", by="handlaggare")
    return [{"type": one.type, "at": one.at, "by": one.by, "digest": one.digest} for one in made]


def _given_up(fields: Fields) -> None:
    fields["events"] = events(fields, "informerad", "vagrad")


def _ended(fields: Fields) -> None:
    fields.update(valid_from="2025-01-01", valid_to="2025-06-01")
    fields["purposes"] = [{**one, "valid_to": "2025-06-01"} for one in fields["purposes"]]


def _one_purpose(fields: Fields) -> None:
    fields["purposes"] = [one for one in fields["purposes"] if one["purpose"] == "informationsutbyte"]


CHILD = {**PERSON_BLOCK, "id_kind": "okand", "id_value": None, "age_at_intake": 15, "guardians_involved": "ja"}

#: Code -> what is wrong with the record, and with the header.
CODES: dict[str, tuple[Change, Fields]] = {
    "CNS-01": (_given_up, {}),
    "CNS-03": (lambda fields: fields["parties"][1].update(unit="ab" * 16), {}),
    "CNS-04": (lambda fields: fields["parties"][1].update(authority="sis"), {}),
    "CNS-05": (_one_purpose, {}),
    "CNS-06": (lambda fields: fields.update(data_categories=["identitet"], special_category=[]), {}),
    "CNS-07": (_ended, {}),
    "CNS-09": (lambda fields: None, {"principal_ref": "ee" * 16}),
    "CNS-12": (lambda fields: fields.update(limits="Inte om min bror."), {}),
    "CNS-13": (lambda fields: None, {"subject_person": CHILD}),
}


@pytest.mark.parametrize("code", CODES)
async def test_the_recipient_refuses_by_itself(attacked: Attacked, offices: Offices, code: str) -> None:
    """A sound envelope by an enrolled device, a record that it signed itself: the code of the first rule that fails."""
    change, header = CODES[code]
    fields = fields_of(offices)
    change(fields)
    body = {"minor": True} if code == "CNS-13" else {}
    about = {"consent_ref": fields["consent_id"], "principal_ref": fields["principal_ref"]} | header
    made = attacked.forge.letter(KIND, body={"header": about, "content": body}, enclosed=[signed(offices, fields)])
    await refused(attacked, attacked.forge.envelope(made), code)


CONTROLLERS: dict[str, tuple[Fields, tuple[Any, ...]]] = {
    "of-another-authority": ({"name": "Stockholms stad", "org_number": "202100-0076"}, (16, "CONTROLLER")),
    "no-number-and-another-name": ({"name": "Polismyndigheten", "org_number": "-"}, (16, "CONTROLLER")),
    "its-own": ({"name": "Stockholms stad", "org_number": "212000-0142"}, ("accepted",)),
    "its-own-under-an-earlier-name": ({"name": "Stockholms kommun", "org_number": "212000-0142"}, ("accepted",)),
}


@pytest.mark.parametrize("name", CONTROLLERS)
async def test_a_record_names_the_authority_of_its_unit_as_controller(
    attacked: Attacked, offices: Offices, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The directory says whose a unit is; whatever the unit itself signs. Without the rule it would be accepted."""
    controller, expected = CONTROLLERS[name]
    fields = fields_of(offices, controller=controller)
    assert await attacked.outcome(letter(attacked, fields, signed(offices, fields))) == expected
    if expected != ("accepted",):
        with pytest.raises(RefusedError, match="CONTROLLER"):
            offices["sav"].desk.consents.sign(fields)
        monkeypatch.setattr(consents, "require_controller", lambda *_: None)
        again = fields_of(offices, controller=controller)
        assert await attacked.outcome(letter(attacked, again, signed(offices, again))) == ("accepted",)


@pytest.mark.parametrize("name", ["form", "original_sha256"])
async def test_what_is_only_oral_is_no_record(attacked: Attacked, offices: Offices, name: str) -> None:
    """A record that says that it was given and has no signed original is read as none: CNS-01."""
    fields = fields_of(offices)
    del fields[name]
    await refused(attacked, letter(attacked, fields, signed(offices, fields)), "CNS-01")


async def test_a_decision_on_limits_lets_it_in(attacked: Attacked, offices: Offices) -> None:
    """The control of CNS-12: with a named decision-maker's decision the same letter is accepted."""
    fields = fields_of(offices, limits="Inte om min bror.")
    by = {"name": "Bo Berg", "role": "beslutsfattare"}
    decision = {"beslutsfattare": by, "datum": "2026-01-01", "motivering": "Brodern nämns inte."}
    raw = letter(attacked, fields, signed(offices, fields), limits_decision=decision)
    assert await attacked.outcome(raw) == ("accepted",)


def _swapped(fields: Fields) -> None:
    fields["events"] = fields["events"][::-1]


def _of_other(fields: Fields) -> None:
    fields["events"] = events(fields | {"consent_id": "ab" * 16}, "informerad", "given")


CHAINS: dict[str, Change] = {
    "first-left-out": lambda fields: fields.update(events=fields["events"][1:]),
    "last-left-out": lambda fields: fields.update(events=fields["events"][:1]),
    "all-left-out": lambda fields: fields.update(events=[]),
    "swapped": _swapped,
    "twice": lambda fields: fields.update(events=[*fields["events"], fields["events"][-1]]),
    "of-another-record": _of_other,
    "another-time": lambda fields: fields["events"][1].update(at="2026-01-01T00:00:00Z"),
    "another-word": lambda fields: fields["events"][0].update(type="given"),
}


@pytest.mark.parametrize("name", CHAINS)
async def test_a_chain_of_events_that_was_cut_or_moved_opens_nothing(
    attacked: Attacked, offices: Offices, name: str
) -> None:
    """Even when the unit signs it: a chain that does not follow from its first event is no record."""
    fields = fields_of(offices)
    CHAINS[name](fields)
    await refused(attacked, letter(attacked, fields, signed(offices, fields)), "CNS-01")


async def test_a_record_of_another_federation_is_none(offices: Offices) -> None:
    """The same words, signed by a device of the same names in another federation."""
    other = Federation.demo(devices=1)
    sav = other.units["sav"]
    fields = fields_of(offices, controller_unit=sav.unit_id.hex())
    data, salt = encode_body(fields), random_bytes(32)
    for unit_id in (sav.unit_id, offices.unit("sav")):
        keeper, consent_id = sav.keepers[0], bytes.fromhex(fields["consent_id"])
        payload = Consent(1, 1, consent_id, unit_id, keeper.device_id, 1, record_commit(salt, data))
        parcel = encode(Parcel(keeper.sign(SignedType.CONSENT, encode(payload)), salt, data))
        with pytest.raises(RefusedError, match="CNS-01"):
            offices["bops"].desk.consents.verify(parcel, offices.unit("sav"))


def _narrowed(held: HeldConsent, change: Change) -> Fields:
    """What continues a record, with less in it."""
    fields = decode_body(decode(held.parcel, Parcel, max_bytes=MAX_PARCEL_BYTES).record, max_bytes=MAX_PARCEL_BYTES)
    fields |= {"supersedes": fields["consent_id"], "consent_id": random_bytes(16).hex()}
    change(fields)
    fields["events"] = fields["events"] if "vagrad" in str(fields["events"]) else events(fields, "fornyad")
    return fields


def _other_purposes(fields: Fields) -> None:
    fields["purposes"] = [one for one in fields["purposes"] if one["purpose"] != "hotbildsbedomning"]


def _no_police(fields: Fields) -> None:
    fields["parties"] = [fields["parties"][0], {**fields["parties"][1], "unit": "ab" * 16}]


NARROWED: dict[str, tuple[str, Change]] = {
    "purpose": ("CNS-05", _other_purposes),
    "party": ("CNS-03", _no_police),
    "limits": ("CNS-12", lambda fields: fields.update(limits="Bara om boende.")),
    "refused": ("CNS-01", lambda fields: fields.update(events=events(fields, "informerad", "vagrad"))),
}


@pytest.mark.parametrize("name", NARROWED)
async def test_an_older_record_is_no_way_round_a_newer_one(attacked: Attacked, offices: Offices, name: str) -> None:
    """The police know what the person has said since: the record from before opens nothing more."""
    code, change = NARROWED[name]
    held = offices["sav"].desk.consents.sign(fields_of(offices))
    await told(attacked, offices, held)
    bops = offices["bops"].desk
    newer = bops.consents.verify(signed(offices, _narrowed(held, change)), offices.unit("sav"))
    async with bops.context.vault.transaction():
        await bops.consents.keep(newer)
    await refused(attacked, letter(attacked, record_fields(held.record), held.parcel), code)


async def test_a_wider_record_leaves_the_older_one_its_worth(attacked: Attacked, offices: Offices) -> None:
    """The control: who cannot know of a supplement may go on with the record from before."""
    held = offices["sav"].desk.consents.sign(fields_of(offices))
    await told(attacked, offices, held)
    bops = offices["bops"].desk

    def widen(fields: Fields) -> None:
        party = Party(authority="kriminalvard", role="bada")
        fields["parties"].append({"authority": party.authority, "role": party.role, "named": True})

    newer = bops.consents.verify(signed(offices, _narrowed(held, widen)), offices.unit("sav"))
    async with bops.context.vault.transaction():
        await bops.consents.keep(newer)
    await told(attacked, offices, held)


@pytest.mark.parametrize("which", ["first", "second"])
async def test_no_version_of_what_was_withdrawn_can_be_replayed(
    attacked: Attacked, offices: Offices, which: str
) -> None:
    """Whichever of the versions was taken back and whichever comes again: CNS-08."""
    sav, bops = offices["sav"].desk, offices["bops"].desk
    first = sav.consents.sign(fields_of(offices))
    await told(attacked, offices, first)
    second = bops.consents.verify(signed(offices, _narrowed(first, lambda fields: None)), offices.unit("sav"))
    async with bops.context.vault.transaction():
        await bops.consents.keep(second)
    taken = first if which == "first" else second
    raw = sav.consents.sign_withdrawal(taken.consent_id, WithdrawalScope.HELT, recipient=None, purposes=[])
    async with bops.context.vault.transaction():
        await bops.withdrawing.take_in([(raw, bops.consents.verify_withdrawal(raw))])
    for held in (first, second):
        await refused(attacked, letter(attacked, record_fields(held.record), held.parcel), "CNS-08")


async def test_a_mistake_is_for_the_responsible_unit_to_say(attacked: Attacked, offices: Offices) -> None:
    """The police say that the municipality's record was a mistake: that counts only from the unit itself."""
    sav, bops = offices["sav"].desk, offices["bops"].desk
    held = sav.consents.sign(fields_of(offices))
    await told(attacked, offices, held)
    for desk, outcome in ((bops, ("accepted",)), (sav, (16, "CNS-01"))):
        raw = desk.consents.sign_withdrawal(
            held.consent_id, WithdrawalScope.FELREGISTRERAT, recipient=None, purposes=[]
        )
        async with bops.context.vault.transaction():
            await bops.withdrawing.take_in([(raw, bops.consents.verify_withdrawal(raw))])
        assert await attacked.outcome(letter(attacked, record_fields(held.record), held.parcel)) == outcome

"""Check 16 under attack: sound envelopes by an enrolled device whose contents break the rules of the work.

Whatever such a body holds, the office puts it aside with a code, tells the sender that it was refused, shows nothing,
changes nothing, and goes on reading what comes after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.engine.consents import HeldConsent
from keys.codec import decode, encode, encode_body
from keys.consent import MAX_PARCEL_BYTES, Consent, Parcel, Withdrawal, WithdrawalScope, record_commit
from keys.domains import SignedType
from keys.ids import digest
from keys.private.identity import new_secret, random_bytes, sign_object
from tests.hostile.attacked import Attacked
from tests.kit.offices import Offices

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAFF = {"sav": "Eva Ek", "bops": "Pia Po", "sodermalm": "Olle Ohlin"}
BEGARAN = "hotbild.begaran"
ATERKALLAT = "samtycke.aterkallat"


def consent(offices: Offices, signed_by: str = "sav", **changes: Any) -> HeldConsent:
    """A consent that names sav and bops, signed by a device of a unit."""
    fresh = {"consent_id": random_bytes(16).hex(), "principal_ref": random_bytes(16).hex()} | changes
    return offices[signed_by].desk.consents.sign(offices.consent_fields("sav", ["sav", "bops"], **fresh))


def about(held: HeldConsent | None, **header: Any) -> dict[str, Any]:
    """Header fields of a document that leans on a consent."""
    fields = {} if held is None else {"consent_ref": held.record.consent_id, "principal_ref": held.record.principal_ref}
    return {"header": fields | header}


def unpacked(held: HeldConsent) -> Parcel:
    """The parcel of a consent."""
    return decode(held.parcel, Parcel, max_bytes=MAX_PARCEL_BYTES)


async def _refused(attacked: Attacked, raw: bytes, code: str) -> None:
    """Put aside at step 16 with this code; nothing shown, nothing changed; the sender is told so.

    Not told is what does not fit its thread: the forge's chain has a gap, and what is missing might make it fit.
    """
    before = await attacked.state()
    assert await attacked.outcome(raw) == (16, code)
    assert await attacked.state() | {"chain": [], "gap": []} == before | {"chain": [], "gap": []}
    document_id = await attacked.vault.value("SELECT document_id FROM quarantine WHERE envelope_id = ?", digest(raw))
    told = [(status, found) for one, status, found, _ in await attacked.owed() if one == document_id]
    assert told == ([] if code == "STA" else [("refused", code)])


# -- header, kind, role, life cycle -----------------------------------------------------------------------------------

CONTENT = {"situation": 7}
PERSON = {"consent_ref": "c0" * 16, "principal_ref": "80" * 16}
BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "unknown-field": ("SCH", "konsultation.fraga", {"content": {"nickname": "x"}}),
    "missing-field": ("SCH", "konsultation.fraga", {"content": {"need": None}}),
    "wrong-shape": ("SCH", "konsultation.fraga", {"content": CONTENT}),
    "unknown-kind": ("KIND", "konsultation.fraga", {"header": {"message_type": "konsultation.okand"}}),
    "unknown-major": ("VER", "konsultation.fraga", {"header": {"schema_version": "2.0"}}),
    "header-other-id": ("SCH", "konsultation.fraga", {"header": {"message_id": "00" * 16}}),
    "header-other-thread": ("SCH", "konsultation.fraga", {"header": {"thread_id": "00" * 16}}),
    "header-other-sender": ("SCH", "konsultation.fraga", {"header": {"sender_unit": "00" * 16}}),
    "header-other-recipient": ("SCH", "konsultation.fraga", {"header": {"recipient_unit": "00" * 16}}),
    "personal-number": ("PID", "konsultation.fraga", {"content": {"situation": "Hon har 19811218-9876."}}),
    "role-not-certified": ("ROL", "konsultation.fraga", {"header": {"sender_staff": {"role": "telefon"}}}),
    "answer-without-question": ("ROL", "konsultation.svar", {"header": {"in_reply_to": "00" * 16}}),
    "police-kind": ("ROL", "hotbild.delbesked", {"header": {"in_reply_to": "00" * 16, **PERSON}}),
}


@pytest.mark.parametrize("name", BODIES)
async def test_each_broken_body_is_refused(attacked: Attacked, name: str) -> None:
    """One defect in header, content, role or life cycle: refused with the code that names it."""
    code, kind, body = BODIES[name]
    payload: dict[str, Any] = {}
    if "in_reply_to" in body.get("header", {}):
        payload["reply_to"] = bytes(16)
    await _refused(attacked, attacked.forge.envelope(attacked.forge.letter(kind, body=body, payload=payload)), code)


async def test_personal_data_in_a_question_is_told_to_the_registrar(attacked: Attacked) -> None:
    """It is refused and kept sealed; the alarm says that it has come in all the same, and which document it is."""
    letter = attacked.forge.letter("konsultation.fraga", body=BODIES["personal-number"][2])
    await _refused(attacked, attacked.forge.envelope(letter), "PID")
    rows = await attacked.vault.all("SELECT code, document_id FROM alarm")
    assert ("CAMEPID", letter.document.document_id) in rows


async def test_a_class_that_the_kind_has_not_is_refused(attacked: Attacked) -> None:
    """A question signed as a withdrawal, so that it is read first: refused."""
    letter = attacked.forge.letter(payload={"kind_class": "withdrawal"})
    await _refused(attacked, attacked.forge.envelope(letter), "SCH")


async def test_a_step_that_the_life_cycle_has_not_is_refused(attacked: Attacked) -> None:
    """A second question in a thread that has begun: STA."""
    first = attacked.forge.letter()
    assert await attacked.outcome(attacked.forge.envelope(first)) == ("accepted",)
    thread_id = first.document.thread_id
    letter = attacked.forge.letter(payload={"thread_id": thread_id}, body={"header": {"thread_id": thread_id.hex()}})
    await _refused(attacked, attacked.forge.envelope(letter), "STA")


async def test_a_third_unit_does_not_get_into_a_thread(attacked: Attacked, offices: Offices) -> None:
    """A thread belongs to two units: an answer in it by a third one, who knows its id, is refused."""
    written = await offices["bops"].desk.writing.write(offices.ask("sodermalm"))
    body = {"header": {"thread_id": written.thread_id.hex(), "in_reply_to": written.document_id.hex()}}
    letter = attacked.forge.letter(
        "konsultation.svar",
        body=body,
        payload={"thread_id": written.thread_id, "reply_to": written.document_id},
    )
    await _refused(attacked, attacked.forge.envelope(letter), "STA")


# -- bodies made to break the program ---------------------------------------------------------------------------------

POISON: dict[str, tuple[str, dict[str, Any]]] = {
    "role-is-a-list": ("konsultation.fraga", {"header": {"sender_staff": {"role": ["handlaggare"]}}}),
    "staff-is-a-number": ("konsultation.fraga", {"header": {"sender_staff": 7}}),
    "kind-is-a-list": ("konsultation.fraga", {"header": {"message_type": ["konsultation.fraga"]}}),
    "created-in-year-0": ("konsultation.fraga", {"header": {"created_at": "0000-01-01T00:00:00Z"}}),
    "created-at-the-end": ("konsultation.fraga", {"header": {"created_at": "9999-12-31T23:59:60Z"}}),
    "reply-by-at-the-end": ("konsultation.fraga", {"header": {"reply_by": "9999-12-31T23:59:59Z"}}),
    "purposes-is-a-number": (ATERKALLAT, {"content": {"purposes": 5}}),
    "purposes-holds-a-list": (ATERKALLAT, {"content": {"scope": "syfte", "purposes": [["uppfoljning"]]}}),
    "content-is-a-list": (ATERKALLAT, {"content": [1]}),
    "nested-deep": ("konsultation.fraga", {"content": {"situation": [[[["x"]]]]}}),
    "date-at-the-end": ("hotbild.delbesked", {"content": {"expected_date": "9999-12-31"}}),
    "takeover-at-the-end": ("overlamnande.svar", {"content": {"takeover_date": "9999-12-31"}}),
}


@pytest.mark.parametrize("name", POISON)
async def test_no_body_keeps_the_office_from_reading(attacked: Attacked, name: str) -> None:
    """Whatever stands in a body, the letter behind it is read."""
    kind, body = POISON[name]
    bad = attacked.forge.envelope(attacked.forge.letter(kind, body=body))
    good = attacked.forge.letter()
    done = await attacked.drain([bad, attacked.forge.envelope(good)])
    assert done.handled == 2
    rows = await attacked.vault.all("SELECT 1 FROM document WHERE document_id = ?", good.document.document_id)
    assert len(rows) == 1


def _far_withdrawal(offices: Offices, held: HeldConsent, at: int) -> bytes:
    keeper = offices["sav"].desk.context.keeper
    unit_id = offices.unit("sav")
    payload = Withdrawal(1, 1, held.consent_id, unit_id, keeper.device_id, WithdrawalScope.HELT, None, [], at)
    return keeper.sign(SignedType.WITHDRAWAL, encode(payload))


async def test_a_withdrawal_at_the_end_of_time_counts(attacked: Attacked, offices: Offices) -> None:
    """A withdrawal whose time no calendar holds is a withdrawal all the same, and stops nobody from reading."""
    held = consent(offices)
    first = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[held.parcel])
    assert await attacked.outcome(attacked.forge.envelope(first)) == ("accepted",)
    body = about(held) | {"content": {"consent_id": held.record.consent_id}}
    letter = attacked.forge.letter(ATERKALLAT, body=body, enclosed=[_far_withdrawal(offices, held, 2**53 - 1)])
    assert await attacked.outcome(attacked.forge.envelope(letter)) == ("accepted",)
    again = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[held.parcel])
    await _refused(attacked, attacked.forge.envelope(again), "CNS-08")


# -- consent ----------------------------------------------------------------------------------------------------------

Record = Callable[[dict[str, Any]], None]


def _resigned(offices: Offices, held: HeldConsent, change: Record) -> bytes:
    """A parcel with another record, honestly signed by the malicious unit."""
    from keys.codec import decode_body  # noqa: PLC0415 - beside its only use

    parcel, keeper = unpacked(held), offices["sav"].desk.context.keeper
    fields = decode_body(parcel.record, max_bytes=MAX_PARCEL_BYTES)
    change(fields)
    data = encode_body(fields)
    payload = Consent(1, 1, held.consent_id, offices.unit("sav"), keeper.device_id, 1, record_commit(parcel.salt, data))
    return encode(Parcel(keeper.sign(SignedType.CONSENT, encode(payload)), parcel.salt, data))


async def test_a_missing_consent_is_refused(attacked: Attacked, offices: Offices) -> None:
    """A request that leans on a consent and does not enclose it: CNS-01."""
    letter = attacked.forge.letter(BEGARAN, body=about(consent(offices)))
    await _refused(attacked, attacked.forge.envelope(letter), "CNS-01")


async def test_an_altered_consent_is_refused(attacked: Attacked, offices: Offices) -> None:
    """One byte of the record differs from what was signed: CNS-01."""
    held = consent(offices)
    parcel = unpacked(held)
    altered = encode(Parcel(parcel.signed, parcel.salt, parcel.record.replace(b"Kontoret", b"Kontorat")))
    assert altered != held.parcel
    letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[altered])
    await _refused(attacked, attacked.forge.envelope(letter), "CNS-01")


async def test_a_forged_consent_is_refused(attacked: Attacked, offices: Offices) -> None:
    """Signed by a stranger in the device's name: CNS-01."""
    held = consent(offices)
    parcel, stranger = unpacked(held), new_secret()
    signer = offices["sav"].desk.context.replica.directory.devices[offices["sav"].desk.context.device_id].certificate
    payload = Consent(
        1, 1, held.consent_id, offices.unit("sav"), offices["sav"].desk.context.device_id, 1,
        record_commit(parcel.salt, parcel.record),
    )  # fmt: skip
    forged = sign_object(stranger, signer, SignedType.CONSENT, encode(payload))
    enclosed = encode(Parcel(forged, parcel.salt, parcel.record))
    letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[enclosed])
    await _refused(attacked, attacked.forge.envelope(letter), "CNS-01")


async def test_a_consent_in_another_units_name_is_refused(attacked: Attacked, offices: Offices) -> None:
    """Signed by the malicious device in the name of a unit to which it does not belong: CNS-01."""
    held = consent(offices)
    parcel, keeper = unpacked(held), offices["sav"].desk.context.keeper
    payload = Consent(
        1, 1, held.consent_id, offices.unit("sodermalm"), keeper.device_id, 1,
        record_commit(parcel.salt, parcel.record),
    )  # fmt: skip
    enclosed = encode(Parcel(keeper.sign(SignedType.CONSENT, encode(payload)), parcel.salt, parcel.record))
    letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[enclosed])
    await _refused(attacked, attacked.forge.envelope(letter), "CNS-01")


async def test_a_consent_replayed_for_another_person_is_refused(attacked: Attacked, offices: Offices) -> None:
    """A sound consent of one person under a document about another: CNS-09."""
    held = consent(offices)
    body = about(held, principal_ref="ee" * 16)
    letter = attacked.forge.letter(BEGARAN, body=body, enclosed=[held.parcel])
    await _refused(attacked, attacked.forge.envelope(letter), "CNS-09")


async def test_a_consent_that_names_others_is_refused(attacked: Attacked, offices: Offices) -> None:
    """A sound consent that does not name the recipient: CNS-03."""
    fields = offices.consent_fields("sav", ["sav", "telefon"], consent_id="a1" * 16)
    held = offices["sav"].desk.consents.sign(fields)
    letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[held.parcel])
    await _refused(attacked, attacked.forge.envelope(letter), "CNS-03")


async def test_another_record_under_a_known_id_is_refused(attacked: Attacked, offices: Offices) -> None:
    """A consent whose id is taken by another record does not replace it: DUP."""
    held = consent(offices)
    first = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[held.parcel])
    assert await attacked.outcome(attacked.forge.envelope(first)) == ("accepted",)
    second = _resigned(offices, held, lambda fields: fields.update(signed_place="Annan plats"))
    letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[second])
    await _refused(attacked, attacked.forge.envelope(letter), "DUP")


RECORDS: dict[str, Record] = {
    "unknown-controller": lambda fields: fields.update(controller_unit="ab" * 16),
    "begins-in-year-9999": lambda fields: fields.update(valid_from="9999-06-01", valid_to="9999-12-31"),
    "year-0": lambda fields: fields.update(valid_from="0000-01-01"),
    "events-are-numbers": lambda fields: fields.update(events=[1, 2]),
    "purposes-are-lists": lambda fields: fields.update(purposes=[["x"]]),
    "supersedes-itself": lambda fields: fields.update(supersedes=fields["consent_id"]),
    "supersedes-a-number": lambda fields: fields.update(supersedes=5),
}


@pytest.mark.parametrize("name", RECORDS)
async def test_no_record_keeps_the_office_from_reading(attacked: Attacked, offices: Offices, name: str) -> None:
    """Whatever stands in a consent that a malicious unit signs, the letter behind it is read."""
    held = consent(offices)
    parcel = _resigned(offices, held, RECORDS[name])
    letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[parcel])
    good = attacked.forge.letter()
    done = await attacked.drain([attacked.forge.envelope(letter), attacked.forge.envelope(good)])
    assert done.handled == 2
    rows = await attacked.vault.all("SELECT 1 FROM document WHERE document_id = ?", good.document.document_id)
    assert len(rows) == 1


async def test_a_supplement_by_others_does_not_change_the_person(attacked: Attacked, offices: Offices) -> None:
    """A record that claims to continue a consent of another person is not taken for its newest form."""
    held = consent(offices)
    first = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[held.parcel])
    assert await attacked.outcome(attacked.forge.envelope(first)) == ("accepted",)
    stolen = consent(offices, supersedes=held.record.consent_id)
    letter = attacked.forge.letter(BEGARAN, body=about(stolen), enclosed=[stolen.parcel])
    await attacked.outcome(attacked.forge.envelope(letter))
    newest = await attacked.office.desk.consents.newest(held.consent_id)
    assert newest is not None
    assert newest.record.principal_ref == held.record.principal_ref

"""Second signatures that must not count: forged, stripped, of another document, by nobody else or by somebody gone.

Each is refused with ``LCK``, and counts as soon as the one defence against it is taken out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from client.casework import rules
from client.engine import seconding
from client.engine.context import Context
from client.engine.office import Office
from client.engine.seconding import RULES, Leaving, Seconding, Subject, subject_of
from client.engine.unit_sync.requests import Requests
from keys.cards import Role
from keys.codec import decode_body, encode, encode_body
from keys.document import MAX_SECOND_BYTES, MAX_SIGNED_DOCUMENT_BYTES, Attachment, Document, body_commit
from keys.domains import SignedType
from keys.errors import RefusedError
from keys.ids import digest
from keys.internal import ApprovalRequest, Decision, Outcome
from keys.private.identity import new_secret, random_bytes, sign_object
from keys.second_signature import SecondSignature
from keys.signed import parse_signed
from tests.hostile.attacked import Attacked
from tests.kit.federation import Federation
from tests.kit.forge import Forge, Letter
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAFF = {
    "sav/eva": "Eva Ek",
    "sav/bo": "Bo Berg",
    "sav/eva-2": "Eva  EK",
    "sav/gone": "Greta Grip",
    "sodermalm/olle": "Olle Ohlin",
    "bops/pia": "Pia Po",
}
KIND = "hotbild.begaran"
PLACE = {"purpose": "ny_ort", "proposed_place": "1280"}
DAY = 86_400


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def units(
    module_hub: HubProcess, module_federation: Federation, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Units]:
    """Sav with five devices, of which one will be revoked and one belongs to somebody without the role."""
    path = Path(tmp_path_factory.mktemp("units"))
    async with open_units(path, module_hub.url, module_federation, STAFF) as opened:
        await opened.join("sav/kim", "Kim Kask", roles=[Role.HANDLAGGARE])
        await opened.know_each_other()
        await opened.revoke("sav/gone")
        await opened.without("sav/gone").settle()
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def attacked(units: Units) -> Attacked:
    """The police, to whom eva's device of sav writes whatever it likes."""
    return Attacked(units["bops/pia"], Forge(units["sav/eva"].desk.context, units["bops/pia"].desk.context))


def letter(units: Units, attacked: Attacked, content: dict[str, Any] = PLACE, **more: Any) -> Letter:
    """A sound request that names a new place; only the second signature is wanting."""
    fresh = {"consent_id": random_bytes(16).hex(), "principal_ref": random_bytes(16).hex()}
    held = units["sav/eva"].desk.consents.sign(units.consent_fields("sav", ["sav", "bops"], **fresh))
    header = {"consent_ref": held.record.consent_id, "principal_ref": held.record.principal_ref}
    return attacked.forge.letter(KIND, body={"header": header | more, "content": content}, enclosed=[held.parcel])


def payload(document: Document, by: Context, **changes: Any) -> SecondSignature:
    """What an honest second person would sign."""
    directory = by.replica.directory
    fields = dataclasses.asdict(subject_of(document, KIND)) | {"attachments": document.attachments}
    given = {
        "version": 1,
        "suite": 1,
        "by_device": by.device_id,
        "approved_at": document.sent_at,
        "dir_size": directory.size,
        "dir_root": directory.tree.root(directory.size),
    }
    return SecondSignature(**(fields | given | changes))


def signed(office: Office, document: Document, **changes: Any) -> bytes:
    """A second signature by the device of an office."""
    context = office.desk.context
    return context.keeper.sign(SignedType.APPROVAL, encode(payload(document, context, **changes)))


async def outcome(attacked: Attacked, sent: Letter, approval: bytes | None) -> tuple[Any, ...]:
    """What the police make of it."""
    made = attacked.forge.again(sent, approval=approval)
    attacked.forge._prev = digest(made.signed)
    return await attacked.outcome(attacked.forge.envelope(made))


def without(monkeypatch: pytest.MonkeyPatch, attacked: Attacked, rule: str) -> None:
    """The police's office lacks one rule from here on."""
    accepting = attacked.office.desk.sync._ways.inbox._effects._parts.accepting  # type: ignore[attr-defined]
    fewer = {name: holds for name, holds in RULES.items() if name != rule}
    assert len(fewer) < len(RULES)
    monkeypatch.setattr(accepting, "_seconding", Seconding(attacked.office.desk.context, fewer))


async def test_a_sound_one_counts(units: Units, attacked: Attacked) -> None:
    """Bo approves what eva wrote: it is accepted, and shown as approved by two."""
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/bo"], sent.document)) == ("accepted",)


async def test_stripped(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the document is refused; without the rule of the work it would pass."""
    assert await outcome(attacked, letter(units, attacked), None) == (16, "LCK")
    monkeypatch.setattr(rules, "check_second", lambda *_, **__: None)
    assert await outcome(attacked, letter(units, attacked), None) == ("accepted",)


async def test_stripped_of_somebody_with_protected_registration(units: Units, attacked: Attacked) -> None:
    """A program that lets one person send what tells of her is refused by the recipient's; with two it is taken."""
    hidden = {"subject_person": {**PERSON_BLOCK, "protected": "skyddad_folkbokforing"}}
    plain = CONTENTS["hotbild.begaran"]
    assert await outcome(attacked, letter(units, attacked, plain), None) == ("accepted",)
    assert await outcome(attacked, letter(units, attacked, plain, **hidden), None) == (16, "LCK")
    sent = letter(units, attacked, plain, **hidden)
    assert await outcome(attacked, sent, signed(units["sav/bo"], sent.document)) == ("accepted",)


async def test_by_somebody_without_the_role(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kim handles cases and decides nothing."""
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/kim"], sent.document)) == (16, "LCK")
    monkeypatch.setattr(rules, "check_second", lambda *_, **__: None)
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/kim"], sent.document)) == ("accepted",)


async def test_forged(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bo's certificate and somebody else's keys; each half of the two signatures alone is not enough."""

    def forged(sent: Letter) -> bytes:
        bo = units["sav/bo"].desk.context
        certificate = bo.replica.directory.devices[bo.device_id].certificate
        return sign_object(new_secret(), certificate, SignedType.APPROVAL, encode(payload(sent.document, bo)))

    sent = letter(units, attacked)
    right, wrong = parse_signed(signed(units["sav/bo"], sent.document)).signatures[0], forged(sent)
    assert await outcome(attacked, sent, wrong) == (16, "LCK")
    for half in (right.ed25519, right.mldsa):
        other = parse_signed(wrong).signatures[0]
        mixed = wrong.replace(other.ed25519 if len(half) == 64 else other.mldsa, half)
        assert refused(units, mixed, sent.document) == "SIG"
    monkeypatch.setattr(seconding, "verify_single", lambda *_, **__: None)
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, forged(sent)) == ("accepted",)


def refused(units: Units, raw: bytes, document: Document, *, fewer: str = "", **leaving: Any) -> str:
    """The rule by which the police refuse an approval of a document; empty when it counts."""
    left = {name: holds for name, holds in RULES.items() if name != fewer}
    times = {"written_at": document.sent_at, "sent_at": document.sent_at, "dir_size": document.dir_size} | leaving
    try:
        Seconding(units["bops/pia"].desk.context, left).verify(raw, subject_of(document, KIND), Leaving(**times))
    except RefusedError as error:
        return str(error.fields["rule"]) if error.code == "LCK" else error.code
    return ""


async def test_bytes_that_are_no_approval(units: Units, attacked: Attacked) -> None:
    """Rubbish, another type of object, another version: refused by the same code, and nothing stumbles."""
    sent = letter(units, attacked)
    bo = units["sav/bo"].desk.context
    sound = encode(payload(sent.document, bo))
    for raw, rule in (
        (b"\x00", "FMT"),
        (bo.keeper.sign(SignedType.APPROVAL, sound[:-1]), "FMT"),
        (bo.keeper.sign(SignedType.DOCUMENT, sound), "FMT"),
        (bo.keeper.sign(SignedType.APPROVAL, encode(payload(sent.document, bo, version=2))), "VER"),
        (sign_object(new_secret(), digest(b"nobody"), SignedType.APPROVAL, sound), "signer"),
    ):
        assert refused(units, raw, sent.document) == rule
    assert await outcome(attacked, sent, b"\x00") == (16, "LCK")


@pytest.mark.parametrize(
    "changed",
    [
        {"document_id": bytes(16)},
        {"author": bytes(16)},
        {"to_unit": bytes(16)},
        {"kind": "hotbild.resultat"},
        {"thread_id": bytes(16)},
        {"reply_to": bytes(16)},
        {"body_commit": bytes(32)},
        {"attachments": [Attachment(bytes(32), 5)]},
        {"consents": []},
        {"legal_basis": "annan_lag"},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_of_something_else(units: Units, attacked: Attacked, changed: dict[str, Any]) -> None:
    """Every field that the author could change afterwards is held against the document."""
    sent = letter(units, attacked)
    raw = signed(units["sav/bo"], sent.document, **changed)
    assert refused(units, raw, sent.document) == "subject"
    assert refused(units, raw, sent.document, fewer="subject") == ""


async def test_every_field_of_a_subject_is_signed() -> None:
    """What is held against the document is all of it that FORMATS lists."""
    own = {"version", "suite", "by_device", "approved_at", "dir_size", "dir_root"}
    assert {field.name for field in dataclasses.fields(Subject)} == set(SecondSignature.__struct_fields__) - own


async def test_replayed_on_another_document(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """What bo approved once serves for no other place."""
    first = letter(units, attacked)
    approval = signed(units["sav/bo"], first.document)
    assert await outcome(attacked, letter(units, attacked), approval) == (16, "LCK")
    without(monkeypatch, attacked, "subject")
    assert await outcome(attacked, letter(units, attacked), approval) == ("accepted",)


async def test_by_another_unit(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Olle of sodermalm claims to be sav's; or says whose he is, and sav takes his word."""
    for claimed in ({}, {"from_unit": units.unit("sodermalm")}):
        sent = letter(units, attacked)
        approval = signed(units["sodermalm/olle"], sent.document, **claimed)
        assert await outcome(attacked, sent, approval) == (16, "LCK")
    sent = letter(units, attacked)
    without(monkeypatch, attacked, "unit")
    assert await outcome(attacked, sent, signed(units["sodermalm/olle"], sent.document)) == ("accepted",)


async def test_in_anothers_name(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eva signs and says that it was bo: the signer's own certificate counts."""
    bo = units["sav/bo"].desk.context.device_id
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/eva"], sent.document, by_device=bo)) == (16, "LCK")
    without(monkeypatch, attacked, "unit")
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/eva"], sent.document, by_device=bo)) == ("accepted",)


@pytest.mark.parametrize("by", ["sav/eva", "sav/eva-2"])
async def test_by_the_author_herself(
    units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """Neither the same device nor another one of the same person is a second person."""
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units[by], sent.document)) == (16, "LCK")
    without(monkeypatch, attacked, "person")
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units[by], sent.document)) == ("accepted",)


async def test_by_a_device_that_was_revoked(units: Units, attacked: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it approved before: the police see the document first after the revocation."""
    gone = units["sav/gone"].desk.context
    revoked = attacked.office.desk.context.replica.directory.devices[gone.device_id].revoked_size
    assert revoked is not None
    early = {"dir_size": revoked - 1, "dir_root": gone.replica.directory.tree.root(revoked - 1)}
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/gone"], sent.document, **early)) == (16, "LCK")
    without(monkeypatch, attacked, "active")
    sent = letter(units, attacked)
    assert await outcome(attacked, sent, signed(units["sav/gone"], sent.document, **early)) == ("accepted",)


async def test_a_sibling_may_pass_on_what_was_approved_before_a_revocation(units: Units, attacked: Attacked) -> None:
    """What the unit took in when the approver was active stays; what left after the revocation does not."""
    gone = units["sav/gone"].desk.context
    revoked = attacked.office.desk.context.replica.directory.devices[gone.device_id].revoked_size
    assert revoked is not None
    early = {"dir_size": revoked - 1, "dir_root": gone.replica.directory.tree.root(revoked - 1)}
    sent = letter(units, attacked)
    raw = signed(units["sav/gone"], sent.document, **early)
    assert refused(units, raw, sent.document, is_new=False, dir_size=revoked - 1) == ""
    assert refused(units, raw, sent.document, is_new=False) == "active"
    assert refused(units, raw, sent.document, dir_size=revoked - 1) == "active"


async def test_of_another_log(units: Units, attacked: Attacked) -> None:
    """Another root, or a log that the author had not seen."""
    sent = letter(units, attacked)
    size = sent.document.dir_size
    for changed in ({"dir_root": bytes(32)}, {"dir_size": size - 1}):
        raw = signed(units["sav/bo"], sent.document, **changed)
        assert refused(units, raw, sent.document) == "log"
        assert refused(units, raw, sent.document, fewer="log") == ""
    raw = signed(units["sav/bo"], sent.document)
    assert refused(units, raw, sent.document, dir_size=size - 1) == "log"


@pytest.mark.parametrize(
    ("approved", "written", "left"),
    [(0, -DAY, 14 * DAY + 1), (0, 601, DAY), (601, 0, 0)],
    ids=["too old", "before it was written", "after it left"],
)
async def test_out_of_time(units: Units, attacked: Attacked, approved: int, written: int, left: int) -> None:
    """Seconds from now: when it was approved, written and left."""
    sent = letter(units, attacked)
    now = sent.document.sent_at
    raw = signed(units["sav/bo"], sent.document, approved_at=now + approved)
    times = {"written_at": now + written, "sent_at": now + left}
    assert refused(units, raw, sent.document, **times) == "time"
    assert refused(units, raw, sent.document, fewer="time", **times) == ""
    one_second = {name: at - (1 if at > now else 0) for name, at in times.items()}
    earlier = signed(units["sav/bo"], sent.document, approved_at=now + max(0, approved - 1))
    assert refused(units, earlier, sent.document, **one_second) == ""


async def test_a_wrong_one_is_refused_where_none_is_asked_for(units: Units, attacked: Attacked) -> None:
    """A consultation needs no second person; a signature that does not count is never passed over."""
    sent = attacked.forge.letter()
    assert await outcome(attacked, sent, signed(units["sav/eva"], sent.document)) == (16, "LCK")
    sent = attacked.forge.letter()
    kind = {"kind": "konsultation.fraga"}
    assert await outcome(attacked, sent, signed(units["sav/bo"], sent.document, **kind)) == ("accepted",)


async def test_the_longest_one_fits(units: Units, attacked: Attacked) -> None:
    """All lists full: the limits of FORMATS hold it, and a document with it fits what siblings pass on."""
    sent = letter(units, attacked)
    most = {
        "attachments": [Attachment(bytes(32), 2**53 - 1)] * 16,
        "consents": [bytes(32)] * 8,
        "legal_basis": "x" * 40,
        "reply_to": bytes(16),
    }
    raw = signed(units["sav/bo"], sent.document, **most, kind="x" * 60)
    assert 4 * 1024 < len(raw) <= MAX_SECOND_BYTES
    whole = attacked.forge.again(sent, **most, approval=bytes(MAX_SECOND_BYTES), to_devices=[bytes(16)] * 32)
    assert len(whole.signed) <= MAX_SIGNED_DOCUMENT_BYTES


# -- siblings that lie ------------------------------------------------------------------------------------------------


def requests(units: Units, key: str) -> Requests:
    """The requests of an office."""
    return units[key].desk.approving._requests


def as_request(units: Units, sent: Letter, author: str = "sav/eva") -> ApprovalRequest:
    """A forged letter as a sibling would tell it."""
    return ApprovalRequest(units[author].desk.context.device_id, sent.document.sent_at, sent.salt, sent.body)


async def test_a_sibling_cannot_ask_in_anothers_name(units: Units, attacked: Attacked) -> None:
    """A device of another unit as author, another unit as sender, and rubbish are refused and leave nothing."""
    bo = requests(units, "sav/bo")
    sent = letter(units, attacked)
    other = Forge(units["sodermalm/olle"].desk.context, units["bops/pia"].desk.context)
    wrong = [
        as_request(units, sent, "sodermalm/olle"),
        as_request(units, other.letter("konsultation.fraga")),
        ApprovalRequest(units["sav/eva"].desk.context.device_id, 1, bytes(32), b"\x80"),
        ApprovalRequest(units["sav/eva"].desk.context.device_id, 1, bytes(32), encode_body({"header": {}})),
    ]
    for message in wrong:
        async with units["sav/bo"].desk.context.vault.transaction():
            with pytest.raises(RefusedError):
                await bo.take_request(message)
    assert await rows(units["sav/bo"], "document_id FROM request") == []


async def test_a_sibling_cannot_approve_in_anothers_name(units: Units, attacked: Attacked) -> None:
    """An approval proves itself; one without, of another document or by a stranger is refused."""
    sent = letter(units, attacked)
    document, bo = sent.document, units["sav/bo"].desk.context.device_id
    raw = signed(units["sav/bo"], document)
    stranger = units["bops/pia"].desk.context.device_id
    wrong = [
        Decision(document.document_id, Outcome.APPROVED, bo, 1, "", "", None),
        Decision(document.document_id, Outcome.DECLINED, bo, 1, "", "", raw),
        Decision(bytes(16), Outcome.APPROVED, bo, 1, "", "", raw),
        Decision(document.document_id, Outcome.APPROVED, units["sav/kim"].desk.context.device_id, 1, "", "", raw),
        Decision(document.document_id, Outcome.DECLINED, stranger, 1, "", "", None),
    ]
    for decision in wrong:
        async with units["sav/eva"].desk.context.vault.transaction():
            with pytest.raises(RefusedError):
                await requests(units, "sav/eva").take_decision(decision)
    assert await rows(units["sav/eva"], "document_id FROM decision") == []


async def test_another_text_under_the_same_id_serves_nobody(units: Units, attacked: Attacked) -> None:
    """A lying sibling shows bo another text: what he signs does not fit what eva wrote, and nothing leaves."""
    eva, bo = requests(units, "sav/eva"), requests(units, "sav/bo")
    sent = letter(units, attacked)
    body = decode_body(sent.body, max_bytes=len(sent.body))
    body["content"]["proposed_place"] = "0180"
    lie = dataclasses.replace(sent, body=encode_body(body))
    async with units["sav/eva"].desk.context.vault.transaction():
        await eva.take_request(as_request(units, sent))
    async with units["sav/bo"].desk.context.vault.transaction():
        await bo.take_request(as_request(units, lie))
        await bo.take_request(as_request(units, sent))  # comes too late: the first stays
    held = await bo.get(sent.document.document_id)
    assert held.draft.body_commit == body_commit(sent.salt, lie.body)
    await units["sav/bo"].desk.approving.approve(sent.document.document_id)
    (row,) = await rows(units["sav/bo"], "approval FROM decision WHERE outcome = 'approved'")
    decision = Decision(
        sent.document.document_id, Outcome.APPROVED, units["sav/bo"].desk.context.device_id, 1, "", "", row[0]
    )
    async with units["sav/eva"].desk.context.vault.transaction():
        await eva.take_decision(decision)
    assert (await eva.get(sent.document.document_id)).state == "open"
    await units["sav/eva"].desk.approving.release()
    assert await rows(units["sav/eva"], "document_id FROM outbox") == []

"""Check 16 taken out, whole and part by part: what it refuses is refused by nothing else (FORMATS 8)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from client.engine import accepting
from client.engine.accepting import Accepting, _Judged
from client.engine.arrival import Arrival
from client.engine.thread import Thread
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document
from keys.ids import digest
from tests.hostile.attacked import Attacked
from tests.hostile.test_effects import BEGARAN, BODIES, _refused, about, consent, unpacked
from tests.kit.offices import Offices

pytestmark = pytest.mark.asyncio(loop_scope="module")
STAFF = {"sav": "Eva Ek", "bops": "Pia Po", "sodermalm": "Olle Ohlin"}


async def _not_judged(_self: Accepting, arrival: Arrival, _document: Document) -> _Judged:
    """Everything may take effect."""
    body = decode_body(arrival.content.body if arrival.content else b"", max_bytes=MAX_BODY_BYTES)
    return _Judged(str(body["header"]["message_type"]), body, None, [])


@pytest.mark.parametrize("name", BODIES)
async def test_without_check_16_each_broken_body_is_accepted(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The defects of ``test_effects``, with nobody to judge: shown to the handler, and the assertion there fails."""
    code, kind, body = BODIES[name]
    payload = {"reply_to": bytes(16)} if "in_reply_to" in body.get("header", {}) else {}
    raw = attacked.forge.envelope(attacked.forge.letter(kind, body=body, payload=payload))
    monkeypatch.setattr(Accepting, "_judged", _not_judged)
    with pytest.raises(AssertionError):
        await _refused(attacked, raw, code)
    assert await attacked.vault.value("SELECT 1 FROM seen WHERE envelope_id = ?", digest(raw)) == 1


# -- a thread belongs to two units and one life cycle -----------------------------------------------------------------


async def _other_flow(attacked: Attacked) -> bytes:
    """A supplement to a consultation, in a thread about a collision that stands where a supplement may come."""
    thread_id = digest(attacked.forge.letter().signed)[:16]
    thread = Thread(
        thread_id=thread_id, flow="kollision", state="besvarad", side="mottagare",
        unit_id=attacked.forge.sender.unit_id, principal=None, consent_id=None, deadline=None, begun_at=1, changed_at=1,
    )  # fmt: skip
    async with attacked.vault.transaction():
        await attacked.office.desk.threads.save(thread, "answer", None)
    body = {"header": {"thread_id": thread_id.hex(), "in_reply_to": "00" * 16}}
    payload = {"thread_id": thread_id, "reply_to": bytes(16)}
    return attacked.forge.envelope(attacked.forge.letter("konsultation.komplettering", body=body, payload=payload))


async def _third_unit(attacked: Attacked, offices: Offices) -> bytes:
    """An answer to the question that the attacked office asked another unit."""
    written = await offices["bops"].desk.writing.write(offices.ask("sodermalm"))
    thread = await attacked.office.desk.threads.get(written.thread_id)
    assert thread is not None
    async with attacked.vault.transaction():
        await attacked.office.desk.threads.save(dataclasses.replace(thread, state="tillganglig"), "available", None)
    body = {"header": {"thread_id": written.thread_id.hex(), "in_reply_to": written.document_id.hex()}}
    payload = {"thread_id": written.thread_id, "reply_to": written.document_id}
    return attacked.forge.envelope(attacked.forge.letter("konsultation.svar", body=body, payload=payload))


async def test_a_kind_of_another_life_cycle_is_refused(attacked: Attacked) -> None:
    """The kind belongs to the thread's flow, also where the state has the same name in both."""
    await _refused(attacked, await _other_flow(attacked), "STA")


async def test_control_without_the_check_of_the_thread_another_life_cycle_gets_in(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out, the supplement moves a thread that is no consultation."""
    raw = await _other_flow(attacked)
    monkeypatch.setattr(accepting, "check_thread", lambda *_: None)
    assert await attacked.outcome(raw) == ("accepted",)


async def test_control_without_the_check_of_the_thread_a_third_unit_gets_in(
    attacked: Attacked, offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit that knows a thread's id: refused, and with the check taken out accepted."""
    await _refused(attacked, await _third_unit(attacked, offices), "STA")
    raw = await _third_unit(attacked, offices)
    monkeypatch.setattr(accepting, "check_thread", lambda *_: None)
    assert await attacked.outcome(raw) == ("accepted",)


# -- role and consent -------------------------------------------------------------------------------------------------


async def test_control_without_the_check_of_the_role_anybody_is_anything(
    attacked: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that the kind allows and the device is not certified for: refused, and with the check out accepted."""
    body: dict[str, Any] = {"header": {"sender_staff": {"role": "telefon"}}}
    await _refused(attacked, attacked.forge.envelope(attacked.forge.letter(body=body)), "ROL")
    monkeypatch.setattr(Accepting, "_check_role", lambda *_: None)
    assert await attacked.outcome(attacked.forge.envelope(attacked.forge.letter(body=body))) == ("accepted",)


async def test_control_without_the_signature_of_a_consent_an_altered_one_counts(
    attacked: Attacked, offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte of the record differs from what was signed: refused, and with the commitment unchecked accepted."""
    from client.engine import consents  # noqa: PLC0415 - beside its only use
    from keys.codec import encode  # noqa: PLC0415
    from keys.consent import Parcel  # noqa: PLC0415

    def altered() -> bytes:
        held = consent(offices)
        parcel = unpacked(held)
        other = encode(Parcel(parcel.signed, parcel.salt, parcel.record.replace(b"Kontoret", b"Kontorat")))
        letter = attacked.forge.letter(BEGARAN, body=about(held), enclosed=[other])
        return attacked.forge.envelope(letter)

    await _refused(attacked, altered(), "CNS-01")
    monkeypatch.setattr(consents, "check_record", lambda *_: None)
    assert await attacked.outcome(altered()) == ("accepted",)

"""Consent on its way: asked at the sender, asked again at the recipient, widened by a supplement (domain.md 3.4)."""

from __future__ import annotations

import datetime
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from client.casework.consent import Party, supplement
from client.engine.consents import HeldConsent
from client.engine.office import Office
from client.engine.writing import Order
from hub.wire.limits import week_of
from keys.codec import decode, encode
from keys.consent import MAX_PARCEL_BYTES, Parcel
from keys.errors import RefusedError
from keys.private.identity import random_bytes
from tests.kit.federation import Federation
from tests.kit.forge import Forge
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK, Offices

STAFF = {"sav": "Eva Ek", "bops": "Pia Po", "grova": "Tage Ton"}


@pytest.fixture
def federation() -> Federation:
    """The usual one with a second section of the police."""
    made = Federation.demo(devices=0, now=int(time.time()))
    made.add_unit("grova", "polisen", unit_type="polis_grova_brott")
    return made


@pytest.fixture
async def offices(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Offices]:
    """The municipality's unit and two police units."""
    async with Offices.open(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def _register(office: Office, fields: dict[str, Any]) -> HeldConsent:
    held = office.desk.consents.sign(fields)
    async with office.desk.context.vault.transaction():
        await office.desk.consents.keep(held)
    return held


def _request(offices: Offices, to: str, held: HeldConsent) -> Order:
    return Order(
        kind="hotbild.begaran",
        to_unit=offices.unit(to),
        content=CONTENTS["hotbild.begaran"],
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )


async def _documents(office: Office) -> int:
    count: int = await office.desk.context.vault.value("SELECT count(*) FROM document WHERE direction = 'in'")
    return count


async def test_a_request_and_its_consent_arrive(offices: Offices) -> None:
    """With a consent that names both, the request is accepted and the recipient holds the very same record."""
    sav, bops = offices["sav"].desk, offices["bops"].desk
    held = await _register(offices["sav"], offices.consent_fields("sav", ["sav", "bops"]))
    written = await sav.writing.write(_request(offices, "bops", held))
    await offices.settle()
    state = await sav.context.vault.value("SELECT state FROM document WHERE document_id = ?", written.document_id)
    there = await bops.consents.get(held.consent_id)
    assert state == "available"
    assert there is not None
    assert there.parcel == held.parcel


async def test_a_unit_that_the_consent_does_not_name_is_refused_until_a_supplement(offices: Offices) -> None:
    """CNS-03 at the sender, nothing queued; after the person has signed for that unit too, the request goes."""
    sav = offices["sav"].desk
    held = await _register(offices["sav"], offices.consent_fields("sav", ["sav", "bops"]))
    with pytest.raises(RefusedError) as caught:
        await sav.writing.write(_request(offices, "grova", held))
    assert caught.value.code == "CNS-03"
    assert await sav.context.vault.value("SELECT count(*) FROM outbox") == 0
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    party = Party(authority="polis", unit=offices.unit("grova").hex(), role="bada")
    wider = supplement(held.record, consent_id=random_bytes(16).hex(), by="handlaggare", at=now, parties=(party,))
    fields = {name: value for name, value in to_builtins(wider).items() if value is not None}
    await _register(offices["sav"], fields)
    await sav.writing.write(_request(offices, "grova", held))
    await offices.settle()
    assert await _documents(offices["grova"]) == 1


@pytest.mark.parametrize(("defect", "code"), [("altered", "CNS-01"), ("other-person", "CNS-09"), ("none", "CNS-01")])
async def test_what_a_malicious_sender_skips_the_recipient_asks(offices: Offices, defect: str, code: str) -> None:
    """A client without the sender's checks: the document is deposited and fetched, and never opens to a person."""
    sav, bops = offices["sav"].desk.context, offices["bops"].desk.context
    held = offices["sav"].desk.consents.sign(offices.consent_fields("sav", ["sav", "bops"]))
    parcel = decode(held.parcel, Parcel, max_bytes=MAX_PARCEL_BYTES)
    altered = encode(Parcel(parcel.signed, parcel.salt, parcel.record.replace(b"hotbild", b"hotbald")))
    enclosed = {"altered": [altered], "other-person": [held.parcel], "none": []}[defect]
    person = "ee" * 16 if defect == "other-person" else held.record.principal_ref
    header = {"consent_ref": held.record.consent_id, "principal_ref": person}
    forge = Forge(sav, bops)
    raw = forge.envelope(forge.letter("hotbild.begaran", body={"header": header}, enclosed=enclosed))
    token = sav.keeper.delivery_token(bops.mailbox_id, week_of(sav.clock.hour()))
    await offices["sav"]._link.deposit(bops.mailbox_id, token, raw)
    await offices.settle()
    assert await _documents(offices["bops"]) == 0
    aside = await bops.vault.one("SELECT step, code, unit_id FROM quarantine")
    assert tuple(aside or ()) == (16, code, sav.unit_id)
    assert await bops.vault.value("SELECT count(*) FROM consent") == 0
    assert await bops.vault.value("SELECT count(*) FROM thread") == 0

"""A withdrawal overtakes what is under way: stopped, recalled or blocked, wherever it is (domain.md 3.5)."""

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
from client.engine.writing import Order, Written
from keys.consent import WithdrawalScope
from keys.errors import RefusedError
from keys.private.identity import random_bytes
from tests.hostile.attacked import Attacked
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


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _register(offices: Offices, fields: dict[str, Any], unit: str = "sav") -> HeldConsent:
    held = offices[unit].desk.consents.sign(fields)
    async with offices[unit].desk.context.vault.transaction():
        await offices[unit].desk.consents.keep(held)
    return held


async def _widen(offices: Offices, held: HeldConsent, unit: str) -> HeldConsent:
    party = Party(authority="polis", unit=offices.unit(unit).hex(), role="bada")
    record = supplement(held.record, consent_id=random_bytes(16).hex(), by="handlaggare", at=_now(), parties=(party,))
    return await _register(offices, {name: value for name, value in to_builtins(record).items() if value is not None})


async def _request(offices: Offices, to: str, held: HeldConsent) -> Written:
    order = Order(
        kind="hotbild.begaran",
        to_unit=offices.unit(to),
        content=CONTENTS["hotbild.begaran"],
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )
    return await offices["sav"].desk.writing.write(order)


async def _withdraw(offices: Offices, held: HeldConsent, unit: str = "sav") -> list[bytes]:
    desk = offices[unit].desk
    content = {"scope": "helt", "received_how": "telefon", "at": _now()}
    return await desk.withdrawing.withdraw(held.consent_id, content, desk.writing)


async def _state(office: Office, document_id: bytes) -> str | None:
    state: str | None = await office.desk.context.vault.value(
        "SELECT state FROM document WHERE document_id = ?", document_id
    )
    return state


async def _thread(office: Office, thread_id: bytes) -> str | None:
    thread = await office.desk.threads.get(thread_id)
    return None if thread is None else thread.state


async def test_what_waits_is_stopped_unsigned_and_leaves_no_gap(offices: Offices) -> None:
    """(a) Not yet deposited: never signed, never sent, and and the recipient's chain has no gap in its place."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    written = await _request(offices, "bops", held)
    await _withdraw(offices, held)
    sav, bops = offices["sav"].desk.context.vault, offices["bops"].desk.context.vault
    row = await sav.one("SELECT state, code, signed, seq FROM document WHERE document_id = ?", written.document_id)
    assert tuple(row or ()) == ("stopped", "CNS-08", None, None)
    await offices["sav"].desk.writing.write(offices.ask("bops"))
    await offices.settle()
    assert await _state(offices["bops"], written.document_id) is None
    assert await bops.all("SELECT seq FROM document WHERE direction = 'in'") == [(1,)]
    assert await bops.value("SELECT count(*) FROM gap") == 0


async def test_what_is_sealed_and_not_deposited_never_leaves(offices: Offices, hub: HubProcess) -> None:
    """(a) Sealed while the hub was away: the sealed bytes go, and no deposit of them is ever made."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    written = await _request(offices, "bops", held)
    desk = offices["sav"].desk
    await desk.sync._ways.outbox.prepare(desk.context.clock.now())
    assert await desk.context.vault.value("SELECT count(*) FROM attempt WHERE envelope IS NOT NULL") == 1
    await _withdraw(offices, held)
    left = await desk.context.vault.all(
        "SELECT envelope, recall FROM attempt WHERE document_id = ?", written.document_id
    )
    assert left == [(None, "wanted")]
    await offices.settle()
    assert await _state(offices["bops"], written.document_id) is None


async def test_what_the_hub_holds_is_withheld(offices: Offices) -> None:
    """(b) Deposited and not fetched: the recipient gets an id and times, and never the content."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    written = await _request(offices, "bops", held)
    await offices["sav"].desk.sync.once()
    await _withdraw(offices, held)
    await offices["sav"].desk.sync.once()
    assert await _state(offices["sav"], written.document_id) == "recalled"
    await offices.settle()
    bops = offices["bops"].desk.context.vault
    assert await bops.value("SELECT count(*) FROM recalled") == 1
    assert await _state(offices["bops"], written.document_id) is None
    assert await bops.value("SELECT count(*) FROM quarantine") == 0
    assert await bops.value("SELECT count(*) FROM withdrawal") == 1


async def test_what_was_fetched_is_kept_and_blocked(offices: Offices) -> None:
    """(c) Fetched: both ends keep it, both threads stop, and nothing more can be written in them."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    written = await _request(offices, "bops", held)
    await offices.settle()
    await _withdraw(offices, held)
    assert await _thread(offices["sav"], written.thread_id) == "stoppad_samtycke"
    await offices.settle()
    assert await _thread(offices["bops"], written.thread_id) == "stoppad_samtycke"
    assert await _state(offices["bops"], written.document_id) == "accepted"
    answer = Order(
        kind="hotbild.delbesked",
        to_unit=offices.unit("sav"),
        content=CONTENTS["hotbild.delbesked"],
        thread_id=written.thread_id,
        reply_to=written.document_id,
        consent_id=held.consent_id,
    )
    with pytest.raises(RefusedError):
        await offices["bops"].desk.writing.write(answer)
    with pytest.raises(RefusedError) as caught:
        await _request(offices, "bops", held)
    assert caught.value.code == "CNS-08"


async def test_a_recipient_who_knows_only_an_older_consent_understands(offices: Offices) -> None:
    """The consent was widened for somebody else; its withdrawal stops those who have the first form of it too."""
    first = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    old = await _request(offices, "bops", first)
    await offices.settle()
    wider = await _widen(offices, first, "grova")
    new = await _request(offices, "grova", wider)
    await offices.settle()
    await _withdraw(offices, wider)
    await offices.settle()
    for unit, written in (("bops", old), ("grova", new)):
        assert await _thread(offices[unit], written.thread_id) == "stoppad_samtycke"
        assert await _thread(offices["sav"], written.thread_id) == "stoppad_samtycke"


async def test_a_withdrawal_of_the_older_form_stops_what_leans_on_the_newer(offices: Offices) -> None:
    """The police have only the first form and register the withdrawal: what the newer one carries stops as well."""
    first = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    await _request(offices, "bops", first)
    await offices.settle()
    wider = await _widen(offices, first, "grova")
    old = await _request(offices, "grova", wider)
    await offices.settle()
    waits = await _request(offices, "grova", wider)
    await offices["sav"].desk.sync.once()
    await _withdraw(offices, first, "bops")
    await offices["bops"].desk.sync.once()
    await offices["sav"].desk.sync.once()
    assert await _thread(offices["sav"], old.thread_id) == "stoppad_samtycke"
    assert await _state(offices["sav"], waits.document_id) == "recalled"


async def test_a_recipient_who_was_away_learns_it_first(offices: Offices) -> None:
    """Days later: the withdrawal is read before everything else, and no document about the person is ever shown."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    documents = [await _request(offices, "bops", held) for _ in range(3)]
    await offices["sav"].desk.sync.once()
    told = await _withdraw(offices, held)
    async with offices["sav"].desk.context.vault.transaction():  # the recalls are lost on the way
        await offices["sav"].desk.context.vault.write("UPDATE attempt SET recall = 'late' WHERE recall = 'wanted'")
    await offices["sav"].desk.sync.once()
    await offices["bops"].desk.sync.once()
    for written in documents:
        assert await _state(offices["bops"], written.document_id) is None
    assert await _state(offices["bops"], told[0]) == "accepted"
    codes = await offices["bops"].desk.context.vault.all("SELECT step, code FROM quarantine")
    assert codes == [(16, "CNS-08")] * 3


async def test_a_withdrawal_by_a_unit_that_is_not_named_has_no_effect(offices: Offices) -> None:
    """Somebody who is no part of the case cannot end it: the withdrawal is kept and counts for nothing."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    written = await _request(offices, "bops", held)
    await offices.settle()
    outsider = offices["grova"].desk
    raw = outsider.consents.sign_withdrawal(held.consent_id, WithdrawalScope.HELT, recipient=None, purposes=[])
    attacked = Attacked(offices["bops"], Forge(outsider.context, offices["bops"].desk.context))
    person = {"consent_ref": held.record.consent_id, "principal_ref": held.record.principal_ref}
    body = {"header": person, "content": {"consent_id": held.record.consent_id}}
    letter = attacked.forge.letter("samtycke.aterkallat", body=body, enclosed=[raw])
    assert await attacked.outcome(attacked.forge.envelope(letter)) == ("accepted",)
    assert await _thread(offices["bops"], written.thread_id) == "mottagen"
    kept = await offices["bops"].desk.consents.get(held.consent_id)
    assert kept is not None
    assert await offices["bops"].desk.consents.withdrawals(kept.record) == ()


async def test_a_withdrawal_by_a_unit_of_a_named_authority_counts(offices: Offices) -> None:
    """The consent names the police as a whole: any unit of theirs that met the person may register her withdrawal."""
    fields = offices.consent_fields("sav", ["sav", "bops"])
    fields["parties"] = [fields["parties"][0], {"authority": "polis", "role": "bada", "named": True}]
    held = await _register(offices, fields)
    first, second = await _request(offices, "bops", held), await _request(offices, "grova", held)
    await offices.settle()
    await _withdraw(offices, held, "grova")
    assert await _thread(offices["grova"], second.thread_id) == "stoppad_samtycke"
    await offices.settle()
    assert await _thread(offices["sav"], second.thread_id) == "stoppad_samtycke"
    assert await _thread(offices["sav"], first.thread_id) == "stoppad_samtycke"


async def test_an_outsider_does_not_profit_from_a_smaller_withdrawal(offices: Offices) -> None:
    """Follow-up was withdrawn by one who may; an outsider who withdraws all still counts for nothing."""
    held = await _register(offices, offices.consent_fields("sav", ["sav", "bops"]))
    written = await _request(offices, "bops", held)
    await offices.settle()
    bops, outsider = offices["bops"].desk, offices["grova"].desk
    mine = bops.consents.sign_withdrawal(
        held.consent_id, WithdrawalScope.SYFTE, recipient=None, purposes=["uppfoljning_efter_avslut"]
    )
    foreign = outsider.consents.sign_withdrawal(held.consent_id, WithdrawalScope.HELT, recipient=None, purposes=[])
    async with bops.context.vault.transaction():
        for raw in (mine, foreign):
            await bops.withdrawing.take_in([(raw, bops.consents.verify_withdrawal(raw))])
    assert await _thread(offices["bops"], written.thread_id) == "mottagen"

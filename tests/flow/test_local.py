"""Local documents, against a real hub: they reach every device of their unit and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api.commands import run
from client.engine.writing import Order, Written
from keys.document import Document, KindClass
from keys.domains import SignedType
from keys.errors import LocalError, RefusedError
from keys.signed import parse_signed, read_payload
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


def contact(units: Units, **changes: Any) -> Order:
    """A contact at sav."""
    order = {"kind": "intag.kontakt", "to_unit": units.unit("sav"), "content": CONTENTS["intag.kontakt"]}
    return Order(**(order | changes))


def event(units: Units, written: Written, step: str) -> Order:
    """The next step of the same intake."""
    return contact(
        units,
        kind="intag.handelse",
        content={"step": step},
        header={"principal_ref": written.verdict.message.header.principal_ref},
        thread_id=written.thread_id,
        reply_to=written.document_id,
    )


async def test_a_contact_is_kept_signed_and_not_queued(units: Units) -> None:
    """It is signed at once as a document to the own unit, and no outbox and no attempt knows of it."""
    eva = units["sav/eva"]
    written = await eva.desk.writing.write(contact(units))
    ((state, signed),) = await rows(eva, "state, signed FROM document")
    payload = read_payload(parse_signed(signed), SignedType.DOCUMENT, Document)
    assert state == "kept"
    assert (payload.kind_class, payload.to_unit, payload.seq) == (KindClass.LOCAL, units.unit("sav"), 1)
    assert payload.to_devices[0] == eva.desk.context.device_id
    assert await rows(eva, "* FROM outbox") == []
    thread = await eva.desk.threads.get(written.thread_id)
    assert thread is not None
    assert (thread.state, thread.side, thread.unit_id) == ("ny", "fragare", bytes(units.unit("sav")))
    assert thread.principal == written.verdict.message.header.principal_ref


async def test_siblings_get_it_and_go_on_and_nobody_else_does(units: Units) -> None:
    """Bo has the contact and writes the next step, Eva sees it; at the other unit nothing has come."""
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    written = await eva.writing.write(contact(units))
    await units.settle()
    await bo.writing.write(event(units, written, "bedomning"))
    await units.settle()
    wanted = await rows(units["sav/eva"], "document_id, state, kind, kind_class, digest, seq FROM document ORDER BY 1")
    assert (
        await rows(units["sav/bo"], "document_id, state, kind, kind_class, digest, seq FROM document ORDER BY 1")
        == wanted
    )
    assert len(wanted) == 2
    for desk in (eva, bo):
        assert (await desk.threads.get(written.thread_id)).state == "forstabedomning"  # type: ignore[union-attr]
        assert [one.code for one in await desk.context.alarms.open()] == []
    assert await rows(units["sodermalm/olle"], "* FROM document") == []
    assert await rows(units["sodermalm/olle"], "* FROM seen") == []
    assert await rows(units["sodermalm/olle"], "* FROM quarantine") == []


async def test_chain_of_local_documents_has_no_gap(units: Units) -> None:
    """Each names the one before, however many letters go beside them."""
    eva = units["sav/eva"]
    written = await eva.desk.writing.write(contact(units))
    await eva.desk.unit.note(written.thread_id, "Ring först.")
    await units.settle()
    await eva.desk.writing.write(event(units, written, "bedomning"))
    await eva.desk.writing.write(event(units, written, "samtycke_efterfragat"))
    await units.settle()
    for key in ("sav/eva", "sav/bo"):
        found = await rows(units[key], "signed FROM document ORDER BY seq")
        chain = [read_payload(parse_signed(signed), SignedType.DOCUMENT, Document) for (signed,) in found]
        assert [one.seq for one in chain] == [1, 2, 3]
        assert [one.prev for one in chain[1:]] == [parse_signed(signed).digest for (signed,) in found[:-1]]
        assert await rows(units[key], "* FROM gap") == []


async def test_a_new_device_gets_it_with_the_history(units: Units) -> None:
    """Ulla joins later and has the contact, and its thread where it stands."""
    eva = units["sav/eva"].desk
    written = await eva.writing.write(contact(units))
    await eva.writing.write(event(units, written, "bedomning"))
    await units.settle()
    ulla = await units.join("sav/ulla", "Ulla Um")
    await units.know_each_other()
    await units.settle(6)
    wanted = await rows(units["sav/eva"], "document_id, state, digest FROM document ORDER BY 1")
    assert await rows(ulla, "document_id, state, digest FROM document ORDER BY 1") == wanted
    assert (await ulla.desk.threads.get(written.thread_id)).state == "forstabedomning"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "sodermalm"}, "LOCAL"),
        ({"kind": "konsultation.fraga", "content": CONTENTS["konsultation.fraga"]}, "SELF"),
        ({"header": {"disclosure_basis": "inga_personuppgifter"}}, "SCH"),
        ({"content": {**CONTENTS["intag.kontakt"], "wants_to_leave": None}}, "SCH"),
    ],
)
async def test_what_does_not_stay_is_refused(units: Units, changes: dict[str, Any], code: str) -> None:
    """A local kind has no recipient, another kind may not stay, and what is refused leaves no trace."""
    if "to" in changes:
        changes = {"to_unit": units.unit(changes["to"])}
    with pytest.raises(RefusedError) as caught:
        await units["sav/eva"].desk.writing.write(contact(units, **changes))
    assert caught.value.code == code
    assert await rows(units["sav/eva"], "* FROM document") == []
    assert await rows(units["sav/eva"], "* FROM thread") == []


async def test_a_clock_that_is_off_by_more_than_a_day_signs_nothing(units: Units) -> None:
    """A wrong date would stand in the signature for good."""
    eva = units["sav/eva"].desk
    eva.context.clock.heard_hub(eva.context.clock.now() - 2 * 86_400)
    with pytest.raises(LocalError) as caught:
        await eva.writing.write(contact(units))
    assert caught.value.code == "CLOCK"
    assert await rows(units["sav/eva"], "* FROM document") == []


async def test_the_commands_need_no_recipient(units: Units) -> None:
    """``new`` without a unit keeps it; it is listed as such, and what would leave is no answer to it."""
    desk = units["sav/eva"].desk
    done = await run(desk, "new", {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]})
    assert done["state"] == "kept"
    shown = await run(desk, "show", {"document_id": done["document_id"]})
    assert (shown["local"], shown["state_label"], shown["receipts"][0]["state"]) == (True, "stannar i enheten", "kept")
    assert {"intag.handelse", "intag.beslut"} <= set(shown["replies"])
    assert not {"intag.formedling", "intag.dorrval"} & set(shown["replies"])
    reply = {"document_id": done["document_id"], "kind": "intag.handelse", "content": {"step": "bedomning"}}
    assert (await run(desk, "reply", reply))["state"] == "kept"
    (thread,) = await run(desk, "threads", {})
    assert (thread["local"], thread["state"]) == (True, "forstabedomning")
    with pytest.raises(LocalError) as caught:
        await run(desk, "new", {"kind": "konsultation.fraga", "content": CONTENTS["konsultation.fraga"]})
    assert caught.value.code == "UNK"


async def forwarded(units: Units, written: Written) -> Written:
    """Consent signed, and the contact forwarded to the other unit."""
    eva = units["sav/eva"].desk
    await eva.writing.write(event(units, written, "samtycke_efterfragat"))
    await eva.writing.write(event(units, written, "samtycke_undertecknat"))
    principal = written.verdict.message.header.principal_ref
    held = eva.consents.sign(units.consent_fields("sav", ["sav", "sodermalm", "bops"], principal_ref=principal))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    order = contact(
        units,
        kind="intag.formedling",
        to_unit=units.unit("sodermalm"),
        content=CONTENTS["intag.formedling"],
        header={"subject_person": PERSON_BLOCK},
        thread_id=written.thread_id,
        reply_to=written.document_id,
        consent_id=held.consent_id,
    )
    done = await eva.writing.write(order)
    await units.settle()
    return done


async def test_a_forwarded_contact_goes_on_between_two_units(units: Units) -> None:
    """The recipient gets the forwarding and nothing of what was local; its answer ends the thread at all three."""
    written = await units["sav/eva"].desk.writing.write(contact(units))
    sent = await forwarded(units, written)
    olle = units["sodermalm/olle"]
    assert await rows(olle, "kind, reply_to FROM document") == [("intag.formedling", None)]
    for key, other in (("sav/eva", "sodermalm"), ("sav/bo", "sodermalm"), ("sodermalm/olle", "sav")):
        thread = await units[key].desk.threads.get(written.thread_id)
        assert thread is not None
        assert (thread.state, thread.unit_id) == ("formedlad", bytes(units.unit(other)))
        assert thread.principal == written.verdict.message.header.principal_ref
    held = (await olle.desk.consents.all())[0]
    answer = contact(
        units,
        kind="intag.svar",
        to_unit=units.unit("sav"),
        content={"outcome": "oppnat"},
        thread_id=written.thread_id,
        reply_to=sent.document_id,
        consent_id=held.consent_id,
    )
    await olle.desk.writing.write(answer)
    await units.settle()
    for key in STAFF:
        assert (await units[key].desk.threads.get(written.thread_id)).state == "oppnat"  # type: ignore[union-attr]
        assert await rows(units[key], "* FROM quarantine") == []


async def test_a_forwarded_contact_goes_to_nobody_else(units: Units) -> None:
    """The same contact is not forwarded a second time, and the unit that forwarded it does not decide itself."""
    eva = units["sav/eva"].desk
    written = await eva.writing.write(contact(units))
    sent = await forwarded(units, written)
    header = {"principal_ref": written.verdict.message.header.principal_ref}
    again = contact(
        units,
        kind="intag.formedling",
        to_unit=units.unit("bops"),
        content=CONTENTS["intag.formedling"],
        header={"subject_person": PERSON_BLOCK},
        thread_id=written.thread_id,
        consent_id=(await eva.consents.all())[0].consent_id,
    )
    here = contact(
        units,
        kind="intag.beslut",
        content={"outcome": "oppnat"},
        header=header,
        thread_id=written.thread_id,
        reply_to=sent.document_id,
    )
    for order in (again, here):
        with pytest.raises(RefusedError) as caught:
            await eva.writing.write(order)
        assert caught.value.code == "STA"
    assert (await eva.threads.get(written.thread_id)).state == "formedlad"  # type: ignore[union-attr]

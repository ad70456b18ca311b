"""A document that was called back is called back at every device of the unit, and a receipt still corrects that."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.engine.unit_sync.sharing import _item
from client.engine.writing import Order, Written
from keys.internal import CalledBack, SentCopy, Undone
from keys.private.identity import random_bytes
from tests.hostile.test_siblings import tell
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at the municipality's unit, one at the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def request(units: Units, key: str = "sav/eva") -> tuple[Written, bytes]:
    """A request that leans on a consent; and the consent's id."""
    desk = units[key].desk
    held = desk.consents.sign(units.consent_fields("sav", ["sav", "bops"]))
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
    order = Order(
        kind="hotbild.begaran",
        to_unit=units.unit("bops"),
        content=CONTENTS["hotbild.begaran"],
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )
    return await desk.writing.write(order), held.consent_id


async def withdraw(units: Units, consent_id: bytes) -> None:
    """Eva registers that the person takes it all back."""
    desk = units["sav/eva"].desk
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await desk.withdrawing.withdraw(consent_id, {"scope": "helt", "received_how": "telefon", "at": at}, desk.writing)


async def standing(units: Units, key: str, document_id: bytes) -> list[tuple[Any, ...]]:
    """State and code of a document at a device."""
    found = await rows(units[key], f"state, code FROM document WHERE document_id = x'{document_id.hex()}'")
    return [tuple(row) for row in found]


async def parts(units: Units, key: str, document_id: bytes) -> tuple[bytes, bytes, bytes]:
    """A document as its author signed it: signed object, salt, body."""
    found = await rows(units[key], f"signed, salt, body FROM document WHERE document_id = x'{document_id.hex()}'")
    return tuple(found[0])


async def test_a_recall_is_known_at_every_device(units: Units) -> None:
    """Eva calls back what the police have not fetched: Bo reads that too, and the thread is the same at both."""
    away = units.without("bops/pia")
    written, consent_id = await request(units)
    await away.settle()
    assert await standing(units, "sav/bo", written.document_id) == [("sent", "")]
    await withdraw(units, consent_id)
    await away.settle()
    for key in ("sav/eva", "sav/bo"):
        assert await standing(units, key, written.document_id) == [("recalled", "CNS-08")]
    threads = [await units[key].desk.threads.get(written.thread_id) for key in ("sav/eva", "sav/bo")]
    assert len({None if thread is None else thread.state for thread in threads}) == 1
    await units.settle()
    assert await standing(units, "bops/pia", written.document_id) == []


async def test_who_fetched_it_before_has_it_and_everybody_reads_that(units: Units) -> None:
    """The recall came too late: the receipt says so at both devices, and nobody was told of a recall."""
    written, consent_id = await request(units)
    await units["sav/eva"].desk.sync.once()
    await units["bops/pia"].desk.sync.once()
    await withdraw(units, consent_id)
    await units.settle()
    for key in ("sav/eva", "sav/bo"):
        assert [state for state, _ in await standing(units, key, written.document_id)] == ["available"]


def test_what_is_being_called_back_is_passed_on_as_sent() -> None:
    """Siblings know no state in between: how it ends they are told when it has."""
    row = ("out", "recalling", "CNS-08", 1, 1, None, b"signed", bytes(32), b"body")
    assert _item(row).state == "sent"


@pytest.mark.parametrize("whose", ["a-colleagues", "another-units"])
async def test_nobody_calls_back_what_is_not_theirs(units: Units, whose: str) -> None:
    """Bo's word about Eva's document, or about one that the police sent, changes nothing."""
    author = "sav/eva" if whose == "a-colleagues" else "bops/pia"
    if whose == "a-colleagues":
        written, _ = await request(units)
    else:
        written = await units["bops/pia"].desk.writing.write(units.ask("sav"))
    await units[author].desk.sync.once()
    signed, salt, body = await parts(units, author, written.document_id)
    before = await standing(units, "sav/eva", written.document_id)
    put_aside = await tell(units, CalledBack(Undone.RECALLED, "CNS-08", SentCopy(signed, salt, body)))
    assert [step for step, _ in put_aside] == [16]
    assert await standing(units, "sav/eva", written.document_id) in (before, [("accepted", "")])


async def test_the_word_brings_the_copy_along(units: Units) -> None:
    """Who never got the copy gets it with the word, in the state that the word says."""
    written, _ = await request(units, "sav/bo")
    bo = units["sav/bo"].desk
    await bo.sync.once()
    signed, salt, body = (
        await rows(
            units["sav/bo"], f"signed, salt, body FROM document WHERE document_id = x'{written.document_id.hex()}'"
        )
    )[0]
    async with bo.context.vault.transaction():
        await bo.context.vault.write("DELETE FROM letter")
        await bo.context.vault.write("DELETE FROM attempt WHERE document_id IS NOT ?", random_bytes(16))
    assert await tell(units, CalledBack(Undone.STOPPED, "DIR", SentCopy(signed, salt, body))) == []
    assert await standing(units, "sav/eva", written.document_id) == [("stopped", "DIR")]

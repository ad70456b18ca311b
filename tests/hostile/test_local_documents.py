"""Local documents and those who would bend them: another unit, and a sibling that turned (FORMATS 5.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.engine.writing import Order
from keys.document import KindClass
from keys.internal import Reshared, SentCopy, Way
from tests.hostile.attacked import Attacked
from tests.hostile.test_siblings import reshare, tell
from tests.kit.federation import Federation
from tests.kit.forge import Forge, Letter
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}
HEADER = {"disclosure_basis": "stannar_i_enheten", "principal_ref": "80" * 16}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Bo is a malicious sibling, Olle's a malicious unit."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


def forge(units: Units, who: str) -> Forge:
    """Somebody's, against Eva."""
    return Forge(units[who].desk.context, units["sav/eva"].desk.context)


def contact(units: Units, who: str = "sav/bo", **payload: Any) -> Letter:
    """A contact as ``who`` writes it for Eva's unit."""
    return forge(units, who).letter("intag.kontakt", body={"header": HEADER}, payload=payload)


def copy(letter: Letter) -> SentCopy:
    """It, as its writer tells a sibling."""
    return SentCopy(letter.signed, letter.salt, letter.body)


def passed_on(letter: Letter, state: str) -> Reshared:
    """It, as history tells it."""
    return Reshared(Way.OUT, state, "", letter.document.sent_at, None, None, letter.signed, letter.salt, letter.body)


async def test_a_siblings_contact_is_taken_in(units: Units) -> None:
    """Control: without a defect it is there, told in either way."""
    bo = forge(units, "sav/bo")
    first, second = (bo.letter("intag.kontakt", body={"header": HEADER}) for _ in range(2))
    assert await tell(units, copy(first)) == []
    assert await tell(units, reshare(units, passed_on(second, "kept"))) == []
    assert await rows(units["sav/eva"], "DISTINCT state FROM document") == [("kept",)]
    assert await rows(units["sav/eva"], "count(*) FROM document") == [(2,)]


@pytest.mark.parametrize("who", ["sav/bo", "sodermalm/olle"])
async def test_none_comes_in_an_envelope_of_its_own(units: Units, who: str) -> None:
    """Neither another unit nor a sibling can deliver one by mail."""
    attacked = Attacked(units["sav/eva"], forge(units, who))
    letter = attacked.forge.letter("intag.kontakt", body={"header": HEADER})
    assert letter.document.kind_class is KindClass.LOCAL
    assert await attacked.outcome(attacked.forge.envelope(letter)) == (11, "SENDER")


async def test_another_units_contact_under_another_class_is_refused(units: Units) -> None:
    """The class that is signed is the one that the kind has."""
    attacked = Attacked(units["sav/eva"], forge(units, "sodermalm/olle"))
    letter = attacked.forge.letter("intag.kontakt", body={"header": HEADER}, payload={"kind_class": KindClass.CONTENT})
    await attacked.outcome(attacked.forge.envelope(letter))
    assert await rows(units["sav/eva"], "* FROM document") == []
    assert await rows(units["sav/eva"], "* FROM thread") == []


async def test_a_contact_to_another_unit_is_none(units: Units) -> None:
    """A local document whose recipient is somebody else has left the unit: refused."""
    assert await tell(units, copy(contact(units, to_unit=units.unit("sodermalm")))) == [(16, "ROSTER")]


async def test_what_must_leave_cannot_be_kept(units: Units) -> None:
    """A question to oneself under the class ``local`` is refused."""
    letter = forge(units, "sav/bo").letter(payload={"kind_class": KindClass.LOCAL})
    assert await tell(units, copy(letter)) == [(16, "SCH")]


async def test_state_and_class_go_together(units: Units) -> None:
    """A contact that was sent, and a sent document that was kept, are both refused."""
    to_olle = Forge(units["sav/bo"].desk.context, units["sodermalm/olle"].desk.context).letter()
    assert await tell(units, reshare(units, passed_on(contact(units), "sent"))) == [(16, "SCH")]
    assert await tell(units, reshare(units, passed_on(to_olle, "kept"))) == [(16, "SCH"), (16, "SCH")]
    assert await rows(units["sav/eva"], "* FROM document") == []


async def test_a_contact_is_never_replaced(units: Units) -> None:
    """Under the id of Eva's own contact Bo cannot tell another one, whatever place he gives it."""
    eva = units["sav/eva"]
    order = Order(kind="intag.kontakt", to_unit=units.unit("sav"), content=CONTENTS["intag.kontakt"])
    written = await eva.desk.writing.write(order)
    before = await rows(eva, "digest FROM document")
    body = {"header": {**HEADER, "message_id": written.document_id.hex()}}
    letter = forge(units, "sav/bo").letter("intag.kontakt", body=body, payload={"document_id": written.document_id})
    assert await tell(units, copy(letter)) == [(16, "EQUIV")]
    assert await rows(eva, "digest FROM document") == before

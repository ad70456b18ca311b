"""Writing to a unit whose keys nobody compared says so, until somebody did and as long as they are the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api import commands
from client.engine.office import Desk
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.today import CONTENTS
from tests.kit.units import Units, open_units
from tests.kit.visitor import typed, visiting

STAFF = {"sav/eva": "Eva Ek", "sodermalm/olle": "Olle Ohlin"}
QUESTION = {"kind": "konsultation.fraga", "to": "Sav", "content": CONTENTS["konsultation.fraga"]}
BOX = "enhetens nycklar är inte jämförda"


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two offices that know each other's keys."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def doubts(desk: Desk, **asked: Any) -> list[str]:
    """What is said of the recipient's keys."""
    done = await commands.run(desk, "new", {**QUESTION, **asked})
    return [one["reason"] for one in done["warnings"] if one["code"] == "WORDS"]


async def test_who_writes_to_uncompared_keys_is_told(units: Units) -> None:
    """Also where the document is only checked; after the words were compared not, and again when a device came."""
    desk = units["sodermalm/olle"].desk
    assert await doubts(desk) == ["uncompared"] == await doubts(desk, only_check=True)
    words = (await commands.run(units["sav/eva"].desk, "fingerprint", {}))["words"]
    await commands.run(desk, "fingerprint_compared", {"unit": "Sav", "words": words})
    assert await doubts(desk) == []
    await units.join("sav/bo", "Bo Berg")
    await desk.sync.once()
    assert await doubts(desk) == ["recompare"]


async def test_what_stays_in_the_unit_needs_no_comparison(units: Units) -> None:
    """A local document has no recipient."""
    contact = {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]}
    done = await commands.run(units["sav/eva"].desk, "new", contact)
    assert [one for one in done["warnings"] if one["code"] == "WORDS"] == []


async def test_the_page_says_it_once_and_stops_when_they_are_compared(units: Units) -> None:
    """In a box of its own that needs no confirmation."""
    async with visiting(units["sodermalm/olle"].desk) as asker:
        await asker.enter()
        to = units.unit("sav").hex()
        form = await asker.post(await asker.get("/write"), "/drafts", kind="konsultation.fraga", to=to)
        reviewed = await asker.post(form, form.path, typed(CONTENTS["konsultation.fraga"]), act="review")
        assert reviewed.text.count(BOX) == 1
        assert "Titta på det här en gång till" not in reviewed.text
        unit = await asker.get(f"/units/{to}")
        compared = await asker.post(unit, f"/units/{to}/compared", words=unit.values("words")[0])
        assert "Orden stämde" not in compared.text
        reviewed = await asker.post(form, form.path, typed(CONTENTS["konsultation.fraga"]), act="review")
        assert BOX not in reviewed.text
